//! The native tests, one module a subject.

mod picture;
mod preprocess;
