//! What the store has forgotten of a tenant is found again by the claim of its mini-program, or by the operation that
//! registered it: nobody is asked, and nothing is registered.

use wxops::store::{ClaimDoc, CredDoc, Doc, Key, Sealing, Store, TenantDoc, Version, open};
use wxops::wechat::Appid;

use crate::support::process::{Finished, run};
use crate::support::registered::{Newcomer, scanned};
use crate::support::stage::Stage;

#[test]
fn a_forgotten_tenant_has_its_mini_program_again_without_a_question() {
    let folder = tempfile::tempdir().unwrap();
    let all = Newcomer::some(3);
    let stage = scanned(folder.path(), &all);
    for (n, one) in all.iter().enumerate() {
        one.converge(&stage);
        one.judge(&stage);
        let app = Appid::parse(&one.registered(&stage)[0]).unwrap();
        let mut forgotten = vec![Key::tenant(&one.tenant)];
        forgotten.extend((n > 0).then(|| Key::claim(&app)));
        forgotten.extend((n > 1).then(|| Key::cred(&app)));
        forget(&stage, &forgotten);
        // The dry run knows it as well.
        let plan = stage.wxops(&["plan", "--tenant", &one.tenant]);
        let asks = ["claim take", "op resolve", "registration main"];
        for asked in asks {
            assert!(!plan.stdout.contains(asked), "{forgotten:?}: {plan:?}");
        }
        let both = std::thread::scope(|scope| {
            let apply = || {
                let mut command = stage.command("apply");
                command.args(["--auto-approve", "--tenant", &one.tenant]);
                scope.spawn(move || run(&mut command))
            };
            [apply(), apply()].map(|one| one.join().unwrap())
        });
        for asked in asks {
            let said = |done: &Finished| done.stdout.contains(asked);
            assert!(!both.iter().any(said), "{forgotten:?}: {both:?}");
        }
        let came = one.converge(&stage);
        assert_eq!((came.resolved, came.taken), (0, 0), "{forgotten:?}");
        one.judge(&stage);
    }
}

fn forget(stage: &Stage, keys: &[Key]) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let store = open(&stage.store(), Sealing::Plain).await.unwrap().store;
        for key in keys {
            let version = match key.as_str().split('/').next().unwrap() {
                "tenant" => version::<TenantDoc>(&store, key).await,
                "claim" => version::<ClaimDoc>(&store, key).await,
                _ => version::<CredDoc>(&store, key).await,
            };
            store.delete(key, &version).await.unwrap();
        }
    });
}

async fn version<T: Doc>(store: &Store, key: &Key) -> Version {
    store.get::<T>(key).await.unwrap().unwrap().version
}
