//! Small versions of the images of a report.

use std::collections::HashMap;

/// Small versions of images: by the image's name a `data:` address of at most some kilobytes.
pub type Thumbnails = HashMap<String, String>;
