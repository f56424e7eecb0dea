//! A matrix laid out for products: four rows at a time, their numbers of one column next to each other.

/// Rows in a panel.
pub(super) const HEIGHT: usize = 4;

/// A matrix [rows, depth] in panels [rows / 4, depth, 4], the last one filled with zeros; with one bias a row.
#[derive(Clone, Debug)]
pub struct Panels {
    rows: usize,
    depth: usize,
    numbers: Vec<f32>,
    /// As many as the panels have rows.
    bias: Vec<f32>,
}

impl Panels {
    /// `matrix` is row-major, [rows, depth]; `bias` holds one number a row, or none.
    ///
    /// # Panics
    /// Where the lengths do not fit.
    pub fn new(rows: usize, depth: usize, matrix: &[f32], bias: &[f32]) -> Panels {
        assert_eq!(matrix.len(), rows * depth);
        assert!(bias.is_empty() || bias.len() == rows);
        let count = rows.div_ceil(HEIGHT);
        let mut numbers = vec![0.0; count * depth * HEIGHT];
        for (row, line) in matrix.chunks_exact(depth.max(1)).enumerate() {
            let panel = &mut numbers[row / HEIGHT * depth * HEIGHT..];
            for (column, &number) in line.iter().enumerate() {
                panel[column * HEIGHT + row % HEIGHT] = number;
            }
        }
        let mut padded = bias.to_vec();
        padded.resize(count * HEIGHT, 0.0);
        Panels { rows, depth, numbers, bias: padded }
    }

    pub fn rows(&self) -> usize {
        self.rows
    }

    pub fn depth(&self) -> usize {
        self.depth
    }

    pub(super) fn count(&self) -> usize {
        self.rows.div_ceil(HEIGHT)
    }

    /// The numbers of the panels from this one on.
    pub(super) fn from(&self, panel: usize) -> &[f32] {
        &self.numbers[panel * self.depth * HEIGHT..]
    }

    /// The bias of the rows from this panel on.
    pub(super) fn bias_from(&self, panel: usize) -> &[f32] {
        &self.bias[panel * HEIGHT..]
    }
}
