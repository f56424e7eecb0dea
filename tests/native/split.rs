//! Splits of merged models into single heads, and edits of merged models.

use super::tiny::{again, assert_close, labels, merged, run, softmax, Ending, Tiny};
use polyhead::labels::DuplicateLabels;
use polyhead::merge::split;
use polyhead::merge::{merge, Edits, MergeOptions, Merged, Weights};
use polyhead::metadata::Metadata;
use polyhead::onnx;

fn a() -> Tiny {
    Tiny::new("a", &["cat", "dog", "shirt"])
}

fn b() -> Tiny {
    Tiny::new("b", &["shirt", "shoe"]).ending(Ending::Hidden)
}

fn both(duplicates: DuplicateLabels) -> Merged {
    merged(&[&a(), &b()], &MergeOptions { duplicate_labels: duplicates, ..MergeOptions::default() }).unwrap()
}

fn edited(edits: Edits) -> polyhead::Result<Merged> {
    merge(vec![again("both", &both(DuplicateLabels::Merge))], &MergeOptions { edits, ..MergeOptions::default() })
}

fn error(edits: Edits) -> (&'static str, String) {
    let error = edited(edits).map(|_| ()).unwrap_err();
    (error.code(), error.to_string())
}

fn drop(labels: &[&str]) -> Edits {
    Edits { drop: labels.iter().map(|l| l.to_string()).collect(), ..Edits::default() }
}

fn rename(pairs: &[(&str, &str)]) -> Edits {
    let rename = pairs.iter().map(|(old, new)| (old.to_string(), new.to_string())).collect();
    Edits { rename, ..Edits::default() }
}

#[test]
fn split_restores_the_merged_models() {
    for duplicates in [DuplicateLabels::Keep, DuplicateLabels::Merge] {
        let whole = both(duplicates);
        let logits = run(&whole.proto, 16, "logits");
        for (head, own, width) in [("a", &logits[..3], 16), ("b", &logits[3..], 16)] {
            let single = split(again("both", &whole), head, Weights::F32).unwrap();
            assert_eq!(run(&single.proto, 16, "logits"), own);
            assert_close(&run(&single.proto, 16, "probabilities"), &softmax(own), 1e-6);
            assert_eq!(run(&single.proto, 16, "head_probabilities").len(), 1);
            assert_eq!(run(&single.proto, 16, "features").len(), width);
            let metadata = Metadata::read("single", &single.proto).unwrap().unwrap();
            assert_eq!(metadata, single.metadata);
            assert_eq!(metadata.sources, [whole.metadata.sources[usize::from(head == "b")].clone()]);
        }
        let single = split(again("both", &whole), "a", Weights::F32).unwrap();
        assert_eq!(labels(&single), ["cat", "dog", "shirt"]);
        let ops: Vec<_> = single.proto.graph.unwrap().node.into_iter().map(|n| n.op_type).collect();
        assert_eq!(ops.iter().filter(|op| *op == "Gemm").count(), 1, "the other head is gone: {ops:?}");
    }
}

#[test]
fn split_removes_nodes_of_other_heads() {
    let second = Tiny { second: 9, ..Tiny::new("b", &["hat", "shoe"]) };
    let whole = merged(&[&a(), &second], &MergeOptions::default()).unwrap();
    let single = split(again("both", &whole), "b", Weights::F32).unwrap();
    let ops: Vec<_> = single.proto.graph.as_ref().unwrap().node.iter().map(|n| n.op_type.as_str()).collect();
    assert_eq!(ops.iter().filter(|op| **op == "Conv").count(), 2);
    assert_eq!(run(&single.proto, 16, "logits"), run(&whole.proto, 16, "logits")[3..]);
}

#[test]
fn split_heads_merge_to_the_same_file() {
    let whole = both(DuplicateLabels::Keep);
    let parts = ["a", "b"].map(|head| again(head, &split(again("both", &whole), head, Weights::F32).unwrap()));
    let options = MergeOptions { duplicate_labels: DuplicateLabels::Keep, ..MergeOptions::default() };
    let back = merge(parts.to_vec(), &options).unwrap();
    assert_eq!(run(&back.proto, 16, "logits"), run(&whole.proto, 16, "logits"));
    assert_eq!(back.metadata, whole.metadata);
}

