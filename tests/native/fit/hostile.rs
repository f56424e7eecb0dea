//! Unusual images give a valid rule or an error.

use super::{answers, both, evidence, examples, fit, material, FitOptions};
use polyhead::evidence::Evidence;
use polyhead::features::LabelledExample;
use polyhead::features::Pooling;
use polyhead::fit::{FitInput, RuleChoice};
use polyhead::rule::RuleKind;
use proptest::prelude::*;

/// The unusual property of the images.
#[derive(Clone, Copy, Debug)]
enum Odd {
    Nothing,
    /// All features are the same in every image.
    Constant,
    /// Some features are the same in every image.
    Dead,
    /// All images are the same.
    Identical,
    Zero,
    Huge,
    Minute,
    /// One head is as confident as floats allow.
    Sure,
}

impl Odd {
    fn apply(self, examples: &mut [LabelledExample]) {
        let first = examples.first().map(|e| e.observation.clone());
        for example in examples {
            let observation = &mut example.observation;
            let (features, logits) = (&mut observation.features, &mut observation.logits);
            match self {
                Odd::Nothing => {}
                Odd::Constant => features.fill(3.7),
                Odd::Dead => features.iter_mut().step_by(2).for_each(|v| *v = 1000.1),
                Odd::Identical => *observation = first.clone().unwrap(),
                Odd::Zero => [features, logits].into_iter().for_each(|v| v.fill(0.0)),
                Odd::Huge => features.iter_mut().chain(logits).for_each(|v| *v *= 1e15),
                Odd::Minute => features.iter_mut().chain(logits).for_each(|v| *v *= 1e-15),
                Odd::Sure => logits[..2].iter_mut().for_each(|z| *z *= 1e4),
            }
        }
    }
}

fn odd() -> impl Strategy<Value = Odd> {
    use Odd::{Constant, Dead, Huge, Identical, Minute, Nothing, Sure, Zero};
    prop::sample::select(vec![Nothing, Constant, Dead, Identical, Zero, Huge, Minute, Sure])
}

fn counts() -> impl Strategy<Value = Vec<usize>> {
    let few = prop::collection::vec(0usize..4, 5);
    let of_one = (0usize..5).prop_map(|label| (0..5).map(|l| if l == label { 4 } else { 0 }).collect());
    prop_oneof![Just(vec![0; 5]), Just(vec![1; 5]), Just(vec![3; 5]), few, of_one]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_images(
        (odd, seed, folds) in (odd(), 0u32..1000, 0usize..3),
        (summed, images, held_out) in (counts(), counts(), counts()),
        (unseen, stored) in (any::<bool>(), any::<bool>()),
        name in prop::option::of(prop::sample::select(super::ALL.to_vec())),
        reject_rate in 0.001f64..0.999,
    ) {
        let extractor = both();
        let drawn = |seed, counts: &[usize]| {
            let mut drawn = examples(extractor, seed, counts);
            odd.apply(&mut drawn);
            drawn
        };
        let (summed, images, held_out) =
            (drawn(3 * seed, &summed), drawn(3 * seed + 1, &images), drawn(3 * seed + 2, &held_out));
        let pools = [Pooling::Features, Pooling::Maximum];
        let mut parts: Vec<Evidence> = (0..folds.max(1))
            .map(|part| {
                let own: Vec<LabelledExample> = summed.iter().skip(part).step_by(folds.max(1)).cloned().collect();
                evidence(extractor, &own, &pools)
            })
            .collect();
        let sums = if folds > 0 { Evidence::of_folds(parts).unwrap().unwrap() } else { parts.remove(0) };
        let material = FitInput {
            evidence: stored.then_some(&sums),
            images: &images,
            held_out: &held_out,
            unseen,
            ..material(extractor)
        };
        let options = FitOptions { rule: RuleChoice(name), features: pools.to_vec(), reject_rate, seed: seed.into() };
        match fit(&material, &options) {
            Err(error) => prop_assert_eq!(error.code(), "no-evidence"),
            Ok(fitted) => {
                let record = fitted.combination.record();
                let of = |name: RuleKind| fitted.comparison.iter().find(|c| c.rule == name).unwrap();
                for row in &fitted.comparison {
                    prop_assert!(row.nll.is_finite() && row.nll >= 0.0, "{row:?}");
                    prop_assert!((0.0..=1.0).contains(&row.accuracy) && (0.0..=1.0).contains(&row.ece), "{row:?}");
                }
                if name.is_none() {
                    prop_assert!(of(record.name).accuracy >= of(RuleKind::Concat).accuracy);
                    prop_assert!(of(record.name).nll <= of(RuleKind::Concat).nll);
                }
                let wanted = drawn(77, &[1; 5]);
                for p in answers(&fitted, extractor, &wanted) {
                    prop_assert!((0.0..=1.0 + 1e-5).contains(&p), "{odd:?} {record:?}: {p}");
                }
            }
        }
    }
}
