//! Estimates the decoded size of a model file by scanning it.

use super::from_proto::{not_onnx, too_many};
use super::sniff::EXPORT;
use crate::error::Result;
use crate::limits;

/// Checks a file for too many messages and texts (an empty node takes 2 bytes in the file and 200 in memory), long
/// names, long lists of numbers, and tensors with many axes.
///
/// # Errors
/// `limit`; `not-onnx` for bytes that are not messages.
pub(super) fn check(model: &str, bytes: &[u8]) -> Result<()> {
    Scan { model, entries: 0 }.message(Message::Model, bytes, DEPTH)
}

/// The maximum nesting of messages, as in prost.
const DEPTH: usize = 100;

/// The messages of the ONNX format (onnx.proto, IR version 13) that contain a variable number of others.
#[derive(Clone, Copy)]
enum Message {
    Model,
    Training,
    Graph,
    Function,
    Node,
    Attribute,
    Tensor,
    Value,
    Type,
    Elements,
    Map,
    Shaped,
    Shape,
}

impl Message {
    /// The message in a field; `None` for texts, bytes, numbers and messages of a fixed size.
    fn inner(self, field: u64) -> Option<Message> {
        use Message::*;
        Some(match (self, field) {
            (Model, 7) | (Training, 1 | 2) | (Attribute, 6 | 11) => Graph,
            (Model, 20) => Training,
            (Model, 25) => Function,
            (Graph, 1) | (Function, 7) => Node,
            (Graph, 5) | (Attribute, 5 | 10) => Tensor,
            (Graph, 11..=13) | (Function, 12) => Value,
            (Node, 5) | (Function, 11) => Attribute,
            (Value, 2) | (Attribute, 14 | 15) | (Elements, 1) | (Map, 2) => Type,
            (Type, 1 | 8) => Shaped,
            (Type, 4 | 9) => Elements,
            (Type, 5) => Map,
            (Shaped, 2) => Shape,
            _ => return None,
        })
    }

    /// Whether a field is a name that errors may quote.
    fn is_name(self, field: u64) -> bool {
        use Message::*;
        matches!(
            (self, field),
            (Graph, 2)
                | (Function, 1 | 4..=6 | 10 | 13)
                | (Node, 1..=4 | 7 | 8)
                | (Attribute, 1 | 21)
                | (Tensor, 8)
                | (Value, 1)
        )
    }

    /// The unit of a repeated field, and its maximum number in one message.
    fn list(self, field: u64) -> Option<(&'static str, u64)> {
        use Message::*;
        match (self, field) {
            (Attribute, 7..=9) => Some(("numbers or texts in one attribute", limits::ATTRIBUTE)),
            (Tensor | Shape, 1) => Some(("axes of one tensor", limits::AXES)),
            _ => None,
        }
    }
}

struct Scan<'a> {
    model: &'a str,
    entries: usize,
}

impl Scan<'_> {
    fn message(&mut self, message: Message, mut bytes: &[u8], depth: usize) -> Result<()> {
        let mut listed = 0;
        while !bytes.is_empty() {
            let (key, content) = next_field(&mut bytes)
                .ok_or_else(|| not_onnx(self.model, "bytes that do not decode (a field that does not end)", EXPORT))?;
            let (field, nested) = (key >> 3, key & 7 == LENGTH);
            if let Some((unit, limit)) = message.list(field) {
                listed += match (message, field) {
                    // Packed: each integer ends with a byte below 128, each float takes four bytes.
                    (Message::Attribute, 7) if nested => content.len() / 4,
                    (Message::Attribute, 8) | (Message::Tensor, 1) if nested => {
                        content.iter().filter(|b| **b < 0x80).count()
                    }
                    _ => 1,
                };
                too_many(self.model, unit, limit, listed)?;
            }
            if !nested {
                continue;
            }
            if message.is_name(field) {
                too_many(self.model, "bytes of a name", limits::NAME_BYTES, content.len())?;
            }
            self.entries += 1;
            too_many(self.model, "messages and texts", limits::ENTRIES, self.entries)?;
            if let (Some(inner), 1..) = (message.inner(field), depth) {
                self.message(inner, content, depth - 1)?;
            }
        }
        Ok(())
    }
}

/// The wire type of texts, bytes, messages and packed numbers.
const LENGTH: u64 = 2;

/// Reads the next field: its key, and its bytes if it has a length; `None` for truncated input.
pub(super) fn next_field<'b>(bytes: &mut &'b [u8]) -> Option<(u64, &'b [u8])> {
    let key = varint(bytes)?;
    let size = match key & 7 {
        0 => varint(bytes).map(|_| 0)?,
        1 => 8,
        LENGTH => usize::try_from(varint(bytes)?).ok()?,
        5 => 4,
        // Groups, which the format does not use.
        _ => return None,
    };
    let (content, rest) = bytes.split_at_checked(size)?;
    *bytes = rest;
    Some((key, content))
}

fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let length = 1 + bytes.iter().take(10).position(|b| b & 0x80 == 0)?;
    let (digits, rest) = bytes.split_at(length);
    *bytes = rest;
    Some(digits.iter().rev().fold(0, |value, digit| value << 7 | u64::from(digit & 0x7f)))
}
