//! Evidence files: read, written, added, used in a fit.
#![cfg_attr(fuzzing, no_main)]

use polyhead::evidence::{Evidence, Storage};
use polyhead::fit::{fit, FitInput, FitOptions};
use polyhead_fuzz::held::{must, told};
use sha2::{Digest, Sha256};

/// No rule is fitted to evidence with more features.
const WIDTH: usize = 48;

polyhead_fuzz::target!("evidence", |data| {
    told(Evidence::from_bytes("evidence", data));
    let whole = [data, &Sha256::digest(data)].concat();
    let Some(evidence) = told(Evidence::from_bytes("evidence", &whole)) else { return };
    let bytes = evidence.to_bytes(Storage::F64);
    let again = must("what was written", Evidence::from_bytes("evidence", &bytes));
    assert!(again.to_bytes(Storage::F64) == bytes, "other evidence when read again");
    told(Evidence::from_bytes("evidence", &evidence.to_bytes(Storage::F32)));
    let twice = must("evidence of the same model", evidence.add(&again));
    assert_eq!(twice.total(), 2 * evidence.total());
    if evidence.width() > WIDTH {
        return;
    }
    let members: Vec<usize> = (0..evidence.counts().len()).collect();
    let material = FitInput {
        heads: evidence.heads(),
        members: &members,
        layout: evidence.layout(),
        fingerprint: evidence.fingerprint(),
        evidence: Some(&evidence),
        images: &[],
        unseen: false,
        held_out: &[],
        layers: &[],
    };
    if let Some(fitted) = told(fit(&material, &FitOptions::default())) {
        must("a fitted rule", fitted.combination.check(evidence.heads(), Some(evidence.layout())));
    }
});
