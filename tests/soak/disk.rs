//! A disk of its own for the store, small enough to be filled. Only root can have one; others go without.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// More than the store of a run needs.
const SIZE: &str = "size=192m,mode=0700";
const FILLER: &str = "filler";

/// The disk, until it is dropped.
pub struct Disk {
    at: PathBuf,
}

impl Disk {
    /// Puts one in a folder's place. `None`: the system does not allow it.
    pub fn mount(at: &Path) -> Option<Self> {
        fs::create_dir_all(at).unwrap();
        let mut mount = Command::new("mount");
        mount
            .args(["-t", "tmpfs", "-o", SIZE, "wxops-soak"])
            .arg(at);
        let mounted = mount.stderr(Stdio::null()).status();
        mounted
            .is_ok_and(|status| status.success())
            .then(|| Self { at: at.to_owned() })
    }

    /// Fills it to the last byte.
    pub fn fill(&self) {
        let mut filler = fs::File::create(self.at.join(FILLER)).unwrap();
        for piece in [1 << 20, 4096, 1] {
            let zeros = vec![0; piece];
            while filler.write_all(&zeros).is_ok() {}
        }
    }

    /// Gives the room back.
    pub fn free(&self) {
        let _ = fs::remove_file(self.at.join(FILLER));
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let mut unmount = Command::new("umount");
        let _ = unmount
            .arg("-l")
            .arg(&self.at)
            .stderr(Stdio::null())
            .status();
    }
}
