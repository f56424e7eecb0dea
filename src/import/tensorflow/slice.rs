//! Converts operators that take parts: slices, splits, stacks.

use super::builder::{Builder, Operand};
use super::operator::StridedSlice;
use super::shape::moved;
use crate::error::Result;
use crate::onnx::{Attribute, Tensor, ValueId};

/// A range of an axis.
struct Range {
    axis: usize,
    begin: i64,
    end: i64,
    step: i64,
}

impl Builder<'_> {
    pub(super) fn slice(&mut self, inputs: &[Operand]) -> Result<Operand> {
        let Some(input) = inputs.first() else { return Err(self.malformed("an input", "none")) };
        let begins = self.integers(inputs.get(1), "the begin")?;
        let sizes = self.integers(inputs.get(2), "the size")?;
        if begins.len() != input.rank() || sizes.len() != begins.len() {
            return Err(self.malformed("a begin and a size per axis", format!("{begins:?} and {sizes:?}")));
        }
        let ranges = begins.iter().zip(sizes).enumerate().map(|(axis, (&begin, size))| {
            // −1 is all that remains.
            let end = if size < 0 { i64::MAX } else { begin.saturating_add(size) };
            Range { axis, begin, end, step: 1 }
        });
        self.ranges(input, ranges.collect())
    }

    pub(super) fn strided_slice(&mut self, inputs: &[Operand], masks: StridedSlice) -> Result<Operand> {
        let Some(input) = inputs.first() else { return Err(self.malformed("an input", "none")) };
        let begins = self.integers(inputs.get(1), "the begin")?;
        let ends = self.integers(inputs.get(2), "the end")?;
        let steps = self.integers(inputs.get(3), "the step")?;
        let rank = input.rank();
        if begins.len() > rank || ends.len() != begins.len() || steps.len() != begins.len() || steps.contains(&0) {
            return Err(self.malformed("a begin, an end and a step per axis", format!("{begins:?} {ends:?} {steps:?}")));
        }
        let mut removed = Vec::new();
        let mut ranges = Vec::new();
        for (axis, ((&begin, &end), &step)) in begins.iter().zip(&ends).zip(&steps).enumerate() {
            let has = |mask: u32| mask.checked_shr(axis as u32).is_some_and(|bits| bits & 1 == 1);
            let mut range = Range { axis, begin, end, step };
            if has(masks.removed) {
                removed.push(axis);
                // The index before the end of an axis is −1, whose next one is 0.
                range.end = if begin == -1 { i64::MAX } else { begin.saturating_add(1) };
                range.step = 1;
            } else {
                if has(masks.ignored_begins) {
                    range.begin = if step > 0 { 0 } else { -1 };
                }
                if has(masks.ignored_ends) {
                    range.end = if step > 0 { i64::MAX } else { i64::MIN + 1 };
                }
            }
            ranges.push(range);
        }
        if removed.is_empty() {
            return self.ranges(input, ranges);
        }
        let value = self.as_stored(input)?;
        let part = self.part(value, &ranges)?;
        let whole = self.squeezed(part, &removed)?;
        Ok(Operand::as_stored(whole, rank - removed.len()))
    }

    pub(super) fn reverse(&mut self, inputs: &[Operand]) -> Result<Operand> {
        let Some(input) = inputs.first() else { return Err(self.malformed("an input", "none")) };
        let axes = self.integers(inputs.get(1), "the axes")?;
        let mut ranges = Vec::new();
        for axis in axes {
            ranges.push(Range { axis: self.axis(axis, input.rank())?, begin: -1, end: i64::MIN + 1, step: -1 });
        }
        self.ranges(input, ranges)
    }

    pub(super) fn split(&mut self, input: &Operand, axis: i64, sizes: &[i64]) -> Result<Vec<Operand>> {
        let axis = self.axis(axis, input.rank())?;
        let mut begin = 0i64;
        let mut parts = Vec::new();
        for &size in sizes {
            let end = begin.saturating_add(size.max(0));
            parts.push(self.ranges(input, vec![Range { axis, begin, end, step: 1 }])?);
            begin = end;
        }
        Ok(parts)
    }

    pub(super) fn pack(&mut self, inputs: &[Operand], axis: i64) -> Result<Operand> {
        let Some(first) = inputs.first() else { return Err(self.malformed("inputs", "none")) };
        let rank = first.rank() + 1;
        let axis = self.axis(axis, rank)?;
        let mut parts = Vec::new();
        for input in inputs {
            let value = self.as_stored(input)?;
            parts.push(self.unsqueezed(value, axis)?);
        }
        let value = self.add("Concat", [("axis", Attribute::Int(axis as i64))], &parts)?;
        if rank == 1 {
            self.lengths.insert(value, inputs.len());
        }
        Ok(Operand::as_stored(value, rank))
    }

    pub(super) fn unpack(&mut self, input: &Operand, axis: i64, count: usize) -> Result<Vec<Operand>> {
        let rank = input.rank();
        let axis = self.axis(axis, rank)?;
        let value = self.as_stored(input)?;
        let mut parts = Vec::new();
        for at in 0..count as i64 {
            let part = self.part(value, &[Range { axis, begin: at, end: at + 1, step: 1 }])?;
            parts.push(Operand::as_stored(self.squeezed(part, &[axis])?, rank - 1));
        }
        Ok(parts)
    }

    pub(super) fn gather(&mut self, inputs: &[Operand], axis: i64) -> Result<Operand> {
        let [input, indices, ..] = inputs else { return Err(self.malformed("an input and indices", inputs.len())) };
        let axis = self.axis(axis, input.rank())?;
        let rank = input.rank() + indices.rank() - 1;
        let operands = [self.as_stored(input)?, self.as_stored(indices)?];
        Ok(Operand::as_stored(self.add("Gather", [("axis", Attribute::Int(axis as i64))], &operands)?, rank))
    }

    /// Part of a value, in its layout.
    fn ranges(&mut self, input: &Operand, mut ranges: Vec<Range>) -> Result<Operand> {
        if input.is_map() {
            ranges.iter_mut().for_each(|range| range.axis = moved(range.axis));
        }
        let value = self.in_own_layout(input)?;
        let value = self.part(value, &ranges)?;
        Ok(input.computed_as(value))
    }

    fn part(&mut self, value: ValueId, ranges: &[Range]) -> Result<ValueId> {
        let whole = |range: &&Range| (range.begin, range.end, range.step) == (0, i64::MAX, 1);
        let cut: Vec<&Range> = ranges.iter().filter(|range| !whole(range)).collect();
        if cut.is_empty() {
            return Ok(value);
        }
        let mut bounds = |name: &str, of: fn(&Range) -> i64| {
            let numbers: Vec<i64> = cut.iter().map(|range| of(range)).collect();
            self.add_constant(name, Tensor::from_i64(&numbers))
        };
        let begins = bounds("begin", |range| range.begin);
        let ends = bounds("end", |range| range.end);
        let axes = bounds("axes", |range| range.axis as i64);
        let steps = bounds("step", |range| range.step);
        self.add("Slice", [], &[value, begins, ends, axes, steps])
    }
}
