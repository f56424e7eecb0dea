//! Feature files: read, written, used in a fit.
#![cfg_attr(fuzzing, no_main)]

use polyhead::features::FeaturesFile;
use polyhead::fit::{fit, FitInput, FitOptions};
use polyhead_fuzz::held::{must, told};
use polyhead_fuzz::seeds::extractor;
use sha2::{Digest, Sha256};

polyhead_fuzz::target!("features", |data| {
    told(FeaturesFile::from_bytes("features", data));
    let whole = [data, &Sha256::digest(data)].concat();
    let Some(file) = told(FeaturesFile::from_bytes("features", &whole)) else { return };
    let bytes = must("what was read", file.to_bytes());
    let again = must("what was written", FeaturesFile::from_bytes("features", &bytes));
    assert!(must("the same", again.to_bytes()) == bytes, "other features when read again");
    let label = |text: &str, head| Ok(extractor().find_label(text, head)?.map(|label| (label, head)));
    let Some(set) = told(file.examples("features", extractor(), label)) else { return };
    let input = FitInput { layout: &set.layout, held_out: &set.examples, ..FitInput::of(extractor()) };
    if let Some(fitted) = told(fit(&input, &FitOptions::default())) {
        must("a fitted rule", fitted.combination.check(extractor().heads(), Some(&set.layout)));
    }
});
