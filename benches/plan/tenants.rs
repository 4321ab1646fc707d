//! The tenants of the benchmark: what their manifests say, and WeChat, which has all of it already.

use std::fmt::Write as _;

use serde_json::{Value, json};
use wxops::resource::TenantSpec;
use wxops::resource::app::code::CodeSpec;
use wxops::wechat::Appid;
use wxops::wechat::code_template::CodeTemplate;

pub const PLATFORM: &str = "wx00000000000000aa";
pub const AES_KEY: &str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";

pub fn name(n: usize) -> String {
    format!("tenant-{n:04}")
}

pub fn app(n: usize) -> String {
    format!("wx{:016x}", 0xe000_0000_usize + n)
}

pub fn account(n: usize) -> String {
    format!("wx{:016x}", 0xf000_0000_usize + n)
}

/// One tenant's declaration, as the manifests say it.
pub fn spec(n: usize) -> TenantSpec {
    serde_json::from_value(declared(n)).unwrap()
}

pub fn declared(n: usize) -> Value {
    json!({
        "openAccount": {"create": true},
        "officialAccount": {"appId": account(n), "menu": {"buttons": [
            {"name": "课程", "view": format!("https://wx.example.com/{n}")},
            {"name": "联系老师", "click": "CONTACT"},
        ]}},
        "miniPrograms": [{"name": "main", "appId": app(n), "signature": signature(), "code": code(n)}],
    })
}

pub fn signature() -> &'static str {
    "附近孩子都在跳的舞"
}

pub fn code(n: usize) -> Value {
    json!({"template": {"version": "1.4.2"}, "ext": {"ext": {"shop": n}}})
}

/// The version that a mini-program's manifest means, as a commit of ours left it.
pub fn version(n: usize) -> Value {
    let spec: CodeSpec = serde_json::from_value(code(n)).unwrap();
    let template: CodeTemplate = serde_json::from_value(
        json!({"template_id": 42, "user_version": "1.4.2", "user_desc": "修复预约"}),
    )
    .unwrap();
    let said = spec.known_as(&template, &Appid::parse(&app(n)).unwrap());
    json!({"userVersion": "1.4.2", "userDesc": said, "committedAt": "2026-10-01T00:00:00Z"})
}

pub fn manifests(count: usize) -> String {
    let platform = json!({
        "apiVersion": "wxops.io/v1alpha1", "kind": "Platform", "metadata": {"name": "main"},
        "spec": {
            "appId": PLATFORM, "credentials": {"path": "../credentials"},
            "callback": {"url": "https://wx.example.com"}, "guard": {"changedTenants": "100%"},
        },
    });
    let mut text = platform.to_string();
    for n in 0..count {
        let mut spec = declared(n);
        spec["platformRef"] = json!({"name": "main"});
        let tenant = json!({
            "apiVersion": "wxops.io/v1alpha1", "kind": "Tenant", "metadata": {"name": name(n)}, "spec": spec,
        });
        let _ = write!(text, "\n---\n{tenant}");
    }
    text
}

pub fn state(count: usize) -> Value {
    let each = |make: fn(usize) -> Value| (0..count).map(make);
    let officials = each(|n| {
        json!({
            "appId": account(n), "kind": "officialAccount", "nickName": name(n), "principalName": name(n),
        })
    });
    let accounts: Vec<Value> = officials.chain(each(mini_program)).collect();
    let of_officials = each(|n| granted(&account(n), &[1, 3, 15, 24]));
    let of_apps = each(|n| granted(&app(n), &[3, 18, 24, 25, 30]));
    let authorizations: Vec<Value> = of_officials.chain(of_apps).collect();
    json!({
        "platforms": [{
            "appId": PLATFORM, "appSecret": "s", "token": "t", "encodingAesKey": AES_KEY,
            "codeTemplates": [{"templateId": 42, "userVersion": "1.4.2", "userDesc": "修复预约", "createTime": 1_790_000_000}],
        }],
        "accounts": accounts,
        "authorizations": authorizations,
    })
}

pub fn mini_program(n: usize) -> Value {
    let code = version(n);
    json!({
        "appId": app(n), "kind": "miniProgram", "nickName": format!("课堂{n}"), "principalName": name(n), "registerType": 2,
        "headImg": "http://wx.qlogo.cn/mmopen/a/0", "signature": signature(),
        "miniProgram": {
            "categories": [{"first": 8, "second": 590}], "released": true,
            "code": {"trial": code, "online": {"version": code, "releasedAt": "2026-10-02T00:00:00Z", "appVersion": 7}},
        },
    })
}

pub fn granted(account: &str, sets: &[u32]) -> Value {
    json!({
        "platform": PLATFORM, "account": account, "permissionSets": sets,
        "refreshToken": format!("refreshtoken@@@{account}"), "authTime": "2026-01-01T00:00:00Z",
    })
}
