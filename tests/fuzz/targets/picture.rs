//! Picture files: decoded and prepared.
#![cfg_attr(fuzzing, no_main)]

use polyhead::limits::{PICTURE_PIXELS, PICTURE_SIDE};
use polyhead::picture::{check_header, decode};
use polyhead::preprocess::{Filter, Fit, Preprocessing};
use polyhead_fuzz::held::{must, told};

polyhead_fuzz::target!("picture", |data| {
    let header = told(check_header("picture", data));
    let Some(picture) = told(decode("picture", data)) else { return };
    let (width, height) = (u64::from(picture.width), u64::from(picture.height));
    assert!(
        (1..=PICTURE_SIDE).contains(&width) && (1..=PICTURE_SIDE).contains(&height) && width * height <= PICTURE_PIXELS
    );
    assert_eq!(picture.rgb.len() as u64, width * height * 3);
    let stated = header.map(|h| [h.width.min(h.height), h.width.max(h.height)]);
    assert_eq!(stated, Some([picture.width.min(picture.height), picture.width.max(picture.height)]), "another size");
    let way = data.len();
    let preprocessing = Preprocessing {
        fit: [Fit::Squash, Fit::CentreCrop, Fit::Letterbox][way % 3],
        filter: [Filter::Nearest, Filter::Bilinear, Filter::Bicubic, Filter::Lanczos][way % 4],
        antialias: way % 5 > 1,
        ..Preprocessing::new(8, 6)
    };
    let tensor = must("a decoded picture", preprocessing.tensor(&picture));
    assert!(tensor.len() == 3 * 8 * 6 && tensor.iter().all(|v| v.is_finite()));
});
