//! Image files with an arbitrary EXIF block.

use polyhead::image::{decode, RgbImage};
use std::path::Path;
use std::sync::OnceLock;

/// The file format that contains the block.
#[derive(Clone, Copy)]
enum Container {
    Jpeg,
    Png,
    WebP,
}

struct Base {
    container: Container,
    bytes: Vec<u8>,
    image: RgbImage,
}

/// Images without EXIF.
fn bases() -> &'static [Base; 3] {
    static BASES: OnceLock<[Base; 3]> = OnceLock::new();
    let base = |(container, name): (Container, &str)| {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/images").join(name);
        let bytes = std::fs::read(file).expect("a committed image");
        let image = decode(name, &bytes).expect("a whole image");
        Base { container, bytes, image }
    };
    let names = [(Container::Jpeg, "grey.jpg"), (Container::Png, "palette.png"), (Container::WebP, "lossless.webp")];
    BASES.get_or_init(|| names.map(base))
}

/// The first byte selects the file, the second the construction of the block; the rest is the block or its entries.
pub fn held(data: &[u8]) {
    let [which, how, rest @ ..] = data else { return };
    let base = &bases()[usize::from(*which) % 3];
    let block = match how % 4 {
        0 => rest.to_vec(),
        1 => tiff(rest, true),
        2 => tiff(rest, false),
        _ => [b"Exif\0\0".as_slice(), &tiff(rest, how & 4 == 0)].concat(),
    };
    let file = with(base, &block[..block.len().min(60_000)]);
    let image = decode("image", &file).unwrap_or_else(|e| panic!("an EXIF block makes the image unreadable: {e}"));
    assert!(orientations(&base.image).contains(&image), "none of the image's orientations");
}

/// A TIFF header and a directory with one entry per 12 bytes; the first entry has the tag of the orientation.
fn tiff(entries: &[u8], big: bool) -> Vec<u8> {
    let short = |v: u16| if big { v.to_be_bytes() } else { v.to_le_bytes() };
    let count = entries.len() / 12;
    let mut block = if big { b"MM\0\x2a\0\0\0\x08".to_vec() } else { b"II\x2a\0\x08\0\0\0".to_vec() };
    block.extend(short(count as u16));
    for (at, entry) in entries.chunks_exact(12).enumerate() {
        match at {
            0 => block.extend(short(0x0112)),
            _ => block.extend_from_slice(&entry[..2]),
        }
        block.extend_from_slice(&entry[2..]);
    }
    block.extend_from_slice(&entries[count * 12..]);
    block
}

fn with(base: &Base, block: &[u8]) -> Vec<u8> {
    let bytes = &base.bytes;
    match base.container {
        Container::Jpeg => {
            let length = (block.len() + 8) as u16;
            let segment = [b"\xff\xe1", &length.to_be_bytes()[..], b"Exif\0\0", block].concat();
            [&bytes[..2], &segment, &bytes[2..]].concat()
        }
        Container::Png => {
            // After the header chunk, which always has 25 bytes.
            let named = [b"eXIf", block].concat();
            let length = (block.len() as u32).to_be_bytes();
            let sum = crc32fast::hash(&named).to_be_bytes();
            [&bytes[..33], &length, &named, &sum, &bytes[33..]].concat()
        }
        Container::WebP => {
            let side = |v: u32| (v - 1).to_le_bytes()[..3].to_vec();
            let extended = [vec![0b1000, 0, 0, 0], side(base.image.width), side(base.image.height)].concat();
            let chunk = |name: &[u8], body: &[u8]| {
                let length = (body.len() as u32).to_le_bytes();
                [name, &length, body, &[0u8][..body.len() % 2]].concat()
            };
            let body = [b"WEBP", &chunk(b"VP8X", &extended)[..], &bytes[12..], &chunk(b"EXIF", block)].concat();
            [b"RIFF", &(body.len() as u32).to_le_bytes()[..], &body].concat()
        }
    }
}

/// An image in all eight orientations.
fn orientations(image: &RgbImage) -> Vec<RgbImage> {
    let mut all = Vec::new();
    let mut turned = image.clone();
    for _ in 0..4 {
        all.extend([turned.clone(), mirrored(&turned)]);
        turned = mirrored(&transposed(&turned));
    }
    all
}

fn mirrored(image: &RgbImage) -> RgbImage {
    let rows = image.rgb.chunks_exact(3 * image.width as usize);
    let rgb = rows.flat_map(|row| row.rchunks_exact(3).flatten()).copied().collect();
    RgbImage { rgb, ..*image }
}

fn transposed(image: &RgbImage) -> RgbImage {
    let (width, height) = (image.width as usize, image.height as usize);
    let places = (0..width).flat_map(|x| (0..height).map(move |y| 3 * (y * width + x)));
    let rgb = places.flat_map(|at| &image.rgb[at..at + 3]).copied().collect();
    RgbImage { width: image.height, height: image.width, rgb }
}
