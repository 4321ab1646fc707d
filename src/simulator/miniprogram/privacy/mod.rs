//! What a mini-program tells its users of what it does with their information (用户隐私保护指引).
//!
//! developers.weixin.qq.com: 第三方平台 / 隐私保护指引. Two of them: the one that users see, and the one that goes online
//! with the next release.

mod endpoints;
mod file;
mod read;
mod state;
mod write;

pub(in crate::simulator) use endpoints::ENDPOINTS;
pub use state::{Privacy, PrivacyFile, PrivacyGuide, PrivacyOwner, PrivacyText};
