//! A request of each endpoint that `tests/data/codes-by-endpoint.csv` names.

use std::collections::BTreeSet;

use wxops::wechat::data_prefetch::{self, Source, When};
use wxops::wechat::domain::{self, Lists, Way};
use wxops::wechat::location_api::{self, Application};
use wxops::wechat::order_path::{self, OrderPath, Which};
use wxops::wechat::platform_domain::{self, List};
use wxops::wechat::{Call, dns_prefetch, follow, link, plugin, registration, user};

use crate::world::{MINI, OFFICIAL, PLATFORM, appid};

const PLUGIN: &str = "wx9999999999999999";

pub fn of_endpoint(name: &str) -> Call {
    let (app, official, platform) = (appid(MINI), appid(OFFICIAL), appid(PLATFORM));
    let hosts: BTreeSet<String> = BTreeSet::from(["a.example.com".to_owned()]);
    let lists: Lists = [(domain::Class::Request, hosts.clone())].into();
    let one = appid(PLUGIN);
    match name {
        "/cgi-bin/account/fastregister" => registration::request(&official, "sunrise:main"),
        "/cgi-bin/wxopen/wxamplinkget" => link::get_request(&official),
        "/cgi-bin/wxopen/wxamplink" => link::link_request(&official, &app, true, true),
        "/wxa/modify_domain get" => domain::get_request(&app, Way::Platform),
        "/wxa/modify_domain add" => domain::add_request(&app, Way::Platform, &lists),
        "/wxa/modify_domain delete" => domain::delete_request(&app, Way::Platform, &lists),
        "/wxa/modify_domain_directly get" => domain::get_request(&app, Way::Direct),
        "/wxa/modify_domain_directly add" => domain::add_request(&app, Way::Direct, &lists),
        "/wxa/modify_domain_directly delete" => domain::delete_request(&app, Way::Direct, &lists),
        "/wxa/setwebviewdomain get" => domain::webview_get_request(&app, Way::Platform),
        "/wxa/setwebviewdomain add" => domain::webview_add_request(&app, &hosts),
        "/wxa/setwebviewdomain delete" => domain::webview_delete_request(&app, &hosts),
        "/wxa/setwebviewdomain_directly get" => domain::webview_get_request(&app, Way::Direct),
        "/wxa/setwebviewdomain_directly set" => domain::webview_set_request(&app, &hosts),
        "/wxa/get_webviewdomain_confirmfile" => domain::confirm_request(&app),
        "/wxa/get_effective_domain" => domain::effective_request(&app),
        "/wxa/get_effective_webviewdomain" => domain::effective_webview_request(&app),
        "/wxa/get_prefetchdnsdomain" => dns_prefetch::get_request(&app),
        "/wxa/set_prefetchdnsdomain" => dns_prefetch::set_request(&app, &hosts),
        "/wxa/fetchdatasetting get" => data_prefetch::get_request(&app),
        "/wxa/fetchdatasetting set_pre_fetch" => {
            data_prefetch::set_request(&app, When::Pre, &Source::Off)
        }
        "/wxa/fetchdatasetting set_period_fetch" => {
            data_prefetch::set_request(&app, When::Period, &Source::Off)
        }
        "/cgi-bin/component/modify_wxa_server_domain get" => {
            platform_domain::get_request(&platform, List::Server)
        }
        "/cgi-bin/component/modify_wxa_server_domain add" => {
            platform_domain::add_request(&platform, List::Server, &hosts)
        }
        "/cgi-bin/component/modify_wxa_server_domain delete" => {
            platform_domain::delete_request(&platform, List::Server, &hosts)
        }
        "/cgi-bin/component/modify_wxa_jump_domain get" => {
            platform_domain::get_request(&platform, List::Webview)
        }
        "/cgi-bin/component/modify_wxa_jump_domain add" => {
            platform_domain::add_request(&platform, List::Webview, &hosts)
        }
        "/cgi-bin/component/modify_wxa_jump_domain delete" => {
            platform_domain::delete_request(&platform, List::Webview, &hosts)
        }
        "/cgi-bin/component/get_domain_confirmfile" => platform_domain::confirm_request(&platform),
        "/wxa/getshowwxaitem" => follow::get_request(&app),
        "/wxa/getwxamplinkforshow" => follow::candidates_request(&app, 0),
        "/wxa/updateshowwxaitem" => follow::update_request(&app, None),
        "/wxa/plugin list" => plugin::list_request(&app),
        "/wxa/plugin apply" => plugin::apply_request(&app, &one, None),
        "/wxa/plugin unbind" => plugin::unbind_request(&app, &one),
        "/wxa/plugin update" => plugin::update_request(&app, &one, "1.0.0"),
        "/wxa/security/get_privacy_interface" => location_api::list_request(&app),
        "/wxa/security/apply_privacy_interface" => location_api::apply_request(
            &app,
            &Application {
                api_name: "wx.choosePoi".to_owned(),
                content: "选门店".to_owned(),
                pic_list: Vec::new(),
                video_list: Vec::new(),
            },
        ),
        "/wxa/security/getorderpathinfo" => order_path::get_request(&app, Which::Online),
        "/wxa/security/applysetorderpathinfo" => {
            order_path::apply_request(&app, &OrderPath::default())
        }
        "/cgi-bin/user/get" => user::list_request(&official, ""),
        "/cgi-bin/user/info/batchget" => user::info_request(&official, &["o-somebody".to_owned()]),
        other => panic!("no request of {other}"),
    }
}
