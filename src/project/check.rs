//! Checks a project's merged model on its labelled images.

use super::check_rule::check_rule;
use super::merged_model::{self, NAME};
use super::Project;
use crate::check::Report;
use crate::error::{ErrorKind, Result};
use crate::report::{self, Thumbnails};
use crate::rule::FittedRule;
use crate::statistics::SEED;

impl Project {
    /// Measures the predictions of the current rule; `seed` draws the resamples, [`SEED`] if `None`.
    ///
    /// # Errors
    /// `not-merged`; those of [`check_rule`].
    pub fn check(&mut self, seed: Option<u64>) -> Result<&Report> {
        let extractor = self.extractor()?;
        let [mut examples, unseen] = self.images.examples(extractor);
        examples.extend(unseen);
        examples.sort_by(|a, b| (&a.sha256, &a.name).cmp(&(&b.sha256, &b.name)));
        let report = check_rule(NAME, self.combination()?, extractor, examples, seed.unwrap_or(SEED))?;
        Ok(self.checked.insert(report))
    }

    /// The last check as an HTML page; `thumbnails` are URLs of small images by the image's name.
    ///
    /// # Errors
    /// `no-images` before a check.
    pub fn check_page(&self, thumbnails: &Thumbnails) -> Result<String> {
        let report = self.checked.as_ref().ok_or_else(|| ErrorKind::NoImages { model: NAME.into() })?;
        Ok(report::page(report, thumbnails))
    }

    /// The rule of the current model.
    fn combination(&self) -> Result<FittedRule> {
        match &self.taken {
            Some(taken) => Ok(taken.combination.clone()),
            None => merged_model::read(self.file()?)?.combination(),
        }
    }
}
