//! Runs ONNX graphs with tract: with this crate's layers if they cover the graph (`lower`), otherwise with tract's
//! operators (`tract_plan`). Only this module and `kernels::tract_op` use tract.

mod lower;
mod node_check;
mod op_requirements;
mod rank_inference;
#[cfg(feature = "complete")]
mod shape_inference;
#[cfg(feature = "complete")]
mod tract_plan;
mod validate;
mod wiring;

#[cfg(feature = "complete")]
pub use shape_inference::{facts, Facts};

use crate::error::{ErrorKind, Result};
use crate::onnx::{to_graph, unsupported, ModelProto};
#[cfg(feature = "complete")]
use crate::onnx::{to_proto, Graph};
use std::borrow::Cow;
use std::cell::Cell;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::Arc;
use tract_onnx::prelude::*;
use tract_onnx::tract_core::plan::{self, SimplePlan};

/// A model, ready to run on one image at a time.
pub struct Engine {
    name: String,
    plan: Arc<TypedRunnableModel>,
    lowered: bool,
    input: Vec<usize>,
    /// The model's outputs, then the requested internal values.
    outputs: Vec<String>,
    /// The number of the model's own outputs.
    own: usize,
}

/// One output of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Output {
    pub name: String,
    /// Batch first.
    pub shape: Vec<usize>,
    pub values: Vec<f32>,
}

/// The time of one layer.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct Timing {
    /// The value that the layer computes.
    pub node: String,
    /// The kind of layer.
    pub op: String,
    pub milliseconds: f64,
}

impl Engine {
    /// Prepares `proto` for inputs of the shape `input` (batch first); symbolic dimensions take these sizes.
    ///
    /// # Errors
    /// `engine` if tract cannot parse, analyse or optimise the model; `malformed-model` for attributes with which it
    /// would never end; `limit` for values that are too large; `unsupported-model` for an operator that this build
    /// does not have.
    pub fn new(name: &str, proto: &ModelProto, input: &[usize]) -> Result<Engine> {
        Engine::with_values(name, Cow::Borrowed(proto), input, &[])
    }

    /// As [`new`](Self::new); [`run_inside`](Self::run_inside) returns these values of the graph too.
    ///
    /// # Errors
    /// As [`new`](Self::new); `engine` for a value that the graph does not compute.
    pub fn with_values(name: &str, proto: Cow<ModelProto>, input: &[usize], values: &[String]) -> Result<Engine> {
        validate::check(name, &proto)?;
        let outputs = output_names(&proto);
        #[cfg(feature = "complete")]
        let plan = match lowered(name, proto.clone().into_owned(), input, values) {
            Ok(plan) => (plan, true),
            Err(_) => (tract_plan::prepare(name, tract_plan::parse(name, &proto, values)?, input)?, false),
        };
        #[cfg(not(feature = "complete"))]
        let plan = (lowered(name, proto.into_owned(), input, values)?, true);
        Ok(Engine::of(name, plan, input, outputs, values))
    }

    /// Prepares a graph with tract's own layers only, as the reference for this crate's layers. Its weights are
    /// dropped before tract prepares its own.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    #[cfg(feature = "complete")]
    pub fn plain(name: &str, graph: Graph, input: &[usize]) -> Result<Engine> {
        let proto = to_proto(graph);
        validate::check(name, &proto)?;
        let (outputs, parsed) = (output_names(&proto), tract_plan::parse(name, &proto, &[])?);
        drop(proto);
        let plan = tract_plan::prepare(name, parsed, input)?;
        Ok(Engine::of(name, (plan, false), input, outputs, &[]))
    }

    fn of(
        name: &str,
        (plan, lowered): (Arc<TypedRunnableModel>, bool),
        input: &[usize],
        mut outputs: Vec<String>,
        values: &[String],
    ) -> Engine {
        let own = outputs.len();
        outputs.extend_from_slice(values);
        Engine { name: name.to_string(), plan, lowered, input: input.to_vec(), outputs, own }
    }

    /// Whether the model runs on this crate's layers instead of tract's.
    pub fn is_lowered(&self) -> bool {
        self.lowered
    }

    /// The model's name, for messages.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Checks the number of values of an output.
    ///
    /// # Errors
    /// `output` with both numbers.
    pub fn expect(&self, output: &'static str, expected: usize, found: usize) -> Result<()> {
        if expected == found {
            return Ok(());
        }
        Err(ErrorKind::Output { model: self.name.clone(), output, expected, found }.into())
    }

    /// Runs the model on one input in the input's axis order.
    ///
    /// # Errors
    /// `engine` if the number of values is not the product of the input shape, or tract fails.
    pub fn run(&self, values: &[f32]) -> Result<Vec<Output>> {
        guarded(&self.name, "running", || self.outputs(values, self.own))
    }

