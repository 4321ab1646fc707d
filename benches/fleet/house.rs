//! The tenants of the benchmark: what their manifests say, and WeChat, which has all of it already.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use wxops::resource::app::code::CodeSpec;
use wxops::wechat::Appid;
use wxops::wechat::code_template::CodeTemplate;

pub const PLATFORM: &str = "wx0000000000000001";
const TOKEN: &str = "bench-push-token";
const AES_KEY: &str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";
/// Templates of the class.
const TEMPLATES: usize = 12;
/// What owners grant: of the official account, and of the mini-program.
const SETS: [&[u32]; 2] = [&[1, 2, 3, 7, 15, 24, 30, 33], &[3, 18, 24, 25, 30]];

pub fn name(n: usize) -> String {
    format!("tenant-{n:05}")
}

pub fn file(n: usize) -> String {
    format!("tenants/{:02}/{}.yaml", n / 100, name(n))
}

pub fn official(n: usize) -> String {
    format!("wx{:016x}", 0x1111_0000 + n)
}

fn app(n: usize) -> String {
    format!("wx{:016x}", 0x2222_0000 + n)
}

/// Writes platform, class and tenants.
pub fn write(root: &Path, tenants: usize) {
    let credentials = root.join("credentials");
    fs::create_dir_all(&credentials).unwrap();
    for (name, text) in [
        ("appSecret", "s"),
        ("token", TOKEN),
        ("encodingAesKey", AES_KEY),
    ] {
        fs::write(credentials.join(name), text).unwrap();
    }
    let platform = format!(
        "apiVersion: wxops.io/v1alpha1\nkind: Platform\nmetadata: {{name: main}}\nspec:\n  appId: {PLATFORM}\n  \
         credentials: {{path: credentials}}\n  callback: {{url: \"https://wx.example.com\"}}\n"
    );
    fs::write(root.join("platform.yaml"), platform).unwrap();
    fs::write(root.join("class.yaml"), class()).unwrap();
    for n in 0..tenants {
        let path = root.join(file(n));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, manifest(n, 0)).unwrap();
    }
}

fn class() -> String {
    let templates: String = (0..TEMPLATES)
        .map(|n| {
            format!(
                "        - {{name: notice-{n}, shortId: \"{}\", title: 通知{n}, keywords: [课程名称, 上课时间, 上课地点, 学员姓名]}}\n",
                short_id(n)
            )
        })
        .collect();
    format!(
        "apiVersion: wxops.io/v1alpha1\nkind: TenantClass\nmetadata: {{name: school}}\nspec:\n  \
         platformRef: {{name: main}}\n  officialAccount:\n    templates:\n      items:\n{templates}    menu:\n      buttons:\n        \
         - name: 课程\n          subButtons:\n            \
         - {{name: 本周课程, view: \"https://wx.example.com/$(values.site)/week\"}}\n            \
         - {{name: 全部课程, view: \"https://wx.example.com/$(values.site)/all\"}}\n            \
         - {{name: 约课, view: \"https://wx.example.com/$(values.site)/book\"}}\n        \
         - name: 学员\n          subButtons:\n            \
         - {{name: 我的课时, view: \"https://wx.example.com/$(values.site)/hours\"}}\n        \
         - {{name: $(values.city), click: CITY}}\n"
    )
}

/// A tenant's manifest. Each edition has its own menu.
pub fn manifest(n: usize, edition: usize) -> String {
    format!(
        "apiVersion: wxops.io/v1alpha1\nkind: Tenant\nmetadata:\n  name: {}\n  labels: {{region: east, tier: gold}}\nspec:\n  \
         classRef: {{name: school}}\n  values:\n    site: {}\n    city: 杭州\n  officialAccount:\n    appId: {}\n  miniPrograms:\n    \
         - name: main\n      appId: {}\n      nickname: 课堂{n:05}\n      signature: {}\n      \
         categories: [{{name: 教育/素质教育}}]\n      searchable: true\n      \
         code: {{template: {{version: 1.4.2}}, ext: {{ext: {{shop: {n}}}}}}}\n",
        name(n),
        site(n, edition),
        official(n),
        app(n),
        signature(n),
    )
}

