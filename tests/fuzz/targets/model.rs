//! Bytes of a model file, from ONNX to the merge.
#![no_main]

polyhead_fuzz::target!("model", polyhead_fuzz::model::whole_way);
