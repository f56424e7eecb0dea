//! Imports Keras' HDF5 files (`.h5`), as Keras 1, 2 and 3 save whole models.

use super::topology::Layer;
use super::weights::Weights;
use super::{hdf5, model, Place};
use crate::error::Result;
use crate::import::importer::{Decoded, Format, Importer, ModelFile};
use crate::limits;
use hdf5_reader::group::Group;
use sha2::{Digest, Sha256};

pub(in crate::import) struct H5Format;

impl Importer for H5Format {
    fn is_named(&self, file: &str) -> bool {
        let extension = file.rsplit_once('.').map(|(_, extension)| extension.to_lowercase());
        matches!(extension.as_deref(), Some("h5" | "hdf5")) && file != super::archive::WEIGHTS
    }

    fn sniff(&self, file: &ModelFile) -> bool {
        file.bytes.starts_with(b"\x89HDF")
    }

    fn read(&self, file: &ModelFile) -> Result<Decoded> {
        let at = Place { model: file.name, layer: "" };
        let opened = hdf5::open(at, file.bytes)?;
        let root = opened.root_group().map_err(|error| hdf5::damaged(at, &error))?;
        let Some(config) = hdf5::text(at, &root, "model_config")? else {
            let (found, remedy) =
                ("weights without the model's layers", "save the whole model in Keras: model.save(\"model.keras\")");
            return Err(at.unsupported("a model with its layers", found, remedy));
        };
        limits::text(|| format!("model '{}', model_config", file.name), config.as_bytes())?;
        let config = serde_json::from_str(&config).map_err(|error| at.malformed("layers as JSON", error))?;
        let layers = Layer::parse_model(file.name, &config)?;
        let groups = root.group("model_weights").map_err(|error| hdf5::damaged(at, &error))?;
        let weights = weights(at, &groups)?;
        let version = hdf5::text(at, &root, "keras_version")?.unwrap_or_default();
        let graph = model::convert(file.name, &layers, &weights, model::HardSigmoid::of_version(&version))?;
        let facts = (Format::KerasH5, format!("Keras {version}"), file.bytes.len() as u64);
        Ok(Decoded::of_layers(file.name, graph, facts, Sha256::new_with_prefix(file.bytes)))
    }
}

/// The group at a path.
fn inside(at: Place, group: &Group, path: &str) -> Result<Group> {
    let mut folders = path.split('/').filter(|folder| !folder.is_empty());
    let found = folders.try_fold(group.clone(), |place, folder| place.group(folder));
    found.map_err(|error| hdf5::damaged(at, &error))
}

/// The weights of all layers, under `GROUP/NAME`.
fn weights(at: Place, groups: &Group) -> Result<Weights> {
    let mut weights = Weights::default();
    for layer in hdf5::texts(at, groups, "layer_names")? {
        let group = inside(at, groups, &layer)?;
        for name in hdf5::texts(at, &group, "weight_names")? {
            // Names contain slashes: the datasets are in groups.
            let (folders, last) = name.rsplit_once('/').unwrap_or(("", &name));
            let dataset = inside(at, &group, folders)?.dataset(last).map_err(|error| hdf5::damaged(at, &error))?;
            if let Some(weight) = hdf5::weight(at, &dataset)? {
                weights.insert(at, &format!("{layer}/{name}"), weight)?;
            }
        }
    }
    Ok(weights)
}
