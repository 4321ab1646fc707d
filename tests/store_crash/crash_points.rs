//! The at-most-once sequence, cut between every two of its writes, by construction: the store fails at its n-th
//! operation, before or after it took effect, for every n, whatever WeChat does with the request; and the process
//! that repairs it is cut in every place as well.

use std::sync::Arc;

use wxops::store::Memory;

use super::holder::{Holder, appid};
use super::mortal::{DEATHS, Death, Mortal};
use super::world::{TREATMENTS, Treatment, World};

/// One holder after another, each dying at its operation; then one that lives. How many of the mortal ones died.
async fn run(treatment: Treatment, deaths: &[(usize, Death)]) -> usize {
    let memory = Arc::new(Memory::default());
    let world = World::new(&[treatment]);
    let accounts = [appid(1)];
    let mut died = 0;
    for (n, (at, death)) in deaths.iter().enumerate() {
        let mortal = Mortal::new(&memory, *at, *death);
        let holder = Holder::new(mortal.store(), &format!("mortal-{n}"), world.clone(), 5);
        let converged = holder.converge(&accounts).await;
        assert_eq!(
            converged.is_err(),
            mortal.is_dead(),
            "only death stops a holder"
        );
        died += usize::from(mortal.is_dead());
    }
    let last = Mortal::immortal(&memory);
    let holder = Holder::new(last.store(), "last", world.clone(), 5);
    holder.converge(&accounts).await.unwrap();
    assert_eq!(world.effects(&accounts[0]), 1, "never stuck");
    assert!(world.requests() <= 2, "no more requests than needed");
    holder.check(&accounts).await;
    died
}

#[tokio::test]
async fn a_crash_between_any_two_writes_never_sends_twice_and_never_sticks() {
    let mut points = 0;
    for treatment in TREATMENTS {
        for death in DEATHS {
            let mut at = 0;
            while run(treatment, &[(at, death)]).await == 1 {
                at += 1;
            }
            assert!(at > 10, "the sequence has many operations");
            points += at;
        }
    }
    println!("{points} crashes, every one repaired");
}

#[tokio::test]
async fn a_crash_during_the_repair_of_a_crash_is_repaired_too() {
    let mut points = 0;
    for treatment in TREATMENTS {
        for death in DEATHS {
            for at in 0.. {
                let mut then = 0;
                // Before the next operation is after the last one and after whatever was sent in between.
                while run(treatment, &[(at, death), (then, Death::Before)]).await == 2 {
                    then += 1;
                }
                points += then;
                if then == 0 {
                    break;
                }
            }
        }
    }
    println!("{points} double crashes, every one repaired");
}

#[tokio::test]
async fn a_store_that_fails_for_a_moment_does_no_harm() {
    for treatment in TREATMENTS {
        for death in DEATHS {
            for at in 0.. {
                let memory = Arc::new(Memory::default());
                let world = World::new(&[treatment]);
                let accounts = [appid(1)];
                let hiccup = Mortal::hiccup(&memory, at, death);
                let holder = Holder::new(hiccup.store(), "alive", world.clone(), 5);
                while holder.converge(&accounts).await.is_err() {}
                assert_eq!(world.effects(&accounts[0]), 1);
                let judge = Mortal::immortal(&memory).store();
                Holder::new(judge, "judge", world, 5).check(&accounts).await;
                if !hiccup.is_dead() {
                    break;
                }
            }
        }
    }
}