fn site(n: usize, edition: usize) -> String {
    format!("s{n}e{edition}")
}

fn signature(n: usize) -> String {
    format!("第{n}所学校：教孩子们跳舞，周末和晚上都有课")
}

fn short_id(n: usize) -> String {
    (50_000 + n).to_string()
}

/// WeChat: every tenant has what its manifest says.
pub fn wechat(tenants: usize) -> Value {
    let library: Vec<Value> = (0..TEMPLATES)
        .map(|n| {
            let keywords = [
                ("课程名称", "thing1"),
                ("上课时间", "time2"),
                ("上课地点", "thing3"),
                ("学员姓名", "name4"),
            ];
            let keywords = keywords.map(|(name, field)| json!({"name": name, "field": field}));
            json!({"shortId": short_id(n), "title": format!("通知{n}"), "category": 1301, "keywords": keywords})
        })
        .collect();
    let accounts: Vec<Value> = (0..tenants)
        .flat_map(|n| [official_account(n), mini_program(n)])
        .collect();
    let authorizations: Vec<Value> = (0..tenants)
        .flat_map(|n| [(official(n), SETS[0]), (app(n), SETS[1])])
        .map(|(account, sets)| {
            json!({
                "platform": PLATFORM, "account": account, "permissionSets": sets,
                "refreshToken": format!("refreshtoken@@@{account}"), "authTime": "2026-01-01T00:00:00Z",
            })
        })
        .collect();
    json!({
        "platforms": [{
            "appId": PLATFORM, "appSecret": "s", "token": TOKEN, "encodingAesKey": AES_KEY, "codeTemplates": [template()],
        }],
        "messageTemplates": library,
        "accounts": accounts,
        "authorizations": authorizations,
    })
}

fn official_account(n: usize) -> Value {
    let site = site(n, 0);
    let view = |name: &str, page: &str| {
        let url = format!("https://wx.example.com/{site}/{page}");
        json!({"type": "view", "name": name, "url": url})
    };
    let templates: Vec<Value> = (0..TEMPLATES)
        .map(|template| {
            json!({"shortId": short_id(template), "keywords": ["课程名称", "上课时间", "上课地点", "学员姓名"]})
        })
        .collect();
    json!({
        "appId": official(n), "kind": "officialAccount", "principalName": format!("学校{n:05}有限公司"),
        "nickName": format!("学校{n:05}"), "categories": [{"id": 1301, "name": "教育/素质教育"}],
        "templates": templates,
        "menu": {"default": {"button": [
            {"name": "课程", "sub_button": [view("本周课程", "week"), view("全部课程", "all"), view("约课", "book")]},
            {"name": "学员", "sub_button": [view("我的课时", "hours")]},
            {"type": "click", "name": "杭州", "key": "CITY"},
        ]}},
    })
}

fn mini_program(n: usize) -> Value {
    let code = version(n);
    json!({
        "appId": app(n), "kind": "miniProgram", "principalName": format!("学校{n:05}有限公司"),
        "nickName": format!("课堂{n:05}"), "signature": signature(n), "registerType": 2,
        "miniProgram": {
            "searchable": true, "categories": [{"first": 8, "second": 590}], "released": true,
            "code": {"trial": code, "online": {"version": code, "releasedAt": "2026-10-02T00:00:00Z", "appVersion": 7}},
        },
    })
}

fn template() -> Value {
    json!({"templateId": 42, "userVersion": "1.4.2", "userDesc": "修复预约", "createTime": 1_790_000_000})
}

/// The version that a mini-program's manifest means, as a commit of ours left it.
fn version(n: usize) -> Value {
    let spec: CodeSpec = serde_json::from_value(
        json!({"template": {"version": "1.4.2"}, "ext": {"ext": {"shop": n}}}),
    )
    .unwrap();
    let template: CodeTemplate = serde_json::from_value(
        json!({"template_id": 42, "user_version": "1.4.2", "user_desc": "修复预约"}),
    )
    .unwrap();
    let said = spec.known_as(&template, &Appid::parse(&app(n)).unwrap());
    json!({"userVersion": "1.4.2", "userDesc": said, "committedAt": "2026-10-01T00:00:00Z"})
}
