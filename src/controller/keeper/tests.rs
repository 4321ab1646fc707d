//! A fleet that follows its folder.

use super::*;
use crate::client::ManualClock;
use crate::store::documents::ApprovalDoc;
use crate::store::{Key, Memory, Sealing, Store};

const PLATFORM: &str = "apiVersion: wxops.io/v1alpha1\nkind: Platform\nmetadata: {name: main}\nspec:\n  \
     appId: wx0000000000000001\n  credentials: {path: credentials}\n  callback: {url: \"https://wx.example.com\"}\n";

/// As many tenants as a guard counts, of which nobody remembers anything.
fn lay_out(root: &std::path::Path) {
    let credentials = root.join("credentials");
    std::fs::create_dir_all(&credentials).unwrap();
    let key = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";
    for (name, text) in [("appSecret", "s"), ("token", "t"), ("encodingAesKey", key)] {
        std::fs::write(credentials.join(name), text).unwrap();
    }
    std::fs::write(root.join("platform.yaml"), PLATFORM).unwrap();
    for n in 0x100..0x120 {
        let text = format!(
            "apiVersion: wxops.io/v1alpha1\nkind: Tenant\nmetadata: {{name: tenant-{n}}}\nspec:\n  \
             platformRef: {{name: main}}\n  officialAccount: {{appId: wx{n:016x}, tags: [{{name: VIP}}]}}\n"
        );
        std::fs::write(root.join(format!("tenant-{n}.yaml")), text).unwrap();
    }
}

/// Follows a folder, with an empty store.
fn following(root: &std::path::Path) -> (Store, Arc<RwLock<Fleet>>, Keeper) {
    let store = Store::new(Arc::new(Memory::default()), Sealing::Plain);
    let fleet = Arc::new(RwLock::new(Fleet::new(store.clone(), root)));
    let clock = Arc::new(ManualClock::at(Timestamp::UNIX_EPOCH));
    let platforms = Platforms::new(store.clone(), clock, None);
    let keeper = Keeper::new(root.to_owned(), Arc::clone(&fleet), platforms);
    (store, fleet, keeper)
}

#[tokio::test]
async fn a_held_revision_is_in_force_once_somebody_says_yes_though_the_folder_rests() {
    let folder = tempfile::tempdir().unwrap();
    lay_out(folder.path());
    let (store, fleet, mut keeper) = following(folder.path());
    let now = Timestamp::UNIX_EPOCH;
    let look = keeper.look(now).await.unwrap().unwrap();
    assert!(look.admission.admitted.is_empty());
    let revision = fleet.read().await.held()[0].revision.clone();
    let yes = ApprovalDoc {
        revision: Some(revision.name()),
        changed_tenants: revision.count(),
        ..ApprovalDoc::default()
    };
    let key = Key::approval("platform", "main", "1");
    store.create(&key, &yes).await.unwrap();
    let look = keeper.look(now).await.unwrap().unwrap();
    assert_eq!(look.admission.admitted.len(), 0x20);
}

#[tokio::test]
async fn a_folder_that_is_written_all_the_time_is_told_of_after_a_while() {
    let folder = tempfile::tempdir().unwrap();
    lay_out(folder.path());
    let (_, _, mut keeper) = following(folder.path());
    let now = Timestamp::UNIX_EPOCH;
    std::fs::create_dir(folder.path().join(".git")).unwrap();
    let lock = folder.path().join(".git/index.lock");
    std::fs::write(&lock, "").unwrap();
    assert!(keeper.look(now).await.unwrap().is_none());
    assert!(keeper.moving().is_some() && keeper.not_followed().is_none());
    let why = keeper.moves.take().unwrap().1;
    let long_ago = Instant::now().checked_sub(WRITTEN).unwrap();
    keeper.moves = Some((long_ago, why));
    assert!(keeper.look(now).await.unwrap().is_none());
    let said = keeper.not_followed().unwrap().said();
    assert!(
        said.en.contains("index.lock") && said.zh.contains("index.lock"),
        "{said:?}"
    );
    std::fs::remove_file(lock).unwrap();
    assert!(keeper.look(now).await.unwrap().unwrap().agreed);
    assert!(keeper.moving().is_none());
}

#[tokio::test]
async fn a_host_that_is_set_directly_serves_a_hundred_principals_of_the_whole_folder() {
    let folder = tempfile::tempdir().unwrap();
    lay_out(folder.path());
    for n in 0x100..0x165 {
        let text = format!(
            "apiVersion: wxops.io/v1alpha1\nkind: Tenant\nmetadata: {{name: tenant-{n}}}\nspec:\n  \
             platformRef: {{name: main}}\n  principal: {{name: 公司{n}}}\n  miniPrograms:\n    \
             - {{name: main, appId: wx{n:016x}, domains: {{via: direct, request: [\"https://api.example.cn\"]}}}}\n"
        );
        std::fs::write(folder.path().join(format!("tenant-{n}.yaml")), text).unwrap();
    }
    let (_store, fleet, mut keeper) = following(folder.path());
    keeper.look(Timestamp::UNIX_EPOCH).await.unwrap().unwrap();
    let declared = Arc::clone(fleet.read().await.declared());
    let mistakes = declared.mistakes();
    let [one] = mistakes.as_slice() else {
        panic!("{mistakes:?}");
    };
    assert_eq!(
        (one.code, one.tenants.as_slice()),
        ("WX1298", &["tenant-356".to_owned()][..])
    );
}

#[tokio::test]
async fn a_host_that_a_tenant_declares_stays_listed_though_that_tenant_was_never_let_in() {
    // Nothing else is wrong with it, or a picture that it names is not there.
    for avatar in ["", ", avatar: {file: none.png}"] {
        let folder = tempfile::tempdir().unwrap();
        lay_out(folder.path());
        let lists = PLATFORM.replace(
            "  callback:",
            "  domains: {hosts: [other.example.cn]}\n  callback:",
        );
        std::fs::write(folder.path().join("platform.yaml"), lists).unwrap();
        let tenant = format!(
            "apiVersion: wxops.io/v1alpha1\nkind: Tenant\nmetadata: {{name: a}}\nspec:\n  platformRef: {{name: main}}\n  \
             miniPrograms:\n    - {{name: main, appId: wx2222222222222222, domains: {{via: platform, request: [api.example.cn]}}{avatar}}}\n"
        );
        std::fs::write(folder.path().join("a.yaml"), tenant).unwrap();
        let (_store, fleet, mut keeper) = following(folder.path());
        keeper.look(Timestamp::UNIX_EPOCH).await.unwrap().unwrap();
        let fleet = fleet.read().await;
        assert!(
            fleet.in_force().all(|(name, _)| name != "@main"),
            "{avatar}"
        );
        let kept = &fleet.kept()["@main"].en;
        assert!(kept.contains("a (api.example.cn)"), "{kept}");
    }
}
