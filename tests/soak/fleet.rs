//! The customers: what their manifests say, and what they have at WeChat before anybody reads those.

use serde_json::{Value, json};

/// The platform. Its secrets are looked for in everything printed and stored.
pub const PLATFORM: &str = "wx0000000000000001";
pub const APP_SECRET: &str = "soak-app-secret-5d1f7a";
pub const PUSH_TOKEN: &str = "soakpushtoken7c2e91";
pub const AES_KEY: &str = "SoakAesKeySoakAesKey0123456789abcdefghijklm";

/// What many tenants share.
pub struct Class {
    pub name: &'static str,
    /// How often it was edited.
    pub edition: u64,
}

/// One customer.
#[derive(Clone)]
pub struct Tenant {
    pub n: usize,
    pub class: &'static str,
    pub official: String,
    pub app: Option<String>,
    /// The file of its manifest.
    pub file: String,
    /// How often its menu was edited.
    pub edition: u64,
    /// How often the introduction of its mini-program was: WeChat takes five a month.
    pub signature: u64,
    /// Whether its name may be set without asking anybody.
    pub may_rename: bool,
    /// Whether its owner's own menu may be replaced.
    pub may_replace: bool,
    /// Whether its industries are declared, and may be set: once a month.
    pub has_industry: bool,
    /// Whether a manifest declares it now.
    pub is_declared: bool,
    /// Whether its owner has authorized us now.
    pub is_authorized: bool,
}

/// The permission sets of an official account and of a mini-program.
const SETS: [u32; 8] = [1, 2, 3, 7, 15, 24, 30, 33];
const APP_SETS: [u32; 5] = [3, 18, 24, 25, 30];

pub fn tenants(count: usize) -> Vec<Tenant> {
    (0..count)
        .map(|n| Tenant {
            n,
            // 7 % of the tenants: an edit of this class is within the guard's share.
            class: if n % 14 == 13 { "small" } else { "school" },
            official: format!("wx{:016x}", 0x1111_0000 + n),
            app: (n % 4 == 0).then(|| format!("wx{:016x}", 0x2222_0000 + n)),
            file: format!("tenant-{n:03}.yaml"),
            edition: 0,
            signature: 0,
            may_rename: n % 8 == 0,
            may_replace: n % 3 == 0,
            has_industry: n % 7 == 3,
            is_declared: true,
            is_authorized: true,
        })
        .collect()
}

impl Class {
    /// Whether some of the followers have a menu of their own.
    pub fn has_conditional(&self) -> bool {
        self.name == "small"
    }

    /// Its manifest.
    pub fn manifest(&self) -> String {
        let Self { name, edition } = self;
        let conditional = if self.has_conditional() {
            ",\n      conditional: [{match: {tag: VIP}, buttons: [{name: 会员, click: MEMBERS}]}]"
        } else {
            ""
        };
        format!(
            "apiVersion: wxops.io/v1alpha1\nkind: TenantClass\nmetadata: {{name: {name}}}\nspec: {{\n  \
             platformRef: {{name: main}}, openAccount: {{create: true}},\n  \
             officialAccount: {{\n    menu: {{buttons: [\n      \
             {{name: 课程, view: \"https://wx.example.com/$(values.edition)\"}},\n      \
             {{name: 联系老师, click: {name}-{edition}}}]{conditional}}},\n    \
             tags: [{{name: VIP}}, {{name: 学员}}],\n    \
             templates: {{items: [\n      \
             {{name: class-reminder, shortId: \"43216\", title: 上课提醒, keywords: [课程名称, 上课时间]}},\n      \
             {{name: hours, shortId: \"46232\", title: 课时消耗提醒, keywords: [课程名称, 剩余课时]}}]}}}}}}\n"
        )
    }
}

impl Tenant {
    pub fn name(&self) -> String {
        format!("tenant-{:03}", self.n)
    }

    pub fn principal(&self) -> String {
        format!("学校{:03}有限公司", self.n)
    }

    pub fn nickname(&self) -> String {
        format!("课堂{:03}", self.n)
    }

    pub fn introduction(&self) -> String {
        format!("第{}个学校，第{}版", self.n, self.signature)
    }

    pub fn tester(&self) -> String {
        format!("teacher{:03}", self.n)
    }

    fn view(&self) -> String {
        format!("t{}-e{}", self.n, self.edition)
    }

    /// Whether it has a menu of its owner's, which nobody has said yes to replacing.
    pub fn keeps_own_menu(&self) -> bool {
        self.n % 10 == 5 && !self.may_replace
    }

