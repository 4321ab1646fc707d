//! Results of reviews (审核结果): of a mini-program's name, its categories and its code.
//!
//! They come to the messages URL as events, whose account stands in the URL's path and not in the body; some SDKs have
//! seen the name's as a platform notice on the other URL. Both are read. They may come twice or never, and name no
//! order: what they say is a reason to look, and a reason to show.

use super::event::NoticeError;
use super::leaves::leaves;
use super::xml::Malformed;
use crate::wechat::category::CategoryId;
use crate::wechat::id::RawAppid;
use crate::wechat::review::ReviewStatus;

/// The end of a review.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReviewResult {
    /// `ToUserName`: the original id (`gh_…`) of the mini-program; of events only.
    pub to_user: Option<String>,
    /// `appid`: the mini-program, where a notice names it.
    pub account: Option<RawAppid>,
    /// `CreateTime` in unix seconds; `None` where it is missing or no number.
    pub created: Option<i64>,
    /// What was reviewed.
    pub of: Reviewed,
    /// `ret`: [`ReviewStatus::Rejected`] or [`ReviewStatus::Passed`].
    pub status: ReviewStatus,
    /// `reason`, or `Reason`: why it was rejected, or takes longer; `None` where it is missing or empty.
    pub reason: Option<String>,
    /// `ScreenShot`: media ids of pictures of what was found in code, joined by `|`.
    pub screenshots: Option<String>,
}

/// What was reviewed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reviewed {
    /// `wxa_nickname_audit`: the name that was asked for.
    Nickname(String),
    /// `wxa_category_audit`: one category.
    Category(CategoryId),
    /// `weapp_audit_success`, `weapp_audit_fail` and `weapp_audit_delay`: the audit of code in flight, which they do not
    /// name.
    Code,
}

/// The fields read here, each at most once.
#[derive(Default)]
struct Fields {
    event: Option<String>,
    info_type: Option<String>,
    to_user: Option<String>,
    account: Option<String>,
    created: Option<String>,
    ret: Option<String>,
    nickname: Option<String>,
    reason: Option<String>,
    first: Option<String>,
    second: Option<String>,
    code_reason: Option<String>,
    screenshots: Option<String>,
}

impl ReviewResult {
    /// Reads a decrypted body of either URL; `None` where it is about something else.
    ///
    /// # Errors
    /// [`NoticeError`] where it is no body of WeChat's, or the end of a review without its fields.
    pub fn read(plaintext: &[u8]) -> Result<Option<Self>, NoticeError> {
        let mut fields = Fields::default();
        let mut doubled = None;
        leaves(plaintext, |name, value| {
            doubled = doubled.or(fields.take(name, &value));
            Ok(())
        })
        .map_err(|Malformed| NoticeError::Malformed)?;
        let Some(kind) = fields.kind() else {
            return Ok(None);
        };
        match doubled {
            Some(name) => Err(NoticeError::Field(name)),
            None => fields.result(kind).map(Some),
        }
    }
}

/// Which review it is.
enum Kind {
    Nickname,
    Category,
    /// Of code, with how it ended: nothing but the event's name says that.
    Code(ReviewStatus),
}

impl Fields {
    /// Keeps a field that is read here; answers its name if it was there before.
    fn take(&mut self, name: &str, value: &str) -> Option<&'static str> {
        let (name, slot) = match name {
            "Event" => ("Event", &mut self.event),
            "InfoType" => ("InfoType", &mut self.info_type),
            "ToUserName" => ("ToUserName", &mut self.to_user),
            "appid" => ("appid", &mut self.account),
            "CreateTime" => ("CreateTime", &mut self.created),
            "ret" => ("ret", &mut self.ret),
            "nickname" => ("nickname", &mut self.nickname),
            "reason" => ("reason", &mut self.reason),
            "first" => ("first", &mut self.first),
            "second" => ("second", &mut self.second),
            "Reason" => ("Reason", &mut self.code_reason),
            "ScreenShot" => ("ScreenShot", &mut self.screenshots),
            _ => return None,
        };
        slot.replace(value.to_owned()).map(|_| name)
    }

    fn kind(&self) -> Option<Kind> {
        match self.event.as_deref().or(self.info_type.as_deref())? {
            "wxa_nickname_audit" => Some(Kind::Nickname),
            "wxa_category_audit" => Some(Kind::Category),
            "weapp_audit_success" => Some(Kind::Code(ReviewStatus::Passed)),
            "weapp_audit_fail" => Some(Kind::Code(ReviewStatus::Rejected)),
            "weapp_audit_delay" => Some(Kind::Code(ReviewStatus::InReview)),
            _ => None,
        }
    }

    fn result(self, kind: Kind) -> Result<ReviewResult, NoticeError> {
        let status = match kind {
            Kind::Code(status) => status,
            Kind::Nickname | Kind::Category => ReviewStatus::of(number(self.ret, "ret")?),
        };
        let of = match kind {
            Kind::Code(_) => Reviewed::Code,
            Kind::Nickname => {
                Reviewed::Nickname(filled(self.nickname).ok_or(NoticeError::Field("nickname"))?)
            }
            Kind::Category => Reviewed::Category(CategoryId {
                first: number(self.first, "first")?,
                second: number(self.second, "second")?,
            }),
        };
        Ok(ReviewResult {
            to_user: filled(self.to_user),
            account: filled(self.account).map(RawAppid::new),
            created: self.created.and_then(|text| text.parse().ok()),
            of,
            status,
            reason: filled(self.reason).or(filled(self.code_reason)),
            screenshots: filled(self.screenshots),
        })
    }
}

