//! Classes how the weights of two models with one structure differ: drifted normalisation, fine-tuning, another base.

use super::layer_pair::{layer_pairs, LayerPair};
use super::relative_difference;
use crate::error::next_training;
use crate::onnx::{multiply_adds, Graph, Node, Tensor};
use serde::Serialize;
use std::fmt;

/// The relation of two models' weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(rename_all = "kebab-case")]
pub enum RelationKind {
    /// Equal within the tolerance, up to a retrained end.
    Same,
    /// Equal, or equal per output channel up to a factor: only batch normalisation moved.
    Drifted,
    /// A little different throughout.
    FineTuned,
    /// One structure with other weights.
    OtherBase,
    /// Other structures.
    OtherNetwork,
}

/// How a second model's backbone differs from the first one's.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct WeightRelation {
    pub kind: RelationKind,
    /// The share of the second model's multiply-adds in layers of each class, 0 to 1.
    pub equal: f64,
    pub rescaled: f64,
    pub close: f64,
    /// The layers with weights that both models have, in running order, up to the last one whose weights are related: behind it
    /// the heads begin.
    pub layers: Vec<LayerRelation>,
    /// The number of pairs of layers, from the input, that a shared backbone has: none for other weights.
    #[serde(skip)]
    backbone: usize,
}

/// One layer of both models.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct LayerRelation {
    /// The node in the second model.
    pub node: String,
    pub op: String,
    pub class: LayerClass,
    /// Whether it has a matrix or filters, not only one number per channel.
    #[serde(skip)]
    pub matrix: bool,
    /// ‖b − a‖ / ‖a‖ of the weights, a the first model's.
    pub relative: f64,
    /// The median over output channels of |f − 1|, f the factor that fits the channel best.
    pub factor: f64,
    /// ‖b − f·a‖ / ‖b‖: the part of the weights that the factors do not explain.
    pub residual: f64,
}

/// How one layer's weights differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(rename_all = "kebab-case")]
pub enum LayerClass {
    Equal,
    /// Equal per output channel up to a factor.
    Rescaled,
    /// Less different than separately trained weights are.
    Close,
    Different,
}

/// Weights this close are equal, as in [`merge`](crate::merge::TOLERANCE).
const EQUAL: f64 = 1e-5;
/// A residual this small is rounding: half floats leave 3e-4.
const RESCALED: f64 = 1e-3;
/// Fine-tuned weights (AdamW 1e-4, two epochs) were seen to differ by a few percent; separately trained ones differ by 140 %.
const CLOSE: f64 = 0.35;
/// With fewer weights per output channel a factor would explain almost any difference.
const PER_CHANNEL: usize = 4;
/// The backbone is most of a model: its share of the multiply-adds, where heads differ.
const MOST: f64 = 0.9;

impl WeightRelation {
    /// Compares two canonical graphs by structure.
    pub fn of(first: &Graph, second: &Graph) -> WeightRelation {
        WeightRelation::of_pairs(first, second, &layer_pairs(first, second))
    }

    /// As [`of`](Self::of), of graphs with these pairs of layers.
    pub(super) fn of_pairs(first: &Graph, second: &Graph, pairs: &[LayerPair]) -> WeightRelation {
        let total: u64 = second.nodes.iter().map(|node| multiply_adds(second, node)).sum();
        let (mut layers, mut places) = (Vec::new(), Vec::new());
        let mut work = [0; 4];
        for (at, pair) in pairs.iter().enumerate() {
            let node = &second.nodes[pair.node];
            let constants = pair.constants.iter();
            let constants: Vec<_> =
                constants.filter_map(|&(a, b)| Some((first.tensor(a)?.as_ref(), second.tensor(b)?.as_ref()))).collect();
            let layer = layer(node, &constants);
            work[layer.as_ref().map_or(LayerClass::Equal, |layer| layer.class) as usize] += multiply_adds(second, node);
            if let Some(layer) = layer {
                places.push(at);
                layers.push(layer);
            }
        }
        let [equal, rescaled, close, different] = work.map(|work| work as f64 / total.max(1) as f64);
        let last = |wanted: &dyn Fn(usize) -> bool| {
            (0..layers.len()).rev().find(|&at: &usize| layers[at].matrix && wanted(at))
        };
        let exact = last(&|at| matches!(layers[at].class, LayerClass::Equal | LayerClass::Rescaled));
        // A hidden layer of two heads that began with the same numbers is no part of the backbone.
        let vector = |at: usize| reads_vector(second, &second.nodes[pairs[places[at]].node]);
        let related = exact.max(last(&|at| layers[at].class == LayerClass::Close && !vector(at)));
        // Close layers behind a backbone of equal or rescaled ones were retrained on purpose: each model keeps its own.
        let end = if equal + rescaled >= close { exact } else { related };
        let end = end.map_or(0, |at| places[at] + 1);
        layers.truncate(related.map_or(0, |at| at + 1));
        let moved = layers.iter().any(|layer| layer.class == LayerClass::Rescaled);
        let kind = match () {
            () if equal + rescaled >= MOST && moved => RelationKind::Drifted,
            () if equal >= MOST => RelationKind::Same,
            () if equal + rescaled + close >= MOST => RelationKind::FineTuned,
            () if equal + rescaled + close + different >= MOST => RelationKind::OtherBase,
            () => RelationKind::OtherNetwork,
        };
        let nearly = !matches!(kind, RelationKind::OtherBase | RelationKind::OtherNetwork);
        WeightRelation { kind, equal, rescaled, close, layers, backbone: if nearly { end } else { 0 } }
    }

