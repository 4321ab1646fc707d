//! WeChat's library of message templates: the state's own, else a small one to begin with.
//!
//! The titles and lines are in the manner of WeChat's, the short ids and category ids are made up; docs/simulator.md
//! lists them.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::message_template::{Keyword, LibraryTemplate};
use super::state::State;

/// Label, field, example.
type Line = (&'static str, &'static str, &'static str);

/// (short id, title, industry, lines): each opens with a greeting and ends with a remark.
const OLD: &[(&str, &str, u32, &[Line])] = &[
    (
        "TM00001",
        "订单支付成功",
        1,
        &[
            ("支付金额", "orderMoneySum", "10.00元"),
            ("商品信息", "orderProductName", "我是商品名字"),
        ],
    ),
    (
        "OPENTM200565259",
        "订单发货提醒",
        13,
        &[
            ("订单编号", "keyword1", "D1234567"),
            ("物流公司", "keyword2", "示例快递"),
            ("物流单号", "keyword3", "1000001"),
        ],
    ),
    (
        "OPENTM200746866",
        "订餐成功通知",
        10,
        &[
            ("订单号", "keyword1", "D1234567"),
            ("用餐时间", "keyword2", "2026年11月22日 18:00"),
        ],
    ),
    (
        "OPENTM405456204",
        "上课提醒",
        16,
        &[
            ("课程名称", "keyword1", "少儿舞蹈"),
            ("上课时间", "keyword2", "2026年11月22日 14:00"),
            ("上课地点", "keyword3", "一号教室"),
        ],
    ),
    (
        "OPENTM206930158",
        "报名成功通知",
        16,
        &[
            ("课程名称", "keyword1", "少儿舞蹈"),
            ("报名时间", "keyword2", "2026年11月20日"),
        ],
    ),
    (
        "OPENTM401202033",
        "成绩通知",
        17,
        &[("学生姓名", "keyword1", "小明"), ("成绩", "keyword2", "优")],
    ),
];

/// (short id, title, category, keywords to choose from).
const OF_CATEGORIES: &[(&str, &str, u64, &[Line])] = &[
    (
        "43216",
        "上课提醒",
        1301,
        &[
            ("课程名称", "thing1", "少儿舞蹈"),
            ("上课时间", "time2", "2026年11月22日 14:00"),
            ("上课地点", "thing3", "一号教室"),
            ("授课老师", "thing4", "李老师"),
            ("学员姓名", "thing5", "小明"),
        ],
    ),
    (
        "46232",
        "课时消耗提醒",
        1301,
        &[
            ("课程名称", "thing2", "少儿舞蹈"),
            ("消耗课时", "number3", "1"),
            ("剩余课时", "number4", "9"),
            ("签到时间", "time5", "2026年11月22日 14:00"),
        ],
    ),
    (
        "47019",
        "预约成功通知",
        1402,
        &[
            ("预约项目", "thing1", "护理"),
            ("预约时间", "time2", "2026年11月22日 14:00"),
            ("预约门店", "thing7", "一号店"),
            ("联系电话", "phone_number9", "02000000000"),
        ],
    ),
    (
        "42984",
        "订单支付成功通知",
        1501,
        &[
            ("订单编号", "character_string1", "D1234567"),
            ("商品名称", "thing2", "舞鞋"),
            ("支付金额", "amount3", "¥10.00"),
            ("支付时间", "time4", "2026年11月22日 14:00"),
        ],
    ),
    (
        "44511",
        "订单发货通知",
        1501,
        &[
            ("订单编号", "character_string1", "D1234567"),
            ("快递公司", "thing4", "示例快递"),
            ("快递单号", "character_string5", "1000001"),
        ],
    ),
];

/// The sample of WeChat's own page, careless spaces included: content is nothing to be tidy about.
fn of_the_page() -> LibraryTemplate {
    LibraryTemplate {
        short_id: "TM00015".to_owned(),
        title: "领取奖金提醒".to_owned(),
        industry: Some(1),
        content: Some(
            "{{result.DATA}}\n\n领奖金额:{{withdrawMoney.DATA}}\n领奖  时间:    {{withdrawTime.DATA}}\n\
             银行信息:{{cardInfo.DATA}}\n到账时间:  {{arrivedTime.DATA}}\n{{remark.DATA}}"
                .to_owned(),
        ),
        example: Some(
            "您已提交领奖申请\n\n领奖金额：xxxx元\n领奖时间：2013-10-10 12:22:22\n\
             银行信息：xx银行(尾号xxxx)\n到账时间：预计xxxxxxx\n\n预计将于xxxx到达您的银行卡"
                .to_owned(),
        ),
        ..LibraryTemplate::default()
    }
}

static BUILT_IN: LazyLock<BTreeMap<String, LibraryTemplate>> = LazyLock::new(|| {
    let old = OLD.iter().map(|(short_id, title, industry, lines)| {
        let keywords =
            [("", "first", "您好")]
                .iter()
                .chain(*lines)
                .chain(&[("", "remark", "感谢您的支持")]);
        LibraryTemplate {
            short_id: (*short_id).to_owned(),
            title: (*title).to_owned(),
            industry: Some(*industry),
            keywords: keywords.map(keyword).collect(),
            ..LibraryTemplate::default()
        }
    });
    let of_categories = OF_CATEGORIES
        .iter()
        .map(|(short_id, title, category, lines)| LibraryTemplate {
            short_id: (*short_id).to_owned(),
            title: (*title).to_owned(),
            category: Some(*category),
            keywords: lines.iter().map(keyword).collect(),
            ..LibraryTemplate::default()
        });
    old.chain(of_categories)
        .chain([of_the_page()])
        .map(|template| (template.short_id.clone(), template))
        .collect()
});

fn keyword((name, field, example): &Line) -> Keyword {
    Keyword {
        name: (*name).to_owned(),
        field: (*field).to_owned(),
        example: (*example).to_owned(),
    }
}

impl State {
    /// The library in force.
    pub(super) fn library(&self) -> &BTreeMap<String, LibraryTemplate> {
        if self.message_templates.is_empty() {
            &BUILT_IN
        } else {
            &self.message_templates
        }
    }
}
