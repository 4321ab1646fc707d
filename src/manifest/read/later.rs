//! Fields that the design has and this version has not. They are refused by name, so that nobody looks for a
//! spelling mistake, and none of them is silently left undone.

/// Where each of them stands in a tenant's spec (list items have no step of their own), and what it is called.
pub(in crate::manifest) const LATER: &[(&[&str], &str)] = &[
    // No tenant refers to a secret, and a password in a manifest would be read by everybody.
    (
        &["miniPrograms", "orderPath", "testPassword"],
        "测试密码，配置中还不能引用密钥",
    ),
    (&["miniPrograms", "subscribeMessages"], "订阅消息"),
    (&["miniPrograms", "code", "channel"], "发布渠道"),
    (&["officialAccount", "nickname"], "昵称"),
    (&["officialAccount", "avatar"], "头像"),
    (&["officialAccount", "signature"], "功能介绍"),
    (&["forward"], "事件转发"),
    (&["notify"], "通知"),
];

/// What a field is called at WeChat, if it is one of them.
pub(super) fn later(fields: &[&str]) -> Option<&'static str> {
    LATER
        .iter()
        .find(|(known, _)| *known == fields)
        .map(|(_, what)| *what)
}