#[test]
fn split_stores_half_floats() {
    let whole = both(DuplicateLabels::Keep);
    let single = split(again("both", &whole), "a", Weights::F16).unwrap();
    assert!(single.rounding.is_some());
    let full = split(again("both", &whole), "a", Weights::F32).unwrap();
    assert!(onnx::encode(&single.proto).len() < onnx::encode(&full.proto).len());
}

#[test]
fn error_split_unknown_head() {
    let error = split(again("both", &both(DuplicateLabels::Keep)), "c", Weights::F32).unwrap_err();
    assert_eq!(error.code(), "unknown-head");
    assert_eq!(
        error.to_string(),
        "head 'c': expected a head of the model, found none of that name; the heads are a, b"
    );
}

#[test]
fn dropped_labels_are_removed_from_the_linear_layer() {
    let whole = run(&both(DuplicateLabels::Keep).proto, 16, "logits");
    let less = edited(drop(&["dog", "b/shirt"])).unwrap();
    assert_eq!(labels(&less), ["cat", "shirt", "shoe"]);
    assert_eq!(less.metadata.labels[1].heads, ["a"]);
    let kept = [whole[0], whole[2], whole[4]];
    assert_close(&run(&less.proto, 16, "logits"), &kept, 1e-6);
    assert_close(&run(&less.proto, 16, "probabilities"), &softmax(&kept), 1e-6);
    assert!(less.proto.graph.unwrap().node.iter().all(|n| n.op_type != "Gather"));
}

#[test]
fn dropped_merged_label_is_removed_from_every_head() {
    let less = edited(drop(&["shirt"])).unwrap();
    assert_eq!(labels(&less), ["cat", "dog", "shoe"]);
    assert_eq!(run(&less.proto, 16, "logits").len(), 3);
}

#[test]
fn dropped_labels_of_a_head_without_a_linear_layer() {
    let bent = Tiny::new("bent", &["x", "y", "z"]).ending(Ending::Bent);
    let whole = merged(&[&a(), &bent], &MergeOptions::default()).unwrap();
    let options = MergeOptions { edits: drop(&["y"]), ..MergeOptions::default() };
    let less = merged(&[&a(), &bent], &options).unwrap();
    let logits = run(&whole.proto, 16, "logits");
    assert_close(&run(&less.proto, 16, "logits"), &[&logits[..4], &logits[5..]].concat(), 1e-6);
    assert!(less.proto.graph.unwrap().node.iter().any(|n| n.op_type == "Gather"));
}

#[test]
fn renamed_labels() {
    let new = edited(rename(&[("cat", "kitten"), ("shirt", "top")])).unwrap();
    assert_eq!(labels(&new), ["kitten", "dog", "top", "shoe"]);
    assert_eq!(new.metadata.heads[1].labels, ["top", "shoe"]);
    let apart = edited(rename(&[("b/shirt", "blouse")])).unwrap();
    assert_eq!(labels(&apart), ["cat", "dog", "shirt", "blouse", "shoe"]);
    assert_close(&run(&apart.proto, 16, "probabilities"), &softmax(&run(&apart.proto, 16, "logits")), 1e-6);
}

#[test]
fn renaming_creates_and_removes_duplicates() {
    let plain = |edits, duplicates| {
        merged(&[&a(), &b()], &MergeOptions { edits, duplicate_labels: duplicates, ..MergeOptions::default() })
    };
    let ended = plain(rename(&[("b/shirt", "top")]), DuplicateLabels::Error).unwrap();
    assert_eq!(labels(&ended), ["cat", "dog", "shirt", "top", "shoe"]);
    let made = rename(&[("b/shirt", "top"), ("cat", "shoe")]);
    assert_eq!(plain(made.clone(), DuplicateLabels::Error).unwrap_err().code(), "duplicate-label");
    assert_eq!(labels(&plain(made, DuplicateLabels::Merge).unwrap()), ["shoe", "dog", "shirt", "top"]);
}

#[test]
fn ordered_labels() {
    let order: Vec<String> = ["shoe", "shirt", "cat", "dog"].map(String::from).to_vec();
    let new = edited(Edits { order: order.clone(), ..Edits::default() }).unwrap();
    assert_eq!(labels(&new), order);
    let before = both(DuplicateLabels::Merge);
    assert_eq!(run(&new.proto, 16, "logits"), run(&before.proto, 16, "logits"), "logits stay in the order of heads");
    let p = run(&before.proto, 16, "probabilities");
    assert_close(&run(&new.proto, 16, "probabilities"), &[p[3], p[2], p[0], p[1]], 1e-6);
    // The order is part of the file: later merges keep it.
    let more = merge(vec![again("both", &new), Tiny::new("c", &["car"]).source()], &MergeOptions::default()).unwrap();
    assert_eq!(labels(&more), ["shoe", "shirt", "cat", "dog", "car"]);
}

