//! Pictures are observed one by one, so that a caller may stop between them.

use super::pictures::{resolve, Observed, Picture};
use super::{About, PictureView, Project};
use crate::error::Result;
use crate::picture;

impl Project {
    /// The text of the joint label that a folder's name means.
    ///
    /// # Errors
    /// `not-merged`, `no-such-label`, `ambiguous-label`, `unknown-head`.
    pub fn label_of(&self, text: &str, head: Option<&str>) -> Result<String> {
        resolve(self.observer()?, text, text, head)
    }

    /// Whether the picture of these bytes was observed with the present merge.
    pub fn is_observed(&self, sha256: &str) -> bool {
        self.pictures.observed.contains_key(sha256)
    }

    /// Takes in a picture. `sha256` is that of its file's bytes, in hexadecimal. The same content under the same label once more
    /// is the picture that is there.
    ///
    /// # Errors
    /// Those of [`observe_known`](Self::observe_known) and [`Observer::run`](crate::observer::Observer::run).
    pub fn observe(&mut self, about: About, sha256: &str, picture: &picture::Picture) -> Result<PictureView> {
        let label = self.label_of_picture(&about)?;
        let observation = self.observer()?.run(picture)?;
        let observed = Observed { size: [picture.width, picture.height], observation };
        self.pictures.observed.insert(sha256.to_string(), observed);
        let at = self.put(about, label, sha256, [picture.width, picture.height]);
        Ok(self.view(at).known(false))
    }

    /// Takes in a picture whose content was observed before; `None` where it was not.
    ///
    /// # Errors
    /// `not-merged`, `no-such-item`; those of [`label_of`](Self::label_of).
    pub fn observe_known(&mut self, about: &About, sha256: &str) -> Result<Option<PictureView>> {
        let label = self.label_of_picture(about)?;
        let Some(size) = self.pictures.observed.get(sha256).map(|observed| observed.size) else { return Ok(None) };
        let at = self.put(about.clone(), label, sha256, size);
        Ok(Some(self.view(at).known(true)))
    }

    /// The joint label of what is said of a picture.
    fn label_of_picture(&self, about: &About) -> Result<Option<String>> {
        let observer = self.observer()?;
        about.id.map_or(Ok(0), |id| self.pictures.find(id))?;
        about.label.as_deref().map(|l| resolve(observer, &about.name, l, about.head.as_deref())).transpose()
    }

    /// The place of the picture among the rows.
    fn put(&mut self, about: About, label: Option<String>, sha256: &str, [width, height]: [u32; 2]) -> usize {
        let About { name, head, unseen, id, .. } = about;
        let old = id.and_then(|id| self.pictures.find(id).ok());
        // A picture that is observed again keeps what was said of it, unless something else is said now.
        let (name, label, head, unseen) = match old.map(|at| self.pictures.rows[at].clone()) {
            Some(old) => (old.name, label.or(old.label), head.or(old.head), unseen.unwrap_or(old.unseen)),
            None => (name, label, head, unseen.unwrap_or_default()),
        };
        let twin =
            |row: &Picture| row.sha256 == sha256 && row.label == label && row.head == head && row.unseen == unseen;
        let there = old.or_else(|| self.pictures.rows.iter().position(twin));
        let own = there.map(|at| self.pictures.rows[at].id);
        let name = self.pictures.free_name(&name, own);
        let id = own.unwrap_or_else(|| self.next_id());
        let new = Picture { id, name, sha256: sha256.to_string(), label, head, unseen, width, height };
        self.changed();
        match (there, old) {
            (Some(at), None) => at,
            (Some(at), _) => {
                self.pictures.rows[at] = new;
                at
            }
            (None, _) => {
                self.pictures.rows.push(new);
                self.pictures.rows.len() - 1
            }
        }
    }

    /// Says something else of a picture; nothing is computed again.
    ///
    /// # Errors
    /// `not-merged`, `no-such-item`; those of [`label_of`](Self::label_of).
    pub fn edit_picture(&mut self, id: u32, change: impl FnOnce(&mut About)) -> Result<PictureView> {
        let at = self.pictures.find(id)?;
        let Picture { name, label, head, unseen, .. } = self.pictures.rows[at].clone();
        let mut about = About { name, label, head, unseen: Some(unseen), id: Some(id) };
        change(&mut about);
        let label = self.label_of_picture(&about)?;
        let row = &mut self.pictures.rows[at];
        (row.label, row.head, row.unseen) = (label, about.head, about.unseen.unwrap_or_default());
        self.changed();
        Ok(self.view(at))
    }

    /// # Errors
    /// `no-such-item`.
    pub fn remove_picture(&mut self, id: u32) -> Result<()> {
        let at = self.pictures.find(id)?;
        self.pictures.rows.remove(at);
        self.changed();
        Ok(())
    }

    fn view(&self, at: usize) -> PictureView {
        self.pictures.view(self.joined.as_ref().map(|j| &j.observer), &self.pictures.rows[at])
    }
}
