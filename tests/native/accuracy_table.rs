//! Accuracy of fitted rules on real photos, compared with concatenation; writes the table of `src/fit/README.md`.
//!
//! Needs real exports and photos: `POLYHEAD_FIXTURES=DIR cargo test --test native accuracy_table -- --ignored --nocapture`, where
//! `DIR/models` and `DIR/photos/SET/{train,calib,test}/LABEL` contain them; `POLYHEAD_PAIR` takes only the pairs whose name contains
//! it. Evidence comes from `train`, `calib` is held out, `test` is only measured. With `POLYHEAD_DUMP=DIR2` the numbers are written for
//! `tests/fixtures/fit/joint.py`.

use polyhead::classifier::RuleEvaluator;
use polyhead::evidence::Evidence;
use polyhead::features::Pooling;
use polyhead::features::{FeatureExtractor, LabelledExample};
use polyhead::fit::{fit, FitInput, FitOptions};
use polyhead::image;
use polyhead::image::preprocess::Preprocessing;
use polyhead::import::{labels_from_text, ImportedModel, Nothing, Overrides, Provenance, WithProvenance};
use polyhead::labels::DuplicateLabels;
use polyhead::merge::{self, merge, Backbones};
use polyhead::onnx;
use polyhead::rule::FittedRule;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;
use std::path::{Path, PathBuf};

/// Models whose labels are merged.
struct Pair {
    name: &'static str,
    /// Photos and the model trained on them.
    heads: &'static [(&'static str, &'static str)],
    /// Photos of neither.
    foreign: Option<&'static str>,
    preprocessing: &'static str,
    backbones: Backbones,
    /// The required accuracies with 72, 10 and 1 images per label, in percent.
    least: [f64; 3],
    most_ece: f64,
}

const LITE: &str = r#"{"width":224,"height":224,"mean":[0.5,0.5,0.5],"std":[0.5,0.5,0.5],"range":[0,1]}"#;
const TEACHABLE: &str = r#"{"width":224,"height":224,"fit":"centre-crop","range":[-1,1],"layout":"nhwc"}"#;

const PAIRS: [Pair; 9] = [
    Pair {
        name: "trash \\| clothes_b",
        heads: &[("trash", "trash-lite0-logits-legacy"), ("clothes_b", "clothes_b-lite0-logits-legacy")],
        foreign: Some("clothes_a"),
        preprocessing: LITE,
        backbones: Backbones::Equal,
        least: [89.5, 87.0, 0.0],
        most_ece: 5.0,
    },
    Pair {
        name: "clothes_a \\| clothes_b (look-alikes)",
        heads: &[("clothes_a", "clothes_a-lite0-logits-legacy"), ("clothes_b", "clothes_b-lite0-logits-legacy")],
        foreign: Some("trash"),
        preprocessing: LITE,
        backbones: Backbones::Equal,
        least: [85.0, 78.0, 0.0],
        most_ece: 6.0,
    },
    Pair {
        name: "clothes_a (under-trained) \\| clothes_b (over-trained)",
        heads: &[("clothes_a", "clothes_a-lite0-cold-legacy"), ("clothes_b", "clothes_b-lite0-hot-legacy")],
        foreign: Some("trash"),
        preprocessing: LITE,
        backbones: Backbones::Equal,
        least: [84.5, 74.0, 0.0],
        most_ece: 6.0,
    },
    Pair {
        name: "trash \\| clothes_b, Teachable Machine",
        heads: &[("trash", "trash-tm-mobilenetv2_035"), ("clothes_b", "clothes_b-tm-mobilenetv2_035")],
        foreign: Some("clothes_a"),
        preprocessing: TEACHABLE,
        backbones: Backbones::Equal,
        least: [82.0, 79.0, 0.0],
        most_ece: 100.0,
    },
    Pair {
        name: "trash \\| clothes_a \\| clothes_b",
        heads: &[
            ("trash", "trash-lite0-logits-legacy"),
            ("clothes_a", "clothes_a-lite0-logits-legacy"),
            ("clothes_b", "clothes_b-lite0-logits-legacy"),
        ],
        foreign: None,
        preprocessing: LITE,
        backbones: Backbones::Equal,
        least: [0.0, 0.0, 0.0],
        most_ece: 100.0,
    },
    Pair {
        name: "trash \\| clothes_b, drifted, separate backbones",
        heads: &DRIFTED,
        foreign: Some("clothes_a"),
        preprocessing: LITE,
        backbones: Backbones::Separate,
        least: [0.0, 0.0, 0.0],
        most_ece: 100.0,
    },
    Pair {
        name: "trash \\| clothes_b, drifted, shared backbone",
        heads: &DRIFTED,
        foreign: Some("clothes_a"),
        preprocessing: LITE,
        backbones: Backbones::Shared,
        least: [89.5, 84.0, 81.0],
        most_ece: 5.0,
    },
    Pair {
        name: "trash \\| clothes_b, drifted, first backbone",
        heads: &DRIFTED,
        foreign: Some("clothes_a"),
        preprocessing: LITE,
        backbones: Backbones::SharedFirst,
        least: [0.0, 0.0, 0.0],
        most_ece: 100.0,
    },
    Pair {
        name: "trash \\| clothes_b, fine-tuned as a whole, shared backbone",
        heads: &[("trash", "trash-finetuned"), ("clothes_b", "clothes_b-finetuned")],
        foreign: Some("clothes_a"),
        preprocessing: LITE,
        backbones: Backbones::Shared,
        least: [88.0, 0.0, 0.0],
        most_ece: 100.0,
    },
];

