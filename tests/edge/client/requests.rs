//! A request of each endpoint that `tests/data/codes-by-endpoint.csv` names.

use std::collections::BTreeSet;

use serde_json::json;
use wxops::wechat::avatar::{self, Crop};
use wxops::wechat::category::{self, CategoryId, Certificate, NewCategory};
use wxops::wechat::code::{self, Commit};
use wxops::wechat::data_prefetch::{self, Source, When};
use wxops::wechat::domain::{self, Lists, Way};
use wxops::wechat::location_api::{self, Application};
use wxops::wechat::nickname::{self, Holder, NewName};
use wxops::wechat::order_path::{self, OrderPath, Which};
use wxops::wechat::platform_domain::{self, List};
use wxops::wechat::privacy::{self, Guide, Owner, Which as Version};
use wxops::wechat::tester::{self, Tester};
use wxops::wechat::{
    Appid, Call, FileDigest, base_library, basic_info, code_template, dns_prefetch, filing, follow,
    link, personal_registration, picture, plugin, registration, search_status, signature, user,
    visit_status,
};

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
        "/cgi-bin/wxopen/wxampunlink" => link::unlink_request(&official, &app),
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
        other => of_code(other, &app, &platform),
    }
}

/// What is about code and what comes with it.
fn of_code(name: &str, app: &Appid, platform: &Appid) -> Call {
    match name {
        "/wxa/gettemplatedraftlist" => code_template::drafts_request(platform),
        "/wxa/gettemplatelist" => code_template::list_request(platform),
        "/wxa/addtotemplate" => code_template::add_request(platform, 7),
        "/wxa/deletetemplate" => code_template::delete_request(platform, 4),
        "/wxa/commit" => code::commit_request(
            app,
            &Commit {
                template_id: 4,
                ext_json: json!({"extAppid": MINI}).to_string(),
                user_version: "1.4.2".to_owned(),
                user_desc: "修复预约".to_owned(),
            },
        ),
        "/wxa/get_page" => code::pages_request(app),
        "/wxa/get_qrcode" => picture::qr_code_request(app, None),
        "/wxa/get_category" => category::reviewable_request(app),
        "/wxa/getversioninfo" => code::versions_request(app),
        "/wxa/security/get_code_privacy_info" => code::detection_request(app),
        "/wxa/submit_audit" => {
            let item = json!({
                "address": "pages/index/index", "tag": "舞蹈", "title": "首页",
                "first_class": "教育", "second_class": "素质教育", "first_id": 8, "second_id": 39,
            });
            code::submit_request(app, &json!({"item_list": [item]}))
        }
        "/wxa/get_auditstatus" => code::status_request(app, 1_234_567),
        "/wxa/get_latest_auditstatus" => code::latest_request(app),
        "/wxa/undocodeaudit" => code::undo_request(app),
        "/wxa/speedupaudit" => code::speed_up_request(app, 1_234_567),
        "/wxa/queryquota" => code::quota_request(app),
        "/wxa/release" => code::release_request(app),
        "/wxa/revertcoderelease get_history_version" => code::history_request(app),
        "/wxa/revertcoderelease" => code::revert_request(app, 222),
        "/wxa/grayrelease" => code::gray_request(app, 10),
        "/wxa/getgrayreleaseplan" => code::plan_request(app),
        "/wxa/revertgrayrelease" => code::stop_gray_request(app),
        "/cgi-bin/component/getprivacysetting" => privacy::get_request(app, Version::Development),
        "/cgi-bin/component/setprivacysetting development" => {
            privacy::set_request(app, &Guide::default(), None, None)
        }
        "/cgi-bin/component/setprivacysetting online" => {
            privacy::set_online_request(app, &Owner::default(), None)
        }
        "/wxa/icp/get_icp_entrance_info" => filing::get_request(app),
        other => of_itself(other, app, platform),
    }
}

/// What is about a mini-program itself: its name and its picture, its categories, its testers, who finds it.
fn of_itself(name: &str, app: &Appid, platform: &Appid) -> Call {
    let file = FileDigest::of(b"a.png");
    let id = CategoryId {
        first: 8,
        second: 39,
    };
    let certificates = vec![Certificate {
        key: "办学许可证".to_owned(),
        file: file.clone(),
        validity: None,
    }];
    match name {
        "/wxa/component/fastregisterpersonalweapp create" => {
            personal_registration::request(platform, "王小明", "wangxiaoming", None)
        }
        "/wxa/component/fastregisterpersonalweapp query" => {
            personal_registration::query_request(platform, "t-1")
        }
        "/cgi-bin/account/getaccountbasicinfo" => basic_info::get_request(app),
        "/cgi-bin/account/modifyheadimage" => avatar::modify_request(app, &file, Crop::WHOLE),
        "/cgi-bin/account/modifysignature" => signature::modify_request(app, "日出舞蹈的约课"),
        "/cgi-bin/wxverify/checkwxverifynickname" => nickname::check_request(app, "日出舞蹈"),
        "/wxa/setnickname" => {
            let new = NewName {
                name: "日出舞蹈",
                holder: Some(Holder::Organisation(&file)),
                other_stuff: &[],
            };
            nickname::set_request(app, &new)
        }
        "/wxa/api_wxa_querynickname" => nickname::query_request(app, 12_345),
        "/wxa/getwxasearchstatus" => search_status::get_request(app),
        "/wxa/changewxasearchstatus" => search_status::change_request(app, true),
        "/cgi-bin/wxopen/getallcategories" => category::allowed_request(app),
        "/cgi-bin/wxopen/getcategory" => category::own_request(app),
        "/cgi-bin/wxopen/addcategory" => {
            category::add_request(app, &[NewCategory { id, certificates }])
        }
        "/cgi-bin/wxopen/modifycategory" => category::modify_request(app, id, &certificates),
        "/cgi-bin/wxopen/deletecategory" => category::delete_request(app, id),
        "/wxa/getvisitstatus" => visit_status::get_request(app),
        "/wxa/change_visitstatus" => visit_status::change_request(app, false),
        "/cgi-bin/wxopen/getweappsupportversion" => base_library::get_request(app),
        "/cgi-bin/wxopen/setweappsupportversion" => base_library::set_request(app, "2.19.4"),
        "/wxa/bind_tester" => tester::bind_request(app, "wangxiaoming"),
        "/wxa/unbind_tester" => tester::unbind_request(app, Tester::WechatId("wangxiaoming")),
        "/wxa/memberauth" => tester::list_request(app),
        other => panic!("no request of {other}"),
    }
}
