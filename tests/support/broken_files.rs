//! The files that `examples/broken/` refers to, as the command line would find them there.

use std::fs;
use std::path::{Component, Path};

use wxops::manifest::{FoundFile, FoundFiles, Loaded, NamedFile, NoFile};
use wxops::resource::file::Image;
use wxops::wechat::FileDigest;

/// The manifests of `examples/broken/` with what is known of the files they name.
pub fn with_files(loaded: Loaded) -> Loaded {
    let found: FoundFiles = loaded
        .named_files()
        .into_iter()
        .map(|named| {
            let found = find(&named);
            (named, found)
        })
        .collect();
    loaded.with_files(&found)
}

fn find(named: &NamedFile) -> Result<FoundFile, NoFile> {
    let inside = |part: Component<'_>| matches!(part, Component::Normal(_) | Component::CurDir);
    if !Path::new(&named.path).components().all(inside) {
        return Err(NoFile::Outside);
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/broken");
    let at = folder.join(&named.path);
    let bytes = fs::read(&at).map_err(|_| NoFile::Missing)?;
    Ok(FoundFile {
        sha256: FileDigest::of(&bytes),
        image: Image::of(&bytes),
        at,
    })
}
