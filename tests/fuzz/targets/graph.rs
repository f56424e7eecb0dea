//! Model files after edits that keep them decodable, from ONNX to the merge.
#![cfg_attr(fuzzing, no_main)]

polyhead_fuzz::target!("graph", polyhead_fuzz::proto::change, polyhead_fuzz::model::whole_way);
