//! Counts, sums and second moments of vectors per class.

/// The number of elements in the upper triangle of a matrix [W, W]; `None` on overflow.
pub(super) fn triangle(width: usize) -> Option<usize> {
    width.checked_mul(width.checked_add(1)?).map(|twice| twice / 2)
}

/// Sums over vectors ψ [W], each of one column.
#[derive(Clone, Debug, Default)]
pub(super) struct Sums {
    pub(super) width: usize,
    /// n_c, for each column.
    pub(super) counts: Vec<u64>,
    /// Σψ over the vectors of each column: [C, W], row-major.
    pub(super) sums: Vec<f64>,
    /// Σψψᵀ over all vectors: the upper triangle, row by row from the diagonal on.
    pub(super) moment: Vec<f64>,
}

impl Sums {
    pub(super) fn empty(width: usize, columns: usize) -> Sums {
        let moment = vec![0.0; triangle(width).unwrap_or(0)];
        Sums { width, counts: vec![0; columns], sums: vec![0.0; columns * width], moment }
    }

    /// Adds vectors in their order. Every number of the result is a plain sum in that order, however many are added
    /// in one call; larger calls are faster, because a row of the triangle stays in the processor's cache.
    pub(super) fn add_rows(&mut self, rows: &[(usize, Vec<f64>)]) {
        for (column, row) in rows {
            self.counts[*column] += 1;
            add(&mut self.sums[column * self.width..][..self.width], row, 1.0);
        }
        let mut rest = self.moment.as_mut_slice();
        for at in 0..self.width {
            let (line, below) = rest.split_at_mut(self.width - at);
            for (_, row) in rows {
                add(line, &row[at..], row[at]);
            }
            rest = below;
        }
    }

    /// Adds the sums over other vectors of the same width and columns.
    pub(super) fn add(&mut self, other: &Sums) {
        for (count, more) in self.counts.iter_mut().zip(&other.counts) {
            *count += more;
        }
        add(&mut self.sums, &other.sums, 1.0);
        add(&mut self.moment, &other.moment, 1.0);
    }

    pub(super) fn sum(&self, column: usize) -> &[f64] {
        &self.sums[column * self.width..][..self.width]
    }

    /// The upper triangle of the within-class scatter Σψψᵀ − Σ_c n_c μ_c μ_cᵀ.
    pub(super) fn scatter(&self) -> Vec<f64> {
        let mut scatter = self.moment.clone();
        self.add_means(&mut scatter, -1.0);
        scatter
    }

    /// The upper triangle of Σψψᵀ from that of the within-class scatter, the counts and the sums.
    pub(super) fn moment_of(&self, mut scatter: Vec<f64>) -> Vec<f64> {
        self.add_means(&mut scatter, 1.0);
        scatter
    }

    /// Adds `sign` · Σ_c n_c μ_c μ_cᵀ.
    fn add_means(&self, triangle: &mut [f64], sign: f64) {
        let mut rest = triangle;
        for at in 0..self.width {
            let (line, below) = rest.split_at_mut(self.width - at);
            for (column, &count) in self.counts.iter().enumerate().filter(|(_, &count)| count > 0) {
                let sum = self.sum(column);
                add(line, &sum[at..], sign * sum[at] / count as f64);
            }
            rest = below;
        }
    }

    /// The diagonal of a matrix with this upper triangle.
    pub(super) fn diagonal(&self, triangle: &[f64]) -> Vec<f64> {
        let starts = (0..self.width).scan(0, |next, at| {
            let start = *next;
            *next += self.width - at;
            Some(start)
        });
        starts.map(|start| triangle[start]).collect()
    }
}

fn add(to: &mut [f64], from: &[f64], times: f64) {
    for (to, from) in to.iter_mut().zip(from) {
        *to += from * times;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand() {
        let mut sums = Sums::empty(2, 2);
        sums.add_rows(&[(0, vec![1.0, 2.0]), (0, vec![3.0, 6.0]), (1, vec![5.0, 0.0])]);
        assert_eq!(sums.counts, [2, 1]);
        assert_eq!((sums.sum(0), sums.sum(1)), ([4.0, 8.0].as_slice(), [5.0, 0.0].as_slice()));
        assert_eq!(sums.moment, [35.0, 20.0, 40.0]);
        // The scatter of class 0 only: its two vectors are at distance (1, 2) from their mean.
        let scatter = sums.scatter();
        assert_eq!(scatter, [2.0, 4.0, 8.0]);
        assert_eq!(sums.diagonal(&scatter), [2.0, 8.0]);
        assert_eq!(sums.moment_of(scatter), sums.moment);
    }

    #[test]
    fn batches_change_nothing() {
        let row = |i: usize| (i % 2, (0..5).map(|j| ((i * 7 + j * 3) as f64).sin()).collect::<Vec<_>>());
        let rows: Vec<_> = (0..9).map(row).collect();
        let (mut one, mut many) = (Sums::empty(5, 2), Sums::empty(5, 2));
        rows.iter().for_each(|row| one.add_rows(std::slice::from_ref(row)));
        rows.chunks(4).for_each(|rows| many.add_rows(rows));
        assert_eq!((one.sums, one.moment), (many.sums, many.moment));
    }
}
