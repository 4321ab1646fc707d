//! What a terminal is given: lines as wide as it is, colour unless refused, ASCII signs where it is not UTF-8.

use std::fs::File;
use std::io::Read as _;
use std::process::{Command, Stdio};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};
use unicode_width::UnicodeWidthStr as _;

use crate::support::files::copy;
use crate::support::play::folder;
use crate::support::stage::Stage;

/// What a command prints on a terminal of this width.
fn on_a_terminal(command: &mut Command, columns: u16) -> String {
    let terminal = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&terminal).unwrap();
    unlockpt(&terminal).unwrap();
    let name = ptsname(&terminal, Vec::new()).unwrap();
    let screen = File::options()
        .read(true)
        .write(true)
        .open(name.to_str().unwrap())
        .unwrap();
    let size = Winsize {
        ws_row: 40,
        ws_col: columns,
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    tcsetwinsize(&screen, size).unwrap();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::from(screen))
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // The command still holds the screen; ours must go, or the terminal never ends.
    command.stdout(Stdio::null());
    let reader = std::thread::spawn(move || {
        let mut bytes = Vec::new();
        // Linux ends a terminal that nobody has open any more with an error.
        let _ = File::from(terminal).read_to_end(&mut bytes);
        bytes
    });
    assert!(child.wait().unwrap().success());
    String::from_utf8(reader.join().unwrap())
        .unwrap()
        .replace('\r', "")
}

/// Whether what follows an escape sets a style and does nothing else.
fn is_style(after: &str) -> bool {
    let numbers = after
        .strip_prefix('[')
        .and_then(|rest| rest.split_once('m'));
    numbers.is_some_and(|(numbers, _)| {
        numbers
            .bytes()
            .all(|one| one.is_ascii_digit() || one == b';')
    })
}

fn plain(text: &str) -> String {
    let mut out = anstream::StripStream::new(Vec::new());
    std::io::Write::write_all(&mut out, text.as_bytes()).unwrap();
    String::from_utf8(out.into_inner()).unwrap()
}

#[test]
fn a_plan_is_as_wide_as_the_terminal_and_has_its_signs_and_colours() {
    let manifests = tempfile::tempdir().unwrap();
    let own = folder("equal_changes_are_said_once");
    for from in [folder("_common").join("manifests"), own.join("manifests")] {
        copy(&from, manifests.path());
    }
    let stage = Stage::set(manifests.path(), &own.join("wechat.sim.yaml"));
    let plan = |columns, variables: &[(&str, &str)]| {
        let mut command = stage.command("plan");
        command
            .env_remove("NO_COLOR")
            .env("TERM", "xterm")
            .envs(variables.iter().copied());
        on_a_terminal(&mut command, columns)
    };
    for columns in [60, 100, 140] {
        let text = plan(columns, &[]);
        // Names stand out, and what is made is green; nothing else that a terminal obeys is sent to it.
        assert!(text.contains("\u{1b}[1msunrise-dance"), "{text:?}");
        assert_eq!(text.matches("\u{1b}[32m  + menu").count(), 2, "{text:?}");
        assert!(text.split('\u{1b}').skip(1).all(is_style), "{text:?}");
        let widest = plain(&text).lines().map(|line| line.width()).max().unwrap();
        let columns = usize::from(columns);
        assert!(widest <= columns, "{columns}: {text}");
        assert!(widest > columns * 7 / 10, "{columns}: {text}");
    }
    let colourless = plan(100, &[("NO_COLOR", "1")]);
    assert!(!colourless.contains('\u{1b}'), "{colourless:?}");
    assert!(colourless.contains('·'), "{colourless}");

    let ascii = plan(100, &[("LC_ALL", "C"), ("NO_COLOR", "1")]);
    assert!(!ascii.contains(['·', '→', '…', '⧖']), "{ascii}");
    assert!(ascii.contains("3 tenants - the same change"), "{ascii}");
}

#[test]
fn lines_that_go_are_red_and_lines_that_come_are_green_on_a_terminal_alone() {
    let manifests = tempfile::tempdir().unwrap();
    let own = folder("app_signature_in_lines");
    for from in [folder("_common").join("manifests"), own.join("manifests")] {
        copy(&from, manifests.path());
    }
    let stage = Stage::set(manifests.path(), &own.join("wechat.sim.yaml"));
    let mut command = stage.command("plan");
    command.env_remove("NO_COLOR").env("TERM", "xterm");
    let text = on_a_terminal(&mut command, 100);
    assert!(text.contains("\u{1b}[31m        -  每周三节课"), "{text:?}");
    assert!(text.contains("\u{1b}[32m        +  每周四节课"), "{text:?}");
    assert!(!stage.wxops(&["plan"]).stdout.contains('\u{1b}'));
}
