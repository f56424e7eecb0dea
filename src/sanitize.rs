//! Sanitizes untrusted text for display: escapes control characters and direction overrides.

/// Whether a character affects its display: a control character, or one that sets the direction of the text around it
/// (Unicode Bidirectional Algorithm, explicit formatting characters).
pub fn is_active(c: char) -> bool {
    c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The text with U+FFFD for every such character.
pub fn plain(text: &str) -> String {
    text.chars().map(|c| if is_active(c) { '\u{fffd}' } else { c }).collect()
}

/// Equivalent JSON with every such character escaped; line breaks between values are kept.
pub fn plain_json(json: &str) -> String {
    let mut shown = String::with_capacity(json.len());
    for c in json.chars() {
        match c {
            '\n' => shown.push(c),
            c if is_active(c) => shown += &format!("\\u{:04x}", u32::from(c)),
            c => shown.push(c),
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_acts_is_shown() {
        assert_eq!(plain("a\u{1b}[2Jb\u{202e}c\nd\u{9b}"), "a\u{fffd}[2Jb\u{fffd}c\u{fffd}d\u{fffd}");
        assert_eq!(plain("שלום 👩‍👩‍👧 é"), "שלום 👩‍👩‍👧 é");
    }

    #[test]
    fn json_means_the_same() {
        let value = serde_json::json!({ "a\u{202e}": ["\u{9b}\u{1b}\n", "é"] });
        let shown = plain_json(&serde_json::to_string_pretty(&value).unwrap());
        assert!(shown.lines().all(|line| !line.contains(is_active)), "{shown}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&shown).unwrap(), value);
    }
}
