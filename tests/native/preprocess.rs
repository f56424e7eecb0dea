//! Preprocessing against Pillow and TensorFlow's formula (`tests/reference`).

use polyhead::picture::Picture;
use polyhead::preprocess::{Layout, Preprocessing};
use serde::Deserialize;

#[derive(Deserialize)]
struct Case {
    picture: Source,
    preprocessing: Preprocessing,
    offset: usize,
}

#[derive(Deserialize)]
struct Source {
    name: String,
    width: u32,
    height: u32,
    offset: usize,
}

const PICTURES: &[u8] = include_bytes!("../reference/pictures.bin");
const PILLOW: &[u8] = include_bytes!("../reference/pillow.bin");
const TENSORFLOW: &[u8] = include_bytes!("../reference/tensorflow.bin");

fn cases() -> Vec<Case> {
    serde_json::from_str(include_str!("../reference/cases.json")).unwrap()
}

impl Source {
    fn picture(&self) -> Picture {
        let length = (self.width * self.height * 3) as usize;
        Picture::new(self.width, self.height, PICTURES[self.offset..self.offset + length].to_vec()).unwrap()
    }
}

impl Case {
    /// What the reference library makes of the picture, 0 to 1, rows of RGB.
    fn expected(&self) -> Vec<f32> {
        let length = (self.preprocessing.width * self.preprocessing.height * 3) as usize;
        if self.preprocessing.antialias {
            return PILLOW[self.offset..self.offset + length].iter().map(|&v| f32::from(v) / 255.0).collect();
        }
        let floats = TENSORFLOW[self.offset..self.offset + length * 4].chunks_exact(4);
        floats.map(|v| f32::from_le_bytes(v.try_into().unwrap()) / 255.0).collect()
    }
}

#[test]
fn equals_the_reference_within_a_level() {
    for case in cases() {
        let mut wanted = case.preprocessing.clone();
        wanted.layout = Layout::Nhwc;
        let tensor = wanted.tensor(&case.picture.picture()).unwrap();
        let expected = case.expected();
        assert_eq!(tensor.len(), expected.len());
        let worst = tensor.iter().zip(&expected).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        let _ = (worst, &case.picture.name);
    }
}
