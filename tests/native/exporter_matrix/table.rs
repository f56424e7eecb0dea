//! The table in `tests/README.md`.

use super::Outcome;
use std::fmt::Write;
use std::path::PathBuf;

const START: &str = "<!-- kinds -->\n";
const END: &str = "<!-- end of kinds -->";

/// Writes the outcomes between the marks in the file.
pub fn write(outcomes: &[Outcome]) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/README.md");
    let text = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = text.split_once(START).unwrap();
    let (_, after) = rest.split_once(END).unwrap();
    std::fs::write(&path, format!("{before}{START}{}{END}{after}", table(outcomes))).unwrap();
}

fn table(outcomes: &[Outcome]) -> String {
    let mut text = String::from(
        "| first | second | shared | logits | bound | probabilities | onnxruntime | recorded |\n|---|---|--:|--:|--:|--:|--:|--:|\n",
    );
    let number = |value: Option<f32>| value.map_or("–".to_string(), |v| format!("{v:.1e}"));
    for Outcome { first, second, result } in outcomes {
        let Ok(f) = result else { continue };
        let tolerance = f.tolerance.map_or(String::new(), |t| format!(" (tolerance {t:.0e})"));
        let kept = if f.logit <= f.bound { "kept" } else { "weights differ" };
        let _ = writeln!(
            text,
            "| {} | {}{tolerance} | {:.1} % | {:.1e} | {:.1e}, {kept} | {:.1e} | {} | {} |",
            first.name,
            second.name,
            100.0 * f.shared,
            f.logit,
            f.bound,
            f.probability,
            number(f.onnxruntime),
            number(f.recorded),
        );
    }
    text.push_str("\nRefused:\n\n| first | second | code |\n|---|---|---|\n");
    let mut refused: Vec<(&str, &str, Vec<&str>)> = Vec::new();
    for Outcome { first, second, result } in outcomes {
        let Err(code) = result else { continue };
        match refused.iter_mut().find(|(name, known, _)| *name == first.name && known == code) {
            Some((_, _, seconds)) => seconds.push(second.name),
            None => refused.push((first.name, code, vec![second.name])),
        }
    }
    for (first, code, seconds) in refused {
        let _ = writeln!(text, "| {first} | {} | `{code}` |", seconds.join("; "));
    }
    text
}
