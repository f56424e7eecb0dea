//! Project files of the workshop: opened, saved and opened again.
#![cfg_attr(fuzzing, no_main)]

use polyhead::project::Project;
use polyhead_fuzz::bundle::{self, Bundle};
use polyhead_fuzz::held::{must, told};
use zip::CompressionMethod;

polyhead_fuzz::target!("project", bundle::change, |data| {
    told(Project::open(data));
    let Some(zip) = Bundle::read_from(data).zip(CompressionMethod::Stored) else { return };
    let Some(mut opened) = told(Project::open(&zip)) else { return };
    let state = serde_json::to_value(opened.project.state()).expect("JSON");
    let saved = must("what was opened", opened.project.save(&opened.extra));
    let again = must("what was saved", Project::open(&saved));
    assert_eq!(serde_json::to_value(again.project.state()).expect("JSON"), state);
    assert!(again.extra == opened.extra);
});