#[test]
fn ordered_sigmoid_labels() {
    let models = [a().ending(Ending::Sigmoid), Tiny::new("c", &["car", "bus", "tram"]).ending(Ending::Sigmoid)];
    let order: Vec<String> = ["tram", "cat", "bus", "dog", "car", "shirt"].map(String::from).to_vec();
    let edits = Edits { order, ..Edits::default() };
    let new = merged(&[&models[0], &models[1]], &MergeOptions { edits, ..MergeOptions::default() }).unwrap();
    let s: Vec<f32> = run(&new.proto, 16, "logits").iter().map(|z| 1.0 / (1.0 + (-z).exp())).collect();
    assert_close(&run(&new.proto, 16, "probabilities"), &[s[5], s[0], s[4], s[1], s[3], s[2]], 1e-6);
}

#[test]
fn replaced_head_takes_the_old_place() {
    let newer = Tiny::new("newer", &["cow", "pig"]);
    let third = Tiny::new("c", &["car", "bus"]);
    let whole =
        merge(vec![again("both", &both(DuplicateLabels::Merge)), third.source()], &MergeOptions::default()).unwrap();
    let edits = Edits { replace: vec![("a".into(), newer.source())], ..Edits::default() };
    let new = merge(vec![again("all", &whole)], &MergeOptions { edits, ..MergeOptions::default() }).unwrap();
    assert_eq!(labels(&new), ["cow", "pig", "shirt", "shoe", "car", "bus"]);
    let heads: Vec<_> = new.metadata.heads.iter().map(|h| h.name.as_str()).collect();
    assert_eq!(heads, ["a", "b", "c"]);
    let sources: Vec<_> = new.metadata.sources.iter().map(|s| s.name.as_str()).collect();
    assert_eq!(sources, ["a", "b", "c"]);
    assert_ne!(new.metadata.sources[0], whole.metadata.sources[0]);
    let alone = split(newer.source(), "newer", Weights::F32).unwrap();
    let expected = [run(&alone.proto, 16, "logits"), run(&whole.proto, 16, "logits")[3..].to_vec()].concat();
    assert_close(&run(&new.proto, 16, "logits"), &expected, 1e-5);
    assert!(new.backbone.models.iter().all(|m| m.shared > 0.98));
}

#[test]
fn error_edits() {
    let expected = "drop 'cow': expected a label of the models, found none of that name; the labels are a/cat, a/dog, \
                    a/shirt, b/shirt, b/shoe";
    assert_eq!(error(drop(&["cow"])), ("unknown-label", expected.to_string()));
    let expected = "head 'b': expected at least one label to stay, found all of them dropped; leave the model out";
    assert_eq!(error(drop(&["shirt", "shoe"])), ("empty-head", expected.to_string()));
    let expected = "head 'a': expected labels of different texts, found 'dog' twice; rename to another text";
    assert_eq!(error(rename(&[("cat", "dog")])), ("repeated-label", expected.to_string()));
    let expected =
        "order: expected each of the 4 labels once, found 'cow', which is none of them; the labels are cat, \
                    dog, shirt, shoe";
    let order = Edits { order: vec!["cat".into(), "cow".into()], ..Edits::default() };
    assert_eq!(error(order), ("label-order", expected.to_string()));
    let replace = |head: &str| Edits { replace: vec![(head.into(), a().source())], ..Edits::default() };
    let expected = "replace 'x': expected a head of the model, found none of that name; the heads are a, b";
    assert_eq!(error(replace("x")), ("unknown-head", expected.to_string()));
}

#[test]
fn error_edits_of_several_models() {
    let error = |edits| {
        merged(&[&a(), &b()], &MergeOptions { edits, ..MergeOptions::default() }).map(|_| ()).unwrap_err().to_string()
    };
    let expected = "rename 'shirt': expected one label, found a/shirt and b/shirt; name its head too, as in a/shirt";
    assert_eq!(error(rename(&[("shirt", "top")])), expected);
    let expected = "replace 'a': expected a merged model of several heads, found 'a' with this one; merge without 'a'";
    let replace = Edits { replace: vec![("a".into(), Tiny::new("c", &["x", "y"]).source())], ..Edits::default() };
    assert_eq!(error(replace), expected);
}
