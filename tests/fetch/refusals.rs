//! What the script takes, what it does not, and what it says then.

use std::fs;
use std::os::unix::fs::symlink;
use std::process::{Command, Stdio};

use super::commits::Followed;
use crate::support::process::{Finished, run};

/// It ended without a change, said why and what stays in force.
fn stays(followed: &Followed, done: &Finished, says: &str) {
    assert_eq!(done.code, 1, "{done:#?}");
    assert!(done.stderr.contains(says), "`{says}`: {done:#?}");
    let said = followed.in_force().map_or_else(
        || "no revision is in force yet".to_owned(),
        |commit| format!("{commit} stays in force"),
    );
    assert!(done.stderr.contains(&said), "`{said}`: {done:#?}");
    assert_eq!(followed.leftovers(), [""; 0]);
}

#[test]
fn it_follows_the_branch_and_keeps_the_last_few() {
    let followed = Followed::new();
    let mut made = Vec::new();
    for n in 0..8 {
        made.push(followed.commit(&[("tenants/a.yaml", &format!("n: {n}\n"))]));
        followed.fetched();
        assert_eq!(followed.in_force().as_ref(), made.last());
    }
    let mut last: Vec<String> = made.split_off(3);
    let in_force = last.last().cloned();
    last.sort();
    assert_eq!(followed.revisions(), last);
    let again = followed.fetch(&[("WXOPS_LANG", "zh")]);
    assert!(
        again.code == 0 && again.stdout.contains("没有新提交"),
        "{again:#?}"
    );
    assert_eq!(followed.in_force(), in_force);
}

#[test]
fn files_are_written_as_they_are_in_the_commit() {
    let followed = Followed::new();
    let pwned = followed.path("pwned");
    let touch = format!("touch {}", pwned.display());
    // A filter of this machine, and hooks where git looks for them.
    let settings = followed.path("gitconfig");
    let filter = format!(
        "[filter \"lfs\"]\n\tsmudge = {touch}; cat\n\trequired = true\n[core]\n\tautocrlf = true\n"
    );
    fs::write(&settings, filter).unwrap();
    followed.commit(&[
        (".gitattributes", "*.png filter=lfs\n*.yaml text eol=crlf ident\n*.txt export-ignore working-tree-encoding=ISO-8859-1\n"),
        ("logo.png", "version https://git-lfs.github.com/spec/v1\n"),
        ("tenants/a.yaml", "a: $Id$\nb: 1\n"),
        ("left/out.txt", "café\n"),
        ("中文 名.yaml", "x\n"),
    ]);
    symlink("a.yaml", followed.origin().join("tenants/b.yaml")).unwrap();
    run(Command::new("chmod")
        .arg("+x")
        .arg(followed.origin().join("logo.png")));
    let commit = followed.commit(&[]);
    followed.fetched();
    for hook in [
        "post-checkout",
        "reference-transaction",
        "post-index-change",
    ] {
        let file = followed.state().join("repository.git/hooks").join(hook);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, format!("#!/bin/sh\n{touch}\n")).unwrap();
        run(Command::new("chmod").arg("+x").arg(file));
    }
    fs::remove_dir_all(followed.state().join("revisions").join(&commit)).unwrap();
    let done = followed.fetch(&[("WXOPS_FETCH_GITCONFIG", settings.to_str().unwrap())]);
    assert_eq!(done.code, 0, "{done:#?}");
    assert_eq!(followed.in_force(), Some(commit));
    assert!(!pwned.exists());
}

#[test]
fn a_submodule_is_an_empty_folder() {
    let (followed, other) = (Followed::new(), Followed::new());
    let url = other.origin().display().to_string();
    followed.git(&["submodule", "--quiet", "add", &url, "vendored"]);
    let commit = followed.commit(&[]);
    followed.fetched();
    assert_eq!(followed.in_force(), Some(commit));
    let vendored = fs::read_dir(followed.state().join("current/vendored")).unwrap();
    assert_eq!(vendored.count(), 0);
}

#[test]
fn a_branch_that_was_rewritten_is_not_followed_until_somebody_says_so() {
    let followed = Followed::new();
    followed.commit(&[("tenants/a.yaml", "a: 1\n")]);
    followed.fetched();
    followed.git(&["reset", "--quiet", "--hard", "HEAD~1"]);
    stays(&followed, &followed.fetch(&[]), "was rewritten");
    let other = followed.commit(&[("tenants/a.yaml", "a: 2\n")]);
    stays(&followed, &followed.fetch(&[]), &other);
    // A yes to another commit is none.
    let accept = followed.state().join("accept");
    fs::write(
        &accept,
        format!("{}\n", followed.git(&["rev-parse", "HEAD~1"])),
    )
    .unwrap();
    assert_eq!(followed.fetch(&[]).code, 1);
    fs::write(&accept, format!("{other}\n")).unwrap();
    followed.fetched();
    assert_eq!(followed.in_force(), Some(other));
    assert!(!accept.exists(), "it is said once");
}

