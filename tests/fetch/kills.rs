//! The script is killed at moments that nobody chose, with everything it started.

use std::fs;
use std::os::unix::process::CommandExt as _;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rand::RngExt as _;

use super::commits::Followed;

const KILLS: u32 = 40;

#[test]
fn killed_at_any_moment_it_leaves_one_whole_commit_in_force() {
    let mut random = crate::import::random();
    let followed = Followed::new();
    let (mut made, mut taken, mut half) = (Vec::new(), 0, 0);
    // How long it takes when nobody disturbs it; a first run makes the repository too.
    let mut usual = Duration::from_millis(200);
    for round in 0..KILLS {
        let mut files = Vec::new();
        for file in 0..60 {
            let text = format!("round: {round}\nfile: {file}\n# {}\n", "x".repeat(5_000));
            files.push((format!("tenants/{}/t{file}.yaml", file % 7), text));
        }
        let files: Vec<_> = files
            .iter()
            .map(|(path, text)| (path.as_str(), text.as_str()))
            .collect();
        made.push(followed.commit(&files));
        let before = followed.in_force();
        killed(&followed, usual.mul_f64(random.random()));
        let after = followed.in_force();
        assert!(
            after == before || after.as_ref() == made.last(),
            "{round}: {before:?}, {after:?}"
        );
        taken += u32::from(after != before);
        half += u32::from(!followed.leftovers().is_empty());
        // Now and then nobody disturbs it, and it gets home from whatever was left.
        if round % 5 == 4 {
            let started = Instant::now();
            followed.fetched();
            usual = started.elapsed().max(Duration::from_millis(50));
            assert_eq!(followed.in_force().as_ref(), made.last());
            assert_eq!(followed.leftovers(), [""; 0]);
        }
    }
    println!("of {KILLS}, {taken} were killed after the swap, {half} left something half made");
    assert!(followed.revisions().len() <= 5);
}

/// Starts it and kills its process group after a while. Whether it had ended by then is a matter of chance.
fn killed(followed: &Followed, after: Duration) {
    let mut child = followed
        .command(&[])
        .process_group(0)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    std::thread::sleep(after);
    let group = format!("-{}", child.id());
    let _ = Command::new("kill")
        .args(["-KILL", "--", &group])
        .stderr(Stdio::null())
        .status();
    child.wait().unwrap();
}

/// Ends whoever looks, also where a fetch fails.
struct Over<'a>(&'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[test]
fn whoever_looks_meanwhile_always_finds_a_revision() {
    let followed = Followed::new();
    followed.fetched();
    let over = AtomicBool::new(false);
    let file = followed.state().join("current/tenants/platform.yaml");
    std::thread::scope(|scope| {
        let looks = scope.spawn(|| {
            let mut looks = 0_u32;
            while !over.load(Ordering::Relaxed) {
                assert!(file.exists(), "there was none at look {looks}");
                looks += 1;
            }
            looks
        });
        let over = Over(&over);
        for _ in 0..12 {
            followed.commit(&[]);
            followed.fetched();
        }
        drop(over);
        assert!(looks.join().unwrap() > 100);
    });
}

#[test]
fn whatever_a_run_can_leave_behind_is_cleared_away() {
    let followed = Followed::new();
    followed.fetched();
    let commit = followed.commit(&[("tenants/a.yaml", "a: 1\n")]);
    let state = followed.state();
    for folder in [
        "revisions/.new/tenants",
        ".repository.new/objects",
        "revisions/.old/x",
        "repository.git/objects/tmp_objdir-incoming-a",
    ] {
        fs::create_dir_all(state.join(folder)).unwrap();
    }
    for file in [
        "revisions/.new/tenants/a.yaml",
        "revisions/.index",
        "revisions/.index.lock",
        "repository.git/packed-refs.lock",
        "repository.git/refs/heads/fetched.lock",
        "repository.git/objects/pack/tmp_pack_a",
    ] {
        fs::write(state.join(file), "half").unwrap();
    }
    std::os::unix::fs::symlink("revisions/nothing", state.join(".current.new")).unwrap();
    followed.fetched();
    assert_eq!(followed.in_force(), Some(commit));
    assert_eq!(followed.leftovers(), [""; 0]);
}
