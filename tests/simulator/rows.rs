//! The table of APIs for `table.rs`, written down from WeChat's documents.

use serde_json::{Value, json};

use super::world::{OFFICIAL, PLATFORM};
use super::{addons, code, domains, miniprogram, registration};

/// Which token a row's API takes.
#[derive(Clone, Copy, PartialEq)]
pub enum Takes {
    /// A secret in the body instead.
    Secret,
    Component,
    Account,
    /// Account or component.
    Either,
}

/// One API. `stranger` is the answer to the same request with the live token of another tenant (for component
/// APIs: of another platform): 40013 where the body names whom it means; elsewhere the token alone says whose data
/// it is, and the answer is about the other tenant.
pub struct Row {
    pub method: &'static str,
    /// GET and POST are both taken.
    pub either: bool,
    /// A POST need not have a body.
    pub bodiless: bool,
    /// Takes a form in place of JSON.
    pub form: bool,
    /// Whose token it takes.
    pub of: &'static str,
    pub path: &'static str,
    pub takes: Takes,
    /// A permission set that opens it; 0: none is asked for.
    pub set: u32,
    pub body: Value,
    pub stranger: i64,
}

pub fn post(path: &'static str, takes: Takes, set: u32, body: Value, stranger: i64) -> Row {
    Row {
        method: "POST",
        either: false,
        bodiless: false,
        form: false,
        of: OFFICIAL,
        path,
        takes,
        set,
        body,
        stranger,
    }
}

pub fn get(path: &'static str, set: u32, stranger: i64) -> Row {
    Row {
        method: "GET",
        ..post(path, Takes::Account, set, Value::Null, stranger)
    }
}

