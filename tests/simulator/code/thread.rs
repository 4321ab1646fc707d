//! One version on its way: uploaded, looked at, explained, handed in, let through, online.

use serde_json::json;

use super::{
    COMMIT, LATEST, RELEASE, SUBMIT, VERSIONS, commit_body, decide, items, ready, submit, template,
};
use crate::simulator::pushes::listening;
use crate::simulator::sink::Sink;
use crate::simulator::world::MINI;

#[test]
fn a_version_comes_from_a_template_to_its_users() {
    let mini = ready();
    template(
        &mini,
        json!({"pages": ["pages/index/index", "list"], "privacyKeys": ["UserInfo"]}),
    );
    let cat = mini.world.component_token();
    let templates = mini.world.get("/wxa/gettemplatelist", &cat);
    assert_eq!(
        templates["template_list"][0]["template_id"], 4,
        "{templates}"
    );
    assert_eq!(mini.get(LATEST)["errcode"], 85058);
    assert_eq!(mini.get("/wxa/get_page")["errcode"], 86001);

    let body = commit_body("1.0.0", &json!({"extAppid": MINI, "ext": {"shop": 7}}));
    assert_eq!(
        mini.post(COMMIT, &body),
        json!({"errcode": 0, "errmsg": "ok"})
    );
    assert_eq!(
        mini.get("/wxa/get_page")["page_list"],
        json!(["pages/index/index", "list"])
    );
    assert_eq!(
        mini.get("/wxa/security/get_code_privacy_info")["errcode"],
        61039
    );
    assert_eq!(mini.code(SUBMIT, &items()), 61039);
    mini.world.advance(60);
    assert_eq!(
        mini.get("/wxa/security/get_code_privacy_info"),
        json!({"errcode": 0, "errmsg": "ok", "without_auth_list": [], "without_conf_list": []})
    );

    assert_eq!(
        mini.code(SUBMIT, &items()),
        61040,
        "nobody has said what for"
    );
    let guide = mini.post(
        "/cgi-bin/component/getprivacysetting",
        &json!({"privacy_ver": 2}),
    );
    assert_eq!(guide["privacy_list"], json!(["UserInfo"]));
    assert_eq!(guide["setting_list"][0]["privacy_text"], "");
    let guide = json!({
        "owner_setting": {"contact_email": "a@example.cn", "notice_method": "弹窗"},
        "setting_list": [{"privacy_key": "UserInfo", "privacy_text": "展示头像"}],
    });
    assert_eq!(mini.code("/cgi-bin/component/setprivacysetting", &guide), 0);

    let sink = Sink::answering("success");
    listening(&mini.world, &sink);
    let audit = submit(&mini);
    assert!(audit > u64::from(u32::MAX), "ids have 64 bits");
    assert_eq!(mini.get(LATEST)["status"], 2);
    assert_eq!(mini.get("/wxa/queryquota")["rest"], 19);
    assert_eq!(mini.code(RELEASE, &json!({})), 85020);
    decide(&mini, audit, json!({"outcome": "approved"}));
    let event = sink.next();
    assert!(
        event.target.starts_with(&format!("POST /messages/{MINI}?")),
        "{}",
        event.target
    );
    let event = event.opened();
    assert!(
        event.contains("<Event><![CDATA[weapp_audit_success]]></Event><SuccTime>"),
        "{event}"
    );
    let status = mini.post("/wxa/get_auditstatus", &json!({"auditid": audit}));
    assert_eq!(status, json!({"errcode": 0, "errmsg": "ok", "status": 0}));

    assert_eq!(
        mini.post(RELEASE, &json!({})),
        json!({"errcode": 0, "errmsg": "ok"})
    );
    assert_eq!(mini.code(RELEASE, &json!({})), 85052);
    let versions = mini.post(VERSIONS, &json!({}));
    assert_eq!(versions["exp_info"]["exp_version"], "1.0.0");
    assert_eq!(versions["release_info"]["release_version"], "1.0.0");
    assert_eq!(versions["release_info"]["release_desc"], "报名");
    assert_eq!(
        mini.get(LATEST)["status"],
        0,
        "it stays so after the release"
    );
    let online = mini.post(
        "/cgi-bin/component/getprivacysetting",
        &json!({"privacy_ver": 1}),
    );
    assert_eq!(online["setting_list"][0]["privacy_text"], "展示头像");
    assert_eq!(mini.world.account(MINI)["miniProgram"]["released"], true);
    let plan = mini.get("/wxa/getgrayreleaseplan");
    assert_eq!(plan["gray_release_plan"]["status"], 0);
    let history = mini.world.try_raw(
        "GET",
        &format!(
            "/wxa/revertcoderelease?action=get_history_version&access_token={}",
            mini.token
        ),
        "",
        "",
    );
    assert_eq!(
        history.unwrap().json(),
        json!({"errcode": 0, "errmsg": "ok", "version_list": []})
    );
    let filing = mini.get("/wxa/icp/get_icp_entrance_info");
    assert_eq!(filing["info"]["status"], 6, "{filing}");
}
