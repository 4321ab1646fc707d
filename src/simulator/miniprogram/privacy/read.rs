//! `component/getprivacysetting`.
//!
//! developers.weixin.qq.com: 第三方平台 / 获取小程序用户隐私保护指引. Told are the texts that were set, and all that was found
//! in the code: without a text nobody has set one.

use serde_json::{Value, json};

use super::state::{PrivacyGuide, PrivacyOwner};
use crate::simulator::answer::{Outcome, Refusal, fields, ok, refuse};
use crate::simulator::endpoint::Call;
use crate::simulator::miniprogram::CodeVersion;
use crate::simulator::miniprogram::own::own;

/// What a `privacy_ver` that is none gets.
const BAD_VERSION: i64 = 86071;

/// The kinds of information WeChat has names for.
const OFFICIAL: [(&str, &str); 22] = [
    ("UserInfo", "用户信息（微信昵称、头像）"),
    ("Location", "位置信息"),
    ("Address", "地址"),
    ("Invoice", "发票信息"),
    ("RunData", "微信运动数据"),
    ("Record", "麦克风"),
    ("Album", "选中的照片或视频信息"),
    ("Camera", "摄像头"),
    ("PhoneNumber", "手机号"),
    ("Contact", "通讯录（仅写入）权限"),
    ("DeviceInfo", "设备信息"),
    ("EXIDNumber", "身份证号码"),
    ("EXOrderInfo", "订单信息"),
    ("EXUserPublishContent", "发布内容"),
    ("EXUserFollowAcct", "所关注账号"),
    ("EXUserOpLog", "操作日志"),
    ("AlbumWriteOnly", "相册（仅写入）权限"),
    ("LicensePlate", "车牌号"),
    ("BlueTooth", "蓝牙"),
    ("CalendarWriteOnly", "日历（仅写入）权限"),
    ("Email", "邮箱"),
    ("MessageFile", "选中的文件"),
];

/// Which guide is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Version {
    Online,
    Development,
}

/// `privacy_ver`, a number.
pub(super) fn version(call: &Call<'_>) -> Result<Version, Refusal> {
    // The platform's own token is let in to be told that it has no right.
    if call.account.is_empty() {
        return refuse(48001);
    }
    match call.body.get("privacy_ver") {
        None => Ok(Version::Development),
        Some(given) if *given == 1 => Ok(Version::Online),
        Some(given) if *given == 2 => Ok(Version::Development),
        Some(_) => refuse(BAD_VERSION),
    }
}

/// `component/getprivacysetting`
pub(in crate::simulator) fn get(call: &mut Call<'_>) -> Outcome {
    let version = version(call)?;
    let app = &own(call)?.mini_program;
    let online = app.code.online.as_ref().map(|online| &online.version);
    let (guide, code) = match version {
        Version::Online => (app.privacy.online.as_ref(), online),
        Version::Development => (app.privacy.development.as_ref(), app.code.trial.as_ref()),
    };
    let looked_at = version == Version::Online || !app.code.is_detecting(call.now);
    let found: &[String] = match code {
        Some(CodeVersion { code, .. }) if looked_at => &code.privacy_keys,
        Some(_) | None => &[],
    };
    let none = PrivacyGuide::default();
    let guide = guide.unwrap_or(&none);
    let item = |key: &str, text: &str| json!({"privacy_key": key, "privacy_text": text, "privacy_label": ""});
    let set = guide.setting_list.iter();
    let mut settings: Vec<Value> = set
        .map(|one| item(&one.privacy_key, &one.privacy_text))
        .collect();
    if call.state.switches.privacy_lists_detected {
        let is_set = |key: &&String| {
            guide
                .setting_list
                .iter()
                .any(|one| one.privacy_key == **key)
        };
        let unset = found.iter().filter(|key| !is_set(key));
        settings.extend(unset.map(|key| item(key, "")));
    }
    let described: Vec<Value> = OFFICIAL
        .iter()
        .map(|(key, desc)| json!({"privacy_key": key, "privacy_desc": desc}))
        .collect();
    let mut answer = ok();
    answer.extend(fields([
        ("code_exist", json!(i64::from(code.is_some()))),
        ("privacy_list", json!(found)),
        ("setting_list", Value::from(settings)),
        ("update_time", json!(guide.update_time)),
        ("owner_setting", owner(&guide.owner_setting)),
        ("privacy_desc", json!({"privacy_desc_list": described})),
        ("sdk_privacy_info_list", json!(guide.sdk_privacy_info_list)),
    ]));
    Ok(answer)
}

/// All texts, empty where nothing was set.
fn owner(owner: &PrivacyOwner) -> Value {
    json!({
        "contact_phone": owner.contact_phone,
        "contact_email": owner.contact_email,
        "contact_qq": owner.contact_qq,
        "contact_weixin": owner.contact_weixin,
        "store_expire_timestamp": owner.store_expire_timestamp,
        "ext_file_media_id": owner.ext_file_media_id,
        "notice_method": owner.notice_method,
    })
}