/// The pair of a backbone whose batch normalisation moved while the heads were trained.
const DRIFTED: [(&str, &str); 2] = [("trash", "trash-drift-folded"), ("clothes_b", "clothes_b-drift-folded")];

/// Training images per label; five draws of 72 represent all 80.
const COUNTS: [usize; 3] = [72, 10, 1];
const SEEDS: [u64; 5] = [1, 2, 3, 4, 5];
const RESAMPLES: usize = 1000;
/// The allowed distance of the mean of five draws below the required accuracy.
const TOLERANCE: f64 = 0.5;

/// The figures of a rule over the draws, in percent.
struct Figures {
    accuracy: f64,
    interval: [f64; 2],
    ece: f64,
    rules: Vec<String>,
    /// Test images that are ranked as none of the labels: those of the labels, and others.
    none: [f64; 2],
}

#[test]
#[ignore = "needs real exports and photos in POLYHEAD_FIXTURES"]
fn figures() {
    let Some(folder) = std::env::var_os("POLYHEAD_FIXTURES").map(PathBuf::from) else {
        println!("skipped: POLYHEAD_FIXTURES does not name the folder of the exports and photos");
        return;
    };
    let mut rows = Vec::new();
    let mut failures = Vec::new();
    let wanted = std::env::var("POLYHEAD_PAIR").unwrap_or_default();
    for pair in PAIRS.iter().filter(|pair| pair.name.contains(&wanted)) {
        let missing = |(_, model): &&(&str, &str)| !folder.join("models").join(format!("{model}.onnx")).exists();
        if let Some((_, model)) = pair.heads.iter().find(missing) {
            println!("skipped: {}: models/{model}.onnx is missing", pair.name);
            continue;
        }
        let concat_and_fitted = measure(&folder, pair);
        let (concat, fitted) = (&concat_and_fitted[0], &concat_and_fitted[1..]);
        let cell = |f: &Figures| format!("{:.1} ({:.1}–{:.1}), {:.1}", f.accuracy, f.interval[0], f.interval[1], f.ece);
        let cells: Vec<String> = concat_and_fitted.iter().map(cell).collect();
        let none = format!("{:.1} / {:.1}", fitted[0].none[0], fitted[0].none[1]);
        let none = if pair.foreign.is_some() { none } else { format!("{:.1} / –", fitted[0].none[0]) };
        rows.push((pair.name, format!("| {} | {} | {none} |", pair.name, cells.join(" | "))));
        for (fitted, least) in fitted.iter().zip(&pair.least) {
            if fitted.accuracy < least - TOLERANCE {
                failures.push(format!("{}: {:.1} of {least}", pair.name, fitted.accuracy));
            }
        }
        if fitted[0].ece > pair.most_ece {
            failures.push(format!("{}: ECE {:.1} of {}", pair.name, fitted[0].ece, pair.most_ece));
        }
        for fitted in fitted {
            if fitted.accuracy < concat.accuracy - 1.0 {
                failures.push(format!("{}: {:.1} below concat's {:.1}", pair.name, fitted.accuracy, concat.accuracy));
            }
        }
    }
    write(&rows);
    assert!(failures.is_empty(), "{failures:#?}");
}

