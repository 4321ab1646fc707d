//! A store that is put back from a backup while a sidecar serves from it.

use crate::support::files::copy;
use crate::support::play::folder;
use crate::support::stage::Stage;

#[test]
fn a_sidecar_ends_with_a_sentence_when_its_store_is_put_back() {
    let manifests = tempfile::tempdir().unwrap();
    let common = folder("_common");
    copy(&common.join("manifests"), manifests.path());
    copy(&common.join("menu_only"), manifests.path());
    let mut stage = Stage::set(manifests.path(), &common.join("missing.sim.yaml"));
    let kept = tempfile::tempdir().unwrap();
    let file = kept.path().join("copy.db").display().to_string();

    let made = stage.wxops(&["store", "backup", &file]);
    assert_eq!(made.code, 0, "{}", made.stderr);
    let put_back = stage.wxops(&["store", "restore", &file, "--yes"]);
    assert_eq!(put_back.code, 0, "{}", put_back.stderr);

    // Nobody pushes and nobody asks it to end.
    let (code, said) = stage.sidecar_ends();
    assert_eq!(code, Some(1), "{said}");
    let error = said.lines().find(|line| line.starts_with("error: "));
    let error = error.unwrap_or_else(|| panic!("no error in\n{said}"));
    assert!(
        error.contains("was restored from a backup") && error.contains("start it again"),
        "{error}"
    );

    // Started again it takes pushes as before.
    stage.start_sidecar();
    stage.push_ticket();
    let plan = stage.wxops(&["plan", "--detailed-exitcode"]);
    assert_eq!(plan.code, 2, "{}{}", plan.stdout, plan.stderr);
}