#[test]
fn a_branch_that_is_gone_is_told_apart_from_no_network() {
    let followed = Followed::new();
    stays(
        &followed,
        &followed.fetch(&[("WXOPS_FETCH_BRANCH", "nobody")]),
        "has no branch nobody",
    );
    followed.fetched();
    followed.git(&["branch", "-m", "main", "renamed"]);
    // Its name stands at the end of this one.
    followed.git(&["branch", "x/refs/heads/main"]);
    stays(&followed, &followed.fetch(&[]), "has no branch main");
    followed.git(&["branch", "-m", "renamed", "main"]);
    followed.fetched();
    let nowhere = [("WXOPS_FETCH_URL", "http://127.0.0.1:1/x.git")];
    stays(
        &followed,
        &followed.fetch(&nowhere),
        "cannot reach the repository",
    );
    let chinese = followed.fetch(&[nowhere[0], ("WXOPS_LANG", "zh")]);
    assert!(
        chinese.stderr.contains("无法访问仓库") && chinese.stderr.contains("仍使用"),
        "{chinese:#?}"
    );
}

#[test]
fn two_runs_at_once_are_one() {
    let followed = Followed::new();
    let lock = followed.state().join("lock");
    let mut holder = Command::new("flock")
        .arg("--no-fork")
        .arg(&lock)
        .args(["sleep", "60"])
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(10);
    while followed.fetch(&[]).code != 75 {
        assert!(
            std::time::Instant::now() < deadline,
            "nobody holds the lock"
        );
    }
    holder.kill().unwrap();
    holder.wait().unwrap();
    followed.fetched();
}

#[test]
fn a_commit_without_a_signature_is_not_taken_where_one_is_asked_for() {
    let followed = Followed::new();
    let done = followed.fetch(&[("WXOPS_FETCH_VERIFY", "1")]);
    stays(&followed, &done, "no signature that is trusted");
    followed.fetched();
    let unsigned = followed.commit(&[]);
    let done = followed.fetch(&[("WXOPS_FETCH_VERIFY", "1")]);
    stays(&followed, &done, &unsigned);
}

#[test]
fn a_commit_is_taken_where_its_signer_is_on_the_list() {
    let followed = Followed::new();
    let key = followed.path("key");
    let mut keygen = Command::new("ssh-keygen");
    keygen.args(["-q", "-t", "ed25519", "-N", "", "-C", "a", "-f"]);
    match keygen.arg(&key).status() {
        Err(error) => return println!("no signature is made here: ssh-keygen: {error}"),
        Ok(status) => assert!(status.success()),
    }
    let public = fs::read_to_string(followed.path("key.pub")).unwrap();
    let signers = followed.path("signers");
    fs::write(&signers, format!("a@example.com {public}")).unwrap();
    let named = signers.display().to_string();
    let verify = [
        ("WXOPS_FETCH_VERIFY", "1"),
        ("WXOPS_FETCH_SIGNERS", named.as_str()),
    ];
    let key = format!("user.signingKey={}.pub", key.display());
    let sign = || {
        let commit = ["commit", "--quiet", "--allow-empty", "-S", "-m", "signed"];
        followed.git(&[&["-c", "gpg.format=ssh", "-c", &key], &commit[..]].concat());
        followed.git(&["rev-parse", "HEAD"])
    };
    let signed = sign();
    let done = followed.fetch(&verify);
    assert_eq!(done.code, 0, "{done:#?}");
    assert_eq!(followed.in_force(), Some(signed));
    // The same key is on no list any more.
    sign();
    fs::write(&signers, "").unwrap();
    let done = followed.fetch(&verify);
    stays(&followed, &done, "no signature that is trusted");
}

#[test]
fn a_disk_that_is_full_changes_nothing() {
    let followed = Followed::new();
    followed.fetched();
    let before = followed.in_force();
    followed.commit(&[("big.yaml", &"x".repeat(2_000_000))]);
    // No file may grow beyond a megabyte: writing the revision fails halfway.
    let script = crate::support::transcript::root().join("examples/systemd/wxops-fetch");
    let mut limited = followed.command(&[]);
    let environment: Vec<_> = limited
        .get_envs()
        .filter_map(|(k, v)| Some((k.to_owned(), v?.to_owned())))
        .collect();
    limited = Command::new("sh");
    limited
        .env_clear()
        .envs(environment)
        .args(["-c", "trap '' XFSZ; ulimit -f 1000; exec \"$0\""])
        .arg(script);
    let done = run(&mut limited);
    assert_eq!(done.code, 1, "{done:#?}");
    assert!(done.stderr.contains("is the disk full?"), "{done:#?}");
    assert_eq!(followed.in_force(), before);
    followed.fetched();
    assert_ne!(followed.in_force(), before);
    assert_eq!(followed.leftovers(), [""; 0]);
}
