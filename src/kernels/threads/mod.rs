//! Runs the parts of a layer on several threads: how work is divided, and the pool of the browser's workers.

mod parallel;
mod thread_pool;

pub use parallel::{chunk, map_chunks, set_executor, threads, Executor};
pub(crate) use parallel::{for_each_chunk, parts, SendPtr};
pub use thread_pool::{ThreadPool, Worker};
