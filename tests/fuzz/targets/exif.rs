//! Images with EXIF blocks of any content: the image stays readable, in one of its eight orientations.
#![cfg_attr(fuzzing, no_main)]

polyhead_fuzz::target!("exif", polyhead_fuzz::exif::held);
