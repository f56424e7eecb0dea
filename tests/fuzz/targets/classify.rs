//! Merged files after edits that keep them decodable: prepared, run on an image, split, merged again.
#![cfg_attr(fuzzing, no_main)]

polyhead_fuzz::target!("classify", polyhead_fuzz::proto::change, polyhead_fuzz::model::classify);
