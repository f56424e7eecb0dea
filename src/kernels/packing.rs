//! Packs a matrix for GEMM: panels of four rows, interleaved by column.

/// Rows per panel.
pub(super) const HEIGHT: usize = 4;

/// A matrix [rows, depth] as panels [rows / 4, depth, 4], the last one padded with zeros; with one bias per row.
#[derive(Clone, Debug)]
pub struct PackedMatrix {
    rows: usize,
    depth: usize,
    numbers: Vec<f32>,
    /// One per row of all panels.
    bias: Vec<f32>,
}

impl PackedMatrix {
    /// `matrix` is row-major, [rows, depth]; `bias` has one number per row, or is empty.
    ///
    /// # Panics
    /// If the lengths do not match.
    pub fn new(rows: usize, depth: usize, matrix: &[f32], bias: &[f32]) -> PackedMatrix {
        assert_eq!(matrix.len(), rows * depth);
        assert!(bias.is_empty() || bias.len() == rows);
        let count = rows.div_ceil(HEIGHT);
        let mut numbers = vec![0.0; count * depth * HEIGHT];
        let whole = rows / HEIGHT * depth * HEIGHT;
        let blocks = matrix[..whole].chunks_exact((depth * HEIGHT).max(1));
        for (panel, block) in numbers.chunks_exact_mut((depth * HEIGHT).max(1)).zip(blocks) {
            let (a, rest) = block.split_at(depth);
            let (b, rest) = rest.split_at(depth);
            let (c, d) = rest.split_at(depth);
            for (column, to) in panel.chunks_exact_mut(HEIGHT).enumerate() {
                to.copy_from_slice(&[a[column], b[column], c[column], d[column]]);
            }
        }
        for (row, line) in matrix[whole..].chunks_exact(depth.max(1)).enumerate() {
            for (column, &number) in line.iter().enumerate() {
                numbers[whole + column * HEIGHT + row] = number;
            }
        }
        let mut padded = bias.to_vec();
        padded.resize(count * HEIGHT, 0.0);
        PackedMatrix { rows, depth, numbers, bias: padded }
    }

    pub fn rows(&self) -> usize {
        self.rows
    }

    pub fn depth(&self) -> usize {
        self.depth
    }

    /// The same matrix, each column multiplied by its factor.
    pub(super) fn scaled(&self, factors: &[f32]) -> PackedMatrix {
        let mut scaled = self.clone();
        for panel in scaled.numbers.chunks_exact_mut((self.depth * HEIGHT).max(1)) {
            for (column, factor) in panel.chunks_exact_mut(HEIGHT).zip(factors) {
                column.iter_mut().for_each(|number| *number *= factor);
            }
        }
        scaled
    }

    pub(super) fn count(&self) -> usize {
        self.rows.div_ceil(HEIGHT)
    }

    /// The packed numbers from this panel on.
    pub(super) fn from(&self, panel: usize) -> &[f32] {
        &self.numbers[panel * self.depth * HEIGHT..]
    }

    /// The bias of the rows from this panel on.
    pub(super) fn bias_from(&self, panel: usize) -> &[f32] {
        &self.bias[panel * HEIGHT..]
    }
}
