//! Tests of the library and the command line on this machine.

mod embed;
mod exports;
mod golden;
mod picture;
mod preprocess;
mod serve;
mod source;
mod tfjs;
