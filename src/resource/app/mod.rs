//! What a mini-program (小程序) has: its identity, and what users find of it.
//!
//! Most of it is read at once with `getaccountbasicinfo`, which also says how often each part may still be changed.

pub mod avatar;
mod base_library;
pub mod categories;
pub mod code;
mod data_prefetch;
mod dns_prefetch;
pub mod domains;
mod follow;
mod location_apis;
pub mod nickname;
mod order_path;
mod plugins;
pub mod privacy;
mod profile;
mod signature;
mod switch;
mod testers;

use crate::plan::{Text, Why, WhyKind};

pub use avatar::{Avatar, AvatarSpec};
pub use base_library::MinBaseLibrary;
pub use categories::{Categories, CategorySpec};
pub use code::{Code, CodeSpec};
pub use data_prefetch::{DataPrefetch, DataPrefetchSpec};
pub use dns_prefetch::DnsPrefetch;
pub use domains::{Domains, DomainsSpec};
pub(super) use follow::check_refs;
pub use follow::{FollowComponent, FollowComponentSpec};
pub use location_apis::{LocationApiSpec, LocationApis};
pub use nickname::{Nickname, NicknameSpec};
pub use order_path::{OrderPath, OrderPathSpec};
pub use plugins::{PluginSpec, Plugins};
pub use privacy::{Privacy, PrivacySpec};
pub use profile::counted;
pub(super) use profile::objection;
pub use signature::Signature;
pub use switch::{Searchable, Serving, Switch, Turned};
pub use testers::Testers;

/// Something is in a status that no page of WeChat's explains.
fn odd_status(zh: &str, en: &str, status: i64) -> Why {
    Why {
        kind: WhyKind::NotComparable,
        text: Text::new(
            format!("{zh} 处于状态 {status}，文档没有说明其含义；请小程序管理员在公众平台查看"),
            format!(
                "{en} has status {status}, which no page explains: the app's administrator sees in WeChat's console what it is"
            ),
        ),
    }
}
