//! A runner's machine: the programs that are installed there and no other, each of which writes down how it was called.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::support::process::{Finished, WXOPS, run};
use crate::support::transcript::root;

/// What a runner needs (docs/ci.md). `sh` runs the steps; `sudo` is played.
pub const TOOLS: [&str; 17] = [
    "awk",
    "bash",
    "cat",
    "chmod",
    "curl",
    "env",
    "find",
    "git",
    "jq",
    "mkdir",
    "mktemp",
    "rm",
    "sed",
    "sh",
    "sha256sum",
    "tar",
    "tr",
];

/// The machine.
pub struct Machine {
    pub folder: TempDir,
}

impl Machine {
    /// With the tools alone.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let machine = Self { folder };
        fs::create_dir(machine.tools()).unwrap();
        fs::create_dir(machine.temp()).unwrap();
        for tool in TOOLS {
            let real = real(tool);
            machine.install(tool, &format!("exec {} \"$@\"", real.display()));
        }
        machine
    }

    /// Puts wxops beside a store: settings are what `/etc/wxops/environment` holds.
    pub fn with_store(self, settings: &[(String, String)]) -> Self {
        self.install("wxops", &format!("exec {WXOPS} \"$@\""));
        let settings: Vec<String> = settings
            .iter()
            .map(|(name, value)| format!("{name}='{value}'"))
            .collect();
        // As sudo does, the environment begins anew.
        self.install(
            "sudo",
            &format!(
                "[ \"$1 $2 $3 $4\" = '-n -u wxops /usr/local/libexec/wxops-plan' ] || exit 1\nshift 4\nexec env -i PATH={} {} sh {} \"$@\"",
                self.tools().display(),
                settings.join(" "),
                root().join("examples/ci/wxops-plan").display()
            ),
        );
        self
    }

    fn tools(&self) -> PathBuf {
        self.folder.path().join("tools")
    }

    /// A folder for what a job leaves behind.
    pub fn temp(&self) -> PathBuf {
        self.folder.path().join("temp")
    }

    fn install(&self, name: &str, script: &str) {
        let log = self.folder.path().join("called");
        let file = self.tools().join(name);
        let note = format!("printf '%s\\n' \"$0 $*\" >>{}", log.display());
        fs::write(&file, format!("#!/bin/sh\n{note}\n{script}\n")).unwrap();
        fs::set_permissions(file, fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// Every call of every program, with its arguments, as a list of processes would show them.
    pub fn called(&self) -> String {
        fs::read_to_string(self.folder.path().join("called")).unwrap_or_default()
    }

    /// Runs a piece of shell in a folder, with these variables and no others, as GitHub runs a step.
    pub fn shell(&self, script: &str, folder: &Path, environment: &[(String, String)]) -> Finished {
        self.run(&["sh", "-e"], script, folder, environment)
    }

    /// The same as GitLab's shell executor does.
    pub fn bash(&self, script: &str, folder: &Path, environment: &[(String, String)]) -> Finished {
        self.run(
            &["bash", "-e", "-o", "pipefail"],
            script,
            folder,
            environment,
        )
    }

    fn run(
        &self,
        shell: &[&str],
        script: &str,
        folder: &Path,
        environment: &[(String, String)],
    ) -> Finished {
        let file = self.temp().join("step.sh");
        fs::write(&file, script).unwrap();
        let mut command = Command::new(self.tools().join(shell[0]));
        command.args(&shell[1..]).arg(&file);
        command
            .current_dir(folder)
            .env_clear()
            .env("PATH", self.tools())
            .env("HOME", self.folder.path())
            .env("TMPDIR", self.temp())
            .env("LC_ALL", "C.UTF-8");
        run(command.envs(environment.iter().map(|(name, value)| (name, value))))
    }
}

/// Where a tool is on this machine.
fn real(tool: &str) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap();
    std::env::split_paths(&path)
        .map(|folder| folder.join(tool))
        .find(|file| file.is_file())
        .unwrap_or_else(|| {
            panic!(
                "the tests of examples/ci need `{tool}` (on Debian: apt-get install curl git jq)"
            )
        })
}
