//! The only place where WeChat's error numbers appear: what each means, who must act, what happens next.
//!
//! One table, a file per range of numbers, sorted. A number can mean different things on different endpoints
//! ([`OVERRIDES`]), and WeChat's "busy" means something else on a write than on a read; [`classify`] puts these
//! together, and nothing outside this module looks at a number. A code that is not here is [`ErrorClass::Unknown`]:
//! rows come with the endpoints that give them, but for those of mini-programs, which are all here.
//! Where the same payload comes right as soon as something else has changed (a limit, a state, another step), a row is
//! [`ErrorClass::Human`] and not [`ErrorClass::Invalid`]: what is invalid is not sent again unchanged.
//! WeChat's page: developers.weixin.qq.com, `Return_codes/Return_code_descriptions_new` (返回码说明).
//!
//! [`ErrorClass::Human`]: super::answer::ErrorClass::Human
//! [`ErrorClass::Invalid`]: super::answer::ErrorClass::Invalid
//! [`ErrorClass::Unknown`]: super::answer::ErrorClass::Unknown

mod classify;
mod from_1000;
mod from_40000;
mod from_40100;
mod from_41000;
mod from_48000;
mod from_61000;
mod from_61031;
mod from_65000;
mod from_85000;
mod from_85060;
mod from_86000;
mod from_89000;
mod from_89231;
mod from_91000;
mod message;
mod overrides;
mod remedy;
mod row;
#[cfg(test)]
mod tests;

pub use classify::{
    Classified, classify, dead_code, explain, is_listed, is_of_the_day, is_of_the_month,
    is_out_of_reach, lacks_capability, lacks_permission_set, names_code, names_media,
    names_no_task, names_openid, names_refresh_token, names_scan, needs_scan,
};
pub use overrides::{OVERRIDES, Override};
pub use remedy::{concerns_platform, names_ticket, own_remedy, remedy};
pub use row::{BUSY, Errcode};

/// Every errcode that is known, in ascending order.
pub fn table() -> impl Iterator<Item = &'static Errcode> {
    std::iter::once(&BUSY).chain(RANGES.into_iter().flatten())
}

/// What is known of a number, wherever it comes from.
#[must_use]
pub fn find(code: i64) -> Option<&'static Errcode> {
    table().find(|row| row.code == code)
}

static RANGES: [&[Errcode]; 14] = [
    from_1000::ROWS,
    from_40000::ROWS,
    from_40100::ROWS,
    from_41000::ROWS,
    from_48000::ROWS,
    from_61000::ROWS,
    from_61031::ROWS,
    from_65000::ROWS,
    from_85000::ROWS,
    from_85060::ROWS,
    from_86000::ROWS,
    from_89000::ROWS,
    from_89231::ROWS,
    from_91000::ROWS,
];
