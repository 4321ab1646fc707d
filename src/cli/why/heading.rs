//! What people call a resource.

use crate::plan::Text;
use crate::resource::authorization;

/// Its name, as people say it.
pub(super) fn heading(resource: &str) -> Text {
    let (zh, en) = match resource {
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
        "orderPath" => ("订单页路径", "order path"),
        other => (other, other),
    };
    Text::new(zh, en)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resource::RESOURCES;

    #[test]
    fn every_resource_has_a_name_for_people() {
        for resource in RESOURCES {
            let name = resource.name();
            assert!(!heading(name).zh.is_ascii(), "{name}");
        }
    }
}