    /// Its accounts.
    pub fn accounts(&self) -> impl Iterator<Item = &String> {
        std::iter::once(&self.official).chain(&self.app)
    }

    /// Its manifest. What it declares is one flow map: half of it is a mistake and never another wish.
    pub fn manifest(&self) -> String {
        let mut preapproved = Vec::new();
        if self.may_rename {
            preapproved.push("rename");
        }
        if self.may_replace {
            preapproved.push("replaceOwnerMenu");
        }
        let mut industry = "";
        if self.has_industry {
            preapproved.push("setIndustry");
            industry = ", industry: {primary: 教育/培训, secondary: IT科技/互联网|电子商务}";
        }
        let mut more = String::new();
        if let Some(app) = &self.app {
            let nickname = if self.may_rename {
                format!("nickname: {}, ", self.nickname())
            } else {
                String::new()
            };
            more = format!(
                "  miniPrograms: [{{name: main, appId: {app}, {nickname}signature: {},\n    \
                 categories: [{{name: 教育/素质教育}}], testers: [{}]}}],\n",
                self.introduction(),
                self.tester()
            );
        }
        if !preapproved.is_empty() {
            more = format!(
                "{more}  policy: {{preapproved: [{}]}},\n",
                preapproved.join(", ")
            );
        }
        format!(
            "apiVersion: wxops.io/v1alpha1\nkind: Tenant\nmetadata: {{name: {}}}\nspec: {{\n  \
             classRef: {{name: {}}},\n  principal: {{name: {}, license: {{file: license.png}}}},\n  \
             values: {{edition: {}}},\n{more}  officialAccount: {{appId: {}{industry}}}}}\n",
            self.name(),
            self.class,
            self.principal(),
            self.view(),
            self.official,
        )
    }

    /// The buttons it should have at WeChat.
    pub fn buttons(&self, class: &Class) -> Value {
        json!([
            {"type": "view", "name": "课程", "url": format!("https://wx.example.com/{}", self.view())},
            {"type": "click", "name": "联系老师", "key": format!("{}-{}", class.name, class.edition)},
        ])
    }
}

/// The platform's manifest.
pub fn platform() -> &'static str {
    "apiVersion: wxops.io/v1alpha1\nkind: Platform\nmetadata: {name: main}\nspec:\n  \
     appId: wx0000000000000001\n  credentials: {path: credentials}\n  \
     callback: {url: \"https://wx.example.com\"}\n"
}

/// WeChat before anything was done, pushing to a port.
pub fn wechat(tenants: &[Tenant], port: u16) -> Value {
    let accounts = tenants.iter().flat_map(|tenant| {
        let principal = tenant.principal();
        let mut official = json!({
            "appId": tenant.official, "kind": "officialAccount", "principalName": principal,
            "nickName": format!("学校{:03}", tenant.n), "categories": [{"id": 1301, "name": "教育/素质教育"}],
        });
        // Some have a menu of their owner's; those that nobody may replace keep it.
        if tenant.n % 10 == 5 {
            official["menu"] = json!({"websiteMenu": {"button": [{"type": "text", "name": "你好", "value": "欢迎"}]}});
        }
        let app = tenant.app.as_ref().map(|app| {
            json!({
                "appId": app, "kind": "miniProgram", "principalName": principal, "nickName": "",
                "userName": format!("gh_{:03}", tenant.n), "registerType": 2, "miniProgram": {},
            })
        });
        std::iter::once(official).chain(app)
    });
    let authorizations = tenants.iter().flat_map(|tenant| {
        let of = |account: &String| {
            json!({
                "platform": PLATFORM, "account": account, "permissionSets": sets(account),
                "refreshToken": format!("refreshtoken@@@soak-{account}"), "authTime": "2026-01-01T00:00:00Z",
            })
        };
        tenant.accounts().map(of).collect::<Vec<_>>()
    });
    json!({
        "platforms": [{
            "appId": PLATFORM, "appSecret": APP_SECRET, "token": PUSH_TOKEN, "encodingAesKey": AES_KEY,
            "noticesUrl": format!("http://127.0.0.1:{port}/wechat/notices"),
            "messagesUrl": format!("http://127.0.0.1:{port}/wechat/messages/$APPID$"),
        }],
        "accounts": accounts.collect::<Vec<_>>(),
        "authorizations": authorizations.collect::<Vec<_>>(),
    })
}

/// What an owner grants.
pub fn sets(account: &str) -> &'static [u32] {
    if account.starts_with("wx000000002222") {
        &APP_SETS
    } else {
        &SETS
    }
}
