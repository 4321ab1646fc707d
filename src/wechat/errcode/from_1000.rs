//! 1000 to 1099: malformed requests, and what linking a mini-program is refused with for its administrator.

use super::row::{Errcode, row};
use crate::wechat::answer::ErrorClass::{Human, Invalid};
use crate::wechat::answer::Who::{AppAdmin, Wxops};

pub(super) static ROWS: &[Errcode] = &[
    row(
        1003,
        "invalid post parameter",
        Invalid,
        Wxops,
        "POST 参数不合法",
        "a parameter in the body is not valid",
    ),
    // Of linking alone; users tie it to many links as well.
    row(
        1005,
        "(administrator's phone is bound to too many accounts)",
        Human,
        AppAdmin,
        "小程序管理员的手机号绑定的账号数达到上限，不能再关联",
        "the phone of the mini-program's administrator is bound to as many accounts as allowed, so no link can be made",
    ),
];
