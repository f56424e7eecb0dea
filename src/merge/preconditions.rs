//! Checks the preconditions of a merge and names the one that fails.

use super::{Backbones, MergeOptions, MergeWarning};
use crate::backbone::{self, first_difference, Alignment, Backbone, Difference, RelationKind, WeightRelation};
use crate::error::{ErrorKind, Result};
use crate::image::preprocess::Preprocessing;
use crate::import::ImportedModel;
use crate::labels::{Activation, HeadLabels, MergedLabels};
use crate::onnx::{Graph, ValueId, ValueKind as ValueSource};

/// Checks that there is a source, and that head names are unique.
pub(super) fn heads(sources: &[ImportedModel]) -> Result<()> {
    if sources.is_empty() {
        return Err(ErrorKind::NoSources.into());
    }
    let mut seen = std::collections::HashSet::new();
    let repeated = sources.iter().flat_map(|s| &s.heads).find(|h| !seen.insert(h.name.as_str()));
    match repeated {
        None => Ok(()),
        Some(head) => Err(ErrorKind::DuplicateHead { head: head.name.clone() }.into()),
    }
}

/// Checks that heads have one kind of activation: softmax and sigmoid scores have no common ranking or sum.
pub(super) fn activations(sources: &[ImportedModel], labels: &MergedLabels) -> Result<()> {
    let find = |activation| sources.iter().find(|s| s.heads.iter().any(|h| h.activation == activation));
    let (softmax, sigmoid) = (find(Activation::Softmax), find(Activation::Sigmoid));
    match (softmax, sigmoid) {
        (Some(softmax), Some(sigmoid)) => {
            Err(ErrorKind::MixedHeads { softmax: softmax.name.clone(), sigmoid: sigmoid.name.clone() }.into())
        }
        (None, Some(_)) => match labels.labels.iter().find(|l| l.heads.len() > 1) {
            Some(label) => Err(ErrorKind::JoinedSigmoid { label: label.label.clone() }.into()),
            None => Ok(()),
        },
        _ => Ok(()),
    }
}

/// Checks that no weight is NaN. Infinities are valid, in bounds and masks.
pub(super) fn numbers(graphs: &[Graph]) -> Result<()> {
    for graph in graphs {
        for value in &graph.values {
            let ValueSource::Initializer(tensor) = &value.source else { continue };
            if let Some(found) = tensor.f32s().into_iter().flatten().find(|v| v.is_nan()) {
                let (model, place) = (graph.name.clone(), format!("tensor '{}'", value.name));
                return Err(ErrorKind::NotFinite { model, place, found }.into());
            }
        }
    }
    Ok(())
}

/// Checks that all models take images of the same size and layout.
pub(super) fn inputs(graphs: &[Graph], joined: &Alignment) -> Result<()> {
    let shape = |graph: &Graph| {
        let shape = graph.inputs.first().and_then(|&v| graph.shape(v)).unwrap_or_default();
        let sides = shape.iter().skip(1).map(|d| d.map_or("?".to_string(), |d| d.to_string()));
        sides.collect::<Vec<_>>().join(" × ")
    };
    let expected = shape(&graphs[0]);
    let Some(model) = (1..graphs.len()).find(|&model| shape(&graphs[model]) != expected) else { return Ok(()) };
    let (first, found) = (graphs[0].name.clone(), shape(&graphs[model]));
    // Two exports of one network for different sizes can be exported again.
    let shared = backbone::summarise(joined, graphs, &[]).models[model].shared;
    let rest = if shared >= super::FEW_SHARED {
        format!("it shares {:.1} % of its multiply-adds", 100.0 * shared)
    } else {
        found_instead(&WeightRelation::of(&graphs[0], &graphs[model]), &first_difference(joined, graphs, model))
    };
    Err(ErrorKind::DifferentInputs { first, expected, model: graphs[model].name.clone(), found, rest }.into())
}

/// The fields whose differences the merged graph compensates inside.
const UNIFIED: [&str; 4] = ["range", "mean", "std", "layout"];

