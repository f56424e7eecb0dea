//! Fits combination rules to evidence and labelled pictures.

mod basis;
mod compare;
mod discriminant;
mod fitted;
mod material;
mod minimise;
mod none;
mod pool;
mod rows;
mod scaled;
mod softmax;
mod sums;
mod trial;

pub use compare::Compared;

use crate::label::Head;
use crate::observer::Example;
use crate::rule::{Combination, Distance, Gated, Name, Posterior, Rule};
use crate::taps::{Layout, Pool};
use discriminant::Kind;
use fitted::{Chosen, Heads};
use material::Columns;
use sums::Sums;
use trial::Trial;

#[derive(Clone, Debug)]
pub struct Request<'a> {
    pub heads: &'a [Head],
    pub members: &'a [usize],
    pub layout: &'a Layout,
    pub pools: &'a [Pool],
    pub pictures: Vec<&'a Example>,
    pub held_out: Vec<&'a Example>,
    pub rule: Option<Name>,
    pub false_rejects: f64,
}

#[derive(Clone, Debug)]
pub struct Fit {
    pub combination: Combination,
    pub comparison: Vec<Compared>,
}

pub fn fit(request: &Request) -> Fit {
    let columns = Columns::new(request.heads, request.members);
    let layout = request.layout.only(request.pools);
    let numbers = layout.columns(request.layout).unwrap();
    let pooled = layout.only(&[Pool::Features]).width();
    let mut sums = Sums::zeros(columns.owners.len(), numbers.len());
    material::add(&mut sums, &material::rows(&request.pictures, &columns, &numbers));
    let rows = material::rows(&request.held_out, &columns, &numbers);
    let trial = Trial::new(&sums, &rows, &columns.owners, pooled);
    let heads = Heads::Fresh;
    let rules = [Name::Concat, Name::Scaled, Name::Gated, Name::Retrained];
    let answers = compare::crossed(&trial, heads, &rules);
    let comparison: Vec<Compared> =
        answers.iter().map(|(rule, a)| compare::figures(*rule, &trial.rows, &columns.members, a)).collect();
    let concat = comparison[0].clone();
    let best = comparison.iter().filter(|c| c.accuracy >= concat.accuracy).min_by(|a, b| a.nll.total_cmp(&b.nll));
    let name = request.rule.unwrap_or_else(|| best.map_or(Name::Concat, |b| b.rule));
    let all = trial.rows.outside(None);
    let rule = match name {
        Name::Concat => Rule::Concat,
        Name::Scaled => Rule::Scaled(fitted::scale(&trial.rows, &all, heads)),
        Name::Retrained => {
            let joint = trial.places(|k| matches!(k, Kind::Lda(_) | Kind::Ridge(_)));
            Rule::Retrained(written(&trial, fitted::posterior(&trial.rows, &all, &joint).unwrap(), request.pools))
        }
        Name::Gated => {
            let prototypes = trial.places(|k| !matches!(k, Kind::Ridge(_)));
            let found = fitted::pooled(&trial.rows, &all, &prototypes, heads).unwrap();
            let [a, b, c, d] = found.weights;
            let posterior = written(&trial, found.posterior, request.pools);
            if std::env::var("FITDBG").is_ok() {
                eprintln!("{:?} {:?} {:?}", trial.candidates[found.posterior.candidate], found.posterior, found.weights);
            }
            Rule::Gated(Gated { scaled: found.scaled, posterior, gate: [a, b], within: [c, d] })
        }
    };
    Fit { combination: Combination { rule, ..Combination::default() }, comparison }
}

fn written(trial: &Trial, chosen: Chosen, pools: &[Pool]) -> Posterior {
    let (basis, discriminant) = trial.whole(chosen.candidate);
    let features = [Pool::Features];
    let pools = if trial.candidates[chosen.candidate] == Kind::Cosine { &features } else { pools };
    discriminant.posterior(basis, pools, chosen.sharpness)
}
