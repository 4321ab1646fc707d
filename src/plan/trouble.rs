//! A platform's trouble, for people: what it is, who must act and how, when WeChat is asked again.

use jiff::Timestamp;

use super::observation::who_must_act;
use super::text::{Lang, Text};
use crate::wechat::calendar;
use crate::wechat::push::PushTrouble;
use crate::wechat::{Cause, Trouble};

/// A platform that cannot reach WeChat, by the name its manifest gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Troubled {
    /// The platform's name.
    pub platform: String,
    /// What its trouble is.
    pub trouble: Trouble,
}

impl Troubled {
    /// `platform main · wx0000000000000001`
    #[must_use]
    pub fn title(&self) -> Text {
        let (name, appid) = (&self.platform, &self.trouble.platform);
        Text::new(
            format!("平台 {name} · {appid}"),
            format!("platform {name} · {appid}"),
        )
    }

    /// The one sentence.
    #[must_use]
    pub fn headline(&self) -> Text {
        let (zh, en) = match &self.trouble.cause {
            Cause::NoTicket { .. } => ("没有票据", "there is no ticket"),
            Cause::Refused(_) if self.trouble.is_quota() => {
                ("自身的调用次数已用完", "its own calls are used up")
            }
            Cause::Refused(_) => ("被微信拒绝", "WeChat refuses it"),
            Cause::Lost(_) => ("没有得到微信的应答", "no answer from WeChat"),
        };
        Text::new(
            format!("平台 {}：{zh}", self.platform),
            format!("platform {}: {en}", self.platform),
        )
    }

    /// What WeChat said, with the address it saw and the request's id.
    #[must_use]
    pub fn what(&self) -> Text {
        match &self.trouble.cause {
            Cause::NoTicket { last, refused } => no_ticket(*last, *refused),
            Cause::Refused(error) => {
                let rid = error.rid.as_deref();
                let rid = |lang: Lang| rid.map(|rid| lang.aside(format_args!("rid: {rid}")));
                let rid_zh = rid(Lang::Zh).unwrap_or_default();
                let rid_en = rid(Lang::En).unwrap_or_default();
                let (endpoint, code, said) = (&error.endpoint, error.errcode, &error.errmsg);
                let (zh, en) = (&error.zh, &error.en);
                Text::new(
                    format!("{endpoint} 返回 {code} {said}：{zh}{rid_zh}"),
                    format!("{endpoint} refused: {code} {said} · {en} · {zh}{rid_en}"),
                )
            }
            Cause::Lost(lost) => Text::new(
                format!("{} 没有得到应答（{}）", lost.endpoint, lost.why),
                format!("no answer to {} ({})", lost.endpoint, lost.why),
            ),
        }
    }

    /// Who must act, and what to do.
    #[must_use]
    pub fn who(&self) -> Text {
        let said = match &self.trouble.cause {
            Cause::Refused(error) => who_must_act(error),
            Cause::NoTicket {
                refused: Some(push),
                ..
            } => Some(Text::new(
                format!("需处理的人：服务商运维人员。{}", push.advice_zh()),
                format!("who must act: the operator: {}", push.advice_en()),
            )),
            Cause::NoTicket { refused: None, .. } => Some(Text::new(
                "需处理的人：服务商运维人员。请让 sidecar 运行在开放平台登记的授权事件接收URL 上",
                "who must act: the operator: run the sidecar where the notices URL of WeChat's console points",
            )),
            Cause::Lost(_) => Some(Text::new(
                "无需等待任何人；若一直如此，请运维人员检查本机到微信的网络、代理和防火墙",
                "nobody must act; if it stays so, the operator looks at network, proxy and firewall between here and WeChat",
            )),
        };
        said.unwrap_or_else(|| {
            let (zh, en) = self.trouble.who().names();
            Text::new(format!("需处理的人：{zh}"), format!("who must act: {en}"))
        })
    }

