//! What a first version waits for outside of our reach: the mini-program's filing (小程序备案).

use super::waits::wait;
use crate::plan::{Person, Reason, Text, Waiting};
use crate::wechat::filing::{Filing, FilingState, Missing};

/// It is not filed, so a first version cannot go online.
pub(super) fn not_filed(state: FilingState, filing: &Filing) -> Waiting {
    let faults = filing.audit_data.iter().flatten();
    let faults = faults.map(|fault| {
        let said = [&fault.key_name, &fault.error, &fault.suggest];
        let said: Vec<&str> = said.into_iter().flatten().map(String::as_str).collect();
        said.join(" ")
    });
    let faults = Text::list(faults);
    let (who, zh, en) = match state {
        FilingState::WithPlatform => (
            Person::Wechat,
            "微信正在审核小程序备案".to_owned(),
            "WeChat looks at the mini-program's filing (小程序备案)".to_owned(),
        ),
        FilingState::WithRegulator if filing.message_timed_out() => (
            Person::LegalPerson,
            "小程序备案的短信核验已超时；请法人在公众平台重新核验".to_owned(),
            "the message of the mini-program's filing (小程序备案) was not answered in time: the legal person confirms it anew in WeChat's console (mp.weixin.qq.com)".to_owned(),
        ),
        FilingState::WithRegulator if filing.waits_for_message() => (
            Person::LegalPerson,
            "小程序备案已到管局；请法人在 24 小时内完成短信核验".to_owned(),
            "the mini-program's filing (小程序备案) is with the regulator: the legal person answers its message within 24 hours".to_owned(),
        ),
        FilingState::WithRegulator => (
            Person::Wechat,
            "管局正在审核小程序备案（最长 20 个工作日）".to_owned(),
            "the regulator looks at the mini-program's filing (小程序备案, up to 20 working days)".to_owned(),
        ),
        FilingState::RefusedByPlatform | FilingState::RefusedByRegulator => (
            Person::AppAdmin,
            format!("小程序备案被驳回（{}）；请小程序管理员在公众平台修改后重新提交", faults.zh),
            format!(
                "the mini-program's filing (小程序备案) was refused ({}): its administrator mends it in WeChat's console (mp.weixin.qq.com)",
                faults.en
            ),
        ),
        FilingState::NotFiled(missing) => {
            let missing = self::missing(missing);
            (
                Person::AppAdmin,
                format!("小程序未备案，不能上线{}；请小程序管理员在公众平台申请备案（人脸核验须在 24 小时内完成），wxops 不代办", missing.zh),
                format!(
                    "the mini-program is not filed (小程序备案) and cannot go online{}: its administrator applies for it in WeChat's \
                     console (mp.weixin.qq.com), with a face check within 24 hours; wxops does not do that",
                    missing.en
                ),
            )
        }
        FilingState::Filed | FilingState::Odd(_) => (Person::Nobody, String::new(), String::new()),
    };
    wait(Reason::NotFiled, who, zh, en)
}

fn missing(
    Missing {
        profile,
        category,
        verification,
    }: Missing,
) -> Text {
    let all = [
        (profile, "名称、头像和介绍", "name, avatar and introduction"),
        (category, "服务类目", "a category"),
        (verification, "认证", "verification (认证)"),
    ];
    let lacking: Vec<_> = all.into_iter().filter(|(lacks, _, _)| *lacks).collect();
    if lacking.is_empty() {
        return Text::new("", "");
    }
    let zh: Vec<&str> = lacking.iter().map(|(_, zh, _)| *zh).collect();
    let en: Vec<&str> = lacking.iter().map(|(_, _, en)| *en).collect();
    Text::new(
        format!("（申请前还缺：{}）", zh.join("、")),
        format!(" (first are missing: {})", en.join(", ")),
    )
}
