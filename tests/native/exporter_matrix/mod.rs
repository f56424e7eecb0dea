//! Every kind of export paired with every other: merged or refused, the difference, and onnxruntime's results.
//!
//! Needs real exports: `POLYHEAD_FIXTURES=DIR cargo test --test native exporter_matrix -- --ignored --nocapture`, where
//! `DIR/models` contains them. Writes the table in `tests/README.md`.

mod model;
pub mod onnxruntime;
mod table;

use model::{Kind, KINDS};
use onnxruntime::Onnxruntime;
use polyhead::engine::Engine;
use polyhead::error::Result;
use polyhead::labels::DuplicateLabels;
use polyhead::merge::{merge, MergeOptions, Merged};
use std::path::PathBuf;

/// The outcome of one pair.
struct Outcome {
    first: &'static Kind,
    second: &'static Kind,
    result: std::result::Result<Figures, String>,
}

/// The figures of a merged pair.
struct Figures {
    /// 0 to 1, of the second model's multiply-adds.
    shared: f64,
    tolerance: Option<f64>,
    logit: f32,
    bound: f32,
    probability: f32,
    /// The largest difference of a logit between onnxruntime and this crate's engine on the merged file.
    onnxruntime: Option<f32>,
    /// The largest difference between the merged file in onnxruntime and onnxruntime's output of the first model.
    recorded: Option<f32>,
}

#[test]
#[ignore = "needs real exports in POLYHEAD_FIXTURES"]
fn kinds() {
    let Some(folder) = std::env::var_os("POLYHEAD_FIXTURES").map(|f| PathBuf::from(f).join("models")) else {
        println!("skipped: POLYHEAD_FIXTURES does not name the folder of the exports");
        return;
    };
    let onnxruntime = Onnxruntime::find();
    let mut outcomes = Vec::new();
    for (at, first) in KINDS.iter().enumerate() {
        for second in &KINDS[at..] {
            let result = pair(&folder, first, second, onnxruntime.as_ref());
            let text = match &result {
                Ok(f) => format!(
                    "{:.1} % shared, logits {:.1e}, onnxruntime {:?} {:?}",
                    100.0 * f.shared,
                    f.logit,
                    f.onnxruntime,
                    f.recorded
                ),
                Err(code) => code.clone(),
            };
            println!("{} + {}: {text}", first.name, second.name);
            outcomes.push(Outcome { first, second, result });
        }
    }
    table::write(&outcomes);
    for Outcome { first, second, result } in &outcomes {
        let pair = format!("{} + {}", first.name, second.name);
        let expected = first.expected(second);
        match result {
            Err(code) => assert_eq!(Some(code.as_str()), expected, "{pair}"),
            Ok(figures) => {
                assert_eq!(None, expected, "{pair} was merged");
                assert!(figures.logit <= figures.bound || figures.probability <= 0.01, "{pair}: {}", figures.logit);
                let near = figures.onnxruntime.is_none_or(|d| d <= figures.bound.max(1e-3));
                assert!(near, "{pair}: onnxruntime {:?} away", figures.onnxruntime);
            }
        }
    }
}

fn pair(
    folder: &std::path::Path,
    first: &'static Kind,
    second: &'static Kind,
    onnxruntime: Option<&Onnxruntime>,
) -> std::result::Result<Figures, String> {
    let attempt = |tolerance: Option<f64>| -> Result<Merged> {
        let sources = vec![first.read(folder, false)?, second.read(folder, true)?];
        let mut options = MergeOptions { duplicate_labels: DuplicateLabels::Keep, ..MergeOptions::default() };
        options.tolerance = tolerance.unwrap_or(options.tolerance);
        merge(sources, &options)
    };
    let half = first.half || second.half;
    let (merged, tolerance) = match attempt(None) {
        Ok(merged) if !half || merged.backbone.models[1].shared > 0.99 => (merged, None),
        Err(error) if !half => return Err(error.code().to_string()),
        _ => (attempt(Some(1e-3)).map_err(|e| e.code().to_string())?, Some(1e-3)),
    };
    let rows = &merged.proof.as_ref().unwrap().heads;
    let largest = |of: fn(&polyhead::merge::VerificationRow) -> f32| rows.iter().map(of).fold(0.0, f32::max);
    let mut figures = Figures {
        shared: merged.backbone.models[1].shared,
        tolerance,
        logit: largest(|r| r.logit),
        bound: rows.iter().map(|r| r.bound).fold(f32::INFINITY, f32::min),
        probability: largest(|r| r.probability),
        onnxruntime: None,
        recorded: None,
    };
    let Some(onnxruntime) = onnxruntime else { return Ok(figures) };
    let shape = merged.metadata.preprocessing.shape();
    let (input, answer) = first.recorded(folder, &shape);
    let theirs = onnxruntime.run(&merged.proto, &input, &shape);
    let ours = Engine::new("merged", &merged.proto, &shape).and_then(|e| e.run(&input)).map_err(|e| e.to_string())?;
    let logits =
        |all: &[(String, Vec<f32>)]| all.iter().find(|o| o.0 == "logits").map(|o| o.1.clone()).unwrap_or_default();
    let ours: Vec<_> = ours.into_iter().map(|o| (o.name, o.values)).collect();
    let (theirs, ours) = (logits(&theirs), logits(&ours));
    figures.onnxruntime = Some(apart(&theirs, &ours));
    figures.recorded = answer.map(|answer| {
        let own = &theirs[..answer.len()];
        // Values that sum to one were recorded after the softmax.
        let sum: f32 = answer.iter().sum();
        let softmax = (sum - 1.0).abs() < 1e-3 && answer.iter().all(|p| *p >= 0.0);
        if softmax {
            apart(&super::tiny::softmax(own), &answer)
        } else {
            apart(own, &answer)
        }
    });
    Ok(figures)
}

fn apart(a: &[f32], b: &[f32]) -> f32 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
}
