//! The table of the APIs that register mini-programs.

use super::official;
use crate::simulator::endpoint::{Endpoint, Token, post};

/// 快速注册小程序
const REGISTER: &[u32] = &[27];

/// Those APIs.
pub(in crate::simulator) static ENDPOINTS: &[Endpoint] = &[post(
    "/cgi-bin/account/fastregister",
    Token::Authorizer,
    official::register,
)
.sets(REGISTER)];