    /// As [`run`](Self::run), followed by the values that [`with_values`](Self::with_values) requested.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub fn run_inside(&self, values: &[f32]) -> Result<Vec<Output>> {
        guarded(&self.name, "running", || self.outputs(values, self.outputs.len()))
    }

    /// The time of each layer in one run; `now` returns milliseconds.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub fn profile(&self, values: &[f32], now: impl Fn() -> f64) -> Result<Vec<Timing>> {
        let fail = |source| error(&self.name, "running", source);
        guarded(&self.name, "running", || {
            let input = Tensor::from_shape(&self.input, values).map_err(fail)?;
            let mut timings = Vec::new();
            let mut state = self.plan.spawn().map_err(fail)?;
            state
                .run_plan_with_eval(tvec!(input.into()), |context, state, node, inputs| {
                    let start = now();
                    let result = plan::eval(context, state, node, inputs);
                    let (name, op) = (node.name.clone(), node.op.name().into_owned());
                    timings.push(Timing { node: name, op, milliseconds: now() - start });
                    result
                })
                .map_err(fail)?;
            Ok(timings)
        })
    }

    fn outputs(&self, values: &[f32], count: usize) -> Result<Vec<Output>> {
        let fail = |source| error(&self.name, "running", source);
        let input = Tensor::from_shape(&self.input, values).map_err(fail)?;
        let results = self.plan.run(tvec!(input.into())).map_err(fail)?;
        let outputs = self.outputs.iter().zip(results.iter());
        outputs
            .take(count)
            .map(|(name, tensor)| {
                let tensor = tensor.cast_to::<f32>().map_err(fail)?;
                let plain = tensor.try_as_plain_ram().map_err(fail)?;
                let values = plain.as_slice::<f32>().map_err(fail)?.to_vec();
                Ok(Output { name: name.clone(), shape: tensor.shape().to_vec(), values })
            })
            .collect()
    }
}

fn output_names(proto: &ModelProto) -> Vec<String> {
    proto.graph.iter().flat_map(|g| &g.output).map(|o| o.name.clone()).collect()
}

/// A plan of this crate's layers.
fn lowered(name: &str, proto: ModelProto, input: &[usize], values: &[String]) -> Result<Arc<TypedRunnableModel>> {
    let graph = to_graph(name, proto)?;
    let place = |wanted: &String| graph.values.iter().position(|value| value.name == *wanted);
    let values = values.iter().map(place).collect::<Option<Vec<_>>>();
    let values = values.ok_or_else(|| error(name, "parsing", TractError::msg("no such value")))?;
    guarded(name, "planning", || {
        let model = lower::lower(&graph, input, &values).map_err(|refused| left_out(name, &refused))?;
        SimplePlan::new(model).map_err(|source| error(name, "planning", source))
    })
}

fn left_out(name: &str, refused: &lower::Refused) -> crate::Error {
    let (place, expected) =
        (format!("node '{}'", refused.place), "an operator that this build has, of numbers that fit");
    let remedy = "run it with the workshop's module, which has every operator";
    unsupported(name, place, expected, &refused.found, remedy)
}

thread_local! {
    static GUARDED: Cell<bool> = const { Cell::new(false) };
}

/// Whether a panic of this thread becomes an error, so that a panic hook prints nothing.
pub fn is_guarded() -> bool {
    GUARDED.get()
}

/// Runs a step of tract, which panics on some inconsistent models. If panics can be caught, they become errors.
fn guarded<T>(name: &str, stage: &'static str, step: impl FnOnce() -> Result<T>) -> Result<T> {
    let before = GUARDED.replace(true);
    // The state of an incomplete step is dropped with it.
    let result = catch_unwind(AssertUnwindSafe(step));
    GUARDED.set(before);
    result.unwrap_or_else(|payload| {
        let text = payload.downcast_ref::<String>().cloned();
        let text = text.or_else(|| payload.downcast_ref::<&str>().map(|s| s.to_string()));
        let source = text.unwrap_or_else(|| "a panic".to_string()).into();
        Err(ErrorKind::Engine { model: name.to_string(), stage, source }.into())
    })
}

fn error(model: &str, stage: &'static str, source: TractError) -> crate::Error {
    ErrorKind::Engine { model: model.to_string(), stage, source: format!("{source:#}").into() }.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_an_error() {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| match is_guarded() {
            true => {}
            false => before(panic),
        }));
        let error = guarded::<()>("m", "running", || {
            assert!(is_guarded());
            panic!("a shape of {}", 3)
        });
        let text =
            "model 'm', running: expected the model to run, found: a shape of 3; check it with another ONNX runtime";
        assert_eq!(error.unwrap_err().to_string(), text);
        assert!(!is_guarded());
    }
}
