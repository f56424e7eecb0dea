//! Label files next to a model and labels in its metadata, under every name that is searched.
#![cfg_attr(fuzzing, no_main)]

use polyhead::import::{labels_from_text, ImportedModel, Overrides};
use polyhead::onnx;
use polyhead::onnx::pb::StringStringEntryProto;
use polyhead::project::labels_of_text;
use polyhead_fuzz::bundle::{self, Bundle};
use polyhead_fuzz::held::told;
use polyhead_fuzz::tiny::Tiny;

polyhead_fuzz::target!("labels", bundle::change, |data| {
    let beside = Bundle::read_from(data);
    let mut proto = onnx::to_proto(Tiny::new("model", &["a", "b", "c"]).graph());
    for (key, value) in &beside.0 {
        let value = String::from_utf8_lossy(value).into_owned();
        for labels in [labels_from_text(key, &value), labels_of_text(&value)] {
            assert!(told(labels).is_none_or(|l| !l.is_empty()));
        }
        proto.metadata_props.push(StringStringEntryProto { key: key.clone(), value });
    }
    let bytes = onnx::encode(&proto);
    let Some(source) = told(ImportedModel::read("model.onnx", &bytes, &Overrides::default(), &beside)) else { return };
    assert_eq!(source.heads[0].labels.len(), 3);
    assert!(source.heads[0].labels.iter().all(|label| !label.is_empty()), "{:?}", source.heads[0].labels);
    told(source.describe());
});
