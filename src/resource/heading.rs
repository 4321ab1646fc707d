//! What people call a resource and its things.

use super::authorization;
use crate::plan::Text;

/// Its name, as people say it.
#[must_use]
pub fn heading(resource: &str) -> Text {
    let (zh, en) = match resource {
        "principal" => ("主体", "principal"),
        authorization::NAME => ("授权", "authorization"),
        "registration" | "personalRegistration" => ("注册", "registration"),
        "platformDomains" => ("平台域名", "platform's hosts"),
        "tags" => ("标签", "tags"),
        "menu" => ("菜单", "menu"),
        "openAccount" => ("开放平台账号", "open account"),
        "links" => ("关联小程序", "links"),
        "industry" => ("所属行业", "industry"),
        "templates" => ("模板消息", "templates"),
        "subscribeMessages" => ("订阅通知", "subscription notifications"),
        "options" => ("选项", "options"),
        "nickname" => ("名称", "name"),
        "signature" => ("介绍", "introduction"),
        "avatar" => ("头像", "avatar"),
        "categories" => ("服务类目", "categories"),
        "searchable" => ("能否被搜索", "searchable"),
        "serving" => ("对外服务", "serving"),
        "minBaseLibrary" => ("基础库最低版本", "base library"),
        "domains" => ("域名", "domains"),
        "testers" => ("体验成员", "testers"),
        "plugins" => ("插件", "plugins"),
        "followComponent" => ("关注组件", "follow component"),
        "locationApis" => ("地理位置接口", "location APIs"),
        "dnsPrefetch" => ("DNS 预解析", "DNS prefetch"),
        "dataPrefetch" => ("数据预拉取", "data prefetch"),
        "code" => ("代码", "code"),
        "privacy" => ("隐私保护指引", "privacy guide"),
        "orderPath" => ("订单页路径", "order path"),
        other => (other, other),
    };
    Text::new(zh, en)
}

/// The key of a thing as people say it. Names that somebody gave are said as they are; of what a resource itself calls its
/// things the words are known.
#[must_use]
pub fn key(resource: &str, key: &str) -> Text {
    if let Some(rest) = key.strip_prefix(FOREIGN) {
        return Text::new(format!("未声明的{rest}"), format!("{FOREIGN}{rest}"));
    }
    if !OF_ITS_OWN.contains(&resource) {
        return Text::new(key, key);
    }
    let words: Vec<&str> = match resource {
        "code" | "privacy" => vec![of_code(key)],
        _ => key.split(' ').map(chinese).collect(),
    };
    Text::new(words.join(" "), key)
}

/// What stands before what nobody declares, as templates say it.
const FOREIGN: &str = "(foreign)";

/// The resources that name their things by themselves.
const OF_ITS_OWN: [&str; 6] = [
    "domains",
    "platformDomains",
    "dataPrefetch",
    "menu",
    "code",
    "privacy",
];

fn of_code(word: &str) -> &str {
    match word {
        "commit" => "上传",
        "submit" => "提审",
        "withdraw" => "撤回审核",
        "speedUp" => "加急审核",
        "release" => "发布",
        "gray" => "灰度发布",
        "stopGray" => "取消灰度",
        "filing" => "小程序备案",
        "guide" => "开发版",
        "online" => "线上版",
        "undeclared" => "未声明",
        other => other,
    }
}

fn chinese(word: &str) -> &str {
    match word {
        "add" => "添加",
        "remove" => "删除",
        "set" => "设置",
        "release" => "待发布",
        "dropped" => "发布时将被删除",
        "hosts" => "服务器域名",
        "webview" => "业务域名",
        "link" | "links" => "关联",
        "pre" => "启动时",
        "period" => "定期",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resource::RESOURCES;

    #[test]
    fn what_a_resource_calls_its_things_is_said_in_chinese() {
        for (resource, name, zh) in [
            ("domains", "webview add", "业务域名 添加"),
            (
                "platformDomains",
                "hosts api.example.com",
                "服务器域名 api.example.com",
            ),
            ("dataPrefetch", "pre", "启动时"),
            ("templates", "add", "add"),
        ] {
            assert_eq!(key(resource, name), Text::new(zh, name));
        }
    }

    #[test]
    fn every_resource_has_a_name_for_people() {
        for resource in RESOURCES {
            let name = resource.name();
            assert!(!heading(name).zh.is_ascii(), "{name}");
        }
    }
}
