//! The endpoints about code. Two of the three that change state without a body are GETs: they are never sent twice.

use crate::wechat::endpoint::{CallClass, Endpoint, Method, Payer, Period, Quota, TokenKind};

/// 开发管理与数据分析
const SETS: &[u16] = &[18];

const fn read(name: &'static str, path: &'static str, method: Method) -> Endpoint {
    Endpoint {
        name,
        path,
        method,
        class: CallClass::Read,
        token: TokenKind::Authorizer,
        sets: SETS,
        quotas: &[],
    }
}

const fn write(name: &'static str, path: &'static str, method: Method) -> Endpoint {
    Endpoint {
        class: CallClass::AtMostOnce,
        ..read(name, path, method)
    }
}

/// `commit`: replaces the trial version and begins a new detection. It takes 3 to more than 30 seconds, or answers that it
/// goes on (9402205): the code may be there all the same, and is found by what was sent along as its description.
pub static COMMIT: Endpoint = Endpoint {
    class: CallClass::NaturalKey,
    ..write("commit", "/wxa/commit", Method::Post)
};
/// `getCodePage`: the pages of the trial version.
pub static PAGES: Endpoint = read("get_page", "/wxa/get_page", Method::Get);
/// `getTrialQRCode`: the QR code of the trial version. The answer is a JPEG, and JSON where there is none.
pub static QR_CODE: Endpoint = read("get_qrcode", "/wxa/get_qrcode", Method::Get);
/// `uploadMediaToCodeAudit`: pictures and videos for the reviewers. Its ids work for nothing else, and live for 3 days.
pub static UPLOAD: Endpoint = read("uploadmedia", "/wxa/uploadmedia", Method::Upload);
/// `getCodePrivacyInfo`: what the detection found that is not declared. 61039 while it runs.
pub static DETECTION: Endpoint = read(
    "security/get_code_privacy_info",
    "/wxa/security/get_code_privacy_info",
    Method::Get,
);
/// `submitAudit`: one of the platform's few audits of a month, refused ones included.
pub static SUBMIT: Endpoint = Endpoint {
    quotas: &[Quota {
        limit: 20,
        period: Period::Month,
        scarce: true,
        payer: Payer::Platform,
    }],
    ..write("submit_audit", "/wxa/submit_audit", Method::Post)
};
/// `getAuditStatus`: one audit, by its id.
pub static STATUS: Endpoint = read("get_auditstatus", "/wxa/get_auditstatus", Method::Post);
/// `getLatestAuditStatus`: the audit that was submitted last, whoever did. 85058: never any.
pub static LATEST: Endpoint = read(
    "get_latest_auditstatus",
    "/wxa/get_latest_auditstatus",
    Method::Get,
);
/// `undoAudit`: withdraws the audit in flight. It gives no audit back.
pub static UNDO: Endpoint = Endpoint {
    quotas: &[
        Quota {
            limit: 5,
            period: Period::Day,
            scarce: false,
            payer: Payer::Account,
        },
        Quota {
            limit: 10,
            period: Period::Month,
            scarce: true,
            payer: Payer::Account,
        },
    ],
    ..write("undocodeaudit", "/wxa/undocodeaudit", Method::Get)
};
/// `speedupCodeAudit`: the review is done in 2 to 12 hours. One of the platform's few of a month.
pub static SPEED_UP: Endpoint = write("speedupaudit", "/wxa/speedupaudit", Method::Post);
/// `setCodeAuditQuota` (查询服务商审核额度): the platform's quotas, asked for with the token of any of its mini-programs.
pub static QUOTA: Endpoint = read("queryquota", "/wxa/queryquota", Method::Get);
/// `release`: the version that passed last goes online.
pub static RELEASE: Endpoint = write("release", "/wxa/release", Method::Post);
/// `revertCodeRelease` with `get_history_version`: the versions that can be gone back to. Nothing is reverted.
pub static HISTORY: Endpoint = read(
    "revertcoderelease get_history_version",
    "/wxa/revertcoderelease",
    Method::Get,
);
/// `revertCodeRelease`: goes back to an older version, once until the next release.
pub static REVERT: Endpoint = write("revertcoderelease", "/wxa/revertcoderelease", Method::Get);
/// `grayRelease`: a share of the users get the version that passed last. The share only rises.
pub static GRAY: Endpoint = write("grayrelease", "/wxa/grayrelease", Method::Post);
/// `getGrayReleasePlan`
pub static GRAY_PLAN: Endpoint = read("getgrayreleaseplan", "/wxa/getgrayreleaseplan", Method::Get);
/// `revertGrayRelease`: nobody gets the new version any more.
pub static REVERT_GRAY: Endpoint =
    write("revertgrayrelease", "/wxa/revertgrayrelease", Method::Get);
/// `getVersionInfo`: the trial version and the one that is online.
pub static VERSIONS: Endpoint = read("getversioninfo", "/wxa/getversioninfo", Method::Post);
