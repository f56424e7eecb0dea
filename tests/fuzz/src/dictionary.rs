//! The libFuzzer dictionaries: keywords of the input formats.

use crate::names::{ATTRIBUTES, FILES, KEYS, METADATA, MODES, OPERATORS, VALUES};

/// The dictionary file of a target.
pub fn of(target: &str) -> String {
    let words: Vec<&[&str]> = match target {
        "model" | "graph" | "classify" => vec![&OPERATORS, &ATTRIBUTES, &MODES, &METADATA],
        "archive" | "labels" | "preprocessing" | "evidence" | "features" | "project" => vec![&KEYS, &VALUES, &FILES],
        "image" | "exif" => {
            vec![&["Exif", "II*", "MM", "IHDR", "IDAT", "PLTE", "tRNS", "eXIf", "VP8X", "VP8L", "ANMF", "NETSCAPE2.0"]]
        }
        _ => vec![&["polyhead.model", "name", "producers", "asm"]],
    };
    words
        .into_iter()
        .flatten()
        .map(|word| format!("\"{}\"\n", word.replace('\\', "\\\\").replace('"', "\\\"")))
        .collect()
}