/// The figures of concatenation, then of the rules fitted to each number of training images per label.
fn measure(folder: &Path, pair: &Pair) -> Vec<Figures> {
    let source = merged(folder, pair);
    let extractor = source.feature_extractor().unwrap();
    let [train, calib, test] = ["train", "calib", "test"].map(|split| {
        let own = pair.heads.iter().enumerate();
        let sets =
            own.flat_map(|(h, (set, _))| observed(&extractor, &folder.join("photos").join(set).join(split), Some(h)));
        sets.collect::<Vec<LabelledExample>>()
    });
    let foreign = pair
        .foreign
        .map(|set| observed(&extractor, &folder.join("photos").join(set).join("test"), None))
        .unwrap_or_default();
    if let Some(dump) = std::env::var_os("POLYHEAD_DUMP") {
        write_numbers(Path::new(&dump), pair, &[("train", &train), ("calib", &calib), ("test", &test)]);
    }
    let mut all = vec![score(&extractor, &[FittedRule::default()], &test, &foreign)];
    println!("{}: concat {:.1} %, ECE {:.1}", pair.name, all[0].accuracy, all[0].ece);
    for count in COUNTS {
        let mut rules = Vec::new();
        for seed in SEEDS {
            let evidence = evidence(&extractor, &drawn(&extractor, &train, count, seed));
            let material = FitInput {
                heads: extractor.heads(),
                members: extractor.members(),
                layout: extractor.layout(),
                fingerprint: extractor.fingerprint(),
                evidence: Some(&evidence),
                images: &[],
                unseen: false,
                held_out: &calib,
                layers: &[],
            };
            rules.push(fit(&material, &FitOptions::default()).unwrap().combination);
        }
        let figures = score(&extractor, &rules, &test, &foreign);
        println!(
            "{}, {count} a label, seeds {SEEDS:?}: {:.1} % ({:.1}–{:.1}), ECE {:.1}, rules {}, none {:.1} / {:.1} %",
            pair.name,
            figures.accuracy,
            figures.interval[0],
            figures.interval[1],
            figures.ece,
            figures.rules.join(" "),
            figures.none[0],
            figures.none[1]
        );
        all.push(figures);
    }
    all
}

fn merged(folder: &Path, pair: &Pair) -> ImportedModel {
    let sources = pair.heads.iter().map(|(set, model)| {
        let path = folder.join("models").join(format!("{model}.onnx"));
        let labels = std::fs::read_to_string(path.with_extension("labels.txt")).unwrap();
        let labels = labels_from_text("labels", &labels).unwrap();
        let preprocessing: Preprocessing = serde_json::from_str(pair.preprocessing).unwrap();
        let stated = Overrides {
            name: Some(set.to_string()),
            labels: Some(WithProvenance { value: labels, from: Provenance::Stated("the test".into()) }),
            preprocessing: Some(WithProvenance { value: preprocessing, from: Provenance::Stated("the test".into()) }),
            ..Overrides::default()
        };
        ImportedModel::read(&format!("{model}.onnx"), &std::fs::read(path).unwrap(), &stated, &Nothing).unwrap()
    });
    let options = merge::MergeOptions {
        duplicate_labels: DuplicateLabels::Keep,
        backbones: pair.backbones,
        ..merge::MergeOptions::default()
    };
    let merged = merge(sources.collect(), &options).unwrap();
    ImportedModel::read("merged.onnx", &onnx::encode(&merged.proto), &Overrides::default(), &Nothing).unwrap()
}

/// The features of the images below DIR/LABEL, computed on all processors; images of no head have the label 0.
fn observed(extractor: &FeatureExtractor, folder: &Path, head: Option<usize>) -> Vec<LabelledExample> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let folder = entry.unwrap().path();
        let text = folder.file_name().unwrap().to_string_lossy().into_owned();
        let label = head.map_or(0, |h| {
            let first: usize = extractor.heads()[..h].iter().map(|h| h.labels.len()).sum();
            extractor.members()[first + extractor.heads()[h].labels.iter().position(|l| *l == text).unwrap()]
        });
        files.extend(std::fs::read_dir(&folder).unwrap().map(|e| (e.unwrap().path(), label)));
    }
    files.sort();
    let one = |(path, label): &(PathBuf, usize)| {
        let name = path.display().to_string();
        let image = image::decode(&name, &std::fs::read(path).unwrap()).unwrap();
        // In place of the content's digest: only a fixed order matters.
        LabelledExample { sha256: name.clone(), name, label: *label, head, observation: extractor.run(&image).unwrap() }
    };
    let halves = files.split_at(files.len() / 2);
    std::thread::scope(|scope| {
        let first = scope.spawn(|| halves.0.iter().map(one).collect::<Vec<_>>());
        let second: Vec<_> = halves.1.iter().map(one).collect();
        first.join().unwrap().into_iter().chain(second).collect()
    })
}

/// `count` images per label.
fn drawn<'a>(
    extractor: &FeatureExtractor,
    train: &'a [LabelledExample],
    count: usize,
    seed: u64,
) -> Vec<&'a LabelledExample> {
    let mut random = Pcg64Mcg::seed_from_u64(seed);
    let labels = 0..extractor.labels().len();
    labels
        .flat_map(|label| {
            let mut own: Vec<&LabelledExample> = train.iter().filter(|e| e.label == label).collect();
            own.shuffle(&mut random);
            own.truncate(count);
            own
        })
        .collect()
}

fn evidence(extractor: &FeatureExtractor, examples: &[&LabelledExample]) -> Evidence {
    let mut evidence = Evidence::empty(extractor, &Pooling::ALL);
    let rows = examples.iter().flat_map(|e| extractor.columns(e.label, e.head).map(|c| (c, &e.observation)));
    evidence.add_examples(&rows.collect::<Vec<_>>()).unwrap();
    evidence
}

