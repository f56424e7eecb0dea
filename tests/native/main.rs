//! The native tests, one module a subject.

mod golden;
mod picture;
mod preprocess;
