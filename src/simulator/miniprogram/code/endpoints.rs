//! The table of the APIs about a mini-program's code.

use super::{audits, commit, detection, gray, release, speed, submit, trial, upload, versions};
use crate::simulator::account::Account;
use crate::simulator::answer::Outcome;
use crate::simulator::endpoint::{Call, Endpoint, Token, get, post};

/// 开发管理与数据分析
const CODE: &[u32] = &[18];
/// That, or whatever has to do with material.
const CODE_OR_MATERIAL: &[u32] = &[1, 3, 8, 9, 11, 18, 19, 30, 31, 100];

/// One that is asked with POST.
const fn app(path: &'static str, run: fn(&mut Call<'_>) -> Outcome) -> Endpoint {
    post(path, Token::Authorizer, run)
        .sets(CODE)
        .only_for(Account::is_mini_program)
}

/// One that is asked with GET.
const fn ask(path: &'static str, run: fn(&mut Call<'_>) -> Outcome) -> Endpoint {
    get(path, Token::Authorizer, run)
        .sets(CODE)
        .only_for(Account::is_mini_program)
}

/// Its APIs.
pub(in crate::simulator) static ENDPOINTS: &[Endpoint] = &[
    app("/wxa/commit", commit::commit),
    ask("/wxa/get_page", trial::pages).reads().absent(86001),
    ask("/wxa/get_qrcode", trial::qr_code).reads().absent(86001),
    app("/wxa/uploadmedia", upload::upload).form(),
    ask("/wxa/security/get_code_privacy_info", detection::result)
        .reads()
        .absent(86001),
    app("/wxa/submit_audit", submit::submit),
    app("/wxa/get_auditstatus", audits::status)
        .reads()
        .absent(85012),
    ask("/wxa/get_latest_auditstatus", audits::latest)
        .reads()
        .absent(85058),
    // The following three change something though they are asked with GET.
    ask("/wxa/undocodeaudit", audits::withdraw),
    ask("/wxa/revertcoderelease", versions::revert).reads_when(&["get_history_version"]),
    ask("/wxa/revertgrayrelease", gray::cancel),
    app("/wxa/speedupaudit", speed::speed_up).present(89404),
    ask("/wxa/queryquota", speed::quota).reads(),
    app("/wxa/release", release::release).present(85052),
    app("/wxa/grayrelease", gray::start),
    ask("/wxa/getgrayreleaseplan", gray::plan).reads(),
    app("/wxa/getversioninfo", versions::shown).reads(),
    app("/cgi-bin/material/get_material", audits::screenshot)
        .sets(CODE_OR_MATERIAL)
        .reads()
        .absent(40007),
];