    /// The cure for the next training, if the backbone moved in this one.
    pub fn next_training(&self) -> Option<&'static str> {
        let moved = matches!(self.kind, RelationKind::Drifted | RelationKind::FineTuned);
        moved.then(|| next_training(self.kind == RelationKind::Drifted))
    }

    /// The number of pairs of layers that a shared backbone has.
    pub(super) fn backbone(&self) -> usize {
        self.backbone
    }

    /// The layers of a class.
    pub fn count(&self, class: LayerClass) -> usize {
        self.layers.iter().filter(|layer| layer.class == class).count()
    }

    /// The median of a measure over the layers of a class; 0 without any.
    fn median(&self, class: LayerClass, measure: impl Fn(&LayerRelation) -> f64) -> f64 {
        median(self.layers.iter().filter(|layer| layer.class == class).map(measure).collect())
    }
}

impl fmt::Display for WeightRelation {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self.kind {
            RelationKind::Same => write!(f, "the same backbone, {:.1} % of the multiply-adds", 100.0 * self.equal),
            RelationKind::Drifted => {
                let (moved, all) = (self.count(LayerClass::Rescaled), self.layers.len());
                let by = 100.0 * self.median(LayerClass::Rescaled, |layer| layer.factor);
                write!(
                    f,
                    "the same network; batch-normalisation statistics moved in {moved} of {all} layers, by {by:.0} % in the \
                     median; the models were trained with the backbone in training mode"
                )
            }
            RelationKind::FineTuned => {
                let (moved, all) = (self.count(LayerClass::Close), self.layers.len());
                let by = 100.0 * self.median(LayerClass::Close, |layer| layer.relative);
                write!(
                    f,
                    "the same network; the weights of {moved} of {all} layers differ by {by:.1} % in the median: the models \
                     were fine-tuned as a whole"
                )
            }
            RelationKind::OtherBase => write!(f, "the same structure with the weights of another base"),
            RelationKind::OtherNetwork => write!(f, "another network"),
        }
    }
}

/// Whether a node reads one vector per image.
fn reads_vector(graph: &Graph, node: &Node) -> bool {
    node.input(0).and_then(|value| graph.shape(value)).is_some_and(|shape| shape.len() <= 2)
}

/// The relation of the constants of one node; `None` where it has no weights, or only such as both models have.
fn layer(node: &Node, pairs: &[(&Tensor, &Tensor)]) -> Option<LayerRelation> {
    let floats: Vec<(Vec<f32>, Vec<f32>, &Tensor)> =
        pairs.iter().filter_map(|(a, b)| Some((a.f32s()?, b.f32s()?, *a))).collect();
    let differs = pairs.iter().any(|(a, b)| a.bytes != b.bytes);
    let matrix =
        floats.iter().find(|(_, _, tensor)| tensor.dims.len() > 1 && tensor.dims[0] * PER_CHANNEL <= tensor.len());
    let named = |class, relative, factor, residual| {
        let (node, op, matrix) = (node.display_name(), node.op.clone(), matrix.is_some());
        Some(LayerRelation { node, op, class, matrix, relative, factor, residual })
    };
    let Some((a, b, tensor)) = matrix.or_else(|| floats.iter().find(|(a, ..)| a.len() > 1)) else {
        return differs.then(|| named(LayerClass::Different, f64::INFINITY, 0.0, 1.0)).flatten();
    };
    if matrix.is_none() {
        // Normalisation by itself: every constant is one number per channel.
        let moved = pairs.iter().filter_map(|(a, b)| relative_difference(a, b)).fold(0.0, f64::max);
        let class = if moved <= EQUAL { LayerClass::Equal } else { LayerClass::Rescaled };
        return named(class, moved, moved, 0.0);
    }
    let width = a.len() / tensor.dims[0].max(1);
    let rows = || a.chunks(width.max(1)).zip(b.chunks(width.max(1)));
    let product = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum::<f64>();
    let mut factors = Vec::with_capacity(tensor.dims[0]);
    let (mut unexplained, mut apart, mut size, mut other) = (0.0, 0.0, 0.0, 0.0);
    for (a, b) in rows() {
        let (aa, ab, bb) = (product(a, a), product(a, b), product(b, b));
        let factor = if aa > 0.0 { ab / aa } else { 1.0 };
        if aa > 0.0 || bb > 0.0 {
            factors.push((factor - 1.0).abs());
        }
        // Difference by difference: sums of squares would take large numbers from each other.
        let left = a.iter().zip(b).map(|(&a, &b)| (f64::from(b) - factor * f64::from(a)).powi(2)).sum::<f64>();
        unexplained += left;
        apart += a.iter().zip(b).map(|(&a, &b)| (f64::from(b) - f64::from(a)).powi(2)).sum::<f64>();
        (size, other) = (size + aa, other + bb);
    }
    let ratio = |part: f64, whole: f64| if part == 0.0 { 0.0 } else { (part / whole).sqrt() };
    let (relative, residual, factor) = (ratio(apart, size), ratio(unexplained, other), median(factors));
    let same = pairs.iter().all(|(a, b)| a.bytes == b.bytes || relative_difference(a, b).is_some_and(|d| d <= EQUAL));
    let class = match () {
        () if same => LayerClass::Equal,
        () if residual <= RESCALED => LayerClass::Rescaled,
        () if residual <= CLOSE => LayerClass::Close,
        () => LayerClass::Different,
    };
    named(class, relative, factor, residual)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}
