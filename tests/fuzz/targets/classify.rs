//! Merged files with edits that keep them files: prepared, run on an image, taken apart, merged again.
#![cfg_attr(fuzzing, no_main)]

polyhead_fuzz::target!("classify", polyhead_fuzz::proto::change, polyhead_fuzz::model::classify);
