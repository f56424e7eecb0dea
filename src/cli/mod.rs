//! The parts of the command line that are more than a call into the core.

pub mod serve;
