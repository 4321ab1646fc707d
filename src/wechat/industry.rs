//! The industries (所属行业) of an official account's template messages: the old template model's way to say which
//! templates an account may choose from.
//!
//! WeChat numbers the industries when they are set and spells them when they are read, and its spellings differ from
//! page to page and from the page to the wire (`互联网|电子商务`, `互联网/电子商务`): so everything is compared by code.
//! WeChat's pages: developers.weixin.qq.com, `setIndustry`, `getIndustry`.

use serde::Deserialize;
#[cfg(test)]
use serde::Serialize;
use serde_json::json;

use super::call::Call;
use super::endpoint::{CallClass, Endpoint, Method, Payer, Period, Quota, TokenKind};
use super::id::Appid;
use super::text::is_unseen;
use super::tolerant;

/// `setIndustry`: sets both industries. Once a month; WeChat deletes the templates of an industry that is dropped.
pub static SET: Endpoint = Endpoint {
    name: "template/api_set_industry",
    path: "/cgi-bin/template/api_set_industry",
    method: Method::Post,
    class: CallClass::AtMostOnce,
    token: TokenKind::Authorizer,
    sets: &[7, 100, 101],
    quotas: &[Quota {
        limit: 1,
        period: Period::Month,
        scarce: true,
        payer: Payer::Account,
    }],
};

/// `getIndustry`: both industries by name; 40102 where they were never set.
pub static GET: Endpoint = Endpoint {
    name: "template/get_industry",
    path: "/cgi-bin/template/get_industry",
    method: Method::Get,
    class: CallClass::Read,
    token: TokenKind::Authorizer,
    sets: &[7, 100, 101],
    quotas: &[],
};

/// One of the industries that WeChat knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Industry {
    /// Its code.
    pub code: u8,
    /// The first level: 教育.
    pub first: &'static str,
    /// The second level: 培训.
    pub second: &'static str,
}

const fn of(code: u8, first: &'static str, second: &'static str) -> Industry {
    Industry {
        code,
        first,
        second,
    }
}

/// All of them, by code.
pub static INDUSTRIES: [Industry; 41] = [
    of(1, "IT科技", "互联网|电子商务"),
    of(2, "IT科技", "IT软件与服务"),
    of(3, "IT科技", "IT硬件与设备"),
    of(4, "IT科技", "电子技术"),
    of(5, "IT科技", "通信与运营商"),
    of(6, "IT科技", "网络游戏"),
    of(7, "金融业", "银行"),
    of(8, "金融业", "基金理财信托"),
    of(9, "金融业", "保险"),
    of(10, "餐饮", "餐饮"),
    of(11, "酒店旅游", "酒店"),
    of(12, "酒店旅游", "旅游"),
    of(13, "运输与仓储", "快递"),
    of(14, "运输与仓储", "物流"),
    of(15, "运输与仓储", "仓储"),
    of(16, "教育", "培训"),
    of(17, "教育", "院校"),
    of(18, "政府与公共事业", "学术科研"),
    of(19, "政府与公共事业", "交警"),
    of(20, "政府与公共事业", "博物馆"),
    of(21, "政府与公共事业", "公共事业非盈利机构"),
    of(22, "医药护理", "医药医疗"),
    of(23, "医药护理", "护理美容"),
    of(24, "医药护理", "保健与卫生"),
    of(25, "交通工具", "汽车相关"),
    of(26, "交通工具", "摩托车相关"),
    of(27, "交通工具", "火车相关"),
    of(28, "交通工具", "飞机相关"),
    of(29, "房地产", "建筑"),
    of(30, "房地产", "物业"),
    of(31, "消费品", "消费品"),
    of(32, "商业服务", "法律"),
    of(33, "商业服务", "会展"),
    of(34, "商业服务", "中介服务"),
    of(35, "商业服务", "认证"),
    of(36, "商业服务", "审计"),
    of(37, "文体娱乐", "传媒"),
    of(38, "文体娱乐", "体育"),
    of(39, "文体娱乐", "娱乐休闲"),
    of(40, "印刷", "印刷"),
    of(41, "其它", "其它"),
];

/// How other copies of WeChat's table spell the second level of an industry, beyond separators and spaces.
const OTHER_SPELLINGS: [(u8, &str); 1] = [(8, "证券基金理财信托")];

impl Industry {
    /// Both levels, as a manifest writes them: `教育/培训`.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}/{}", self.first, self.second)
    }
}

/// An industry by its code.
#[must_use]
pub fn by_code(code: u8) -> Option<&'static Industry> {
    INDUSTRIES.iter().find(|industry| industry.code == code)
}

