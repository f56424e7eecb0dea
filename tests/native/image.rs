//! Decoding of image files, and refusal of other files.

use image::{DynamicImage, ImageFormat, Rgb, Rgba, RgbaImage};
use polyhead::image::{check_header, decode, is_opaque, ByteOrder, Format, Orientation, OrientedImage, RgbImage};
use polyhead::ErrorKind;
use std::io::Cursor;

/// An image of 6 × 4 pixels, each of another colour, as a file.
fn file(format: ImageFormat) -> Vec<u8> {
    encoded(&image::RgbImage::from_fn(6, 4, |x, y| Rgb([x as u8 * 40, y as u8 * 60, 90])).into(), format)
}

fn encoded(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// A PNG that ends after its header.
fn png_header(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    bytes.extend(width.to_be_bytes());
    bytes.extend(height.to_be_bytes());
    bytes.extend([8, 2, 0, 0, 0, 0, 0, 0, 0]);
    bytes
}

/// The file with an EXIF block of this orientation after the JPEG's first marker.
fn oriented(jpeg: &[u8], orientation: u8) -> Vec<u8> {
    let mut exif = b"\xff\xe1\0\x22Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0".to_vec();
    exif.extend([orientation, 0, 0, 0, 0, 0, 0, 0]);
    [&jpeg[..2], &exif, &jpeg[2..]].concat()
}

fn message(name: &str, bytes: &[u8]) -> String {
    decode(name, bytes).err().map_or_else(|| panic!("{name} was decoded"), |error| error.to_string())
}

#[test]
fn every_format_is_decoded() {
    use ImageFormat::*;
    for (format, name) in [(Png, "PNG"), (Bmp, "BMP"), (WebP, "WebP"), (Gif, "GIF"), (Jpeg, "JPEG")] {
        let bytes = file(format);
        let header = check_header("a", &bytes).unwrap();
        assert_eq!((header.format.name(), header.width, header.height), (name, 6, 4));
        let image = decode("a", &bytes).unwrap();
        assert_eq!((image.width, image.height, image.rgb.len()), (6, 4, 72));
        if matches!(format, Png | Bmp | WebP) {
            assert_eq!(image.rgb[(6 + 2) * 3..][..3], [80, 60, 90]);
        }
    }
}

#[test]
fn rows_of_a_bmp_may_run_from_the_top() {
    let mut bytes = file(ImageFormat::Bmp);
    bytes[22..26].copy_from_slice(&(-4i32).to_le_bytes());
    let header = check_header("a.bmp", &bytes).unwrap();
    assert_eq!((header.format, header.width, header.height), (Format::Bmp, 6, 4));
    let image = decode("a.bmp", &bytes).unwrap();
    assert_eq!(image.rgb[..3], [0, 180, 90]);
}

#[test]
fn exif_orientation_is_applied() {
    let jpeg = encoded(
        &image::RgbImage::from_fn(32, 16, |x, _| Rgb([if x < 16 { 255 } else { 0 }; 3])).into(),
        ImageFormat::Jpeg,
    );
    let upright = decode("a.jpg", &jpeg).unwrap();
    assert_eq!((upright.width, upright.height), (32, 16));
    // 6: rotated clockwise by 90°; the left half moves to the top.
    let turned = decode("a.jpg", &oriented(&jpeg, 6)).unwrap();
    assert_eq!((turned.width, turned.height), (16, 32));
    assert!(turned.rgb[0] > 250 && turned.rgb[turned.rgb.len() - 1] < 5);
    let mirrored = decode("a.jpg", &oriented(&jpeg, 2)).unwrap();
    assert!(mirrored.rgb[0] < 5);
    assert_eq!(decode("a.jpg", &oriented(&jpeg, 99)).unwrap(), upright);
}

/// Compared with the crate image, in all eight orientations, with more rows than are rotated at once.
#[test]
fn all_orientations_match_the_crate_image() {
    let (width, height) = (37, 150);
    let stored = image::RgbImage::from_fn(width, height, |x, y| Rgb([x as u8, y as u8, (x * y) as u8]));
    let rgba = DynamicImage::from(stored.clone()).into_rgba8().into_raw();
    let bgra: Vec<u8> = rgba.chunks_exact(4).flat_map(|p| [p[2], p[1], p[0], p[3]]).collect();
    for (quarters, mirrored) in [0, 1, 2, 3].into_iter().flat_map(|quarters| [(quarters, false), (quarters, true)]) {
        let mut shown = DynamicImage::from(stored.clone());
        shown = [shown.clone(), shown.rotate90(), shown.rotate180(), shown.rotate270()][quarters as usize].clone();
        if mirrored {
            shown = shown.fliph();
        }
        for (bytes, order) in [(&rgba, ByteOrder::Rgba), (&bgra, ByteOrder::Bgra)] {
            let mut upright = OrientedImage::new(width, height, Orientation { quarters, mirrored }).unwrap();
            let (above, below) = bytes.split_at((width * 70 * 4) as usize);
            upright.put(70, below, order);
            upright.put(0, above, order);
            let image = upright.image();
            assert_eq!((image.width, image.height), (shown.width(), shown.height()));
            assert!(image.rgb == shown.as_bytes(), "{quarters} quarters, mirrored: {mirrored}, {order:?}");
        }
    }
    assert!(is_opaque(&rgba) && !is_opaque(&[0, 0, 0, 255, 0, 0, 0, 254]));
    assert!(OrientedImage::new(20_000, 1, Orientation::default()).is_err());
}

#[test]
fn transparency_is_blended_onto_white() {
    let image = RgbaImage::from_fn(2, 1, |x, _| Rgba([200, 100, 0, if x == 0 { 0 } else { 128 }]));
    let image = decode("a.png", &encoded(&image.into(), ImageFormat::Png)).unwrap();
    assert_eq!(image.rgb, [255, 255, 255, 227, 177, 127]);
    assert_eq!(RgbImage::from_rgba(1, 1, &[200, 100, 0, 255]).unwrap().rgb, [200, 100, 0]);
}

#[test]
fn grey_and_16_bit_pngs_are_decoded() {
    let grey = DynamicImage::ImageLuma8(image::GrayImage::from_pixel(2, 2, image::Luma([77])));
    assert_eq!(decode("a.png", &encoded(&grey, ImageFormat::Png)).unwrap().rgb, [77; 12]);
    let deep = DynamicImage::ImageRgb16(image::ImageBuffer::from_pixel(1, 1, Rgb([0, 0x8080, 0xffff])));
    assert_eq!(decode("a.png", &encoded(&deep, ImageFormat::Png)).unwrap().rgb, [0, 128, 255]);
}

#[test]
fn a_huge_image_is_refused_from_its_header() {
    let error = check_header("huge.png", &png_header(20_000, 20_000)).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Limit { limit: 16_384, found: 20_000, .. }));
    assert_eq!(
        error.to_string(),
        "image 'huge.png': expected at most 16384 pixels a side, found 20000; scale the image down"
    );
    let error = check_header("large.png", &png_header(10_000, 10_000)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "image 'large.png': expected at most 67108864 pixels, found 100000000; scale the image down"
    );
}

