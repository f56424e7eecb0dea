//! Detects the tool that exported a model.

use crate::import::Description;

/// The tool's name, where its marks were found.
pub(super) fn name(model: &Description) -> Option<&'static str> {
    let from = [model.preprocessing.from.as_str(), model.labels_from.as_str()];
    let marks = [
        ("Teachable Machine", "Teachable Machine"),
        ("liner.ai", "liner.ai"),
        ("Ultralytics", "Ultralytics"),
        ("signature.json", "Lobe"),
        ("preprocessor_config.json", "Hugging Face"),
    ];
    let marked = marks.into_iter().find(|(mark, _)| from.iter().any(|from| from.contains(mark)));
    let tool = marked.map(|(_, tool)| tool);
    tool.or_else(|| {
        (model.facts.format == "tfjs-layers" && from.contains(&"metadata.json")).then_some("Teachable Machine")
    })
    .or_else(|| (model.facts.producer == "polyhead").then_some("Polyhead"))
}
