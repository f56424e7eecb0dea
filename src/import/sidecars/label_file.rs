//! Parses label files and label metadata.

use crate::error::Result;
use crate::import::file_tree::sidecar_error;
use serde_json::Value;

/// Parses one label per line, in output order; the numbers of Teachable Machine's `0 name` lines are removed.
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
        return Err(sidecar_error(file, "one label per line", "an empty file"));
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

/// Parses labels as JSON: a list; liner.ai's `{"label": index}`; Teachable Machine's `labels`; Lobe's `classes.Label`;
/// Hugging Face's `id2label`; `{"0": "label"}`.
pub(super) fn labels_from_json(file: &str, text: &str) -> Result<Vec<String>> {
    let value: Value = serde_json::from_str(text).map_err(|e| sidecar_error(file, "JSON", &e.to_string()))?;
    let inner = ["/labels", "/classes/Label", "/id2label"].iter().find_map(|key| labels_key(&value, key));
    let found = match inner.unwrap_or(&value) {
        Value::Array(list) => list.iter().map(|v| v.as_str().map(str::to_string)).collect::<Option<Vec<_>>>(),
        Value::Object(map) => {
            let pair = |(key, value): (&String, &Value)| match value {
                Value::String(label) => Some((key.parse().ok()?, label.clone())),
                Value::Number(index) => Some((index.as_u64()?, key.clone())),
                _ => None,
            };
            let pairs = map.iter().map(pair).collect::<Option<std::collections::BTreeMap<u64, String>>>();
            // Missing or repeated indices do not determine the outputs.
            let whole = |p: &std::collections::BTreeMap<u64, String>| {
                p.len() == map.len() && p.keys().enumerate().all(|(i, &k)| i as u64 == k)
            };
            pairs.filter(whole).map(|p| p.into_values().collect())
        }
        _ => None,
    };
    let expected = "a list of labels or one index for each, counted from 0";
    found.filter(|l: &Vec<String>| !l.is_empty()).ok_or_else(|| sidecar_error(file, expected, "something else"))
}

/// The value of a tool's label key; `None` for a class of that name in `{"label": index}`.
pub(super) fn labels_key<'a>(value: &'a Value, pointer: &str) -> Option<&'a Value> {
    value.pointer(pointer).filter(|v| v.is_array() || v.is_object())
}

/// Parses labels as JSON or as a Python literal.
pub(super) fn labels_from_python(file: &str, literal: &str) -> Result<Vec<String>> {
    if let Ok(labels) = labels_from_json(file, literal) {
        return Ok(labels);
    }
    let expected = "labels as JSON or as a Python dict, list or tuple";
    let json = json_of_python(literal).filter(|json| serde_json::from_str::<Value>(json).is_ok());
    labels_from_json(file, &json.ok_or_else(|| sidecar_error(file, expected, "something else"))?)
}

/// Converts the Python dict, list or tuple of strings that Ultralytics writes to JSON: its quotes, escapes, bare
/// integer keys and trailing commas; `None` for text that Python would not parse.
fn json_of_python(literal: &str) -> Option<String> {
    let mut json = String::with_capacity(literal.len());
    let mut characters = literal.chars().peekable();
    while let Some(c) = characters.next() {
        match c {
            '\'' | '"' => {
                let mut inner = String::new();
                loop {
                    match characters.next()? {
                        '\\' => unescape(&mut characters, &mut inner)?,
                        d if d == c => break,
                        d => inner.push(d),
                    }
                }
                json.push_str(&Value::String(inner).to_string());
            }
            c if c.is_ascii_digit() => {
                json.push('"');
                json.push(c);
                while let Some(d) = characters.next_if(char::is_ascii_digit) {
                    json.push(d);
                }
                json.push('"');
            }
            '(' => json.push('['),
            ')' | ']' | '}' => {
                let written = json.trim_end();
                json.truncate(written.strip_suffix(',').unwrap_or(written).len());
                json.push(if c == ')' { ']' } else { c });
            }
            c => json.push(c),
        }
    }
    Some(json)
}

