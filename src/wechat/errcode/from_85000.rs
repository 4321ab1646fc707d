//! 85000 to 85058: testers, submissions, domains, code.

use super::row::{Errcode, row};
use crate::wechat::answer::ErrorClass::Human;
use crate::wechat::answer::Who::AccountAdmin;

pub(super) static ROWS: &[Errcode] = &[
    // Likewise: right as soon as the two administrators have confirmed the link.
    row(
        85005,
        "appid not bind weapp",
        Human,
        AccountAdmin,
        "小程序未与该公众号关联,按钮不能打开它",
        "the mini-program is not linked to the official account, so no button can open it",
    ),
];
