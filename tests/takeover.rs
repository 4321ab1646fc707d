//! `examples/takeover/`, as its README and the product's tell it: every command is run by the real binary against the
//! simulator, and must print what the transcript shows.

use crate::support::files::copy;
use crate::support::stage::Stage;
use crate::support::transcript::{Player, Shown, read, root, text_of};

const PAGE: &str = "examples/takeover/README.md";
const NAME: &str = "takeover";

#[test]
fn forty_accounts_are_taken_over_as_the_transcript_shows() {
    let folder = tempfile::tempdir().unwrap();
    let tenants = folder.path().join("tenants");
    copy(&root().join("examples/takeover"), &tenants);
    let mut stage = Stage::without_sidecar(&tenants, &tenants.join("wechat.sim.yaml"));
    stage.seal();
    stage.start_sidecar();
    stage.push_ticket();
    let mut writes = Vec::new();
    let mut player = Player::new(&stage, folder.path());
    for shown in read(PAGE, NAME) {
        let Shown::Typed {
            command,
            exit,
            lines,
        } = shown
        else {
            panic!("nobody does anything meanwhile");
        };
        stage.control.reset_calls();
        player.check(&command, exit, &lines);
        writes.push(stage.control.effects());
    }
    // Only the apply of the approved revision changed anything at WeChat: 26 menus.
    let written: Vec<u64> = writes.into_iter().filter(|writes| *writes > 0).collect();
    assert_eq!(written, [26]);
}

#[test]
fn the_readmes_show_the_same_transcript() {
    let shown = text_of(PAGE, NAME);
    for readme in ["README.md", "README.zh-CN.md"] {
        assert_eq!(text_of(readme, NAME), shown, "{readme}");
    }
}
