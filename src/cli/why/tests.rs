//! The checklist in both languages, for every reason there is to wait.

use jiff::Timestamp;

use super::checklist::{Account, Facts, Item, Sign, checklist};
use super::{details, headline};
use crate::controller::{Standing, State};
use crate::plan::{Address, Lang, Person, Reason, Text, Waiting, Whose};
use crate::reconcile::{Awaited, Stands, Thing};
use crate::store::documents::TenantDoc;

fn wait(resource: &str, reason: Reason) -> Awaited {
    Awaited {
        address: Address::from(resource),
        since: Some(Timestamp::UNIX_EPOCH),
        command: None,
        waiting: Waiting::new(reason, Person::Owner, Text::new("(说明)", "(text)")),
    }
}

fn thing(resource: &str, stands: Stands) -> Thing {
    Thing {
        address: Address::from(resource),
        stands,
        text: None,
    }
}

fn items(waits: &[Awaited], things: &[Thing]) -> Vec<Item> {
    checklist(&Facts {
        is_mistaken: false,
        place: "a.yaml:3".to_owned(),
        accounts: vec![Account {
            whose: Whose::Official,
            declared: vec!["menu", "openAccount"],
            appid: Some("wx1111111111111111".to_owned()),
            authorized: true,
            registers: false,
            is_platform: false,
        }],
        looked: true,
        changed_since: false,
        waits,
        things,
    })
}

fn signs(items: &[Item]) -> String {
    items.iter().map(|item| item.sign.mark()).collect()
}

fn standing(state: State) -> Standing {
    Standing {
        tenant: "sunrise".to_owned(),
        accounts: Vec::new(),
        waits: Vec::new(),
        things: Vec::new(),
        state,
        last_pass: None,
        changed_since: false,
        doc: TenantDoc::default(),
    }
}

#[test]
fn what_comes_after_a_shut_gate_has_not_had_its_turn() {
    let gate = [wait("authorization", Reason::NotAuthorized)];
    assert_eq!(signs(&items(&gate, &[])), "✓⧖  ");
    let open = [
        thing("menu", Stands::InForce),
        thing("openAccount", Stands::Waiting),
    ];
    let behind = [wait("openAccount", Reason::PermissionSetMissing)];
    assert_eq!(signs(&items(&behind, &open)), "✓✓✓⧖");
    let failed = [
        thing("menu", Stands::Failed),
        thing("openAccount", Stands::NotKnown),
    ];
    assert_eq!(signs(&items(&[], &failed)), "✓✓✗?");
    let unread = [thing("authorization", Stands::Failed)];
    assert_eq!(signs(&items(&[], &unread)), "✓✗  ");
}

#[test]
fn every_reason_is_said_in_both_languages() {
    let now = Timestamp::from_second(6 * 3_600).unwrap();
    let mut said = Vec::new();
    for reason in Reason::ALL {
        let items = items(&[wait("authorization", reason)], &[]);
        let text = headline(&standing(State::Waiting), &items, now);
        said.push(format!("{:<22}{} | {}", reason.as_str(), text.zh, text.en));
    }
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn a_wait_says_who_where_and_since_when() {
    let mut one = wait("authorization", Reason::NotAuthorized);
    one.waiting.link = Some("https://wx.example.com/a".to_owned());
    one.command = Some("wxops approve x".to_owned());
    let now = Timestamp::from_second(6 * 3_600).unwrap();
    assert_eq!(
        details(&one, now, Lang::Zh),
        [
            "等待公众号管理员，已等 6 小时",
            "请打开 https://wx.example.com/a",
            "wxops approve x"
        ]
    );
    assert_eq!(
        details(&one, now, Lang::En),
        [
            "waiting for the owner, for 6 h",
            "open https://wx.example.com/a",
            "wxops approve x"
        ]
    );
}

#[test]
fn the_first_line_names_somebody_who_can_act() {
    let waits = [
        Awaited {
            waiting: Waiting::new(
                Reason::NotLinked,
                Person::Nobody,
                Text::new("(说明)", "(text)"),
            ),
            ..wait("menu", Reason::NotLinked)
        },
        wait("openAccount", Reason::PermissionSetMissing),
    ];
    let things = [
        thing("menu", Stands::Waiting),
        thing("openAccount", Stands::Waiting),
    ];
    let now = Timestamp::from_second(6 * 3_600).unwrap();
    let said = headline(&standing(State::Waiting), &items(&waits, &things), now);
    assert!(
        said.en.contains("a permission set is missing"),
        "{}",
        said.en
    );
}

#[test]
fn a_platform_is_not_authorized() {
    let list = checklist(&Facts {
        is_mistaken: false,
        place: "a.yaml:3".to_owned(),
        accounts: vec![Account {
            whose: Whose::Official,
            declared: vec!["platformDomains"],
            appid: None,
            authorized: false,
            registers: false,
            is_platform: true,
        }],
        looked: true,
        changed_since: false,
        waits: &[],
        things: &[thing("platformDomains", Stands::InForce)],
    });
    assert_eq!(signs(&list), "✓✓");
}

#[test]
fn a_tenant_is_ready_only_when_everything_is() {
    let now = Timestamp::UNIX_EPOCH;
    let done = [
        thing("menu", Stands::InForce),
        thing("openAccount", Stands::InForce),
    ];
    let list = items(&[], &done);
    assert!(list.iter().all(|item| item.sign == Sign::Done));
    assert_eq!(
        headline(&standing(State::Ready), &list, now).en,
        "sunrise: ready"
    );
    let list = items(&[], &done[..1]);
    assert_eq!(
        headline(&standing(State::Ready), &list, now).en,
        "sunrise: waiting for the next pass"
    );
}
