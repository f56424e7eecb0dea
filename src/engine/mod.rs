//! Runs ONNX graphs with tract; the only place that names its runtime.

mod arity;
mod at;
mod check;
mod facts;
mod rank;
mod wiring;

pub use facts::{facts, Facts};

use crate::error::{ErrorKind, Result};
use crate::onnx::{malformed, to_proto, Graph, ModelProto};
use std::cell::Cell;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::Arc;
use tract_onnx::prelude::*;
use tract_onnx::tract_hir::infer::Factoid;

/// A model prepared to run on one picture at a time.
pub struct Engine {
    name: String,
    plan: Arc<TypedRunnableModel>,
    input: Vec<usize>,
    /// The model's outputs, then the values inside that were asked for.
    outputs: Vec<String>,
    /// How many of them are the model's own.
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

impl Engine {
    /// Prepares `proto` for inputs of the shape `input` (batch first); symbolic dimensions take these sizes.
    ///
    /// # Errors
    /// `engine` where tract cannot parse, analyse or optimise the model; `malformed-model` for attributes with which it
    /// would never end, `limit` for values that are too large.
    pub fn new(name: &str, proto: &ModelProto, input: &[usize]) -> Result<Engine> {
        Engine::with_values(name, proto, input, &[])
    }

    /// As [`new`](Self::new); [`run_inside`](Self::run_inside) gives these values of the graph, too.
    ///
    /// # Errors
    /// As [`new`](Self::new); `engine` for a value that the graph does not compute.
    pub fn with_values(name: &str, proto: &ModelProto, input: &[usize], values: &[String]) -> Result<Engine> {
        let model = parse(name, proto, values)?;
        let outputs = output_names(proto);
        guarded(name, "optimising", || Engine::prepare(name, model, outputs, values, input))
    }

    /// Prepares a graph; its weights are let go before the engine lays out its own.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn from_graph(name: &str, graph: Graph, input: &[usize]) -> Result<Engine> {
        let proto = to_proto(graph);
        let (model, outputs) = (parse(name, &proto, &[])?, output_names(&proto));
        drop(proto);
        guarded(name, "optimising", || Engine::prepare(name, model, outputs, &[], input))
    }

    fn prepare(
        name: &str,
        mut model: InferenceModel,
        mut outputs: Vec<String>,
        values: &[String],
        input: &[usize],
    ) -> Result<Engine> {
        let fail = |stage| move |source: TractError| error(name, stage, source);
        if model.inputs.len() != 1 {
            let (expected, found) = ("one input without a value", model.inputs.len().to_string());
            return Err(malformed(name, "the graph's inputs", expected, &found));
        }
        model
            .set_input_fact(0, InferenceFact::dt_shape(f32::datum_type(), input))
            .map_err(fail("setting the input size"))?;
        model.analyse(true).map_err(fail("inferring shapes"))?;
        small(name, &model)?;
        let model = model.into_optimized().map_err(fail("optimising"))?;
        let plan = model.into_runnable().map_err(fail("planning"))?;
        let own = outputs.len();
        outputs.extend_from_slice(values);
        Ok(Engine { name: name.to_string(), plan, input: input.to_vec(), outputs, own })
    }

    /// The model's name, for messages.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Runs the model on one input in the input's axis order.
    ///
    /// # Errors
    /// `engine` where the number of values is not the input shape's product, or tract fails.
    pub fn run(&self, values: &[f32]) -> Result<Vec<Output>> {
        guarded(&self.name, "running", || self.outputs(values, self.own))
    }

    /// As [`run`](Self::run), followed by the values that [`with_values`](Self::with_values) asked for.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub fn run_inside(&self, values: &[f32]) -> Result<Vec<Output>> {
        guarded(&self.name, "running", || self.outputs(values, self.outputs.len()))
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

/// Parses without trusting the shapes that exporters wrote into the file: torch's dynamo exporter writes
/// symbols there that contradict a concrete batch. The values become outputs behind the model's own.
fn parse(name: &str, proto: &ModelProto, values: &[String]) -> Result<InferenceModel> {
    check::check(name, proto)?;
    let framework = tract_onnx::onnx().with_ignore_value_info(true).with_ignore_output_shapes(true);
    let read = || -> TractResult<InferenceModel> {
        if values.is_empty() {
            return framework.model_for_proto_model(proto);
        }
        let mut parsed = framework.parse(proto, None)?;
        for value in values {
            let outlet = parsed.outlets_by_name.get(value).copied();
            parsed.model.outputs.push(outlet.ok_or_else(|| TractError::msg(format!("no value {value}")))?);
        }
        if !parsed.unresolved_inputs.is_empty() {
            let found = format!("Could not resolve inputs at top-level: {:?}", parsed.unresolved_inputs);
            return Err(TractError::msg(found));
        }
        Ok(parsed.model)
    };
    guarded(name, "parsing", || read().map_err(|e| error(name, "parsing", e)))
}

thread_local! {
    static GUARDED: Cell<bool> = const { Cell::new(false) };
}

/// Whether a panic of this thread would become an error: a panic hook then has nothing to say.
pub fn is_guarded() -> bool {
    GUARDED.get()
}

/// Runs a step of tract, which panics on some models that contradict themselves: an error as well, where panics can
/// be caught.
fn guarded<T>(name: &str, stage: &'static str, step: impl FnOnce() -> Result<T>) -> Result<T> {
    let before = GUARDED.replace(true);
    // What the step leaves half done is dropped with it.
    let result = catch_unwind(AssertUnwindSafe(step));
    GUARDED.set(before);
    result.unwrap_or_else(|payload| {
        let text = payload.downcast_ref::<String>().cloned();
        let text = text.or_else(|| payload.downcast_ref::<&str>().map(|s| s.to_string()));
        let source = text.unwrap_or_else(|| "a panic".to_string()).into();
        Err(ErrorKind::Engine { model: name.to_string(), stage, source }.into())
    })
}

/// Refuses a model with a value of too many numbers, as far as shapes are known.
fn small(name: &str, model: &InferenceModel) -> Result<()> {
    for node in &model.nodes {
        for output in &node.outputs {
            let dims = output.fact.shape.dims().filter_map(|d| d.concretize()).filter_map(|d| d.to_i64().ok());
            let numbers = dims.map(|d| d.max(1) as f64).product();
            at::few(|| format!("model '{name}', node '{}'", node.name), numbers)?;
        }
    }
    Ok(())
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
