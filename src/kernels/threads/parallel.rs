//! Runs the chunks of a kernel on the threads of the current executor.

use std::sync::OnceLock;

/// A pool of threads.
pub trait Executor: Sync + Send {
    /// The number of threads, the caller's included.
    fn size(&self) -> usize;

    /// Calls `work` once with every index below `parts`, and returns after all calls.
    fn run(&self, parts: usize, work: &(dyn Fn(usize) + Sync));
}

static TEAM: OnceLock<Box<dyn Executor>> = OnceLock::new();

/// Makes all kernels use this executor from now on; `false` if one is already set.
pub fn set_executor(team: Box<dyn Executor>) -> bool {
    TEAM.set(team).is_ok()
}

/// The number of threads.
pub fn threads() -> usize {
    TEAM.get().map_or(1, |team| team.size())
}

/// Calls `work` once with every index below `parts`.
pub(crate) fn for_each_chunk(parts: usize, work: &(dyn Fn(usize) + Sync)) {
    match TEAM.get() {
        Some(team) if parts > 1 => team.run(parts, work),
        _ => (0..parts).for_each(work),
    }
}

/// The results of `work` for every index below `parts`, in order.
pub fn map_chunks<R: Send + Sync>(parts: usize, work: &(dyn Fn(usize) -> R + Sync)) -> Vec<R> {
    let places: Vec<OnceLock<R>> = (0..parts).map(|_| OnceLock::new()).collect();
    for_each_chunk(parts, &|part| {
        // Called once per index.
        let _ = places[part].set(work(part));
    });
    places.into_iter().filter_map(OnceLock::into_inner).collect()
}

/// The number of chunks for work of this many multiply-adds (or operations as costly): one if waking a thread would
/// take longer than the work.
pub(crate) fn parts(work: usize) -> usize {
    const LEAST: usize = 40_000;
    match threads() {
        1 => 1,
        threads => (2 * threads).min(work / LEAST).max(1),
    }
}

/// Chunk `index` of `parts` chunks of 0..`len`, divided at multiples of `unit`.
pub fn chunk(len: usize, unit: usize, parts: usize, index: usize) -> std::ops::Range<usize> {
    let units = len.div_ceil(unit);
    let cut = |index: usize| (units * index / parts * unit).min(len);
    cut(index)..cut(index + 1)
}

/// A pointer to memory of which several threads write different parts.
#[derive(Clone, Copy)]
pub(crate) struct SendPtr(pub *mut f32);

// SAFETY: it is only passed to kernels whose chunks write disjoint elements.
unsafe impl Sync for SendPtr {}
// SAFETY: as above.
unsafe impl Send for SendPtr {}

impl SendPtr {
    /// The pointer; a method, so that closures capture the whole struct.
    pub fn pointer(self) -> *mut f32 {
        self.0
    }
}