#[test]
fn other_files_are_named() {
    let cases: [(&[u8], &str); 10] = [
        (b"", "an empty file"),
        (b"just some words", "a text file"),
        (b"short", "a text file"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "an SVG drawing"),
        (b"<!doctype html><html></html>", "an HTML page"),
        (b"%PDF-1.7 and so on", "a PDF document"),
        (b"PK\x03\x04 and more bytes", "a ZIP archive"),
        (b"II*\0\x08\0\0\0\0\0\0\0\0\0", "a TIFF image"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "a HEIC image"),
        (b"\0\x01\x02\x03\x04\x05\x06\x07\x08\x0e\x0f\x10\x11\x12", "an unknown kind of file"),
    ];
    for (bytes, found) in cases {
        let remedy = if bytes.is_empty() { "choose another file" } else { "save the image as PNG or JPEG" };
        let expected = format!("image 'a.jpg': expected a PNG, JPEG, WebP, GIF or BMP image, found {found}; {remedy}");
        assert_eq!(message("a.jpg", bytes), expected);
    }
}

#[test]
fn a_file_cut_anywhere_is_an_error_or_an_image() {
    use ImageFormat::*;
    for format in [Png, Bmp, WebP, Gif, Jpeg] {
        let bytes = file(format);
        for end in 0..bytes.len() {
            let _ = decode("cut", &bytes[..end]);
        }
        let half = &bytes[..bytes.len() / 2];
        assert!(decode("cut", half).is_err(), "{format:?}");
    }
}

#[test]
fn a_truncated_jpeg_is_broken() {
    let noise = image::RgbImage::from_fn(64, 64, |x, y| Rgb([(x * y) as u8, (x * 7) as u8, (y * 13) as u8]));
    let bytes = encoded(&noise.into(), ImageFormat::Jpeg);
    assert_eq!(
        message("cut.jpg", &bytes[..bytes.len() / 2]),
        "image 'cut.jpg': expected a complete JPEG file, found: no end-of-image marker; save the image again"
    );
}

#[test]
fn changed_bytes_never_panic() {
    use ImageFormat::*;
    let mut state = 1u32;
    for format in [Png, Bmp, WebP, Gif, Jpeg] {
        let bytes = file(format);
        for _ in 0..300 {
            let mut changed = bytes.clone();
            for _ in 0..3 {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let at = (state >> 8) as usize % changed.len();
                changed[at] = state as u8;
            }
            let _ = decode("changed", &changed);
        }
    }
}

#[test]
fn pixels_must_fit_the_size() {
    let error = RgbImage::new(2, 2, vec![0; 11]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "pixels: expected 2 × 2 × 3 bytes, more than 0, found 11 bytes; check the width and the height"
    );
    assert!(RgbImage::new(0, 0, vec![]).is_err());
    assert!(RgbImage::from_rgba(1, 1, &[0; 3]).is_err());
}

#[test]
fn bytes_after_the_end_of_a_jpeg_are_ignored() {
    let bytes = file(ImageFormat::Jpeg);
    let longer = [&bytes[..], b"trailer"].concat();
    assert_eq!(decode("a.jpg", &longer).unwrap(), decode("a.jpg", &bytes).unwrap());
}
