//! The metadata of a merged file, put on models that have none.

use crate::cases;
use polyhead::onnx::ModelProto;

/// Says of a model what a merged one says of itself.
pub fn merged(proto: &mut ModelProto) {
    proto.metadata_props.clone_from(&cases::find("scaled").fitted.proto.metadata_props);
}
