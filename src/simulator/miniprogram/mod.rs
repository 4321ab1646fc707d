//! What only a mini-program (小程序) has, and the APIs about it.
//!
//! Its account lies beside the others in `account.rs`; here is the rest, one file per thing an owner sees in the
//! console. Written from 第三方平台 / 小程序管理.

pub(super) mod addons;
mod audit;
mod avatar;
mod base_library;
mod basic_info;
mod budget;
mod category;
pub(super) mod category_lists;
mod category_tree;
pub(super) mod code;
pub(super) mod domains;
mod endpoints;
pub(super) mod filing;
mod follow;
mod names;
mod nickname;
mod own;
pub(super) mod privacy;
mod review;
mod signature;
mod spending;
mod state;
mod testers;
mod visibility;

pub(super) use endpoints::ENDPOINTS;

pub use addons::{
    LocationApi, LocationGrant, LocationStatus, OrderPath, OrderPathBatch, OrderPathResult,
    OrderPaths, Plugin, PluginStatus, UsedPlugin,
};
pub use budget::{Allowance, Budget, Period};
pub use category_tree::AppCategory;
pub use code::{Code, CodeAudit, CodeVersion, GrayPlan, GrayStatus, OnlineVersion};
pub use domains::{
    AppDomains, ConfirmFile, DomainClass, PlatformDomains, PlatformList, ServerDomains, Stores,
};
pub use filing::{Filing, FilingStatus};
pub use follow::FollowComponent;
pub use privacy::{Privacy, PrivacyFile, PrivacyGuide, PrivacyOwner, PrivacyText};
pub use review::{Audit, AuditOutcome, Reviewed};
pub use state::{
    BaseLibrary, BasicInfo, CategoryStatus, Certificate, MiniProgram, Person, Profile, Reserved,
    ReservedName, SearchLock, SetCategory, Tester, VersionShare,
};
