//! Renders a check's report as a terminal table or an HTML page.

mod confusion_matrix;
mod html;
mod metrics;
mod plot;
#[cfg(feature = "cli")]
mod table;
mod thumbnails;

pub use confusion_matrix::{MISTAKES_SHOWN, RIGHT_SHOWN};
pub use html::{page, wanted};
#[cfg(feature = "cli")]
pub use table::table;
pub use thumbnails::Thumbnails;
