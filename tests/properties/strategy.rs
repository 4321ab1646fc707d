//! Random menus, random answers.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::rest::{declared, rest};
use super::wechat::{LINKED, Wechat, template};

/// A text of some of the characters people put on buttons, up to so many characters.
fn text(longest: usize) -> impl Strategy<Value = String> {
    let chars = prop::sample::select(vec![
        '我', '的', '主', '页', '课', '程', 'a', 'b', 'Z', '0', ' ', '&', '<', '"', '\\', '/',
        '\'', '😀', 'é', '\n',
    ]);
    prop::collection::vec(chars, 0..=longest).prop_map(String::from_iter)
}

fn url() -> impl Strategy<Value = String> {
    let host = prop::sample::select(vec![
        "wx.example.com",
        "www.example.cn",
        "WX.Example.com",
        "a.cn",
        "b.cn",
        "mp.weixin.qq.com",
        "127.0.0.1:8080",
        "例子.cn",
        "",
    ]);
    let scheme = prop::sample::select(vec![
        "https://",
        "http://",
        "HTTPS://",
        "ftp://",
        "",
        " https://",
    ]);
    // Most are addresses, so that most menus pass.
    let scheme = prop_oneof![8 => Just("https://"), 1 => scheme];
    let host = prop_oneof![8 => Just("wx.example.com"), 2 => host];
    let path = prop_oneof![
        Just(String::new()),
        Just("/".to_owned()),
        Just("/课程?a=1&b=%20#x".to_owned()),
        Just(format!("/{}", "x".repeat(1001))),
        Just(format!("/{}", "x".repeat(1002))),
        text(4).prop_map(|text| format!("/{text}")),
    ];
    (scheme, host, path).prop_map(|(scheme, host, path)| format!("{scheme}{host}{path}"))
}

fn key() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => "[A-Z_]{1,12}",
        1 => text(6),
        1 => Just("K".repeat(128)),
        1 => Just("K".repeat(129)),
    ]
}

fn name(first_level: bool) -> impl Strategy<Value = String> {
    let limit = if first_level { 16 } else { 60 };
    prop_oneof![
        6 => "[a-z课程]{1,4}",
        2 => text(limit / 3),
        1 => Just("x".repeat(limit)),
        1 => Just("x".repeat(limit + 1)),
        1 => Just("课".repeat(limit / 3)),
    ]
}

/// What a button does, as a manifest says it.
fn does() -> impl Strategy<Value = (&'static str, Value)> {
    let keyed = prop::sample::select(vec![
        "click",
        "scancodePush",
        "scancodeWaitmsg",
        "picSysphoto",
        "picPhotoOrAlbum",
        "picWeixin",
        "locationSelect",
    ]);
    let material = prop::sample::select(vec![
        "mediaId",
        "viewLimited",
        "articleId",
        "articleViewLimited",
    ]);
    let page = prop_oneof![4 => Just("pages/index".to_owned()), 1 => text(3)];
    prop_oneof![
        3 => (keyed, key()).prop_map(|(field, key)| (field, json!(key))),
        3 => url().prop_map(|url| ("view", json!(url))),
        1 => (material, key()).prop_map(|(field, id)| (field, json!(id))),
        1 => (page, url()).prop_map(|(page, url)| {
            ("miniProgram", json!({"appId": LINKED, "page": page, "fallbackUrl": url}))
        }),
    ]
}

fn button(name: impl Strategy<Value = String>) -> impl Strategy<Value = Value> {
    (name, does()).prop_map(|(name, (field, value))| {
        let mut button = json!({"name": name});
        button[field] = value;
        button
    })
}

fn first_level() -> impl Strategy<Value = Value> {
    let below = prop::collection::vec(button(name(false)), 0..=6);
    let container =
        (name(true), below).prop_map(|(name, below)| json!({"name": name, "subButtons": below}));
    prop_oneof![3 => button(name(true)), 2 => container]
}

/// The `menu` of a manifest; some break a limit.
pub fn menu() -> impl Strategy<Value = Value> {
    prop::collection::vec(first_level(), 0..=4).prop_map(|buttons| json!({"buttons": buttons}))
}

