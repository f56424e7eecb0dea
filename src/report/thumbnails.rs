//! Small versions of the images of a report.

use std::collections::HashMap;

/// Thumbnails: `data:` URLs of at most some kilobytes by the image's name.
pub type Thumbnails = HashMap<String, String>;
