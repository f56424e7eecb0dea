//! Adds images one by one, so that callers can cancel in between.

use super::images::{resolve, Image, Observed};
use super::{ImageInfo, ImageView, Project};
use crate::error::Result;
use crate::image;

impl Project {
    /// The merged label that a folder's name refers to.
    ///
    /// # Errors
    /// `not-merged`, `no-such-label`, `ambiguous-label`, `unknown-head`.
    pub fn label_of(&self, text: &str, head: Option<&str>) -> Result<String> {
        resolve(self.extractor()?, text, text, head)
    }

    /// Whether features were extracted from this content with the current merge.
    pub fn is_observed(&self, sha256: &str) -> bool {
        self.images.observed.contains_key(sha256)
    }

    /// Adds an image. `sha256` is the digest of its file, in hexadecimal. Adding the same content with the same label
    /// again returns the existing image.
    ///
    /// # Errors
    /// Those of [`observe_known`](Self::observe_known) and [`FeatureExtractor::run`](crate::features::FeatureExtractor::run).
    pub fn observe(&mut self, about: ImageInfo, sha256: &str, image: &image::RgbImage) -> Result<ImageView> {
        let label = self.label_of_image(&about)?;
        let observation = self.extractor()?.run(image)?;
        let observed = Observed { size: [image.width, image.height], observation };
        self.images.observed.insert(sha256.to_string(), observed);
        let at = self.put(about, label, sha256, [image.width, image.height]);
        Ok(self.view(at).known(false))
    }

    /// Adds an image whose features were extracted before; `None` if they were not.
    ///
    /// # Errors
    /// `not-merged`, `no-such-item`; those of [`label_of`](Self::label_of).
    pub fn observe_known(&mut self, about: &ImageInfo, sha256: &str) -> Result<Option<ImageView>> {
        let label = self.label_of_image(about)?;
        let Some(size) = self.images.observed.get(sha256).map(|observed| observed.size) else { return Ok(None) };
        let at = self.put(about.clone(), label, sha256, size);
        Ok(Some(self.view(at).known(true)))
    }

    /// The merged label that the image's information refers to.
    fn label_of_image(&self, about: &ImageInfo) -> Result<Option<String>> {
        let extractor = self.extractor()?;
        about.id.map_or(Ok(0), |id| self.images.find(id))?;
        about.label.as_deref().map(|l| resolve(extractor, &about.name, l, about.head.as_deref())).transpose()
    }

    /// The index of the image among the rows.
    fn put(&mut self, about: ImageInfo, label: Option<String>, sha256: &str, [width, height]: [u32; 2]) -> usize {
        let ImageInfo { name, head, unseen, id, .. } = about;
        let old = id.and_then(|id| self.images.find(id).ok());
        // An image that is added again keeps its label and settings unless others are given.
        let (name, label, head, unseen) = match old.map(|at| self.images.rows[at].clone()) {
            Some(old) => (old.name, label.or(old.label), head.or(old.head), unseen.unwrap_or(old.unseen)),
            None => (name, label, head, unseen.unwrap_or_default()),
        };
        let twin = |row: &Image| row.sha256 == sha256 && row.label == label && row.head == head && row.unseen == unseen;
        let there = old.or_else(|| self.images.rows.iter().position(twin));
        let own = there.map(|at| self.images.rows[at].id);
        let name = self.images.free_name(&name, own);
        let id = own.unwrap_or_else(|| self.next_id());
        let new = Image { id, name, sha256: sha256.to_string(), label, head, unseen, width, height };
        self.changed();
        match (there, old) {
            (Some(at), None) => at,
            (Some(at), _) => {
                self.images.rows[at] = new;
                at
            }
            (None, _) => {
                self.images.rows.push(new);
                self.images.rows.len() - 1
            }
        }
    }

    /// Changes the label and settings of an image; nothing is computed again.
    ///
    /// # Errors
    /// `not-merged`, `no-such-item`; those of [`label_of`](Self::label_of).
    pub fn edit_image(&mut self, id: u32, change: impl FnOnce(&mut ImageInfo)) -> Result<ImageView> {
        let at = self.images.find(id)?;
        let Image { name, label, head, unseen, .. } = self.images.rows[at].clone();
        let mut about = ImageInfo { name, label, head, unseen: Some(unseen), id: Some(id) };
        change(&mut about);
        let label = self.label_of_image(&about)?;
        let row = &mut self.images.rows[at];
        (row.label, row.head, row.unseen) = (label, about.head, about.unseen.unwrap_or_default());
        self.changed();
        Ok(self.view(at))
    }

    /// # Errors
    /// `no-such-item`.
    pub fn remove_image(&mut self, id: u32) -> Result<()> {
        let at = self.images.find(id)?;
        self.images.rows.remove(at);
        self.changed();
        Ok(())
    }

    fn view(&self, at: usize) -> ImageView {
        self.images.view(self.joined.as_ref().map(|j| &j.extractor), &self.images.rows[at])
    }
}
