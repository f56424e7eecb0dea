//! Wraps a kernel as a tract operator.

use std::fmt;
use std::sync::Arc;
use tract_onnx::tract_core::internal::*;

/// A kernel: computes the elements of its outputs from those of its inputs.
///
/// It must write every element of every output, as the outputs are uninitialised.
pub type KernelFn = dyn Fn(&[&[f32]], &mut [&mut [f32]]) + Send + Sync;

/// A tract operator that calls one kernel, for inputs of fixed shapes.
#[derive(Clone)]
pub struct Layer {
    name: &'static str,
    outputs: TVec<TVec<usize>>,
    /// The first output reuses the memory of the first input, and has its content when the kernel starts.
    in_place: bool,
    work: Arc<KernelFn>,
}

impl Layer {
    /// `outputs` are the shapes that `work` writes.
    pub fn new(
        name: &'static str,
        outputs: &[&[usize]],
        work: impl Fn(&[&[f32]], &mut [&mut [f32]]) + Send + Sync + 'static,
    ) -> Layer {
        let outputs = outputs.iter().map(|&shape| shape.into()).collect();
        Layer { name, outputs, in_place: false, work: Arc::new(work) }
    }

    /// The same operator with its first output in place of its first input. `work` finds the content there and not
    /// among the inputs; an input with other readers is copied first.
    pub fn in_place(self) -> Layer {
        Layer { in_place: true, ..self }
    }
}

impl fmt::Debug for Layer {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{} {:?}", self.name, self.outputs)
    }
}

impl PartialEq for Layer {
    fn eq(&self, other: &Layer) -> bool {
        Arc::ptr_eq(&self.work, &other.work)
    }
}

impl Eq for Layer {}

impl Op for Layer {
    fn name(&self) -> StaticName {
        self.name.into()
    }

    op_as_typed_op!();
}

impl EvalOp for Layer {
    op_out_of_plan!();

    fn eval(&self, _: &EvalContext, mut inputs: TVec<TValue>) -> TractResult<TVec<TValue>> {
        let mut outputs = TVec::new();
        if self.in_place {
            outputs.push(inputs.remove(0).into_tensor());
        }
        for shape in &self.outputs[outputs.len()..] {
            // SAFETY: all bit patterns are floats; the kernel writes all of them before they are read.
            outputs.push(unsafe { Tensor::uninitialized::<f32>(shape)? });
        }
        let views = inputs.iter().map(|input| input.try_as_plain_ram()).collect::<TractResult<TVec<_>>>()?;
        let slices = views.iter().map(|view| view.as_slice::<f32>()).collect::<TractResult<TVec<_>>>()?;
        {
            let views = outputs.iter_mut().map(|output| output.try_as_plain_ram_mut());
            let mut views = views.collect::<TractResult<TVec<_>>>()?;
            let places = views.iter_mut().map(|view| view.as_slice_mut::<f32>());
            (self.work)(&slices, &mut places.collect::<TractResult<TVec<_>>>()?);
        }
        Ok(outputs.into_iter().map(TValue::from).collect())
    }
}

impl TypedOp for Layer {
    fn output_facts(&self, _: &[&TypedFact]) -> TractResult<TVec<TypedFact>> {
        Ok(self.outputs.iter().map(f32::fact).collect())
    }

    as_op!();
}