/// The mean over rules; the interval resamples test images, stratified by label.
fn score(
    extractor: &FeatureExtractor,
    rules: &[FittedRule],
    test: &[LabelledExample],
    foreign: &[LabelledExample],
) -> Figures {
    let mut right = vec![0.0; test.len()];
    let (mut ece, mut none) = (0.0, [0.0; 2]);
    for rule in rules {
        let evaluator = RuleEvaluator::new(rule.clone(), extractor).unwrap();
        let mut tops = Vec::new();
        for (example, right) in test.iter().zip(&mut right) {
            let scores = evaluator.run(&example.observation).unwrap();
            let p = &scores.probabilities;
            let top = (0..p.len()).max_by(|&a, &b| p[a].total_cmp(&p[b])).unwrap();
            *right += f64::from(u8::from(top == example.label)) / rules.len() as f64;
            tops.push((f64::from(p[top]), top == example.label));
            none[0] += f64::from(u8::from(scores.none_probability.unwrap_or(0.0) > 0.5)) / test.len() as f64;
        }
        for example in foreign {
            let score = evaluator.run(&example.observation).unwrap().none_probability.unwrap_or(0.0);
            none[1] += f64::from(u8::from(score > 0.5)) / foreign.len() as f64;
        }
        ece += error(&tops) / rules.len() as f64;
    }
    let mut random = Pcg64Mcg::seed_from_u64(1);
    let strata: Vec<Vec<f64>> = (0..extractor.labels().len())
        .map(|label| test.iter().zip(&right).filter(|(e, _)| e.label == label).map(|(_, &r)| r).collect())
        .collect();
    let mut means: Vec<f64> = (0..RESAMPLES)
        .map(|_| {
            let draw = |s: &Vec<f64>| (0..s.len()).map(|_| s[random.random_range(0..s.len())]).sum::<f64>();
            strata.iter().map(draw).sum::<f64>() / test.len() as f64
        })
        .collect();
    means.sort_by(f64::total_cmp);
    Figures {
        accuracy: 100.0 * right.iter().sum::<f64>() / test.len() as f64,
        interval: [100.0 * means[RESAMPLES / 40], 100.0 * means[RESAMPLES - 1 - RESAMPLES / 40]],
        ece: 100.0 * ece,
        rules: rules.iter().map(|r| r.rule.name().to_string()).collect(),
        none: none.map(|share| 100.0 * share / rules.len() as f64),
    }
}

/// ECE of 15 bins of equal width.
fn error(tops: &[(f64, bool)]) -> f64 {
    let mut bins = [(0.0, 0.0); 15];
    for &(confidence, right) in tops {
        let bin = &mut bins[((confidence * 15.0).ceil() as usize).clamp(1, 15) - 1];
        *bin = (bin.0 + confidence, bin.1 + f64::from(u8::from(right)));
    }
    bins.iter().map(|(confidence, right)| (confidence - right).abs()).sum::<f64>() / tops.len() as f64
}

/// Rows of label, then features, as 32-bit floats, little-endian; the file name contains the number of features.
fn write_numbers(folder: &Path, pair: &Pair, sets: &[(&str, &Vec<LabelledExample>)]) {
    std::fs::create_dir_all(folder).unwrap();
    let stem: Vec<&str> = pair.heads.iter().map(|(_, model)| *model).collect();
    for (split, examples) in sets {
        let mut bytes = Vec::new();
        for example in examples.iter() {
            bytes.extend((example.label as f32).to_le_bytes());
            bytes.extend(example.observation.features.iter().flat_map(|v| v.to_le_bytes()));
        }
        let width = examples[0].observation.features.len();
        std::fs::write(folder.join(format!("{}.{split}.{width}.f32", stem.join("+"))), bytes).unwrap();
    }
}

/// Writes the rows into the table between the marks in the fit's README; rows of other pairs stay.
fn write(rows: &[(&str, String)]) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/fit/README.md");
    let text = std::fs::read_to_string(&path).unwrap();
    let (start, end) = ("<!-- figures -->\n", "<!-- /figures -->");
    let (before, rest) = text.split_once(start).unwrap();
    let (table, after) = rest.split_once(end).unwrap();
    let mut lines: Vec<String> = table.lines().map(str::to_string).collect();
    for (name, row) in rows {
        println!("{row}");
        match lines.iter_mut().find(|line| line.starts_with(&format!("| {name} |"))) {
            Some(line) => line.clone_from(row),
            None => lines.push(row.clone()),
        }
    }
    std::fs::write(&path, format!("{before}{start}{}\n{end}{after}", lines.join("\n"))).unwrap();
}
