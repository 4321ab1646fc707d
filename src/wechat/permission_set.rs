//! Names of permission sets (权限集), as WeChat's console shows them to an account's administrator.
//!
//! WeChat publishes no list; this one is compiled from API pages. An id without a name is still usable.

/// Ids and names of the sets that the endpoints here ask for.
const NAMES: [(u16, &str); 14] = [
    (1, "消息管理"),
    (2, "用户管理"),
    (3, "帐号服务"),
    (7, "群发与通知"),
    (15, "自定义菜单"),
    (18, "开发管理与数据分析"),
    (24, "开放平台帐号管理"),
    (25, "开放平台帐号管理（小程序）"),
    (27, "快速注册小程序"),
    (30, "小程序基本信息设置"),
    (33, "小程序管理/关联"),
    (40, "插件管理"),
    (100, "服务号用户与模板"),
    (101, "服务号用户与模板"),
];

/// A set's id with its name: `15 (自定义菜单)`.
#[must_use]
pub fn describe(id: u16) -> String {
    match NAMES.iter().find(|(known, _)| *known == id) {
        Some((_, name)) => format!("{id} ({name})"),
        None => id.to_string(),
    }
}

/// The same, as a Chinese sentence has it.
#[must_use]
pub fn describe_zh(id: u16) -> String {
    match NAMES.iter().find(|(known, _)| *known == id) {
        Some((_, name)) => format!("{id}（{name}）"),
        None => id.to_string(),
    }
}
