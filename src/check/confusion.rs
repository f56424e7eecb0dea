//! Which label was taken for which, and which head for which.

use serde::Serialize;

/// Rows are the right labels, columns the top ones, both in the model's order.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Confusion {
    pub labels: Vec<String>,
    /// How many pictures each cell has.
    pub counts: Vec<Vec<usize>>,
    /// The names of the pictures behind each cell that has any.
    pub cells: Vec<Cell>,
}

/// The pictures of one label that were ranked under one label.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Cell {
    /// Places of labels.
    pub right: usize,
    pub top: usize,
    /// The most confident first.
    pub pictures: Vec<Ranked>,
}

/// A picture with the probability of its top label.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Ranked {
    pub name: String,
    pub probability: f64,
}

impl Confusion {
    /// Of `(right, top, picture)` for each picture.
    pub fn new(labels: Vec<String>, ranked: Vec<(usize, usize, Ranked)>) -> Confusion {
        let count = labels.len();
        let mut pictures: Vec<Vec<Vec<Ranked>>> = vec![vec![Vec::new(); count]; count];
        for (right, top, picture) in ranked {
            pictures[right][top].push(picture);
        }
        let counts = pictures.iter().map(|row| row.iter().map(Vec::len).collect()).collect();
        let mut cells = Vec::new();
        for (right, row) in pictures.into_iter().enumerate() {
            for (top, mut pictures) in row.into_iter().enumerate().filter(|(_, p)| !p.is_empty()) {
                pictures.sort_by(|a, b| b.probability.total_cmp(&a.probability).then(a.name.cmp(&b.name)));
                cells.push(Cell { right, top, pictures });
            }
        }
        Confusion { labels, counts, cells }
    }

    /// Cells off the diagonal, those with most pictures first.
    pub fn mistakes(&self) -> Vec<&Cell> {
        let mut mistakes: Vec<&Cell> = self.cells.iter().filter(|c| c.right != c.top).collect();
        mistakes.sort_by_key(|c| (std::cmp::Reverse(c.pictures.len()), c.right, c.top));
        mistakes
    }
}
