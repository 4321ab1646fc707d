//! Reads the files that manifests refer to, none of which may lie elsewhere: what is sent to WeChat is chosen by whoever
//! edits manifests, who need not be whoever may read this machine's files.

use std::fs;
use std::io::{self, Read as _};
use std::path::{Component, Path, PathBuf};

use super::places::Places;
use super::scan::Stamp;
use crate::manifest::{Credentials, FoundFile, FoundFiles, Loaded, NamedFile, NoFile};
use crate::resource::file::Image;
use crate::wechat::FileDigest;

/// No file that WeChat takes is larger. One byte more is read, which tells that there is too much.
const MOST: u64 = 16 * 1024 * 1024;

/// What was there of the files that manifests refer to, before they were read. Those that nobody may read are not among
/// them: whoever edits manifests must not have the folder wait for something elsewhere.
pub type Named = Vec<(PathBuf, Option<Stamp>)>;

/// The manifests with what is known of the files that they refer to. `paths` are those the manifests were read from.
pub fn with_named<P: AsRef<Path>>(loaded: Loaded, paths: &[P]) -> (Loaded, Named) {
    match Places::of(paths) {
        Ok(places) => found(loaded, &places),
        // Nothing lies there any more.
        Err(_) => found(loaded, &Places::default()),
    }
}

/// The same, of places that were found out before.
pub(super) fn found(loaded: Loaded, places: &Places) -> (Loaded, Named) {
    let named = loaded.named_files();
    let (mut found, mut seen) = (FoundFiles::new(), Named::new());
    if !named.is_empty() {
        let bounds = Bounds::of(&loaded, places);
        for named in named {
            let called = named.manifest.parent().unwrap_or(Path::new(""));
            let called = called.join(&named.path);
            let stamp = Stamp::of(&called);
            let read = bounds.read(&named);
            if !matches!(read, Err(NoFile::Outside | NoFile::Secret)) {
                seen.push((called, stamp));
            }
            found.insert(named, read);
        }
    }
    (loaded.with_files(&found), seen)
}

/// What may be read.
struct Bounds<'a> {
    places: &'a Places,
    /// Folders, as they really are.
    within: Vec<PathBuf>,
    /// Folders of secrets among them.
    without: Vec<PathBuf>,
}

impl<'a> Bounds<'a> {
    fn of(loaded: &Loaded, places: &'a Places) -> Self {
        let folder = |real: &Path| {
            if real.is_dir() {
                Some(real.to_owned())
            } else {
                real.parent().map(Path::to_owned)
            }
        };
        let secrets = loaded.platforms.values().filter_map(|platform| {
            let Credentials::Path(path) = &platform.spec.credentials else {
                return None;
            };
            fs::canonicalize(places.found(&platform.folder()).join(path)).ok()
        });
        Self {
            places,
            within: places.real().into_iter().filter_map(folder).collect(),
            without: secrets.collect(),
        }
    }

    fn is_within(&self, at: &Path) -> bool {
        self.within.iter().any(|folder| at.starts_with(folder))
    }

    fn read(&self, named: &NamedFile) -> Result<FoundFile, NoFile> {
        if Path::new(&named.path).is_absolute() {
            return Err(NoFile::Outside);
        }
        let manifest = self.places.found(&named.manifest);
        let folder = manifest.parent().unwrap_or(Path::new(""));
        let folder = if folder.as_os_str().is_empty() {
            Path::new(".")
        } else {
            folder
        };
        // Links and `..` are followed first, then it is looked where that leads; also to nothing, so that nobody learns
        // what lies elsewhere.
        let joined = folder.join(&named.path);
        let at = match fs::canonicalize(&joined) {
            Ok(at) => at,
            Err(_) if !self.is_within(&as_written(folder, &named.path)) => {
                return Err(NoFile::Outside);
            }
            Err(error) => return Err(no_file(&error)),
        };
        if !self.is_within(&at) {
            return Err(NoFile::Outside);
        }
        if self.without.iter().any(|folder| at.starts_with(folder)) {
            return Err(NoFile::Secret);
        }
        // A pipe would never end.
        if !fs::metadata(&at).is_ok_and(|kind| kind.is_file()) {
            return Err(NoFile::Missing);
        }
        let bytes = bytes(&at).map_err(|error| no_file(&error))?;
        Ok(FoundFile {
            sha256: FileDigest::of(&bytes),
            image: Image::of(&bytes),
            at,
        })
    }
}

/// Where a path leads by its words alone.
fn as_written(folder: &Path, path: &str) -> PathBuf {
    let mut at = fs::canonicalize(folder).unwrap_or_default();
    for part in Path::new(path).components() {
        match part {
            Component::ParentDir => {
                at.pop();
            }
            Component::Normal(name) => at.push(name),
            Component::CurDir | Component::RootDir | Component::Prefix(_) => {}
        }
    }
    at
}

fn bytes(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let file = fs::File::open(path)?;
    file.take(MOST + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn no_file(error: &io::Error) -> NoFile {
    let absent = [io::ErrorKind::NotFound, io::ErrorKind::NotADirectory];
    if absent.contains(&error.kind()) {
        NoFile::Missing
    } else {
        NoFile::Unreadable(error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    fn read(bounds: &Bounds<'_>, manifest: &Path, path: &str) -> Result<FileDigest, NoFile> {
        let named = NamedFile {
            manifest: manifest.to_owned(),
            path: path.to_owned(),
        };
        bounds.read(&named).map(|found| found.sha256)
    }

    #[test]
    fn nothing_outside_is_read_however_it_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        for below in [
            "tenants/own",
            "tenants/secret",
            "tenants/..data",
            "elsewhere",
        ] {
            fs::create_dir_all(root.join(below)).unwrap();
        }
        for file in [
            "tenants/own/a.png",
            "tenants/secret/s",
            "tenants/..data/m.png",
            "elsewhere/b.png",
        ] {
            fs::write(root.join(file), file).unwrap();
        }
        symlink(root.join("elsewhere/b.png"), root.join("tenants/link.png")).unwrap();
        symlink(root.join("elsewhere"), root.join("tenants/links")).unwrap();
        symlink("..data/m.png", root.join("tenants/mounted.png")).unwrap();
        let places = Places::default();
        let bounds = Bounds {
            places: &places,
            within: vec![fs::canonicalize(root.join("tenants")).unwrap()],
            without: vec![fs::canonicalize(root.join("tenants/secret")).unwrap()],
        };
        let manifest = root.join("tenants/own/tenant.yaml");
        let is = |file: &str| Ok(FileDigest::of(file.as_bytes()));
        assert_eq!(read(&bounds, &manifest, "a.png"), is("tenants/own/a.png"));
        assert_eq!(
            read(&bounds, &manifest, "../own/a.png"),
            is("tenants/own/a.png")
        );
        assert_eq!(
            read(&bounds, &manifest, "../mounted.png"),
            is("tenants/..data/m.png")
        );
        let absolute = root.join("tenants/own/a.png").display().to_string();
        for outside in [
            "../../elsewhere/b.png",
            "../link.png",
            "../links/b.png",
            "../../elsewhere/none.png",
            &absolute,
        ] {
            assert_eq!(
                read(&bounds, &manifest, outside),
                Err(NoFile::Outside),
                "{outside}"
            );
        }
        assert_eq!(read(&bounds, &manifest, "../secret/s"), Err(NoFile::Secret));
        for missing in ["b.png", "", "a.png/x", "../own"] {
            assert_eq!(
                read(&bounds, &manifest, missing),
                Err(NoFile::Missing),
                "{missing}"
            );
        }
    }
}
