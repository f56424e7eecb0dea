//! Minimises the negative log-likelihood of softmax models with a Gaussian prior by L-BFGS (Liu & Nocedal 1989).

use crate::rule::softmax::{log_softmax, log_sum_exp};
use argmin::core::{CostFunction, Error, Executor, Gradient};
use argmin::solver::linesearch::MoreThuenteLineSearch;
use argmin::solver::quasinewton::LBFGS;
use std::cell::RefCell;

/// A family of softmax models whose scores are linear in its parameters.
pub(super) trait Family {
    /// The scores of every row, one per logit column.
    fn scores(&self, parameters: &[f64]) -> Vec<Vec<f64>>;
    /// Σ over rows of the residuals (d loss / d score) times the derivatives of the scores by the parameters.
    fn gradient(&self, residuals: &[Vec<f64>]) -> Vec<f64>;
    /// The right columns of every row, of which any counts.
    fn targets(&self) -> &[&[usize]];
}

/// A normal prior on each parameter, in nats over all rows.
#[derive(Clone, Debug)]
pub(super) struct Prior {
    pub mean: Vec<f64>,
    /// One over the variance.
    pub strength: Vec<f64>,
}

/// The minimisation over the free parameters.
struct Problem<'a, F> {
    family: &'a F,
    prior: &'a Prior,
    free: &'a [usize],
    fixed: &'a [f64],
    seen: &'a RefCell<Seen>,
}

/// The evaluations so far.
#[derive(Default)]
struct Seen {
    /// The last point with its cost and gradient: a line search requests both, one after the other.
    last: Option<(Vec<f64>, f64, Vec<f64>)>,
    /// The point of least cost.
    best: Option<(Vec<f64>, f64)>,
    /// The number of requested costs and gradients.
    asked: usize,
}

/// The maximum number of requested costs and gradients: several per iteration of [`ITERATIONS`]. The line search
/// itself never ends if rounding hides every descent.
const ASKED: usize = 5000;
const ITERATIONS: u64 = 500;

impl<F: Family> Problem<'_, F> {
    fn whole(&self, free: &[f64]) -> Vec<f64> {
        let mut parameters = self.fixed.to_vec();
        for (&at, &value) in self.free.iter().zip(free) {
            parameters[at] = value;
        }
        parameters
    }

    fn evaluate(&self, free: &[f64]) -> Result<(f64, Vec<f64>), Error> {
        let mut seen = self.seen.borrow_mut();
        seen.asked += 1;
        if seen.asked > ASKED {
            return Err(Error::msg("no point with less cost is found"));
        }
        if let Some((_, cost, gradient)) = seen.last.as_ref().filter(|(point, ..)| point == free) {
            return Ok((*cost, gradient.clone()));
        }
        let (cost, gradient) = self.compute(free);
        if cost.is_finite() && seen.best.as_ref().is_none_or(|(_, least)| cost < *least) {
            seen.best = Some((free.to_vec(), cost));
        }
        seen.last = Some((free.to_vec(), cost, gradient.clone()));
        Ok((cost, gradient))
    }

    fn compute(&self, free: &[f64]) -> (f64, Vec<f64>) {
        let parameters = self.whole(free);
        let mut cost = 0.0;
        let mut residuals = self.family.scores(&parameters);
        for (row, target) in residuals.iter_mut().zip(self.family.targets()) {
            let log = log_softmax(row);
            let right: Vec<f64> = target.iter().map(|&c| log[c]).collect();
            let likelihood = log_sum_exp(&right);
            cost -= likelihood;
            row.iter_mut().zip(&log).for_each(|(r, p)| *r = p.exp());
            for (&c, p) in target.iter().zip(right) {
                row[c] -= (p - likelihood).exp();
            }
        }
        let mut gradient = self.family.gradient(&residuals);
        for (at, parameter) in parameters.iter().enumerate() {
            let apart = parameter - self.prior.mean[at];
            cost += 0.5 * self.prior.strength[at] * apart * apart;
            gradient[at] += self.prior.strength[at] * apart;
        }
        // In nats per row, so that the tolerances do not depend on the number of images.
        let rows = residuals.len().max(1) as f64;
        (cost / rows, self.free.iter().map(|&at| gradient[at] / rows).collect())
    }
}

impl<F: Family> CostFunction for Problem<'_, F> {
    type Param = Vec<f64>;
    type Output = f64;

    fn cost(&self, parameters: &Vec<f64>) -> Result<f64, Error> {
        Ok(self.evaluate(parameters)?.0)
    }
}

impl<F: Family> Gradient for Problem<'_, F> {
    type Param = Vec<f64>;
    type Gradient = Vec<f64>;

    fn gradient(&self, parameters: &Vec<f64>) -> Result<Vec<f64>, Error> {
        Ok(self.evaluate(parameters)?.1)
    }
}

/// The parameters of minimum loss. Those in `positive` stay at 0 or more: one that would be negative is set to 0 and
/// the others are fitted again.
pub(super) fn minimise<F: Family>(family: &F, prior: &Prior, positive: &[usize]) -> Vec<f64> {
    minimise_from(prior.mean.clone(), family, prior, positive)
}

/// [`minimise`] from another start.
pub(super) fn minimise_from<F: Family>(start: Vec<f64>, family: &F, prior: &Prior, positive: &[usize]) -> Vec<f64> {
    let mut fixed = start;
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
    if start.is_empty() || family.targets().is_empty() {
        return start;
    }
    let seen = RefCell::new(Seen::default());
    let problem = Problem { family, prior, free, fixed, seen: &seen };
    let solver = LBFGS::new(MoreThuenteLineSearch::new(), 10).with_tolerance_grad(1e-9);
    let solver = solver.and_then(|s| s.with_tolerance_cost(1e-13));
    let run = solver.and_then(|solver| {
        Executor::new(problem, solver).configure(|state| state.param(start.clone()).max_iters(ITERATIONS)).run()
    });
    // A line search that finds no better point, such as near the minimum, or that exceeds the limit, returns an
    // error without the state: use the best point so far.
    drop(run);
    seen.into_inner().best.map_or(start, |(point, _)| point)
}
