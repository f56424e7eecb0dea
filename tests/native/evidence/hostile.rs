//! Files that are not valid evidence.

use super::file;
use polyhead::evidence::{Evidence, Storage};
use proptest::prelude::*;
use sha2::{Digest, Sha256};

/// A file with an edited header and these last numbers, with a matching digest.
fn edited(edit: impl Fn(&mut serde_json::Value), numbers: impl Fn(&mut Vec<u8>)) -> Vec<u8> {
    let bytes = file("f64.evidence");
    let length = u32::from_le_bytes(bytes[18..22].try_into().unwrap()) as usize;
    let mut header: serde_json::Value = serde_json::from_slice(&bytes[22..22 + length]).unwrap();
    edit(&mut header);
    let header = serde_json::to_vec(&header).unwrap();
    let mut rest = bytes[22 + length..bytes.len() - 32].to_vec();
    numbers(&mut rest);
    let mut bytes = [&bytes[..18], &(header.len() as u32).to_le_bytes(), &header, &rest].concat();
    bytes.extend(Sha256::digest(&bytes).to_vec());
    bytes
}

#[track_caller]
fn assert_refused(bytes: &[u8], expected: &str) {
    let error = Evidence::from_bytes("x.evidence", bytes).unwrap_err();
    assert_eq!(error.code(), "malformed-evidence");
    assert_eq!(error.to_string(), format!("evidence 'x.evidence', {expected}; make it again of the images"));
}

const TRIANGLE: usize = 8 * 5 * 29;

fn put(at: usize, value: f64) -> impl Fn(&mut Vec<u8>) {
    move |numbers| numbers[at..at + 8].copy_from_slice(&value.to_le_bytes())
}

#[test]
fn refused() {
    let same = |_: &mut serde_json::Value| {};
    assert!(Evidence::from_bytes("x", &edited(same, |_| {})).is_ok());
    assert_refused(b"", "start: expected 'polyhead evidence', found something else");
    assert_refused(b"polyhead evidence\n\x01", "header: expected a whole header, found the end of the file");
    let huge = [b"polyhead evidence\n".as_slice(), &u32::MAX.to_le_bytes()].concat();
    assert_refused(&huge, "header: expected at most 4194304 bytes, found 4294967295");
    let version = edited(|h| h["version"] = 2.into(), |_| {});
    assert_refused(&version, "header: expected version 1, found version 2");
    let wide = edited(|h| h["layout"][0]["width"] = u64::MAX.into(), |_| {});
    assert_refused(&wide, "numbers: expected 18446744073709551615 bytes and a SHA-256, found 4672 bytes");
    let wide = edited(|h| h["layout"][0]["width"] = 100_000.into(), |_| {});
    assert_refused(&wide, "numbers: expected 40014801248 bytes and a SHA-256, found 4672 bytes");
    let model = edited(|h| h["model"] = "x".into(), |_| {});
    assert_refused(&model, "model: expected a SHA-256 of 64 hexadecimal digits, found something else");
    let heads = edited(|h| h["heads"] = serde_json::json!([]), |_| {});
    assert_refused(&heads, "heads: expected at least one label, found none");
    let counts = edited(|h| h["counts"][0] = serde_json::json!([1, 2]), |_| {});
    assert_refused(&counts, "counts: expected one for each of the 5 logits, found another number");
    let counts = edited(|h| h["counts"][0][0] = u64::MAX.into(), |_| {});
    assert_refused(&counts, "counts: expected at most 2^53 images, found more");
    let sums = edited(same, put(4 * 29 * 8, 1.0));
    assert_refused(&sums, "logit 4: expected sums of 0 for no image, found another number");
    for value in [f64::NAN, f64::INFINITY, 1e300] {
        let numbers = edited(same, put(0, value));
        let error = Evidence::from_bytes("x", &numbers).unwrap_err().to_string();
        assert!(error.contains(", numbers: expected "), "{error}");
    }
    let infinite = edited(same, put(TRIANGLE, f64::INFINITY));
    assert_refused(&infinite, "numbers: expected finite numbers, found one that is not, or that leads to one");
    let negative = edited(same, put(TRIANGLE, -1.0));
    assert_refused(&negative, "numbers: expected a sum of squares of 0 or more for number 0, found a negative one");
    let product = edited(same, put(TRIANGLE + 8, 1e6));
    assert_refused(&product, "numbers: expected products of number 0 within its squares, found a larger one");
    let mut changed = file("f64.evidence");
    changed[2000] ^= 1;
    assert_refused(&changed, "SHA-256: expected that of the bytes before it, found another: the file was changed");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn cut_short(at in 0usize..3366) {
        prop_assert!(Evidence::from_bytes("x", &file("f32.evidence")[..at]).is_err());
    }

    #[test]
    fn one_changed_byte_is_detected(at in 0usize..3366, flip in 1u8..=255) {
        let mut bytes = file("f32.evidence");
        bytes[at] ^= flip;
        prop_assert!(Evidence::from_bytes("x", &bytes).is_err());
    }

    /// With a matching digest: no changed byte causes a panic, and accepted evidence is written back.
    #[test]
    fn changed_bytes_with_a_matching_digest(name in prop_oneof![Just("f32.evidence"), Just("f64.evidence")], changes in prop::collection::vec((0usize..6000, any::<u8>()), 1..4)) {
        let mut bytes = file(name);
        let end = bytes.len() - 32;
        for (at, value) in changes {
            bytes[at % end] = value;
        }
        let digest = Sha256::digest(&bytes[..end]);
        bytes[end..].copy_from_slice(&digest);
        if let Ok(evidence) = Evidence::from_bytes("x", &bytes) {
            prop_assert!(evidence.scatter().iter().all(|v| v.is_finite()));
            prop_assert!(Evidence::from_bytes("x", &evidence.to_bytes(Storage::F64)).is_ok());
        }
    }
}