/// The `templates` of a manifest: some look like others, some cannot be told apart from them.
fn templates() -> impl Strategy<Value = Value> {
    let items = vec![
        json!({"name": "reminder", "shortId": "43216", "title": "上课提醒", "keywords": ["课程名称", "上课时间"]}),
        json!({"name": "where", "shortId": "43216", "title": "上课提醒", "keywords": ["课程名称", "上课地点"]}),
        json!({"name": "spent", "shortId": "46232", "title": "课时消耗提醒", "keywords": ["消耗课时"]}),
        json!({"name": "any-reminder", "shortId": "OPENTM405456204", "title": "上课提醒"}),
        json!({"name": "paid", "shortId": "TM00001", "title": "订单支付成功"}),
        json!({"name": "taken", "title": "到期提醒", "keywords": ["到期时间"]}),
    ];
    let foreign = prop::sample::select(vec!["report", "delete"]);
    let items = prop::sample::subsequence(items, 0..=6).prop_shuffle();
    (foreign, items).prop_map(|(foreign, items)| json!({"foreign": foreign, "items": items}))
}

/// Templates that are there: what the manifest may declare, twice maybe, and what it does not.
fn live_templates() -> impl Strategy<Value = Vec<Value>> {
    let known: Vec<(&str, &[&str])> = vec![
        ("上课提醒", &["课程名称", "上课时间"]),
        ("上课提醒", &["课程名称", "上课地点"]),
        ("课时消耗提醒", &["消耗课时"]),
        ("订单支付成功", &["支付金额"]),
        ("到期提醒", &["到期时间"]),
        ("别的", &[]),
    ];
    prop::collection::vec(prop::sample::select(known), 0..=6).prop_map(|chosen| {
        let listed = chosen.iter().enumerate();
        listed
            .map(|(n, (title, labels))| template(n, title, labels))
            .collect()
    })
}

fn live_industry() -> impl Strategy<Value = Option<[usize; 2]>> {
    prop::sample::select(vec![None, Some([1, 13]), Some([16, 1]), Some([16, 16])])
}

fn industry() -> impl Strategy<Value = Value> {
    prop::sample::select(vec![
        json!({"primary": "教育/培训"}),
        json!({"primary": "IT科技/互联网/电子商务"}),
        json!({"primary": "教育/培训", "secondary": "运输与仓储/快递"}),
    ])
}

fn rule() -> impl Strategy<Value = Value> {
    prop::sample::select(vec![
        json!({"tagId": "2"}),
        json!({"platform": "ios"}),
        json!({"platform": "android"}),
        json!({"tagId": "2", "platform": "ios"}),
        json!({"language": "zh_CN"}),
    ])
}

/// The `conditional` of a menu.
fn conditional() -> impl Strategy<Value = Vec<Value>> {
    let buttons = prop::collection::vec(button("[a-z]{1,4}"), 1..=2);
    let menu =
        (rule(), buttons).prop_map(|(rule, buttons)| json!({"match": rule, "buttons": buttons}));
    prop::collection::vec(menu, 0..=3)
}

/// The menus of a manifest, conditional ones or not.
fn menus() -> impl Strategy<Value = Value> {
    (menu(), prop::option::of(conditional())).prop_map(|(mut menu, conditional)| {
        if let Some(conditional) = conditional {
            menu["conditional"] = json!(conditional);
        }
        menu
    })
}

/// What a tenant declares.
pub fn spec() -> impl Strategy<Value = Value> {
    let open = prop_oneof![Just(None), Just(Some(json!({"create": true})))];
    let mode = prop::sample::select(vec!["enforce", "enforce", "enforce", "observe"]);
    let menu = prop::option::weighted(0.8, menus());
    let messages = (prop::option::of(industry()), prop::option::of(templates()));
    let parts = (menu, open, mode, messages, declared());
    parts.prop_map(|(menu, open, mode, (industry, templates), rest)| {
        let mut spec = json!({
            "officialAccount": {"appId": super::wechat::ACCOUNT},
            "policy": {"mode": mode},
        });
        if let Some(menu) = menu {
            spec["officialAccount"]["menu"] = menu;
        }
        if let Some(open) = open {
            spec["openAccount"] = open;
        }
        if let Some(industry) = industry {
            spec["officialAccount"]["industry"] = industry;
        }
        if let Some(templates) = templates {
            spec["officialAccount"]["templates"] = templates;
        }
        for (field, value) in rest {
            spec["officialAccount"][field] = value;
        }
        spec
    })
}

