//! Bytes of a model file, from ONNX to the merge.
#![cfg_attr(fuzzing, no_main)]

polyhead_fuzz::target!("model", polyhead_fuzz::model::whole_way);
