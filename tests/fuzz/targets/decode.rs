//! Image files: decoded and prepared.
#![cfg_attr(fuzzing, no_main)]

use polyhead::image::preprocess::{Filter, Preprocessing, ResizeMode};
use polyhead::image::{check_header, decode};
use polyhead::limits::{IMAGE_PIXELS, IMAGE_SIDE};
use polyhead_fuzz::held::{must, told};

polyhead_fuzz::target!("image", |data| {
    let header = told(check_header("image", data));
    let Some(image) = told(decode("image", data)) else { return };
    let (width, height) = (u64::from(image.width), u64::from(image.height));
    assert!((1..=IMAGE_SIDE).contains(&width) && (1..=IMAGE_SIDE).contains(&height) && width * height <= IMAGE_PIXELS);
    assert_eq!(image.rgb.len() as u64, width * height * 3);
    let stated = header.map(|h| [h.width.min(h.height), h.width.max(h.height)]);
    assert_eq!(stated, Some([image.width.min(image.height), image.width.max(image.height)]), "another size");
    let way = data.len();
    let preprocessing = Preprocessing {
        fit: [ResizeMode::Squash, ResizeMode::CentreCrop, ResizeMode::Letterbox][way % 3],
        filter: [Filter::Nearest, Filter::Bilinear, Filter::Bicubic, Filter::Lanczos][way % 4],
        antialias: way % 5 > 1,
        ..Preprocessing::new(8, 6)
    };
    let tensor = must("a decoded image", preprocessing.tensor(&image));
    assert!(tensor.len() == 3 * 8 * 6 && tensor.iter().all(|v| v.is_finite()));
});
