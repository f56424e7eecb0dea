//! Zip archives, and exports as folders: TensorFlow.js layers models, models with weights in other files.
#![cfg_attr(fuzzing, no_main)]

use polyhead::import::{is_plain_path, is_zip, Archive, FileTree, ImportedModel};
use polyhead_fuzz::bundle::{self, Bundle};
use polyhead_fuzz::held::{must, told};
use polyhead_fuzz::model::stated;
use zip::CompressionMethod;

polyhead_fuzz::target!("archive", bundle::change, |data| {
    if is_zip(data) {
        unpack(data);
        return;
    }
    let folder = Bundle::read_from(data);
    let read = ImportedModel::read_folder("export", &folder, &stated("export"));
    let same = match &read {
        Ok(source) => format!("{:?} {:?}", source.heads, source.preprocessing.value),
        Err(error) => error.code().to_string(),
    };
    told(read);
    let Some(zip) = folder.zip(CompressionMethod::Stored) else { return };
    // An archive skips hidden files and refuses paths outside of the folder.
    let Some(archive) = told(Archive::open("export", &zip)) else { return };
    if must("names", archive.names()) == must("names", folder.names()) {
        let read = ImportedModel::read_folder("export", &archive, &stated("export"));
        let found = match &read {
            Ok(source) => format!("{:?} {:?}", source.heads, source.preprocessing.value),
            Err(error) => error.code().to_string(),
        };
        assert_eq!(found, same, "a folder and its archive are read differently");
    }
});

/// Opens bytes as an archive and reads its files.
fn unpack(data: &[u8]) {
    if let Some(archive) = told(Archive::open("export", data)) {
        for name in must("names", archive.names()) {
            assert!(is_plain_path(&name), "{name:?}");
            told(archive.read(&name));
        }
    }
    told(ImportedModel::read_folder("export.zip", &Bundle::default(), &stated("export")));
    told(ImportedModel::read("export.zip", data, &stated("export"), &Bundle::default()));
}
