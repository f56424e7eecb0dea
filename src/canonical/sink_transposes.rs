//! Sinks transposes below elementwise operators until they cancel.

use super::Index;
use crate::onnx::{Attribute, Attributes, Graph, Tensor, TypeAndShape, ValueId};

/// f(transpose(x), transpose(y), constant) is transpose(f(x, y, constant')) for an elementwise f.
pub(super) fn sink(graph: &mut Graph, index: &Index, at: usize) -> Option<()> {
    let node = &graph.nodes[at];
    // Operators that treat every element alike, with broadcasting operands.
    let ("Abs" | "Add" | "Clip" | "Div" | "Elu" | "Erf" | "Exp" | "HardSigmoid" | "HardSwish" | "LeakyRelu" | "Max"
    | "Min" | "Mul" | "Neg" | "PRelu" | "Pow" | "Relu" | "Selu" | "Sigmoid" | "Softplus" | "Sqrt" | "Sub"
    | "Tanh") = node.op.as_str()
    else {
        return None;
    };
    if !node.domain.is_empty() || node.outputs.len() != 1 {
        return None;
    }
    let transpose = |value: ValueId| index.producer(graph, value, "Transpose");
    let computed = || node.inputs.iter().flatten().filter(|&&v| graph.tensor(v).is_none());
    let perm: Vec<usize> = places(transpose(*computed().next()?)?.ints("perm")?)?;
    let mut inputs = Vec::new();
    let mut constants = Vec::new();
    for input in &node.inputs {
        inputs.push(match *input {
            None => None,
            Some(value) => match graph.tensor(value) {
                // A constant with more dimensions than the values would add dimensions to the result.
                Some(tensor) if tensor.len() == 1 && tensor.dims.len() <= perm.len() => Some(value),
                Some(tensor) => {
                    constants.push((inputs.len(), transposed(tensor, &perm)?, value));
                    None
                }
                None => {
                    let before = transpose(value)?;
                    if places(before.ints("perm")?)? != perm {
                        return None;
                    }
                    before.input(0)
                }
            },
        });
    }
    let fact = &graph.values[node.outputs[0]].fact;
    let shape = fact.shape.as_ref().filter(|s| s.len() == perm.len()).map(|shape| {
        let mut before = vec![None; perm.len()];
        perm.iter().zip(shape).for_each(|(&p, &d)| before[p] = d);
        before
    });
    let fact = TypeAndShape { dtype: fact.dtype, shape };
    for (place, tensor, old) in constants {
        let name = graph.values[old].name.clone();
        inputs[place] = Some(graph.add_initializer(name, tensor));
    }
    let name = format!("{}.inner", graph.values[graph.nodes[at].outputs[0]].name);
    let mut inner = graph.nodes[at].clone();
    let value = graph.add_value(name, crate::onnx::ValueKind::Node, fact);
    (inner.inputs, inner.outputs) = (inputs, vec![value]);
    graph.nodes.push(inner);
    let node = &mut graph.nodes[at];
    node.name = format!("{}.transpose", node.name);
    let perm = Attribute::Ints(perm.into_iter().map(|p| p as i64).collect());
    node.set("Transpose", Attributes::from([("perm".to_string(), perm)]), &[value]);
    Some(())
}

fn places(perm: &[i64]) -> Option<Vec<usize>> {
    perm.iter().map(|&p| usize::try_from(p).ok().filter(|&p| p < perm.len())).collect()
}

/// Permutes a constant that broadcasts against transposed values, for the values before the transpose.
fn transposed(tensor: &Tensor, perm: &[usize]) -> Option<Tensor> {
    let rank = perm.len();
    let missing = rank.checked_sub(tensor.dims.len())?;
    let mut dims = vec![1; missing];
    dims.extend(&tensor.dims);
    let mut before = vec![1; rank];
    perm.iter().zip(&dims).for_each(|(&p, &d)| before[p] = d);
    let values = tensor.f32s()?;
    let mut moved = vec![0.0; values.len()];
    for (at, value) in values.into_iter().enumerate() {
        // The index in the old order, axis by axis from the last, then in the new one.
        let (mut rest, mut place) = (at, vec![0; rank]);
        for axis in (0..rank).rev() {
            place[perm[axis]] = rest % dims[axis];
            rest /= dims[axis];
        }
        let to = place.iter().zip(&before).fold(0, |sum, (&i, &d)| sum * d + i);
        *moved.get_mut(to)? = value;
    }
    Some(Tensor::from_f32(&before, &moved))
}
