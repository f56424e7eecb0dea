//! Imports Keras 3 files (`.keras`): a zip archive of the layers as JSON and the weights as HDF5.

use super::topology::{Layer, NestedModel};
use super::weights::Weights;
use super::{hdf5, model, Place};
use crate::error::Result;
use crate::import::file_tree::FileTree;
use crate::import::importer::{Decoded, Format, Importer, ModelFile};
use crate::import::zip_archive::{is_zip, Archive};
use hdf5_reader::{error::Error, group::Group};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::HashMap;

const LAYERS: &str = "config.json";
pub(super) const WEIGHTS: &str = "model.weights.h5";
const METADATA: &str = "metadata.json";

/// Whether the bytes are a Keras 3 file.
pub(in crate::import) fn is_keras(bytes: &[u8]) -> bool {
    let names = || Archive::open("model", bytes).ok()?.names().ok();
    is_zip(bytes) && names().is_some_and(|names| [LAYERS, WEIGHTS].iter().all(|name| names.iter().any(|n| n == name)))
}

pub(in crate::import) struct KerasFormat;

impl Importer for KerasFormat {
    fn is_named(&self, file: &str) -> bool {
        file.rsplit_once('.').is_some_and(|(_, extension)| extension.eq_ignore_ascii_case("keras"))
    }

    fn sniff(&self, file: &ModelFile) -> bool {
        is_keras(file.bytes)
    }

    fn read(&self, file: &ModelFile) -> Result<Decoded> {
        let at = Place { model: file.name, layer: "" };
        let archive = Archive::open(file.file, file.bytes)?;
        let missing = |name: &str| at.malformed(format!("'{name}' in the file"), "none");
        let json = |name: &str| -> Result<Value> {
            let text = archive.text(name, "layers as JSON")?.ok_or_else(|| missing(name))?;
            serde_json::from_str(&text).map_err(|error| at.malformed(format!("JSON in '{name}'"), error))
        };
        let layers = Layer::parse_model(file.name, &json(LAYERS)?)?;
        let bytes = archive.read(WEIGHTS)?.ok_or_else(|| missing(WEIGHTS))?;
        let opened = hdf5::open(at, &bytes)?;
        let root = opened.root_group().map_err(|error| hdf5::damaged(at, &error))?;
        let mut weights = Weights::default();
        if let Some(inner) = &layers.inner {
            container(at, &root, inner, &mut weights)?;
        }
        let version = json(METADATA).ok();
        let version = version.as_ref().and_then(|v| v.get("keras_version")?.as_str()).unwrap_or("3").to_string();
        let graph = model::convert(file.name, &layers, &weights, model::HardSigmoid::of_version(&version))?;
        let facts = (Format::Keras, format!("Keras {version}"), file.bytes.len() as u64);
        Ok(Decoded::of_layers(file.name, graph, facts, Sha256::new_with_prefix(file.bytes)))
    }
}

/// Adds the weights of a model's layers: `layers/CLASS[_N]/vars/I`, numbered by class in the order of the layers.
fn container(at: Place, group: &Group, model: &NestedModel, weights: &mut Weights) -> Result<()> {
    let Some(layers) = child(at, group, "layers")? else { return Ok(()) };
    let mut counts: HashMap<String, usize> = HashMap::new();
    for layer in &model.layers {
        let class = snake_case(&layer.class);
        let count = counts.entry(class.clone()).or_default();
        let name = if *count == 0 { class } else { format!("{class}_{count}") };
        *count += 1;
        let Some(own) = child(at, &layers, &name)? else { continue };
        if let Some(inner) = &layer.inner {
            container(at, &own, inner, weights)?;
            continue;
        }
        let Some(variables) = child(at, &own, "vars")? else { continue };
        for (number, part) in parts(layer).into_iter().enumerate() {
            let dataset = variables.dataset(&number.to_string());
            let dataset = dataset.map_err(|error| hdf5::damaged(Place { layer: &layer.name, ..at }, &error))?;
            if let Some(weight) = hdf5::weight(at, &dataset)? {
                weights.insert(at, &format!("{}/{part}", layer.name), weight)?;
            }
        }
    }
    Ok(())
}

/// The group of this name inside another one, if there is one.
fn child(at: Place, group: &Group, name: &str) -> Result<Option<Group>> {
    match group.group(name) {
        Ok(found) => Ok(Some(found)),
        Err(Error::GroupNotFound(_)) => Ok(None),
        Err(error) => Err(hdf5::damaged(at, &error)),
    }
}

/// The weights of a layer in the order in which Keras numbers them.
fn parts(layer: &Layer) -> Vec<&'static str> {
    let bias = layer.flag("use_bias", true).then_some("bias");
    let affine = [("scale", "gamma"), ("center", "beta")];
    let affine = affine.into_iter().filter(|(flag, _)| layer.flag(flag, true)).map(|(_, part)| part);
    match layer.class.as_str() {
        "Conv2D" | "Dense" => ["kernel"].into_iter().chain(bias).collect(),
        "DepthwiseConv2D" => ["depthwise_kernel"].into_iter().chain(bias).collect(),
        "SeparableConv2D" => ["depthwise_kernel", "pointwise_kernel"].into_iter().chain(bias).collect(),
        "BatchNormalization" => affine.chain(["moving_mean", "moving_variance"]).collect(),
        "LayerNormalization" | "GroupNormalization" => affine.collect(),
        "Normalization" if layer.config.get("mean").is_none_or(Value::is_null) => vec!["mean", "variance"],
        "LayerScale" => vec!["gamma"],
        "PReLU" => vec!["alpha"],
        _ => Vec::new(),
    }
}

/// The name of a class as Keras writes it: `DepthwiseConv2D` is `depthwise_conv2d`.
fn snake_case(class: &str) -> String {
    let letters: Vec<char> = class.chars().filter(|c| c.is_alphanumeric() || *c == '_').collect();
    let mut name = String::new();
    for (at, &letter) in letters.iter().enumerate() {
        let starts = letters.get(at + 1).is_some_and(|next| next.is_ascii_lowercase());
        let after_small = at > 0 && letters[at - 1].is_ascii_lowercase();
        if at > 0 && letter.is_ascii_uppercase() && (starts || after_small) {
            name.push('_');
        }
        name.extend(letter.to_lowercase());
    }
    name
}

#[cfg(test)]
mod tests {
    use super::snake_case;

    #[test]
    fn classes_are_named_as_in_keras() {
        let cases = [
            ("Conv2D", "conv2d"),
            ("DepthwiseConv2D", "depthwise_conv2d"),
            ("BatchNormalization", "batch_normalization"),
            ("ReLU", "re_lu"),
            ("GlobalAveragePooling2D", "global_average_pooling2d"),
            ("InputLayer", "input_layer"),
            ("Dense", "dense"),
        ];
        for (class, expected) in cases {
            assert_eq!(snake_case(class), expected);
        }
    }
}
