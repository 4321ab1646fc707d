//! Permission to use location APIs (地理位置接口), applied for one by one and reviewed.
//!
//! developers.weixin.qq.com: 第三方平台 / 申请地理位置接口、获取地理位置接口列表. The list has other numbers for the same
//! than the event has.

use std::sync::LazyLock;

use serde_json::{Value, json};

use super::state::{LocationApi, LocationApis, LocationGrant, LocationStatus};
use crate::simulator::account::Account;
use crate::simulator::answer::{Outcome, Refusal, fields, ok, refuse};
use crate::simulator::endpoint::Call;
use crate::simulator::miniprogram::own::{own, own_mut};
use crate::simulator::miniprogram::review::{Audit, AuditOutcome, Reviewed};
use crate::simulator::miniprogram::state::MiniProgram;
use crate::simulator::quota;
use crate::simulator::state::State;

/// Most characters of the reason.
const LONGEST: usize = 300;
/// Most pictures, and most videos.
const MOST: (usize, usize) = (10, 1);
/// Applications of a minute.
const A_MINUTE: u64 = 280;
/// Where they are counted.
const COUNTED: &str = "/wxa/security/apply_privacy_interface#minute";
/// What a content that is not UTF-8 gets.
pub(super) const GARBLED: i64 = 61037;

/// Those there are, unless the state names others.
static USUAL: LazyLock<LocationApis> = LazyLock::new(|| {
    const ROWS: [(&str, &str, &str); 8] = [
        (
            "wx.getFuzzyLocation",
            "获取模糊地理位置",
            "获取当前的模糊地理位置",
        ),
        (
            "wx.getLocation",
            "获取精确地理位置",
            "获取当前的地理位置、速度",
        ),
        (
            "wx.onLocationChange",
            "监听实时地理位置变化事件",
            "监听实时地理位置变化事件",
        ),
        (
            "wx.startLocationUpdate",
            "接收位置消息（前台）",
            "开启小程序进入前台时接收位置消息",
        ),
        (
            "wx.startLocationUpdateBackground",
            "接收位置消息（前后台）",
            "开启小程序进入前后台时均接收位置消息",
        ),
        ("wx.chooseLocation", "打开地图选择位置", "打开地图选择位置"),
        (
            "wx.choosePoi",
            "打开 POI 列表选择位置",
            "打开 POI 列表选择位置，支持模糊定位（精确到市）和精确定位混选",
        ),
        ("wx.chooseAddress", "获取用户收货地址", "获取用户收货地址"),
    ];
    let api = |(name, ch_name, desc): (&str, &str, &str)| {
        let api = LocationApi {
            api_name: name.to_owned(),
            ch_name: ch_name.to_owned(),
            desc: desc.to_owned(),
            categories: Vec::new(),
        };
        (name.to_owned(), api)
    };
    ROWS.into_iter().map(api).collect()
});

impl State {
    fn known_location_apis(&self) -> &LocationApis {
        if self.location_apis.is_empty() {
            &USUAL
        } else {
            &self.location_apis
        }
    }
}

/// A name as code declares it, without `wx.`.
pub(in crate::simulator::miniprogram) fn bare(name: &str) -> &str {
    name.trim_start_matches("wx.")
}

/// The API of this name, with or without `wx.`, if it has to be applied for.
fn to_be_applied_for<'a>(apis: &'a LocationApis, name: &str) -> Option<&'a LocationApi> {
    apis.values().find(|api| bare(&api.api_name) == bare(name))
}

/// Whether there is a location API of this name.
pub(in crate::simulator::miniprogram) fn exists(state: &State, name: &str) -> bool {
    let known = to_be_applied_for(state.known_location_apis(), name);
    known.or(to_be_applied_for(&USUAL, name)).is_some()
}

/// Whether an app may use it: it was granted, or nobody has to ask.
pub(in crate::simulator::miniprogram) fn may_use(
    state: &State,
    account: &Account,
    name: &str,
) -> bool {
    to_be_applied_for(state.known_location_apis(), name)
        .is_none_or(|api| status(account, api) == LocationStatus::Granted)
}

/// Where an app stands with an API.
fn status(account: &Account, api: &LocationApi) -> LocationStatus {
    let app = &account.mini_program;
    let said = app.location_apis.get(&api.api_name);
    let said = said.map_or(LocationStatus::NotApplied, |grant| grant.status);
    let passed = app.categories.iter().filter(|one| one.has_passed());
    let suits = |second: u64| api.categories.contains(&second);
    let fits = api.categories.is_empty() || passed.map(|one| one.second).any(suits);
    if said == LocationStatus::NotApplied && !fits {
        LocationStatus::NoPermission
    } else {
        said
    }
}