fn filled(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

fn number(text: Option<String>, name: &'static str) -> Result<i64, NoticeError> {
    text.and_then(|text| text.parse().ok())
        .ok_or(NoticeError::Field(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAME: &str =
        include_str!("../../../tests/data/samples/event_wxa_nickname_audit.skit.xml");
    const CATEGORY: &str =
        include_str!("../../../tests/data/samples/event_wxa_category_audit.skit.xml");

    fn read(text: &str) -> Result<Option<ReviewResult>, NoticeError> {
        ReviewResult::read(text.as_bytes())
    }

    #[test]
    fn published_events_are_read() {
        assert_eq!(
            read(NAME).unwrap().unwrap(),
            ReviewResult {
                to_user: Some("gh_fxxxxxxxa4b2".to_owned()),
                account: None,
                created: Some(1_488_800_000),
                of: Reviewed::Nickname("昵称".to_owned()),
                status: ReviewStatus::Rejected,
                reason: Some("驳回原因".to_owned()),
                screenshots: None,
            }
        );
        let category = read(CATEGORY).unwrap().unwrap();
        let id = CategoryId {
            first: 1,
            second: 2,
        };
        assert_eq!(category.of, Reviewed::Category(id));
    }

    #[test]
    fn the_end_of_an_audit_of_code_is_told_by_the_events_name() {
        let event = |name: &str, rest: &str| {
            let text = format!(
                "<xml><ToUserName>gh_1</ToUserName><CreateTime>1700000000</CreateTime><MsgType>event</MsgType>\
                 <Event>{name}</Event>{rest}</xml>"
            );
            read(&text).unwrap().unwrap()
        };
        let refused = event(
            "weapp_audit_fail",
            "<Reason>1:x<br></Reason><FailTime>1</FailTime><ScreenShot>a|b</ScreenShot>"
                .replace("<br>", "&lt;br&gt;")
                .as_str(),
        );
        assert_eq!(
            (refused.of, refused.status),
            (Reviewed::Code, ReviewStatus::Rejected)
        );
        assert_eq!(refused.reason.as_deref(), Some("1:x<br>"));
        assert_eq!(refused.screenshots.as_deref(), Some("a|b"));
        assert_eq!(
            event("weapp_audit_success", "").status,
            ReviewStatus::Passed
        );
        assert_eq!(
            event("weapp_audit_delay", "").status,
            ReviewStatus::InReview
        );
    }

    #[test]
    fn a_notice_says_the_same_in_xml_and_in_json() {
        let xml = "<xml><AppId>wx1</AppId><CreateTime>1488800000</CreateTime>\
            <InfoType>wxa_nickname_audit</InfoType><appid>wx2</appid><ret>3</ret>\
            <nickname>昵称</nickname><reason></reason></xml>";
        let json = r#"{"AppId": "wx1", "CreateTime": 1488800000, "InfoType": "wxa_nickname_audit",
            "appid": "wx2", "ret": 3, "nickname": "昵称", "reason": null}"#;
        let result = read(xml).unwrap().unwrap();
        assert_eq!(read(json).unwrap().unwrap(), result);
        assert_eq!(result.account, Some(RawAppid::new("wx2")));
        assert_eq!((result.status, result.reason), (ReviewStatus::Passed, None));
    }

    #[test]
    fn what_is_about_something_else_is_none_and_half_a_result_is_refused() {
        for other in [
            "<xml><MsgType>text</MsgType><Content>ret</Content></xml>",
            "<xml><InfoType>authorized</InfoType><ret>2</ret></xml>",
            "{}",
        ] {
            assert_eq!(read(other), Ok(None), "{other}");
        }
        assert_eq!(read("ret"), Err(NoticeError::Malformed));
        for (from, to, field) in [
            ("<ret>2</ret>", "", "ret"),
            ("<ret>2</ret>", "<ret>no</ret>", "ret"),
            ("<ret>2</ret>", "<ret>2</ret><ret>3</ret>", "ret"),
            (
                "<nickname>昵称</nickname>",
                "<nickname> </nickname>",
                "nickname",
            ),
        ] {
            let bad = NAME.replace(from, to);
            assert_eq!(read(&bad), Err(NoticeError::Field(field)), "{bad}");
        }
        let bad = CATEGORY.replace("<second>2</second>", "");
        assert_eq!(read(&bad), Err(NoticeError::Field("second")));
    }
}
