//! The page: self-contained, safe with any label, with valid links.

use super::{first, report};
use polyhead::check::Report;
use polyhead::report::{page, wanted, Thumbnails, MISTAKES_SHOWN, RIGHT_SHOWN};

const HOSTILE: &str = "<script>alert('&\"')</script>\u{1b}[2J";

fn hostile() -> Report {
    let mut checked = first();
    checked.model = HOSTILE.into();
    checked.labels[0].label = HOSTILE.into();
    checked.heads[0].name = HOSTILE.into();
    checked.heads[0].labels[0] = HOSTILE.into();
    for image in &mut checked.images {
        image.name = format!("{HOSTILE}{}", image.name);
    }
    report(&checked)
}

fn small(report: &Report) -> Thumbnails {
    wanted(report).into_iter().map(|name| (name.to_string(), "data:image/jpeg;base64,/9j/".to_string())).collect()
}

/// The values of an attribute, in order.
fn values<'a>(page: &'a str, attribute: &str) -> Vec<&'a str> {
    let pattern = format!(" {attribute}=\"");
    page.split(&pattern).skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

#[test]
fn page_is_self_contained() {
    let report = report(&first());
    let page = page(&report, &small(&report));
    for foreign in
        ["http:", "https:", "//", "<script", "<link", "<iframe", "@import", "url(", "javascript:", " style=\""]
    {
        let start = page.find(foreign);
        let around = start.map(|at| page[at..].chars().take(60).collect::<String>());
        // Base64 may contain two slashes, which are no address.
        assert!(start.is_none() || foreign == "//" && !page.contains("\"//"), "{foreign}: {around:?}");
    }
    assert!(values(&page, "src").iter().all(|src| src.starts_with("data:image/")));
    let handlers = page.match_indices(" on").filter(|(at, _)| {
        let name: String = page[at + 1..].chars().take_while(|c| c.is_ascii_alphabetic()).collect();
        page[at + 1 + name.len()..].starts_with("=\"")
    });
    assert_eq!(handlers.count(), 0);
}

#[test]
fn policy_allows_its_own_style() {
    use base64::prelude::{Engine, BASE64_STANDARD};
    use sha2::{Digest, Sha256};
    let page = page(&report(&first()), &Thumbnails::new());
    let style = page.split("<style>").nth(1).and_then(|rest| rest.split("</style>").next()).unwrap();
    let hash = BASE64_STANDARD.encode(Sha256::digest(style));
    let policy = format!("default-src 'none'; img-src data:; style-src 'sha256-{hash}'");
    assert!(page.contains(&format!("content=\"{policy}\"")));
}

#[test]
fn names_stay_text() {
    let report = hostile();
    let page = page(&report, &small(&report));
    assert!(!page.contains("<script") && !page.contains('\u{1b}'));
    assert!(page.contains("&lt;script&gt;alert("));
    for attribute in ["alt", "title", "aria-label", "id", "href", "class"] {
        for value in values(&page, attribute) {
            assert!(!value.contains('<') && !value.contains('>') || value.contains("&lt;"), "{attribute}: {value}");
        }
    }
}

#[test]
fn links_have_targets() {
    let report = report(&first());
    let page = page(&report, &small(&report));
    let ids = values(&page, "id");
    let mut distinct = ids.clone();
    distinct.sort();
    distinct.dedup();
    assert_eq!(distinct.len(), ids.len());
    let links = values(&page, "href");
    assert!(links.len() > report.joint.confusion.cells.len());
    for link in links {
        assert!(ids.contains(&link.strip_prefix('#').unwrap()), "{link}");
    }
}

#[test]
fn images_are_bounded_and_mistakes_come_first() {
    let mut checked = first();
    let copies: Vec<_> = checked.images.iter().filter(|p| p.label == 0).cloned().collect();
    for copy in 0..12 {
        checked.images.extend(copies.iter().cloned().map(|mut p| {
            p.name = format!("{copy}-{}", p.name);
            p
        }));
    }
    let report = report(&checked);
    let shown = wanted(&report);
    let cells = &report.joint.confusion.cells;
    let bound = |c: &polyhead::check::Cell| if c.right == c.top { RIGHT_SHOWN } else { MISTAKES_SHOWN };
    assert_eq!(shown.len(), cells.iter().map(|c| c.images.len().min(bound(c))).sum::<usize>());
    let mistake = report.joint.confusion.mistakes()[0];
    let place = |name: &str| shown.iter().position(|s| *s == name);
    let right = cells.iter().find(|c| c.right == c.top).unwrap();
    assert!(place(&mistake.images[0].name) < place(&right.images[0].name));
    let page = page(&report, &Thumbnails::new());
    assert!(page.contains(&format!("The {RIGHT_SHOWN} most confident of ")));
    assert_eq!(values(&page, "src").len(), 0);
}

#[test]
fn diagrams_have_bars() {
    let report = report(&first());
    let page = page(&report, &Thumbnails::new());
    assert_eq!(page.matches("<svg").count(), 3 * report.heads.len() + 2);
    assert!(page.matches("<rect").count() > 50);
}