/// Checks that all models were trained on images prepared in the same way; `same` marks the models whose levels and
/// layout equal the first model's.
pub(super) fn preprocessing(sources: &[ImportedModel], same: &[bool]) -> Result<Preprocessing> {
    let first = &sources[0];
    for (source, &same) in sources.iter().zip(same).skip(1) {
        let mut differences = first.preprocessing.value.differences(&source.preprocessing.value);
        differences.retain(|d| !same || !UNIFIED.contains(&d.field));
        if !differences.is_empty() {
            return Err(ErrorKind::DifferentPreprocessing {
                first: first.name.clone(),
                first_from: first.preprocessing.from.to_string(),
                model: source.name.clone(),
                from: source.preprocessing.from.to_string(),
                fields: differences.into_iter().map(|d| (d.field, d.ours, d.theirs)).collect(),
            }
            .into());
        }
    }
    Ok(first.preprocessing.value.clone())
}

/// Checks that every model shares enough of its multiply-adds, and warns about small shares.
pub(super) fn shared(
    backbone: &Backbone,
    joined: &Alignment,
    graphs: &[Graph],
    options: &MergeOptions,
) -> Result<Vec<MergeWarning>> {
    let (least, mut warnings) = (options.min_shared, Vec::new());
    let first = &backbone.models[0].name;
    for (model, share) in backbone.models.iter().enumerate().skip(1) {
        let difference = first_difference(joined, graphs, model);
        let halves = matches!(difference, Difference::Weights { relative: Some(r), .. } if r <= super::HALF_FLOATS);
        let little = share.shared < least;
        if little || (share.shared < super::FEW_SHARED && !halves) {
            let relation = WeightRelation::of(&graphs[0], &graphs[model]);
            let drifted = relation.kind == RelationKind::Drifted;
            // The layers before the first batch normalisation are equal in drifted models too, and may be more than the default
            // of the least share.
            let nearly = match relation.kind {
                RelationKind::Drifted => !halves && (little || least >= super::MIN_SHARED),
                RelationKind::FineTuned => !halves && little,
                _ => false,
            };
            let (first, model) = (first.clone(), share.name.clone());
            if nearly && options.backbones == Backbones::Separate {
                warnings.push(MergeWarning::SeparateBackbone { model, first, relation: relation.to_string() });
                continue;
            }
            if nearly {
                return Err(ErrorKind::NearlyShared { first, model, drifted, relation: relation.to_string() }.into());
            }
            if little {
                let (shared, difference) = (share.shared, found_instead(&relation, &difference));
                return Err(ErrorKind::TooLittleShared { first, model, shared, least, difference, halves }.into());
            }
        }
        let (model, first, shared) = (share.name.clone(), first.clone(), share.shared);
        if shared < super::FEW_SHARED {
            warnings.push(MergeWarning::FewShared { model: model.clone(), first: first.clone(), shared });
        }
        if let (true, Difference::Weights { node, op, tensor, relative: Some(relative) }) = (halves, difference) {
            warnings.push(MergeWarning::HalfFloats { model, first, shared, node, op, tensor, relative });
        }
    }
    Ok(warnings)
}

/// What a model has in place of the first one's backbone.
fn found_instead(relation: &WeightRelation, difference: &Difference) -> String {
    match relation.kind {
        RelationKind::OtherBase => format!("{relation}; it first differs at {difference}"),
        RelationKind::OtherNetwork if relation.layers.is_empty() => {
            format!("{relation}; it first differs at {difference}")
        }
        _ => format!("it first differs at {difference}"),
    }
}

/// Checks that no two heads compute the same logits, which means the same model twice.
pub(super) fn distinct(heads: &[HeadLabels], logits: &[ValueId]) -> Result<()> {
    for (later, value) in logits.iter().enumerate() {
        if let Some(earlier) = logits[..later].iter().position(|v| v == value) {
            let (first, second) = (heads[earlier].name.clone(), heads[later].name.clone());
            return Err(ErrorKind::SameModel { first, second }.into());
        }
    }
    Ok(())
}