    /// When WeChat is asked again.
    #[must_use]
    pub fn when(&self) -> Text {
        match (self.trouble.again, &self.trouble.cause) {
            (Some(at), _) => {
                let at = calendar::second(at);
                Text::new(
                    format!("在 {at} 之前不再询问微信；之后再次运行"),
                    format!("WeChat is not asked again before {at}; run it again then"),
                )
            }
            (None, Cause::NoTicket { .. }) => Text::new(
                "票据每 10 分钟推送一次；收到之后再次运行",
                "tickets come every 10 minutes; run it again when one has come",
            ),
            (None, Cause::Lost(_)) => Text::new("稍后再次运行", "run it again in a while"),
            (None, Cause::Refused(_)) if self.goes_on_by_itself() => {
                Text::new("稍后再次运行", "run it again in a while")
            }
            (None, Cause::Refused(_)) => {
                Text::new("处理之后再次运行", "once that is done, run it again")
            }
        }
    }

    fn goes_on_by_itself(&self) -> bool {
        self.trouble.who() == crate::wechat::Who::Wxops
    }

    /// All of it, a sentence each.
    #[must_use]
    pub fn lines(&self) -> [Text; 3] {
        [self.what(), self.who(), self.when()]
    }

    /// All of it in one text.
    #[must_use]
    pub fn whole(&self) -> Text {
        let lines = self.lines();
        let zh: Vec<&str> = lines.iter().map(|line| line.zh.as_str()).collect();
        let en: Vec<&str> = lines.iter().map(|line| line.en.as_str()).collect();
        Text::new(zh.join("。"), en.join(" · "))
    }
}

fn no_ticket(last: Option<Timestamp>, refused: Option<PushTrouble>) -> Text {
    let since = last.map(calendar::second);
    match (since, refused) {
        (None, None) => Text::new("微信还没有推送过票据", "WeChat has pushed no ticket"),
        (Some(at), None) => Text::new(
            format!("微信自 {at} 起没有推送过票据，旧的已失效"),
            format!("WeChat has pushed no ticket since {at}, and that one has expired"),
        ),
        (since, Some(push)) => {
            let (zh, en) = since.map_or_else(Default::default, |at| {
                (format!("自 {at} 起，"), format!(" since {at}"))
            });
            Text::new(
                format!("{zh}推送到达了，但被拒绝（{}），因此没有票据", push.zh()),
                format!(
                    "no ticket could be taken{en}: pushes come and are refused ({})",
                    push.en()
                ),
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wechat::errcode::{explain, table};
    use crate::wechat::token::COMPONENT_TOKEN;
    use crate::wechat::{Appid, Lost};

    fn troubled(cause: Cause) -> Troubled {
        Troubled {
            platform: "main".to_owned(),
            trouble: Trouble {
                platform: Appid::parse("wx0000000000000001").unwrap(),
                cause,
                again: None,
            },
        }
    }

    #[test]
    fn whatever_refuses_the_token_names_a_person_of_the_platform_or_goes_on_by_itself() {
        for code in table().map(|row| row.code).chain([123_456]) {
            let said = "requestIP: 203.0.113.7";
            let one = troubled(Cause::Refused(explain(&COMPONENT_TOKEN, code, said)));
            let [what, who, when] = one.lines();
            assert!(what.zh.contains(said) && what.en.contains(said), "{code}");
            assert!(
                !who.en.contains("the account's administrator"),
                "{code}: {}",
                who.en
            );
            assert!(who.zh.starts_with("需处理的人：") && who.en.starts_with("who must act: "));
            let alone = who.en.contains("goes on by itself");
            assert_eq!(
                alone,
                when.en == "run it again in a while",
                "{code}: {}",
                who.en
            );
        }
    }

    #[test]
    fn nobody_is_named_where_nobody_can_help() {
        let lost = troubled(Cause::Lost(Lost {
            answered: false,
            endpoint: "api_component_token".to_owned(),
            why: "timed out".to_owned(),
            sent: true,
        }));
        assert!(lost.who().en.starts_with("nobody"), "{}", lost.who().en);
        let none = troubled(Cause::NoTicket {
            last: None,
            refused: None,
        });
        assert!(none.who().en.contains("the operator"));
    }
}