/// An industry by the names of both levels, in any spelling that is in use.
#[must_use]
pub fn by_names(first: &str, second: &str) -> Option<&'static Industry> {
    let first = plain(first);
    let second = plain(second);
    // Seen on the wire: `房地产` / `房地产|建筑`.
    let rest = second.strip_prefix(&first).filter(|rest| !rest.is_empty());
    INDUSTRIES.iter().find(|industry| {
        let other = OTHER_SPELLINGS
            .iter()
            .any(|(code, spelling)| *code == industry.code && *spelling == second);
        let wanted = plain(industry.second);
        plain(industry.first) == first && (other || wanted == second || Some(&*wanted) == rest)
    })
}

/// An industry by both levels in one text, `教育/培训`.
#[must_use]
pub fn by_name(name: &str) -> Option<&'static Industry> {
    let (first, second) = name.split_once(is_separator)?;
    by_names(first, second)
}

/// What of a name counts: no spaces, no separators, one case, one way to write 其它.
#[must_use]
pub fn plain(name: &str) -> String {
    name.chars()
        .filter(|char| !char.is_whitespace() && !is_unseen(*char) && !is_separator(*char))
        .flat_map(char::to_lowercase)
        .collect::<String>()
        .replace("其他", "其它")
}

fn is_separator(char: char) -> bool {
    matches!(char, '/' | '|' | '\u{ff0f}' | '\u{ff5c}' | '、')
}

/// Asks for the industries of an account.
#[must_use]
pub fn get_request(account: &Appid) -> Call {
    Call::bare(&GET, account.clone())
}

/// Sets both industries. The codes go as texts.
#[must_use]
pub fn set_request(account: &Appid, primary: u8, secondary: u8) -> Call {
    Call::new(
        &SET,
        account.clone(),
        &json!({"industry_id1": primary.to_string(), "industry_id2": secondary.to_string()}),
    )
}

/// The answer of [`GET`]. The presence of the first is the success: it comes without errcode.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(Serialize))]
pub struct Industries {
    /// 主营行业.
    #[serde(deserialize_with = "tolerant::object")]
    pub primary_industry: Names,
    /// 副营行业.
    #[serde(default, deserialize_with = "tolerant::given_object")]
    pub secondary_industry: Option<Names>,
}

/// An industry as it is read.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(Serialize))]
pub struct Names {
    /// The first level.
    #[serde(deserialize_with = "tolerant::string")]
    pub first_class: String,
    /// The second level.
    #[serde(deserialize_with = "tolerant::string")]
    pub second_class: String,
}

impl Names {
    /// Whether no industry is named at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.first_class.trim().is_empty() && self.second_class.trim().is_empty()
    }

    /// Whether one level is named and the other is not: no industry is called so.
    #[must_use]
    pub fn is_half(&self) -> bool {
        self.first_class.trim().is_empty() != self.second_class.trim().is_empty()
    }

    /// The industry, if it is one that WeChat's table has.
    #[must_use]
    pub fn industry(&self) -> Option<&'static Industry> {
        by_names(&self.first_class, &self.second_class)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::*;

    fn code(name: &str) -> Option<u8> {
        by_name(name).map(|industry| industry.code)
    }

    #[test]
    fn the_table_is_in_order_and_no_two_names_are_the_same() {
        let codes: Vec<u8> = INDUSTRIES.iter().map(|industry| industry.code).collect();
        assert_eq!(codes, (1..=41).collect::<Vec<u8>>());
        let names: BTreeSet<String> = INDUSTRIES
            .iter()
            .map(|industry| plain(&industry.name()))
            .collect();
        assert_eq!(names.len(), INDUSTRIES.len());
    }

    #[test]
    fn every_name_finds_its_own_code() {
        for industry in &INDUSTRIES {
            assert_eq!(code(&industry.name()), Some(industry.code));
            let wire = by_names(industry.first, industry.second);
            assert_eq!(wire, Some(industry));
            assert_eq!(by_code(industry.code), Some(industry));
        }
    }

    #[test]
    fn spellings_of_other_pages_and_of_the_wire_mean_the_same_industry() {
        for (name, wanted) in [
            ("IT科技/互联网/电子商务", 1),
            ("it科技|互联网|电子商务", 1),
            ("IT科技 / 互联网\u{ff5c}电子商务", 1),
            ("金融业/证券|基金|理财|信托", 8),
            ("金融业/基金|理财|信托", 8),
            ("房地产/房地产|建筑", 29),
            ("消费品/消费品", 31),
            ("其他/其他", 41),
        ] {
            assert_eq!(code(name), Some(wanted), "{name}");
        }
        for name in ["教育", "教育/", "培训/教育", "教育/陪训", "", "/"] {
            assert_eq!(code(name), None, "{name}");
        }
    }

    #[test]
    fn codes_are_sent_as_texts() {
        let account = Appid::parse("wx1111111111111111").unwrap();
        let body: Value = serde_json::from_str(set_request(&account, 16, 1).body()).unwrap();
        assert_eq!(body, json!({"industry_id1": "16", "industry_id2": "1"}));
    }
}
