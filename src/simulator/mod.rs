//! A stand-in for WeChat: the API, the pages and the pushes of a third-party platform, on this machine.
//!
//! It is written from WeChat's documents alone. Of the product's own code it uses the push envelope and nothing
//! else, so that one misreading cannot hide in both. A call goes wire → `serve` (log, faults) → `gate` (token,
//! permission, quota) → the function its row in `endpoints` names; everything it can change is one [`State`]
//! behind one lock. `docs/simulator.md` is the user's page.
//!
//! The files import one way: `state` and what lies in it; `endpoint`, what an API and a call of it are; one file of
//! handlers per family (`menu`, `tags` …), which know no other API (a call brings what is to be asked of the table);
//! `endpoints`, the table; `fault_book` and `app`, the running parts; `serve`, `page`, `control` and `delivery`, the
//! ways in and out; `server`.

mod account;
mod answer;
mod app;
mod audit_quota;
mod authorizer;
mod calls;
mod check;
mod cli;
mod clock;
mod code_templates;
mod conditional;
mod control;
mod control_answer;
mod control_audit;
mod control_hosts;
mod control_links;
mod control_push;
mod control_registrations;
mod control_scan;
mod credential;
mod delivery;
mod endpoint;
mod endpoints;
mod envelope;
mod errmsg;
mod fault;
mod fault_book;
mod fault_check;
mod followers;
mod gate;
mod grant;
mod host;
mod host_serve;
mod industry;
mod keyed;
mod launch_domain;
mod links;
mod media;
mod media_file;
mod menu;
mod menu_rules;
mod message;
mod message_template;
mod miniprogram;
mod multipart;
mod odd_answer;
mod open_account;
mod options;
mod page;
mod page_view;
mod past;
mod patch;
mod platform;
mod pointer;
mod push;
mod push_content;
mod quota;
mod registration;
mod serve;
mod server;
mod spelling;
mod state;
mod state_keys;
mod subscription;
mod subscription_library;
mod switches;
mod switches_default;
mod tags;
mod template_library;
mod template_state;
mod templates;
mod tickets;
mod token;
mod tools;
mod user_tag;
mod users;
mod wire;

pub use account::{Account, Kind, Link, Menu, Menus, User, WebsiteMenu};
pub use audit_quota::{AuditQuota, Submissions};
pub use cli::{Args, run};
pub use code_templates::{CodeContent, CodeDraft, CodeFlaw, CodeTemplate};
pub use credential::{AccessToken, AuthorizationCode, PreAuthCode, Ticket};
pub use host::Host;
pub use media_file::Media;
pub use message_template::{Category, Industry, Keyword, LibraryTemplate, PrivateTemplate};
pub use miniprogram::{
    Allowance, AppCategory, AppDomains, Audit, AuditOutcome, BaseLibrary, BasicInfo, Budget,
    CategoryStatus, Certificate, Code, CodeAudit, CodeVersion, ConfirmFile, DomainClass, Filing,
    FilingStatus, FollowComponent, GrayPlan, GrayStatus, LocationApi, LocationGrant,
    LocationStatus, MiniProgram, OnlineVersion, OrderPath, OrderPathBatch, OrderPathResult,
    OrderPaths, Period, Person, PlatformDomains, PlatformList, Plugin, PluginStatus, Privacy,
    PrivacyFile, PrivacyGuide, PrivacyOwner, PrivacyText, Profile, Reserved, ReservedName,
    Reviewed, SearchLock, ServerDomains, SetCategory, Stores, Tester, UsedPlugin, VersionShare,
};
pub use push_content::Form;
pub use registration::{
    Hindrance, RegisteredBy, Registrar, Registration, RegistrationTask, Registrations, ScanTicket,
    TaskEnd, TaskOf,
};
pub use server::{Config, Running, Simulator, SimulatorError};
pub use state::{
    Authorization, ClockOffset, Counter, CounterKey, CreatedBy, Credentials, OpenAccount, Platform,
    ReplacedToken, State, StateError, Testing,
};
pub use subscription_library::{PublicKeyword, PublicTemplate, SubscriptionTemplate};
pub use switches::{CountsAt, NameReview, NoGrayPlan, ReasonAt, Switches};
pub use user_tag::Tag;
