//! The flags that edit a merged model's labels, heads and storage.

use super::read_models::{self, OverrideArguments};
use crate::error::Result;
use crate::import::Overrides;
use crate::merge::Edits;
use std::path::Path;

/// The edits of a model.
#[derive(Debug, Default, clap::Args)]
pub(super) struct EditArguments {
    /// Rename a label; HEAD/OLD=NEW if several heads have it (`\=` for an equals sign in a label). May be repeated.
    #[arg(long, value_name = "OLD=NEW", value_parser = renaming)]
    rename: Vec<(String, String)>,
    /// Drop a label; HEAD/LABEL if several heads have it. May be repeated.
    #[arg(long, value_name = "LABEL")]
    drop: Vec<String>,
    /// The order of the merged labels: each of them once, separated by commas (`\,` for a comma in a label).
    #[arg(long, value_name = "LABEL,LABEL,…")]
    order: Option<String>,
    /// Replace a head of a merged model by another model, with the labels in its file or in the same folder. May be
    /// repeated.
    #[arg(long, value_name = "HEAD=FILE", value_parser = pair)]
    replace: Vec<(String, String)>,
}

impl EditArguments {
    /// The edits, with the replacing models read; overrides for all models also apply to them.
    pub(super) fn read(&self, stated: &OverrideArguments) -> Result<Edits> {
        let stated =
            Overrides { size: stated.size(), preprocessing: stated.common_preprocessing()?, ..Overrides::default() };
        let replace =
            self.replace.iter().map(|(head, file)| Ok((head.clone(), read_models::read(Path::new(file), &stated)?)));
        Ok(Edits {
            only: None,
            replace: replace.collect::<Result<_>>()?,
            drop: self.drop.clone(),
            rename: self.rename.clone(),
            order: self.order.as_deref().map(list).unwrap_or_default(),
        })
    }
}

/// Two labels separated by the first bare `=`.
fn renaming(text: &str) -> Result<(String, String), String> {
    let (old, new) = pair(text)?;
    let new = new.replace(r"\=", "=");
    if new.contains(char::is_control) {
        return Err(format!("expected a label without control characters, found {new:?}"));
    }
    Ok((old, new))
}

/// Two names separated by the first bare `=`; in the first one `\=` is an equals sign.
fn pair(text: &str) -> Result<(String, String), String> {
    let bare = |&(at, _): &(usize, &str)| !text[..at].ends_with('\\');
    match text.match_indices('=').find(bare).map(|(at, _)| (text[..at].trim(), text[at + 1..].trim())) {
        Some((old, new)) if !old.is_empty() && !new.is_empty() => Ok((old.replace(r"\=", "="), new.to_string())),
        _ => Err(format!("expected two names joined by =, found '{text}'")),
    }
}

/// Splits a text at its commas.
fn list(text: &str) -> Vec<String> {
    let mut found = vec![String::new()];
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        let escaped = (c == '\\').then(|| characters.next_if_eq(&',')).flatten();
        match (c, found.last_mut()) {
            (',', _) => found.push(String::new()),
            (c, Some(last)) => last.push(escaped.unwrap_or(c)),
            _ => {}
        }
    }
    found.iter().map(|label| label.trim().to_string()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists() {
        assert_eq!(list("a, b c,d"), ["a", "b c", "d"]);
        assert_eq!(list(r"a\,b,c\d"), ["a,b", r"c\d"]);
    }

    #[test]
    fn pairs() {
        assert_eq!(pair("a/b = c=d").unwrap(), ("a/b".to_string(), "c=d".to_string()));
        assert!(pair("a=").is_err() && pair("a").is_err() && pair(r"a\=b").is_err());
        assert_eq!(pair(r"a\=b=c\=d.onnx").unwrap(), ("a=b".to_string(), r"c\=d.onnx".to_string()));
    }

    #[test]
    fn renamings() {
        assert_eq!(renaming(r"h/a\=b = c\=d=e").unwrap(), ("h/a=b".to_string(), "c=d=e".to_string()));
        assert_eq!(renaming("a=b\nc").unwrap_err(), r#"expected a label without control characters, found "b\nc""#);
    }
}
