//! Labels as tools write them in files and metadata.

use crate::error::{ErrorKind, Result};

/// One label a line, in output order; Teachable Machine's `0 name` lines lose their numbers.
///
/// # Errors
/// `sidecar` if there is no line.
pub fn labels_from_text(file: &str, text: &str) -> Result<Vec<String>> {
    lines(file, text).map(|(labels, _)| labels)
}

/// The labels, and whether the lines were numbered.
pub(super) fn lines(file: &str, text: &str) -> Result<(Vec<String>, bool)> {
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|l| !l.is_empty()).collect();
    if lines.is_empty() {
        return Err(bad(file, "one label a line", "an empty file"));
    }
    let numbered = |(i, line): (usize, &&str)| {
        let (number, label) = line.split_once(char::is_whitespace)?;
        (number.parse() == Ok(i)).then(|| label.trim().to_string())
    };
    let without = lines.iter().enumerate().map(numbered).collect::<Option<Vec<_>>>();
    Ok(match without {
        Some(labels) => (labels, true),
        None => (lines.iter().map(|l| l.to_string()).collect(), false),
    })
}

/// Labels as tools write them in JSON: a list; liner.ai's `{"label": index}`; Teachable Machine's `labels`; Lobe's
/// `classes.Label`; Hugging Face's `id2label`; `{"0": "label"}`.
pub(super) fn labels_from_json(file: &str, text: &str) -> Result<Vec<String>> {
    use serde_json::Value;
    let value: Value = serde_json::from_str(text).map_err(|e| bad(file, "JSON", &e.to_string()))?;
    let inner = value.get("labels").or_else(|| value.pointer("/classes/Label")).or_else(|| value.get("id2label"));
    let found = match inner.unwrap_or(&value) {
        Value::Array(list) => list.iter().map(|v| v.as_str().map(str::to_string)).collect::<Option<Vec<_>>>(),
        Value::Object(map) => {
            let pair = |(key, value): (&String, &Value)| match value {
                Value::String(label) => Some((key.parse().ok()?, label.clone())),
                Value::Number(index) => Some((index.as_u64()?, key.clone())),
                _ => None,
            };
            let pairs = map.iter().map(pair).collect::<Option<std::collections::BTreeMap<u64, String>>>();
            // Indices that leave gaps or repeat do not say which output is which.
            let whole = |p: &std::collections::BTreeMap<u64, String>| {
                p.len() == map.len() && p.keys().enumerate().all(|(i, &k)| i as u64 == k)
            };
            pairs.filter(whole).map(|p| p.into_values().collect())
        }
        _ => None,
    };
    let expected = "a list of labels or one index for each, counted from 0";
    found.filter(|l: &Vec<String>| !l.is_empty()).ok_or_else(|| bad(file, expected, "something else"))
}

/// The Python dict or list of texts that Ultralytics writes, as JSON: its quotes and bare integer keys.
pub(super) fn json_of_python(literal: &str) -> String {
    let mut json = String::with_capacity(literal.len());
    let mut characters = literal.chars().peekable();
    while let Some(c) = characters.next() {
        match c {
            '\'' | '"' => {
                let mut inner = String::new();
                while let Some(d) = characters.next() {
                    match d {
                        '\\' => match characters.next() {
                            Some('n') => inner.push('\n'),
                            Some('t') => inner.push('\t'),
                            Some(other) => inner.push(other),
                            None => {}
                        },
                        d if d == c => break,
                        d => inner.push(d),
                    }
                }
                json.push_str(&serde_json::Value::String(inner).to_string());
            }
            c if c.is_ascii_digit() => {
                json.push('"');
                json.push(c);
                while let Some(d) = characters.next_if(char::is_ascii_digit) {
                    json.push(d);
                }
                json.push('"');
            }
            c => json.push(c),
        }
    }
    json
}

pub(super) fn bad(file: &str, expected: &str, found: &str) -> crate::Error {
    let (file, expected, found) = (file.to_string(), expected.to_string(), found.to_string());
    ErrorKind::Sidecar { file, expected, found }.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn python_dict_of_names() {
        let literal = r#"{0: 'shirt', 1: "child's shoe", 2: 't-shirt 2', 10: 'x'}"#;
        assert!(labels_from_json("names", &json_of_python(literal)).is_err(), "index 3 to 9 are missing");
        let literal = r#"{0: 'shirt', 1: "child's shoe", 2: 'it\'s 2'}"#;
        assert_eq!(labels_from_json("names", &json_of_python(literal)).unwrap(), ["shirt", "child's shoe", "it's 2"]);
    }

    #[test]
    fn label_files() {
        let json = |text| labels_from_json("classes.json", text);
        assert_eq!(json(r#"{"b": 1, "a": 0}"#).unwrap(), ["a", "b"]);
        assert_eq!(json(r#"{"labels": ["x", "y"], "imageSize": 224}"#).unwrap(), ["x", "y"]);
        assert_eq!(json(r#"{"classes": {"Label": ["x"]}}"#).unwrap(), ["x"]);
        assert_eq!(json(r#"{"id2label": {"1": "b", "0": "a"}, "x": 1}"#).unwrap(), ["a", "b"]);
        assert!(json(r#"{"a": 0, "b": 2}"#).is_err());
        assert!(json("[1, 2]").is_err());
        assert_eq!(labels_from_text("l", "0 a b\r\n1 c\n").unwrap(), ["a b", "c"]);
        assert_eq!(labels_from_text("l", "3 apples\npear\n").unwrap(), ["3 apples", "pear"]);
        assert!(labels_from_text("l", "\n \n").is_err());
    }
}
