//! The APIs of a mini-program for `table.rs`, written down from WeChat's documents.

use serde_json::{Value, json};

use crate::simulator::rows::{Row, Takes, get as any_get, post as any_post};
use crate::simulator::world::MINI;

fn get(path: &'static str, set: u32, stranger: i64) -> Row {
    Row {
        of: MINI,
        ..any_get(path, set, stranger)
    }
}

fn post(path: &'static str, set: u32, body: Value, stranger: i64) -> Row {
    Row {
        of: MINI,
        ..any_post(path, Takes::Account, set, body, stranger)
    }
}

pub fn rows() -> Vec<Row> {
    let category = json!({"first": 8, "second": 590, "certicates": []});
    let categories = json!({"categories": [category]});
    let kind = json!({"verify_type": 1});
    let id = json!({"audit_id": 1});
    let name = json!({"nick_name": "晨光舞蹈", "license": "x"});
    let avatar = json!({"head_img_media_id": "x", "x1": "0", "y1": "0", "x2": "1", "y2": "1"});
    let signature = json!({"signature": "教孩子们跳舞"});
    vec![
        Row {
            either: true,
            bodiless: true,
            ..post("/cgi-bin/account/getaccountbasicinfo", 30, json!({}), 0)
        },
        post("/cgi-bin/account/modifysignature", 30, signature, 0),
        post("/cgi-bin/account/modifyheadimage", 30, avatar, 40007),
        post(
            "/cgi-bin/wxverify/checkwxverifynickname",
            30,
            name.clone(),
            0,
        ),
        post("/wxa/setnickname", 30, name, 40007),
        post("/wxa/api_wxa_querynickname", 30, id, 91011),
        get("/cgi-bin/wxopen/getallcategories", 30, 0),
        post("/cgi-bin/wxopen/getcategoriesbytype", 30, kind, 0),
        get("/cgi-bin/wxopen/getcategory", 30, 0),
        post("/cgi-bin/wxopen/addcategory", 30, categories, 0),
        post(
            "/cgi-bin/wxopen/deletecategory",
            30,
            category.clone(),
            53303,
        ),
        post("/cgi-bin/wxopen/modifycategory", 30, category, 53306),
        get("/wxa/get_category", 18, 0),
        get("/wxa/getwxasearchstatus", 30, 0),
        post("/wxa/changewxasearchstatus", 30, json!({"status": 1}), 0),
        post("/wxa/getvisitstatus", 18, json!({}), 0),
        post(
            "/wxa/change_visitstatus",
            18,
            json!({"action": "close"}),
            85021,
        ),
        Row {
            either: true,
            ..post("/cgi-bin/wxopen/getweappsupportversion", 18, json!({}), 0)
        },
        post(
            "/cgi-bin/wxopen/setweappsupportversion",
            18,
            json!({"version": "1.0.0"}),
            85021,
        ),
        post("/wxa/bind_tester", 18, json!({"wechatid": "dancer01"}), 0),
        post(
            "/wxa/unbind_tester",
            18,
            json!({"wechatid": "dancer01"}),
            85001,
        ),
        get("/wxa/getshowwxaitem", 18, 0),
        get("/wxa/getwxamplinkforshow", 18, 40097),
        post(
            "/wxa/updateshowwxaitem",
            18,
            json!({"wxa_subscribe_biz_flag": 0}),
            0,
        ),
        post(
            "/wxa/memberauth",
            18,
            json!({"action": "get_experiencer"}),
            0,
        ),
    ]
}
