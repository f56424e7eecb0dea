//! L-BFGS (Liu & Nocedal 1989) over the negative log-likelihood of softmax models with a Gaussian prior.

use super::softmax::log_softmax;
use argmin::core::{CostFunction, Error, Executor, Gradient, State};
use argmin::solver::linesearch::MoreThuenteLineSearch;
use argmin::solver::quasinewton::LBFGS;

/// A family of softmax models whose scores are linear in its parameters.
pub(super) trait Family {
    /// How many rows there are.
    fn rows(&self) -> usize;
    /// The scores of a row, one a logit column.
    fn scores(&self, parameters: &[f64], row: usize) -> Vec<f64>;
    /// Adds the product of a row's residuals (d loss / d score) with its derivatives to the gradient.
    fn accumulate(&self, row: usize, residuals: &[f64], gradient: &mut [f64]);
    /// The columns of which any is right.
    fn target(&self, row: usize) -> &[usize];
}

/// A normal prior on each parameter, in nats over all rows.
#[derive(Clone, Debug)]
pub(super) struct Prior {
    pub mean: Vec<f64>,
    /// One over the variance.
    pub strength: Vec<f64>,
}

/// Which parameters may move.
struct Problem<'a, F> {
    family: &'a F,
    prior: &'a Prior,
    free: &'a [usize],
    fixed: &'a [f64],
}

impl<F: Family> Problem<'_, F> {
    fn whole(&self, free: &[f64]) -> Vec<f64> {
        let mut parameters = self.fixed.to_vec();
        for (&at, &value) in self.free.iter().zip(free) {
            parameters[at] = value;
        }
        parameters
    }

    fn evaluate(&self, free: &[f64]) -> (f64, Vec<f64>) {
        let parameters = self.whole(free);
        let mut cost = 0.0;
        let mut gradient = vec![0.0; parameters.len()];
        for row in 0..self.family.rows() {
            let mut residuals = log_softmax(&self.family.scores(&parameters, row));
            let target = self.family.target(row);
            let right = target.iter().map(|&c| residuals[c]).fold(f64::NEG_INFINITY, f64::max);
            let share: f64 = target.iter().map(|&c| (residuals[c] - right).exp()).sum();
            let likelihood = right + share.ln();
            cost -= likelihood;
            let shares: Vec<f64> = target.iter().map(|&c| (residuals[c] - likelihood).exp()).collect();
            residuals.iter_mut().for_each(|r| *r = r.exp());
            for (&c, share) in target.iter().zip(shares) {
                residuals[c] -= share;
            }
            self.family.accumulate(row, &residuals, &mut gradient);
        }
        for (at, parameter) in parameters.iter().enumerate() {
            let apart = parameter - self.prior.mean[at];
            cost += 0.5 * self.prior.strength[at] * apart * apart;
            gradient[at] += self.prior.strength[at] * apart;
        }
        // In nats a row, so that the tolerances mean the same for few and many pictures.
        let rows = self.family.rows().max(1) as f64;
        (cost / rows, self.free.iter().map(|&at| gradient[at] / rows).collect())
    }
}

impl<F: Family> CostFunction for Problem<'_, F> {
    type Param = Vec<f64>;
    type Output = f64;

    fn cost(&self, parameters: &Vec<f64>) -> Result<f64, Error> {
        Ok(self.evaluate(parameters).0)
    }
}

impl<F: Family> Gradient for Problem<'_, F> {
    type Param = Vec<f64>;
    type Gradient = Vec<f64>;

    fn gradient(&self, parameters: &Vec<f64>) -> Result<Vec<f64>, Error> {
        Ok(self.evaluate(parameters).1)
    }
}

/// The parameters of least loss. Those in `positive` are kept at 0 or more: one that would fall below is set to 0 and
/// the rest found again.
pub(super) fn minimise<F: Family>(family: &F, prior: &Prior, positive: &[usize]) -> Vec<f64> {
    let mut fixed = prior.mean.clone();
    let mut free: Vec<usize> = (0..fixed.len()).collect();
    loop {
        let found = unconstrained(family, prior, &free, &fixed);
        for (&at, value) in free.iter().zip(found) {
            fixed[at] = value;
        }
        let below: Vec<usize> = free.iter().copied().filter(|at| positive.contains(at) && fixed[*at] < 0.0).collect();
        if below.is_empty() {
            return fixed;
        }
        for &at in &below {
            fixed[at] = 0.0;
        }
        free.retain(|at| !below.contains(at));
    }
}

fn unconstrained<F: Family>(family: &F, prior: &Prior, free: &[usize], fixed: &[f64]) -> Vec<f64> {
    let start: Vec<f64> = free.iter().map(|&at| fixed[at]).collect();
    if start.is_empty() || family.rows() == 0 {
        return start;
    }
    let problem = Problem { family, prior, free, fixed };
    let solver = LBFGS::new(MoreThuenteLineSearch::new(), 10).with_tolerance_grad(1e-9);
    let solver = solver.and_then(|s| s.with_tolerance_cost(1e-13));
    let run = solver.and_then(|solver| {
        Executor::new(problem, solver).configure(|state| state.param(start.clone()).max_iters(500)).run()
    });
    // Where the line search finds nothing better, the best so far is what there is.
    run.ok().and_then(|r| r.state().get_best_param().cloned()).unwrap_or(start)
}
