//! The layers of a model: their kinds, settings and connections.

use super::Place;
use crate::error::Result;
use crate::import::graph_builder::MAX_WINDOW;
use serde_json::Value;

/// A layer, or a model that is used as one.
#[derive(Debug)]
pub(super) struct Layer {
    /// The Keras class, such as `Conv2D`.
    pub class: String,
    /// The name, after those of the models around it but the outermost, as `base/conv1`.
    pub name: String,
    pub config: Value,
    /// Empty in a Sequential model, whose layers are consecutive.
    pub calls: Vec<Call>,
    /// The layers of a nested model.
    pub inner: Option<NestedModel>,
}

/// The layers of a model.
#[derive(Debug)]
pub(super) struct NestedModel {
    pub layers: Vec<Layer>,
    /// The input and output of a functional model; `None` for a Sequential one.
    pub ends: Option<(OutputRef, OutputRef)>,
}

/// The output of one call of a layer.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct OutputRef {
    pub layer: String,
    pub call: usize,
}

/// One call of a layer.
#[derive(Clone, Debug, Default)]
pub(super) struct Call {
    pub inputs: Vec<Argument>,
    /// The other arguments, by name.
    pub settings: Value,
}

/// An argument of a call.
#[derive(Clone, Debug)]
pub(super) enum Argument {
    Output(OutputRef),
    /// One number, or one per channel.
    Constant(Vec<f32>),
}

impl NestedModel {
    /// Puts the names of the models around a layer before its name.
    fn qualify(&mut self, prefix: &str) {
        let full = |name: &mut String| name.insert_str(0, prefix);
        for layer in &mut self.layers {
            full(&mut layer.name);
            for argument in layer.calls.iter_mut().flat_map(|call| &mut call.inputs) {
                if let Argument::Output(output) = argument {
                    full(&mut output.layer);
                }
            }
            if let Some(inner) = &mut layer.inner {
                inner.qualify(&format!("{}/", layer.name));
            }
        }
        if let Some((input, output)) = &mut self.ends {
            full(&mut input.layer);
            full(&mut output.layer);
        }
    }
}

impl Layer {
    /// Parses a whole model.
    pub(super) fn parse_model(model: &str, value: &Value) -> Result<Layer> {
        let mut root = Layer::parse(model, value)?;
        if let Some(inner) = &mut root.inner {
            inner.qualify("");
        }
        Ok(root)
    }

    /// Parses `{"class_name": …, "config": …, "inbound_nodes": …}`.
    fn parse(model: &str, value: &Value) -> Result<Layer> {
        let whole = Place { model, layer: "" };
        let class = value.get("class_name").and_then(Value::as_str);
        let class = class.ok_or_else(|| whole.malformed("a class_name for every layer", "none"))?.to_string();
        let mut config = value.get("config").cloned().unwrap_or_default();
        let named = |v: &Value| v.get("name").and_then(Value::as_str).map(str::to_string);
        let name = named(value).or_else(|| named(&config)).unwrap_or_else(|| class.to_lowercase());
        let at = Place { model, layer: &name };
        let mut inner = None;
        if ["Sequential", "Model", "Functional"].contains(&class.as_str()) {
            // The layers are moved out of the configuration; old Sequential models have a configuration of layers
            // alone.
            let layers = match config.get_mut("layers") {
                Some(layers) => layers.take(),
                None => config.take(),
            };
            let Value::Array(layers) = layers else { return Err(at.malformed("a list of layers", "none")) };
            let layers = layers.iter().map(|l| Layer::parse(model, l)).collect::<Result<Vec<_>>>()?;
            let ends = match class.as_str() {
                "Sequential" => None,
                _ => Some((only(at, &config, "input_layers")?, only(at, &config, "output_layers")?)),
            };
            inner = Some(NestedModel { layers, ends });
        }
        let calls = match value.get("inbound_nodes") {
            Some(Value::Array(calls)) => calls.iter().map(|c| call(at, c)).collect::<Result<_>>()?,
            _ => Vec::new(),
        };
        Ok(Layer { class, name, config, calls, inner })
    }

    /// A numeric setting, or its default.
    pub(super) fn number(&self, key: &str, default: f64) -> f64 {
        self.config.get(key).and_then(Value::as_f64).unwrap_or(default)
    }

    /// A boolean setting, or its default.
    pub(super) fn flag(&self, key: &str, default: bool) -> bool {
        self.config.get(key).and_then(Value::as_bool).unwrap_or(default)
    }

    /// A text setting, or its default.
    pub(super) fn text<'a>(&'a self, key: &str, default: &'a str) -> &'a str {
        self.config.get(key).and_then(Value::as_str).unwrap_or(default)
    }

    /// Height and width, which Keras writes as one number or two.
    pub(super) fn pair(&self, at: Place, key: &str, default: i64) -> Result<[i64; 2]> {
        let found = match self.config.get(key) {
            None | Some(Value::Null) => Some([default; 2]),
            Some(stated) => two(stated, Value::as_i64),
        };
        let sound = found.filter(|p| p.iter().all(|v| (1..=MAX_WINDOW).contains(v)));
        sound.ok_or_else(|| at.malformed(format!("{key} of 1 to {MAX_WINDOW}"), show(self.config.get(key))))
    }
}

