//! The disk that fails on command (`shim.c`): built once with the C compiler that SQLite needs as well, and preloaded into
//! this test program, run again for one test.

use std::fs;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Output};
use std::sync::OnceLock;

use tempfile::TempDir;

/// What becomes of the operations that are hit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    InputOutput = 0,
    NoSpace = 1,
    Short = 2,
    KillAfter = 4,
}

/// A number behind which no operation comes.
pub const NEVER: u64 = u64::MAX;

fn library() -> &'static Path {
    static BUILT: OnceLock<(TempDir, PathBuf)> = OnceLock::new();
    let (_, library) = BUILT.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let library = folder.path().join("shim.so");
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/store_crash/shim.c");
        let built = Command::new("cc")
            .args(["-shared", "-fPIC", "-O1", "-o"])
            .arg(&library)
            .arg(source)
            .arg("-ldl")
            .status();
        assert!(built.unwrap().success(), "the C compiler builds the shim");
        (folder, library)
    });
    library
}

/// A folder for a store, and beside it what the shim is told and what it notes.
pub struct Disk {
    folder: TempDir,
}

impl Disk {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("store")).unwrap();
        fs::create_dir(folder.path().join("undo")).unwrap();
        fs::write(folder.path().join("control"), [0; 40]).unwrap();
        Self { folder }
    }

    pub fn store(&self) -> PathBuf {
        self.folder.path().join("store")
    }

    fn control(&self) -> PathBuf {
        self.folder.path().join("control")
    }

    /// This program, run again for one test on this disk.
    pub fn program(&self, test: &str) -> Command {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", test, "--nocapture", "--test-threads=1"]);
        self.under(&mut command);
        command
    }

    /// Puts the shim under a program.
    pub fn under(&self, command: &mut Command) {
        command
            .env("LD_PRELOAD", library())
            .env("SHIM_FOLDER", self.store())
            .env("SHIM_CONTROL", self.control())
            .env("SHIM_UNDO", self.folder.path().join("undo"))
            .env(FOLDER, self.folder.path());
    }

    /// Has `times` operations fail from the `at`-th on.
    pub fn order(&self, at: u64, how: How, times: u64) {
        order(&self.control(), 1, at, how, times);
    }

    /// Nothing fails any more.
    pub fn release(&self) {
        order(&self.control(), 0, NEVER, How::NoSpace, 0);
    }

    /// The power goes: of the files that `lost` names, what was not synced is gone.
    pub fn lose_power(&self, lost: impl Fn(&Path) -> bool) {
        use std::os::unix::fs::MetadataExt as _;
        let databases = self.store().join("db");
        let Ok(entries) = fs::read_dir(databases) else {
            return;
        };
        for entry in entries {
            let path = entry.unwrap().path();
            let number = path.metadata().unwrap().ino().to_string();
            let undo = self.folder.path().join("undo").join(number);
            if let Ok(records) = fs::read(&undo)
                && lost(&path)
            {
                undo_all(&path, &records);
            }
        }
    }
}

/// Names the folder of a disk to the program that is run again.
const FOLDER: &str = "WXOPS_TEST_DISK";

/// The disk that this program was run for, if it was.
pub fn given() -> Option<PathBuf> {
    std::env::var_os(FOLDER).map(PathBuf::from)
}

/// Tells the shim, from within the program or from outside. Orders are told apart by their number.
pub fn order(control: &Path, number: u64, at: u64, how: How, times: u64) {
    let numbers = [number, at, how as u64, times, 0].map(u64::to_ne_bytes);
    let control = fs::File::options().write(true).open(control).unwrap();
    control.write_all_at(numbers.as_flattened(), 0).unwrap();
}

/// How many operations there were since the last order.
pub fn counted(control: &Path) -> u64 {
    let bytes = fs::read(control).unwrap();
    u64::from_ne_bytes(bytes[32..40].try_into().unwrap())
}

/// Puts back what stood there before each of these writes, the last one first.
fn undo_all(path: &Path, records: &[u8]) {
    let mut undone = Vec::new();
    let mut rest = records;
    while let Some((head, after)) = rest.split_at_checked(24) {
        let number = |at: usize| u64::from_ne_bytes(head[at..at + 8].try_into().unwrap());
        let (old, after) = after.split_at(usize::try_from(number(8)).unwrap());
        undone.push((number(0), old, number(16)));
        rest = after;
    }
    let file = fs::File::options().write(true).open(path).unwrap();
    for (at, old, size) in undone.into_iter().rev() {
        file.write_all_at(old, at).unwrap();
        file.set_len(size).unwrap();
    }
}

/// Whether a program was killed by the shim rather than ended by itself.
pub fn was_killed(status: ExitStatus) -> bool {
    use std::os::unix::process::ExitStatusExt as _;
    status.signal() == Some(9)
}

/// The lines that a program said to us.
pub fn said(output: &Output) -> Vec<String> {
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let lines = text.lines().filter_map(|line| line.split_once('@'));
    lines.map(|(_, said)| said.to_owned()).collect()
}
