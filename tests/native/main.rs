//! The native tests, one module a subject.

mod picture;
mod preprocess;
//! Tests of the library and the command line on this machine.

mod embed;
mod serve;
//! The native tests, one module a subject.

mod picture;
mod preprocess;
