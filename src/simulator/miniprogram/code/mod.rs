//! A mini-program's code (代码管理): the trial version, its review, what is online, going online by degrees and back.
//!
//! developers.weixin.qq.com: 第三方平台 / 代码管理. Four slots: trial, review, online, gray plan; reviews lie among the
//! others in `audits[]`, the rest in the account.

mod audits;
mod commit;
mod control;
mod detection;
mod endpoints;
mod event;
mod ext_json;
mod extras;
mod gray;
mod items;
mod online;
mod picture;
mod release;
mod speed;
mod state;
mod submit;
mod trial;
mod upload;
mod versions;

pub(in crate::simulator) use control::order;
pub(in crate::simulator) use endpoints::ENDPOINTS;
pub(super) use event::{delayed_at, event};
pub use state::{Code, CodeAudit, CodeVersion, GrayPlan, GrayStatus, OnlineVersion};
