//! The table of the APIs about privacy guides.

use super::{file, read, write};
use crate::simulator::account::Account;
use crate::simulator::endpoint::{Endpoint, Token, post};

/// 开发管理与数据分析
const CODE: &[u32] = &[18];

/// Its APIs: the mini-program's, though they lie among the platform's.
pub(in crate::simulator) static ENDPOINTS: &[Endpoint] = &[
    post(
        "/cgi-bin/component/getprivacysetting",
        Token::Either,
        read::get,
    )
    .sets(CODE)
    .foreign_kind(61007)
    .only_for(Account::is_mini_program)
    .reads(),
    post(
        "/cgi-bin/component/setprivacysetting",
        Token::Either,
        write::set,
    )
    .sets(CODE)
    .foreign_kind(61007)
    .only_for(Account::is_mini_program)
    .escaped(write::BAD_PERIOD)
    .absent(86074),
    post(
        "/cgi-bin/component/uploadprivacyextfile",
        Token::Either,
        file::upload,
    )
    .sets(CODE)
    .foreign_kind(61007)
    .only_for(Account::is_mini_program)
    .form(),
];
