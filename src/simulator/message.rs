//! Users' messages to an official account, as WeChat passes them to the platform's 消息与事件接收URL.

use jiff::Timestamp;

use super::push::{Event, Parties, Push};
use super::state::State;

/// A user nobody named.
pub(super) const SOMEBODY: &str = "oSimUser00000000000000000001";

/// A text message. None: the account has not authorized the platform, so WeChat would not pass it on.
pub(super) fn text(
    state: &State,
    now: Timestamp,
    (platform, account): (&str, &str),
    from_user: &str,
    content: &str,
) -> Option<Push> {
    state.authorization(platform, account)?;
    let to_user = state.accounts.get(account)?.user_name();
    let xml = format!(
        "<xml><ToUserName><![CDATA[{to_user}]]></ToUserName>\
         <FromUserName><![CDATA[{}]]></FromUserName><CreateTime>{}</CreateTime>\
         <MsgType><![CDATA[text]]></MsgType><Content><![CDATA[{}]]></Content>\
         <MsgId>{}</MsgId></xml>",
        cdata(from_user),
        now.as_second(),
        cdata(content),
        new_message_id(),
    );
    Some(Push {
        platform: platform.to_owned(),
        account: account.to_owned(),
        event: Event::Message,
        xml,
        parties: Some(Parties {
            to_user,
            from_user: from_user.to_owned(),
        }),
    })
}

/// `]]>` would end the section, so it is split over two.
fn cdata(text: &str) -> String {
    text.replace("]]>", "]]]]><![CDATA[>")
}

/// Beyond what a double holds, as WeChat's are.
fn new_message_id() -> u64 {
    const BEYOND_A_DOUBLE: u64 = 1 << 61;
    BEYOND_A_DOUBLE | (rand::random::<u64>() >> 3)
}