pub fn rows() -> Vec<Row> {
    use Takes::{Account, Component, Either, Secret};
    let platform = |extra: Value| {
        let mut body = json!({"component_appid": PLATFORM});
        body.as_object_mut()
            .unwrap()
            .extend(extra.as_object().unwrap().clone());
        body
    };
    let own = |extra: Value| {
        let mut body = json!({"appid": OFFICIAL});
        body.as_object_mut()
            .unwrap()
            .extend(extra.as_object().unwrap().clone());
        body
    };
    let account = json!({"authorizer_appid": OFFICIAL});
    let menu = json!({"button": [{"type": "click", "name": "今日", "key": "K"}]});
    let conditional = json!({"button": menu["button"], "matchrule": {"client_platform_type": "1"}});
    let option = json!({"option_name": "voice_recognize", "option_value": "1"});
    let legacy = platform(
        json!({"authorizer_appid": OFFICIAL, "option_name": "voice_recognize", "option_value": "1"}),
    );
    let secret = platform(
        json!({"component_secret": "wrong", "component_appsecret": "wrong", "appsecret": "wrong"}),
    );
    let refresh = platform(json!({"authorizer_appid": OFFICIAL, "authorizer_refresh_token": "x"}));
    let mut rows = vec![
        post(
            "/cgi-bin/component/api_start_push_ticket",
            Secret,
            0,
            secret.clone(),
            40125,
        ),
        post(
            "/cgi-bin/component/api_component_token",
            Secret,
            0,
            secret.clone(),
            40125,
        ),
        post(
            "/cgi-bin/component/clear_quota/v2",
            Secret,
            0,
            secret,
            40125,
        ),
        post(
            "/cgi-bin/component/api_create_preauthcode",
            Component,
            0,
            platform(json!({})),
            40013,
        ),
        post(
            "/cgi-bin/component/api_query_auth",
            Component,
            0,
            platform(json!({"authorization_code": "x"})),
            40013,
        ),
        post(
            "/cgi-bin/component/api_authorizer_token",
            Component,
            0,
            refresh,
            40013,
        ),
        post(
            "/cgi-bin/component/api_get_authorizer_info",
            Component,
            0,
            platform(account),
            40013,
        ),
        post(
            "/cgi-bin/component/api_get_authorizer_list",
            Component,
            0,
            platform(json!({"offset": 0, "count": 10})),
            40013,
        ),
        post(
            "/cgi-bin/component/get_authorizer_option",
            Either,
            0,
            option.clone(),
            0,
        ),
        post(
            "/cgi-bin/component/set_authorizer_option",
            Either,
            0,
            option,
            0,
        ),
        post(
            "/cgi-bin/component/api_get_authorizer_option",
            Either,
            0,
            legacy.clone(),
            0,
        ),
        post(
            "/cgi-bin/component/api_set_authorizer_option",
            Either,
            0,
            legacy,
            0,
        ),
        post("/cgi-bin/clear_quota", Either, 0, own(json!({})), 40013),
        post(
            "/cgi-bin/openapi/quota/get",
            Either,
            0,
            json!({"cgi_path": "/cgi-bin/menu/get"}),
            0,
        ),
        post(
            "/cgi-bin/openapi/quota/clear",
            Either,
            0,
            json!({"cgi_path": "/cgi-bin/menu/get"}),
            0,
        ),
        post(
            "/cgi-bin/openapi/rid/get",
            Either,
            0,
            json!({"rid": "x"}),
            76001,
        ),
        post("/cgi-bin/menu/create", Account, 15, menu, 0),
        get("/cgi-bin/menu/get", 15, 46003),
        get("/cgi-bin/menu/delete", 15, 0),
        get("/cgi-bin/get_current_selfmenu_info", 15, 0),
        post(
            "/cgi-bin/menu/addconditional",
            Account,
            15,
            conditional,
            65303,
        ),
        post(
            "/cgi-bin/menu/delconditional",
            Account,
            15,
            json!({"menuid": "208396938"}),
            65301,
        ),
        post(
            "/cgi-bin/menu/trymatch",
            Account,
            15,
            json!({"user_id": "x"}),
            65302,
        ),
        post(
            "/cgi-bin/template/api_set_industry",
            Account,
            7,
            json!({"industry_id1": "16", "industry_id2": "1"}),
            0,
        ),
        get("/cgi-bin/template/get_industry", 7, 40102),
        post(
            "/cgi-bin/template/api_add_template",
            Account,
            7,
            json!({"template_id_short": "OPENTM405456204"}),
            45027,
        ),
        get("/cgi-bin/template/get_all_private_template", 7, 0),
        post(
            "/cgi-bin/template/del_private_template",
            Account,
            7,
            json!({"template_id": "x"}),
            40037,
        ),
        get("/wxaapi/newtmpl/getcategory", 7, 0),
        get("/wxaapi/newtmpl/getpubtemplatetitles", 7, 200_018),
        get("/wxaapi/newtmpl/getpubtemplatekeywords", 7, 200_014),
        post(
            "/wxaapi/newtmpl/addtemplate",
            Account,
            7,
            json!({"tid": "1301", "kidList": [1, 2]}),
            200_014,
        ),
        get("/wxaapi/newtmpl/gettemplate", 7, 0),
        post(
            "/wxaapi/newtmpl/deltemplate",
            Account,
            7,
            json!({"priTmplId": "x"}),
            40037,
        ),
        get("/cgi-bin/tags/get", 2, 0),
        post(
            "/cgi-bin/tags/create",
            Account,
            2,
            json!({"tag": {"name": "学员"}}),
            0,
        ),
        post(
            "/cgi-bin/tags/update",
            Account,
            2,
            json!({"tag": {"id": 100, "name": "x"}}),
            45159,
        ),
        post(
            "/cgi-bin/tags/delete",
            Account,
            2,
            json!({"tag": {"id": 100}}),
            45159,
        ),
        Row {
            form: true,
            ..post("/cgi-bin/media/upload", Account, 1, Value::Null, 40004)
        },
        get("/cgi-bin/media/get", 1, 41006),
        get("/cgi-bin/user/get", 2, 0),
        get("/cgi-bin/user/info", 2, 41009),
        post(
            "/cgi-bin/user/info/batchget",
            Account,
            2,
            json!({"user_list": [{"openid": "x"}]}),
            40003,
        ),
        post("/cgi-bin/open/create", Account, 24, own(json!({})), 40013),
        post(
            "/cgi-bin/open/bind",
            Account,
            24,
            own(json!({"open_appid": "x"})),
            40013,
        ),
        post(
            "/cgi-bin/open/unbind",
            Account,
            24,
            own(json!({"open_appid": "x"})),
            40013,
        ),
        post("/cgi-bin/open/get", Account, 24, own(json!({})), 40013),
        get("/cgi-bin/open/have", 3, 0),
        get("/cgi-bin/open/sameentity", 24, 89002),
        post("/cgi-bin/wxopen/wxamplinkget", Account, 33, json!({}), 0),
        post(
            "/cgi-bin/wxopen/wxamplink",
            Account,
            33,
            json!({"appid": "wx3333333333333333"}),
            0,
        ),
        post(
            "/cgi-bin/wxopen/wxampunlink",
            Account,
            33,
            json!({"appid": "wx3333333333333333"}),
            85005,
        ),
    ];
    rows.extend(miniprogram::rows());
    rows.extend(registration::rows());
    rows.extend(domains::rows());
    rows.extend(addons::rows());
    rows.extend(code::rows());
    rows
}
