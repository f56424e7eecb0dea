//! Renders a check's report as a terminal table or an HTML page.

#[cfg(feature = "cli")]
mod comparison_table;
mod confusion_matrix;
mod html;
mod metrics;
mod plot;
#[cfg(feature = "cli")]
mod table;
mod thumbnails;

#[cfg(feature = "cli")]
pub use comparison_table::{comparison_table, ComparedModel};
pub use confusion_matrix::{MISTAKES_SHOWN, RIGHT_SHOWN};
pub use html::{page, wanted};
#[cfg(feature = "cli")]
pub use table::table;
pub use thumbnails::Thumbnails;
