//! Evidence while it is gathered: images go to the part that their content says.

use super::{fold, Evidence};
use crate::error::{ErrorKind, Result};
use crate::observer::{Example, Observer};
use crate::taps::Pool;

/// Evidence in parts that share no image; one part is plain evidence.
pub struct Parts(Vec<Evidence>);

impl Parts {
    /// No image in so many parts, for sections of the features of these kinds.
    pub fn empty(observer: &Observer, pools: &[Pool], parts: usize) -> Parts {
        Parts(vec![Evidence::empty(observer, pools); parts.max(1)])
    }

    /// Counts labelled images in their order, each for its label in its head, or in every head that has the label.
    ///
    /// # Errors
    /// As [`Evidence::add_examples`].
    pub fn add(&mut self, observer: &Observer, examples: &[Example]) -> Result<()> {
        let parts = self.0.len();
        for (at, part) in self.0.iter_mut().enumerate() {
            let own = examples.iter().filter(|e| fold(&e.sha256, parts) == at);
            let columns = own.flat_map(|e| observer.columns(e.label, e.head).map(|column| (column, &e.observation)));
            part.add_examples(&columns.collect::<Vec<_>>())?;
        }
        Ok(())
    }

    /// The evidence of all parts, which it keeps where there are several.
    ///
    /// # Errors
    /// None that is known of.
    pub fn whole(mut self) -> Result<Evidence> {
        let none = || ErrorKind::NoImages { model: "evidence".into() };
        let evidence = match self.0.len() {
            1 => self.0.pop(),
            _ => Evidence::of_folds(self.0)?,
        };
        Ok(evidence.ok_or_else(none)?)
    }
}
