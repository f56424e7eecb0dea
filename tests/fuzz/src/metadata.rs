//! Metadata of a merged file, added to models that have none.

use crate::cases;
use polyhead::onnx::ModelProto;

/// Adds the metadata of a merged model to a model.
pub fn merged(proto: &mut ModelProto) {
    proto.metadata_props.clone_from(&cases::find("scaled").fitted.proto.metadata_props);
}
