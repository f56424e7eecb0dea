//! Confusion matrices of labels and of heads.

use serde::Serialize;

/// Rows are the right labels, columns the top ones, both in the model's order.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct Confusion {
    pub labels: Vec<String>,
    /// The number of images per cell.
    pub counts: Vec<Vec<usize>>,
    /// The names of the images of each cell that is not empty.
    pub cells: Vec<Cell>,
}

/// The images of one label with one top label.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct Cell {
    /// Indices of labels.
    pub right: usize,
    pub top: usize,
    /// Most confident first.
    pub images: Vec<Confused>,
}

/// An image with the probability of its top label.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct Confused {
    pub name: String,
    pub probability: f64,
}

impl Confusion {
    /// The confusion of `(right, top, image)` triples, one per image.
    pub fn new(labels: Vec<String>, ranked: Vec<(usize, usize, Confused)>) -> Confusion {
        let count = labels.len();
        let mut images: Vec<Vec<Vec<Confused>>> = vec![vec![Vec::new(); count]; count];
        for (right, top, image) in ranked {
            images[right][top].push(image);
        }
        let counts = images.iter().map(|row| row.iter().map(Vec::len).collect()).collect();
        let mut cells = Vec::new();
        for (right, row) in images.into_iter().enumerate() {
            for (top, mut images) in row.into_iter().enumerate().filter(|(_, p)| !p.is_empty()) {
                images.sort_by(|a, b| b.probability.total_cmp(&a.probability).then(a.name.cmp(&b.name)));
                cells.push(Cell { right, top, images });
            }
        }
        Confusion { labels, counts, cells }
    }

    /// The cells off the diagonal, sorted by number of images, largest first.
    pub fn mistakes(&self) -> Vec<&Cell> {
        let mut mistakes: Vec<&Cell> = self.cells.iter().filter(|c| c.right != c.top).collect();
        mistakes.sort_by_key(|c| (std::cmp::Reverse(c.images.len()), c.right, c.top));
        mistakes
    }
}
