//! The folder of manifests, a link to a tree as a mount has it: written, broken, mended, swapped.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use super::fleet::{self, Class, Tenant};
use crate::support::files;

/// The folder.
pub struct Folder {
    root: PathBuf,
    trees: usize,
}

/// How a file is broken.
#[derive(Debug, Clone, Copy)]
pub enum Breakage {
    /// Half of it is there.
    Half,
    NotText,
    /// A folder stands in its place.
    Folder,
    /// A link to nowhere does.
    Link,
}

impl Folder {
    /// Lays everything out below a folder.
    pub fn lay_out(root: &Path, classes: &[Class], tenants: &[Tenant]) -> Self {
        let folder = Self {
            root: root.to_owned(),
            trees: 0,
        };
        let tree = folder.tree(0);
        fs::create_dir_all(tree.join("credentials")).unwrap();
        for (name, text) in [
            ("appSecret", fleet::APP_SECRET),
            ("token", fleet::PUSH_TOKEN),
            ("encodingAesKey", fleet::AES_KEY),
        ] {
            fs::write(tree.join("credentials").join(name), text).unwrap();
        }
        fs::write(tree.join("platform.yaml"), fleet::platform()).unwrap();
        let scenarios = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios/_common");
        fs::copy(
            scenarios.join("nickname/license.png"),
            tree.join("license.png"),
        )
        .unwrap();
        symlink(&tree, folder.path()).unwrap();
        for class in classes {
            folder.write_class(class);
        }
        for tenant in tenants {
            folder.write(tenant);
        }
        folder
    }

    /// What `-f` is given.
    pub fn path(&self) -> PathBuf {
        self.root.join("manifests")
    }

    fn tree(&self, n: usize) -> PathBuf {
        self.root.join(format!("tree-{n}"))
    }

    /// Writes a tenant's manifest as it should be now: whole, and in one move.
    pub fn write(&self, tenant: &Tenant) {
        self.clear(&tenant.file);
        self.put(&tenant.file, tenant.manifest().as_bytes());
    }

    pub fn write_class(&self, class: &Class) {
        self.put(
            &format!("class-{}.yaml", class.name),
            class.manifest().as_bytes(),
        );
    }

    /// Takes a tenant's manifest away, whatever stands there.
    pub fn remove(&self, tenant: &Tenant) {
        self.clear(&tenant.file);
    }

    pub fn rename(&self, tenant: &mut Tenant) {
        let to = format!("{}-renamed.yaml", tenant.file.trim_end_matches(".yaml"));
        let to = to.replace("-renamed-renamed", "");
        fs::rename(self.path().join(&tenant.file), self.path().join(&to)).unwrap();
        tenant.file = to;
    }

    pub fn break_one(&self, tenant: &Tenant, how: Breakage) {
        let path = self.path().join(&tenant.file);
        match how {
            Breakage::Half => {
                let text = tenant.manifest();
                // In the middle of a letter, maybe.
                fs::write(&path, &text.as_bytes()[..text.len() * 2 / 3]).unwrap();
            }
            Breakage::NotText => fs::write(&path, b"kind: Tenant\n\xff\xfe\x00\x80").unwrap(),
            Breakage::Folder => {
                self.clear(&tenant.file);
                fs::create_dir(&path).unwrap();
            }
            Breakage::Link => {
                self.clear(&tenant.file);
                symlink("nowhere", &path).unwrap();
            }
        }
    }

    /// Lets a change happen to a copy, and moves the link there, as a mounted ConfigMap is changed.
    pub fn swap(&mut self, change: impl FnOnce(&Path)) {
        let before = fs::read_link(self.path()).unwrap();
        self.trees += 1;
        let next = self.tree(self.trees);
        files::copy(&before, &next);
        change(&next);
        let link = self.root.join("link");
        symlink(&next, &link).unwrap();
        fs::rename(&link, self.path()).unwrap();
        fs::remove_dir_all(before).unwrap();
    }

    fn put(&self, file: &str, bytes: &[u8]) {
        let draft = self.root.join("draft");
        fs::write(&draft, bytes).unwrap();
        fs::rename(&draft, self.path().join(file)).unwrap();
    }

    fn clear(&self, file: &str) {
        let path = self.path().join(file);
        match fs::symlink_metadata(&path) {
            Ok(kind) if kind.is_dir() => fs::remove_dir_all(&path).unwrap(),
            Ok(_) => fs::remove_file(&path).unwrap(),
            Err(_) => {}
        }
    }
}
