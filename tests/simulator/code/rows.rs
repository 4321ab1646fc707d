//! The APIs about code, its templates, its privacy guide and the filing for `table.rs`, written down from WeChat's
//! documents.

use serde_json::{Value, json};

use crate::simulator::rows::{Row, Takes, get, post};
use crate::simulator::world::MINI;

fn app(path: &'static str, body: Value, stranger: i64) -> Row {
    Row {
        of: MINI,
        ..post(path, Takes::Account, 18, body, stranger)
    }
}

fn ask(path: &'static str, stranger: i64) -> Row {
    Row {
        of: MINI,
        ..get(path, 18, stranger)
    }
}

fn upload(path: &'static str, takes: Takes) -> Row {
    Row {
        of: MINI,
        form: true,
        ..post(path, takes, 18, Value::Null, 41005)
    }
}

fn privacy(path: &'static str, body: Value, stranger: i64) -> Row {
    Row {
        of: MINI,
        ..post(path, Takes::Either, 18, body, stranger)
    }
}

fn component(path: &'static str, body: Value, stranger: i64) -> Row {
    post(path, Takes::Component, 0, body, stranger)
}

fn listed(path: &'static str) -> Row {
    Row {
        method: "GET",
        ..component(path, Value::Null, 0)
    }
}

pub fn rows() -> Vec<Row> {
    let commit =
        json!({"template_id": 1, "ext_json": "{}", "user_version": "1.0.0", "user_desc": "x"});
    let owner = json!({"contact_email": "a@example.cn", "notice_method": "弹窗"});
    let guide = json!({"owner_setting": owner, "setting_list": []});
    vec![
        listed("/wxa/gettemplatedraftlist"),
        component("/wxa/addtotemplate", json!({"draft_id": 0}), 85064),
        listed("/wxa/gettemplatelist"),
        component("/wxa/deletetemplate", json!({"template_id": 4}), 85064),
        app("/wxa/commit", commit, 85014),
        ask("/wxa/get_page", 86001),
        ask("/wxa/get_qrcode", 86001),
        upload("/wxa/uploadmedia", Takes::Account),
        ask("/wxa/security/get_code_privacy_info", 86001),
        app("/wxa/submit_audit", json!({}), 85086),
        app("/wxa/get_auditstatus", json!({"auditid": 1}), 85012),
        ask("/wxa/get_latest_auditstatus", 85058),
        ask("/wxa/undocodeaudit", 87012),
        app("/wxa/speedupaudit", json!({"auditid": 1}), 89402),
        ask("/wxa/queryquota", 0),
        app("/wxa/release", json!({}), 85019),
        ask("/wxa/revertcoderelease", 87012),
        app("/wxa/grayrelease", json!({"gray_percentage": 1}), 85079),
        ask("/wxa/getgrayreleaseplan", 0),
        ask("/wxa/revertgrayrelease", 0),
        app("/wxa/getversioninfo", json!({}), 0),
        app(
            "/cgi-bin/material/get_material",
            json!({"media_id": "x"}),
            40007,
        ),
        privacy("/cgi-bin/component/getprivacysetting", json!({}), 0),
        privacy("/cgi-bin/component/setprivacysetting", guide, 0),
        upload("/cgi-bin/component/uploadprivacyextfile", Takes::Either),
        ask("/wxa/icp/get_icp_entrance_info", 0),
    ]
}