/// What was at WeChat before.
pub fn wechat() -> impl Strategy<Value = Wechat> {
    let sent = prop::sample::select(vec![
        json!({"type": "click", "name": "旧", "key": "OLD"}),
        json!({"type": "view", "name": "a", "url": "https://wx.example.com"}),
        json!({"name": "更多", "sub_button": [{"type": "view", "name": "b", "url": "https://a.cn/"}]}),
        json!({"type": "miniprogram", "name": "c", "url": "https://a.cn", "appid": LINKED, "pagepath": "p"}),
    ]);
    let ours = prop::collection::vec(sent, 1..=3);
    let owners = Just(vec![
        json!({"type": "text", "name": "你好", "value": "欢迎"}),
    ]);
    let menu = prop_oneof![
        2 => Just((None, None)),
        4 => ours.prop_map(|menu| (Some(menu), None)),
        1 => owners.prop_map(|menu| (None, Some(menu))),
    ];
    let open = prop::option::of(Just("wx9000000000000001".to_owned()));
    let rules = prop::sample::select(vec![
        json!({"group_id": "2"}),
        json!({"client_platform_type": "1"}),
        json!({"group_id": "2", "client_platform_type": "1"}),
        json!({"sex": "1", "country": ""}),
    ]);
    let conditional = prop::collection::vec(rules, 0..=3).prop_map(|rules| {
        let made = rules.into_iter().zip(11..).map(|(rule, id)| {
            json!({"button": [{"type": "click", "name": "旧", "key": "OLD"}], "matchrule": rule, "menuid": id})
        });
        made.collect::<Vec<_>>()
    });
    let parts = (
        menu,
        conditional,
        open,
        live_industry(),
        live_templates(),
        rest(),
    );
    parts.prop_map(
        |((menu, owners_menu), conditional, open_account, industry, templates, rest)| Wechat {
            conditional: if menu.is_some() {
                conditional
            } else {
                Vec::new()
            },
            menu,
            owners_menu,
            open_account,
            industry,
            templates,
            rest,
            spelling: Vec::new(),
        },
    )
}

/// A button that manifests cannot name, or that only WeChat's console makes.
fn odd_button() -> impl Strategy<Value = Value> {
    prop::sample::select(vec![
        json!({"type": "text", "name": "你好", "value": "欢迎"}),
        json!({"type": "img", "name": "图", "value": "media"}),
        json!({"type": "news", "name": "文", "value": "id", "news_info": {"list": []}}),
        json!({"type": "teleport", "name": "去", "where": {"x": 1}}),
        json!({"type": "view", "name": "旧", "url": "weixin://old"}),
        json!({"type": "click", "name": "a name far longer than sixteen bytes", "key": "K"}),
        json!({"type": "miniprogram", "name": "m", "url": "https://a.cn", "appid": "none", "pagepath": "p"}),
    ])
}

/// Accounts as others left them: menus of every kind, some of which no manifest can say.
pub fn hosted() -> impl Strategy<Value = Wechat> {
    let declared = menu().prop_map(|menu| {
        let buttons = menu["buttons"].as_array().unwrap();
        let buttons = buttons.iter().map(super::wechat::on_the_wire);
        buttons.collect::<Vec<Value>>()
    });
    let odd = prop::collection::vec(odd_button(), 1..=3).boxed();
    let api = prop_oneof![3 => declared, 1 => odd.clone()].boxed();
    let menu = prop_oneof![
        1 => Just((None, None)),
        6 => api.clone().prop_map(|menu| (Some(menu), None)),
        2 => prop_oneof![odd, api].prop_map(|menu| (None, Some(menu))),
    ];
    let open = prop::option::of(Just("wx9000000000000001".to_owned()));
    (menu, open, live_industry(), live_templates(), rest()).prop_map(
        |((menu, owners_menu), open_account, industry, templates, rest)| Wechat {
            menu,
            conditional: Vec::new(),
            owners_menu,
            open_account,
            industry,
            templates,
            rest,
            spelling: Vec::new(),
        },
    )
}

/// An answer that says nothing about what is there.
pub fn no_knowledge() -> impl Strategy<Value = Option<Value>> {
    let codes = vec![
        -1, 40001, 41001, 42001, 42007, 45009, 45011, 48001, 48003, 50001, 50002, 61003, 61004,
        61007, 61011, 65400, 99_999, 9_001_001,
    ];
    prop_oneof![
        Just(None),
        prop::sample::select(codes).prop_map(|code| Some(json!({"errcode": code, "errmsg": "no"}))),
        Just(Some(json!({}))),
        Just(Some(
            json!({"menu": 7, "open_appid": 7, "selfmenu_info": 7, "authorizer_info": 7,
                "primary_industry": 7, "template_list": 7})
        )),
        Just(Some(json!([]))),
        Just(Some(Value::Null)),
    ]
}