/// `get_privacy_interface`
pub(in crate::simulator) fn list(call: &mut Call<'_>) -> Outcome {
    let account = own(call)?;
    let item = |api: &LocationApi| {
        let mut item = fields([
            ("api_name", json!(api.api_name)),
            ("api_ch_name", json!(api.ch_name)),
            ("api_desc", json!(api.desc)),
            ("status", json!(status(account, api).number())),
            ("api_link", json!(link(&api.api_name))),
            ("group_name", json!("地理位置")),
        ]);
        if let Some(grant) = account.mini_program.location_apis.get(&api.api_name) {
            let reason = &grant.fail_reason;
            let optional = [
                ("apply_time", grant.apply_time.map(Value::from)),
                ("audit_id", grant.audit_id.map(Value::from)),
                ("fail_reason", (!reason.is_empty()).then(|| json!(reason))),
            ];
            for (name, value) in optional {
                item.extend(value.map(|value| (name.to_owned(), value)));
            }
        }
        Value::Object(item)
    };
    let items: Vec<Value> = call
        .state
        .known_location_apis()
        .values()
        .map(item)
        .collect();
    let mut answer = ok();
    answer.insert("interface_list".to_owned(), Value::from(items));
    Ok(answer)
}

fn link(api_name: &str) -> String {
    let page = api_name.trim_start_matches("wx.");
    format!("https://developers.weixin.qq.com/miniprogram/dev/api/location/wx.{page}.html")
}

/// `apply_privacy_interface`
pub(in crate::simulator) fn apply(call: &mut Call<'_>) -> Outcome {
    let counter = quota::minute_counter(call.state, &call.account, COUNTED, call.now);
    if counter.used >= A_MINUTE {
        return refuse(61038);
    }
    counter.used += 1;
    let name = call.text("api_name").ok_or(Refusal(61034))?.to_owned();
    let content = call.text("content").ok_or(Refusal(61034))?;
    let (pictures, videos) = (addresses(call, "pic_list")?, addresses(call, "video_list")?);
    addresses(call, "url_list")?;
    let too_many = pictures.len() > MOST.0 || videos.len() > MOST.1;
    if content.chars().count() > LONGEST || too_many {
        return refuse(61034);
    }
    let is_mp4 = |url: &&str| {
        url.split('?')
            .next()
            .is_some_and(|path| path.ends_with(".mp4"))
    };
    if !videos.iter().all(is_mp4) {
        return refuse(61032);
    }
    let mut media = pictures.iter().chain(&videos);
    if !media.all(|url| is_there(call, url)) {
        return refuse(61033);
    }
    let api = call.state.known_location_apis().get(&name);
    let api = api.ok_or(Refusal(61035))?;
    match status(own(call)?, api) {
        LocationStatus::Granted => return refuse(61035),
        LocationStatus::InReview => return refuse(61031),
        LocationStatus::NoPermission => return refuse(61036),
        LocationStatus::NotApplied | LocationStatus::Rejected => {}
    }
    let (account, now) = (call.account.clone(), call.now);
    let of = Reviewed::LocationApi(name.clone());
    let audit_id = call.state.hand_in(&account, of, now);
    let grant = LocationGrant {
        status: LocationStatus::InReview,
        apply_time: Some(now.as_second()),
        audit_id: Some(audit_id),
        fail_reason: String::new(),
    };
    own_mut(call)?
        .mini_program
        .location_apis
        .insert(name, grant);
    call.effect = true;
    // Other APIs say `ok`.
    Ok(fields([
        ("errcode", json!(0)),
        ("errmsg", json!("submit success")),
        ("audit_id", json!(audit_id)),
    ]))
}

/// A list of addresses; left out it is empty.
fn addresses<'a>(call: &'a Call<'_>, field: &str) -> Result<Vec<&'a str>, Refusal> {
    match call.body.get(field) {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Array(items)) => {
            let texts: Option<Vec<&str>> = items.iter().map(Value::as_str).collect();
            texts.ok_or(Refusal(61034))
        }
        Some(Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_)) => {
            refuse(61034)
        }
    }
}

/// Whether WeChat can download what an address names: at a host of the state it has to be there.
fn is_there(call: &Call<'_>, url: &str) -> bool {
    let Ok(url) = url::Url::parse(url) else {
        return false;
    };
    let host = url.host_str().and_then(|name| call.state.hosts.get(name));
    let file = url.path().trim_start_matches('/');
    host.is_none_or(|host| {
        host.answers() && (host.files.contains_key(file) || host.proxy.is_some())
    })
}

impl MiniProgram {
    /// What a reviewer decided comes into force.
    pub(in crate::simulator::miniprogram) fn settle_location(&mut self, name: &str, audit: &Audit) {
        let Some(grant) = self.location_apis.get_mut(name) else {
            return;
        };
        grant.fail_reason.clone_from(&audit.reason);
        grant.status = match audit.outcome {
            AuditOutcome::Passed => LocationStatus::Granted,
            AuditOutcome::Refused => LocationStatus::Rejected,
        };
    }
}

/// `result_info` of the event, whose numbers are not those of the list.
pub(in crate::simulator::miniprogram) fn result_info(
    name: &str,
    audit: &Audit,
    passed: i64,
) -> Value {
    let settled = audit.settled_at.unwrap_or(audit.submitted_at);
    let status = match audit.outcome {
        AuditOutcome::Refused => 2,
        AuditOutcome::Passed => passed,
    };
    json!({
        "api_name": name,
        "apply_time": audit.submitted_at.as_second(),
        "audit_id": audit.audit_id,
        "audit_time": settled.as_second(),
        "reason": audit.reason,
        "status": status,
    })
}