/// Two values, or one for both.
pub(super) fn two<T: Copy>(stated: &Value, read: impl Fn(&Value) -> Option<T>) -> Option<[T; 2]> {
    match stated.as_array().map(Vec::as_slice) {
        Some([first, second]) => Some([read(first)?, read(second)?]),
        Some(_) => None,
        None => read(stated).map(|both| [both; 2]),
    }
}

/// A value as JSON, for messages.
pub(super) fn show(value: Option<&Value>) -> String {
    value.map_or("none".into(), Value::to_string)
}

/// The one input or output of a functional model: `[["name", 0, 0]]`, or without the outer list.
fn only(at: Place, config: &Value, key: &str) -> Result<OutputRef> {
    let list = config.get(key).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    match list {
        [Value::Array(one)] => tap(at, one),
        [Value::String(_), ..] => tap(at, list),
        _ => {
            let remedy = "give an image classifier: one image in, one row of scores out";
            Err(at.unsupported(format!("one entry of {key}"), show(config.get(key)), remedy))
        }
    }
}

/// One call: `[["layer", 0, 0, {}], …]`, or Keras 3's `{"args": […], "kwargs": {…}}`.
fn call(at: Place, value: &Value) -> Result<Call> {
    let mut found = Call::default();
    if let Some(arguments) = value.get("args") {
        found.settings = value.get("kwargs").cloned().unwrap_or_default();
        keras_tensors(at, arguments, &mut found.inputs)?;
        return Ok(found);
    }
    let taps = value.as_array().ok_or_else(|| at.malformed("inbound_nodes as lists", show(Some(value))))?;
    if let [Value::String(_), ..] = taps.as_slice() {
        old_argument(at, taps, &mut found)?;
        return Ok(found);
    }
    for argument in taps {
        match argument {
            Value::Array(parts) => old_argument(at, parts, &mut found)?,
            other => return Err(at.malformed("[layer, call, output]", other)),
        }
    }
    Ok(found)
}

/// `["layer", 0, 0, {…}]`, where the last part has further arguments; `["_CONSTANT_VALUE", -1, number, {…}]` is a number.
fn old_argument(at: Place, parts: &[Value], found: &mut Call) -> Result<()> {
    match parts {
        [Value::String(name), _, number, ..] if name == "_CONSTANT_VALUE" => {
            let number = floats(number).ok_or_else(|| at.not_covered("a constant of numbers", number))?;
            found.inputs.push(Argument::Constant(number));
        }
        _ => found.inputs.push(Argument::Output(tap(at, parts)?)),
    }
    let Some(Value::Object(settings)) = parts.get(3) else { return Ok(()) };
    // The second operand of an operator.
    match settings.get("y").or_else(|| settings.get("bias")) {
        Some(Value::Array(other)) if matches!(other.first(), Some(Value::String(_))) => {
            found.inputs.push(Argument::Output(tap(at, other)?));
        }
        Some(other) => {
            let numbers = floats(other).ok_or_else(|| at.not_covered("a layer called on tensors", other))?;
            found.inputs.push(Argument::Constant(numbers));
        }
        None => {}
    }
    found.settings = Value::Object(settings.clone());
    Ok(())
}

/// The tensors and numbers in the arguments of a call, in their order.
fn keras_tensors(at: Place, arguments: &Value, inputs: &mut Vec<Argument>) -> Result<()> {
    let tensor = arguments.pointer("/config/keras_history").and_then(Value::as_array);
    match (tensor, floats(arguments), arguments) {
        (Some(history), _, _) => inputs.push(Argument::Output(tap(at, history)?)),
        (None, Some(numbers), _) if !numbers.is_empty() => inputs.push(Argument::Constant(numbers)),
        (None, _, Value::Array(parts)) => {
            return parts.iter().try_for_each(|part| keras_tensors(at, part, inputs));
        }
        (None, _, other) => return Err(at.not_covered("a layer called on tensors", other)),
    }
    Ok(())
}

/// One number, or a list of them, which Keras nests for broadcasting.
pub(super) fn floats(value: &Value) -> Option<Vec<f32>> {
    match value {
        Value::Array(list) => Some(list.iter().map(floats).collect::<Option<Vec<_>>>()?.concat()),
        // Keras 3 writes constants as {"class_name": "__numpy__", "config": {"value": …}}.
        Value::Object(_) => floats(value.pointer("/config/value")?),
        number => Some(vec![number.as_f64()? as f32]),
    }
}

fn tap(at: Place, parts: &[Value]) -> Result<OutputRef> {
    match parts {
        [Value::String(layer), call, output, ..] if output.as_u64() == Some(0) => {
            let call = call.as_u64().ok_or_else(|| at.malformed("the number of a call", call))?;
            Ok(OutputRef { layer: layer.clone(), call: call as usize })
        }
        _ => Err(at.malformed("[layer, call, 0]", format!("{parts:?}"))),
    }
}
