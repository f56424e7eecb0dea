//! Runs the chunks of a kernel on the threads of the current executor.

use std::sync::OnceLock;

/// Threads that wait for work.
pub trait Executor: Sync + Send {
    /// How many threads work, the caller's included.
    fn size(&self) -> usize;

    /// Calls `work` once with every number below `parts`, and returns when all calls have.
    fn run(&self, parts: usize, work: &(dyn Fn(usize) + Sync));
}

static TEAM: OnceLock<Box<dyn Executor>> = OnceLock::new();

/// Lets all kernels from now on work with this team; `false` where there is one already.
pub fn set_executor(team: Box<dyn Executor>) -> bool {
    TEAM.set(team).is_ok()
}

/// How many threads work.
pub fn threads() -> usize {
    TEAM.get().map_or(1, |team| team.size())
}

/// Calls `work` once with every number below `parts`.
pub(crate) fn for_each_chunk(parts: usize, work: &(dyn Fn(usize) + Sync)) {
    match TEAM.get() {
        Some(team) if parts > 1 => team.run(parts, work),
        _ => (0..parts).for_each(work),
    }
}

/// What `work` gives for every number below `parts`, in their order.
pub fn map_chunks<R: Send + Sync>(parts: usize, work: &(dyn Fn(usize) -> R + Sync)) -> Vec<R> {
    let places: Vec<OnceLock<R>> = (0..parts).map(|_| OnceLock::new()).collect();
    for_each_chunk(parts, &|part| {
        // Called once with each number.
        let _ = places[part].set(work(part));
    });
    places.into_iter().filter_map(OnceLock::into_inner).collect()
}

/// Into how many parts work of this many multiply-adds (or as dear steps) is worth being cut: one where a thread would take longer
/// to wake than to work.
pub(crate) fn parts(work: usize) -> usize {
    const LEAST: usize = 40_000;
    match threads() {
        1 => 1,
        threads => (2 * threads).min(work / LEAST).max(1),
    }
}

/// The part `index` of `parts` parts of 0..`len`, cut at multiples of `unit`.
pub fn chunk(len: usize, unit: usize, parts: usize, index: usize) -> std::ops::Range<usize> {
    let units = len.div_ceil(unit);
    let cut = |index: usize| (units * index / parts * unit).min(len);
    cut(index)..cut(index + 1)
}

/// A place that several threads write different parts of.
#[derive(Clone, Copy)]
pub(crate) struct SendPtr(pub *mut f32);

// SAFETY: it is only handed to kernels whose parts write disjoint numbers.
unsafe impl Sync for SendPtr {}
// SAFETY: as above.
unsafe impl Send for SendPtr {}

impl SendPtr {
    /// The pointer; a method, so that closures capture the whole of it.
    pub fn pointer(self) -> *mut f32 {
        self.0
    }
}
