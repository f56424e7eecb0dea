//! Runs the chunks of a layer on several threads: the division of work, and the pool of threads.

mod parallel;
mod thread_pool;

pub use parallel::{chunk, map_chunks, set_executor, threads, Executor};
pub(crate) use parallel::{for_each_chunk, parts, SendPtr};
pub use thread_pool::{ThreadPool, Worker};
