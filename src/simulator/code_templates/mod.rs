//! A platform's code templates (代码模板): what its developers have uploaded, and the library its mini-programs get
//! their code from.
//!
//! developers.weixin.qq.com: 第三方平台 / 代码模板库管理.

mod content;
mod endpoints;
mod library;
mod state;

pub(super) use endpoints::ENDPOINTS;

pub use content::{CodeContent, CodeFlaw};
pub use state::{CodeDraft, CodeTemplate};
