//! Model files with edits that keep them files, from ONNX to the merge.
#![cfg_attr(fuzzing, no_main)]

polyhead_fuzz::target!("graph", polyhead_fuzz::proto::change, polyhead_fuzz::model::whole_way);