/// Decodes an escape after a backslash in a Python string (language reference, 2.4.1.1); other backslashes are literal.
fn unescape(characters: &mut impl Iterator<Item = char>, text: &mut String) -> Option<()> {
    let code = |length: usize, characters: &mut dyn Iterator<Item = char>| {
        let digits: String = characters.take(length).collect();
        let whole = digits.len() == length && digits.bytes().all(|b| b.is_ascii_hexdigit());
        whole.then(|| u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32)).flatten()
    };
    let found = match characters.next()? {
        'x' => code(2, characters)?,
        'u' => code(4, characters)?,
        'U' => code(8, characters)?,
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'a' => '\u{7}',
        'b' => '\u{8}',
        'f' => '\u{c}',
        'v' => '\u{b}',
        c @ ('\\' | '\'' | '"') => c,
        '\n' => return Some(()),
        // Octal escapes and character names, which Python itself never writes.
        '0'..='7' | 'N' => return None,
        other => {
            text.push('\\');
            other
        }
    };
    text.push(found);
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn python_dict_of_names() {
        let literal = r#"{0: 'shirt', 1: "child's shoe", 2: 't-shirt 2', 10: 'x'}"#;
        assert!(labels_from_python("names", literal).is_err(), "index 3 to 9 are missing");
        let literal = r#"{0: 'shirt', 1: "child's shoe", 2: 'it\'s 2'}"#;
        assert_eq!(labels_from_python("names", literal).unwrap(), ["shirt", "child's shoe", "it's 2"]);
    }

    #[test]
    fn python_literals() {
        let names = |literal| labels_from_python("names", literal);
        assert_eq!(names("('a', \"b\",)").unwrap(), ["a", "b"]);
        assert_eq!(names("{0: 'a', 1: 'b,)', }").unwrap(), ["a", "b,)"]);
        let escapes = r"['caf\xe9', '\u65e5', '\U0001f642', 'a\rb', 'c\\d', 'e\d']";
        assert_eq!(names(escapes).unwrap(), ["café", "日", "🙂", "a\rb", r"c\d", r"e\d"]);
        assert_eq!(names(r#"{"0": "\ud83d\ude42/"}"#).unwrap(), ["🙂/"], "JSON");
        for literal in
            [r"['\x4']", r"['\x+f']", r"['\ud83d']", r"['\UFFFFFFFF']", "['a", "['a',, 'b']", "names", "()", ""]
        {
            assert_eq!(names(literal).unwrap_err().code(), "sidecar", "{literal}");
        }
    }

    #[test]
    fn label_files() {
        let json = |text| labels_from_json("classes.json", text);
        assert_eq!(json(r#"{"b": 1, "a": 0}"#).unwrap(), ["a", "b"]);
        assert_eq!(json(r#"{"labels": ["x", "y"], "imageSize": 224}"#).unwrap(), ["x", "y"]);
        assert_eq!(json(r#"{"classes": {"Label": ["x"]}}"#).unwrap(), ["x"]);
        assert_eq!(json(r#"{"id2label": {"1": "b", "0": "a"}, "x": 1}"#).unwrap(), ["a", "b"]);
        assert_eq!(json(r#"{"labels": 0, "x": 1}"#).unwrap(), ["labels", "x"]);
        assert_eq!(json(r#"{"x": 0, "id2label": 2, "classes": 1}"#).unwrap(), ["x", "classes", "id2label"]);
        assert!(json(r#"{"a": 0, "b": 2}"#).is_err());
        assert!(json("[1, 2]").is_err());
        assert_eq!(labels_from_text("l", "0 a b\r\n1 c\n").unwrap(), ["a b", "c"]);
        assert_eq!(labels_from_text("l", "3 apples\npear\n").unwrap(), ["3 apples", "pear"]);
        assert!(labels_from_text("l", "\n \n").is_err());
    }
}
