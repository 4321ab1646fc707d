//! Real processes of the real binary: started, read from, waited for, killed.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Mutex, mpsc};
use std::time::{Duration, Instant};

/// The binary under test.
pub const WXOPS: &str = env!("CARGO_BIN_EXE_wxops");

/// How long a process may take to say what it is expected to say.
const PATIENCE: Duration = Duration::from_secs(30);

/// A process that runs until the value is dropped.
pub struct Background {
    child: Child,
    lines: mpsc::Receiver<String>,
    transcript: Transcript,
}

/// Everything a process prints, from its start to its end, whoever reads its lines.
#[derive(Clone, Default)]
pub struct Transcript(Arc<Mutex<String>>);

impl Transcript {
    fn add(&self, line: &str) {
        let mut all = self.0.lock().unwrap();
        all.push_str(line);
        all.push('\n');
    }

    pub fn text(&self) -> String {
        self.0.lock().unwrap().clone()
    }
}

impl Background {
    /// Starts a command whose stdout is read line by line.
    pub fn start(command: &mut Command) -> Self {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (sender, lines) = mpsc::channel();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let transcript = Transcript::default();
        let (to_stdout, said) = (sender.clone(), transcript.clone());
        std::thread::spawn(move || {
            for line in stdout.lines().map_while(Result::ok) {
                said.add(&line);
                let _ = to_stdout.send(line);
            }
        });
        let stderr = BufReader::new(child.stderr.take().unwrap());
        let said = transcript.clone();
        std::thread::spawn(move || {
            for line in stderr.lines().map_while(Result::ok) {
                said.add(&line);
                let _ = sender.send(format!("stderr: {line}"));
            }
        });
        Self {
            child,
            lines,
            transcript,
        }
    }

    /// The rest of the first line that starts with a prefix.
    pub fn expect(&self, prefix: &str) -> String {
        let deadline = Instant::now() + PATIENCE;
        let mut seen = Vec::new();
        while let Ok(line) = self
            .lines
            .recv_timeout(deadline.saturating_duration_since(Instant::now()))
        {
            if let Some(rest) = line.strip_prefix(prefix) {
                return rest.trim().to_owned();
            }
            seen.push(line);
        }
        panic!("no line starts with `{prefix}`: {seen:#?}");
    }

    /// Everything it prints, also what was read already.
    pub fn transcript(&self) -> Transcript {
        self.transcript.clone()
    }

    /// Everything printed so far and not yet read.
    pub fn drain(&self) -> String {
        let mut all = String::new();
        while let Ok(line) = self.lines.recv_timeout(Duration::from_millis(50)) {
            all.push_str(&line);
            all.push('\n');
        }
        all
    }

    /// Ends the process as a service manager would, and waits. Answers with which code it ended.
    pub fn terminate(mut self) -> Option<i32> {
        self.signal("TERM");
        self.ended()
    }

    /// Sends it a signal by its name.
    pub fn signal(&self, name: &str) {
        let _ = Command::new("kill")
            .arg(format!("-{name}"))
            .arg(self.child.id().to_string())
            .status();
    }

    /// Waits until it has ended, and says with which code.
    pub fn ended(&mut self) -> Option<i32> {
        let ended = self.ended_within(PATIENCE);
        ended.unwrap_or_else(|| panic!("the process did not end"))
    }

    /// The same, for so long; `None`: it did not end.
    pub fn ended_within(&mut self, time: Duration) -> Option<Option<i32>> {
        let deadline = Instant::now() + time;
        while Instant::now() < deadline {
            if let Some(status) = self.child.try_wait().unwrap() {
                return Some(status.code());
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        None
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What a finished command printed, and its exit code.
#[derive(Debug)]
pub struct Finished {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
    pub took: Duration,
    /// The most memory it held (Linux; 0 elsewhere, and where it ended at once).
    pub peak_kib: u64,
}

/// Runs a command to its end, without a terminal.
pub fn run(command: &mut Command) -> Finished {
    run_until(command, mpsc::channel().1)
}

/// The same; it is killed at once when something is received.
pub fn run_until(command: &mut Command, killed: mpsc::Receiver<()>) -> Finished {
    let started = Instant::now();
    let child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let pid = child.id().to_string();
    let status = format!("/proc/{pid}/status");
    let (over, ended) = mpsc::channel::<()>();
    // What the kernel has noted by the last look is the peak but for the last moments.
    let watch = std::thread::spawn(move || {
        let mut peak = 0;
        while ended.recv_timeout(Duration::from_millis(20)) == Err(mpsc::RecvTimeoutError::Timeout)
        {
            peak = peak.max(peak_kib(&status).unwrap_or(0));
            if killed.try_recv().is_ok() {
                let _ = Command::new("kill").args(["-KILL", &pid]).status();
            }
        }
        peak
    });
    let Output {
        status,
        stdout,
        stderr,
    } = child.wait_with_output().unwrap();
    drop(over);
    Finished {
        code: status.code().unwrap_or(-1),
        stdout: String::from_utf8(stdout).unwrap(),
        stderr: String::from_utf8(stderr).unwrap(),
        took: started.elapsed(),
        peak_kib: watch.join().unwrap(),
    }
}

fn peak_kib(status: &str) -> Option<u64> {
    let text = std::fs::read_to_string(status).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse().ok()
}

/// Every byte of every file below a folder, for searches.
pub fn bytes_below(folder: &std::path::Path) -> Vec<u8> {
    let mut all = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(mut file) = std::fs::File::open(&path) {
                let _ = file.read_to_end(&mut all);
            }
        }
    }
    all
}
