//! A mini-program's code: committed from a template, looked at, reviewed, released, taken back.
//!
//! WeChat keeps four slots for each mini-program: the trial version (体验版), the review, what is online, and what goes
//! online by degrees (灰度), and up to five versions of before. No answer tells which template or which `ext_json` a
//! version was made of: a version has its number, which may be used twice, a free text and a time.
//! WeChat's pages: developers.weixin.qq.com, 第三方平台 / 代商家管理小程序 / 代码管理.

mod audit;
mod commit;
mod detection;
mod endpoint;
mod gray;
mod online;

pub use audit::{
    Audit, AuditQuota, AuditState, Left, Submitted, latest_request, quota_request,
    speed_up_request, status_request, submit_request, submitted, undo_request,
};
pub use commit::{Commit, Pages, commit_request, committed, pages_request};
pub use detection::{Detection, detection_request};
pub use endpoint::{
    COMMIT, DETECTION, GRAY, GRAY_PLAN, HISTORY, LATEST, PAGES, QR_CODE, QUOTA, RELEASE, REVERT,
    REVERT_GRAY, SPEED_UP, STATUS, SUBMIT, UNDO, UPLOAD, VERSIONS,
};
pub use gray::{GrayAnswer, GrayPlan, GrayState, gray_request, plan_request, stop_gray_request};
pub use online::{
    History, OldVersion, Version, Versions, history_request, release_request, revert_request,
    reverted_to, versions_request,
};
