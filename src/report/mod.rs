//! A check as people read it: a table for the terminal, one page for the browser. JSON is the report itself.

mod html;
mod matrix;
mod plot;
mod rows;
#[cfg(feature = "cli")]
mod table;

pub use html::{page, wanted, Thumbnails};
pub use matrix::{MISTAKES_SHOWN, RIGHT_SHOWN};
#[cfg(feature = "cli")]
pub use table::table;
