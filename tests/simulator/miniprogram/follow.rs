//! The follow component: which official account it shows.

use serde_json::{Value, json};

use super::Mini;
use crate::simulator::world::{MINI, OFFICIAL, OTHER};

const SHOWN: &str = "/wxa/getshowwxaitem";
const UPDATE: &str = "/wxa/updateshowwxaitem";

fn linked() -> Mini {
    let mini = Mini::start();
    let link = json!({"links": [{"appId": MINI}], "headImg": "http://wx.qlogo.cn/x/0"});
    mini.world.change(OFFICIAL, &link);
    mini
}

impl Mini {
    fn candidates(&self, page: &str) -> Value {
        let target = format!(
            "/wxa/getwxamplinkforshow?{page}&access_token={}",
            self.token
        );
        self.world.raw("GET", &target, "", "").json()
    }
}

#[test]
fn the_component_shows_what_it_was_set_to() {
    let mini = linked();
    let off = json!({"errcode": 0, "errmsg": "ok", "can_open": 1, "is_open": 0});
    assert_eq!(mini.get(SHOWN), off);
    let on = json!({"wxa_subscribe_biz_flag": 1, "appid": OFFICIAL});
    assert_eq!(mini.code(UPDATE, &on), 0);
    assert_eq!(
        mini.get(SHOWN),
        json!({
            "errcode": 0, "errmsg": "ok", "can_open": 1, "is_open": 1, "appid": OFFICIAL,
            "nickname": "日出舞蹈", "headimg": "http://wx.qlogo.cn/x/0",
        })
    );
    let component = json!({"canOpen": true, "shows": OFFICIAL});
    let state = mini.world.account(MINI);
    assert_eq!(state["miniProgram"]["followComponent"], component);
    // The link ends, and there is nothing to show.
    mini.world.change(OFFICIAL, &json!({"links": []}));
    assert_eq!(mini.get(SHOWN), off);
    mini.world
        .change(OFFICIAL, &json!({"links": [{"appId": MINI}]}));
    assert_eq!(mini.code(UPDATE, &json!({"wxa_subscribe_biz_flag": 0})), 0);
    assert_eq!(mini.get(SHOWN), off);
}

#[test]
fn candidates_are_the_accounts_that_are_linked() {
    let mini = linked();
    let asked = json!({"links": [{"appId": MINI, "status": 12}]});
    mini.world.change(OTHER, &asked);
    let one = mini.candidates("page=0&num=10");
    assert_eq!(
        one,
        json!({
            "errcode": 0, "errmsg": "ok", "total_num": 1,
            "biz_info_list": [{
                "nickname": "日出舞蹈", "appid": OFFICIAL, "headimg": "http://wx.qlogo.cn/x/0",
            }],
        })
    );
    mini.world
        .change(OTHER, &json!({"links": [{"appId": MINI}]}));
    let second = mini.candidates("page=1&num=1");
    assert_eq!(second["total_num"], 2);
    assert_eq!(second["biz_info_list"][0]["appid"], OTHER);
    assert_eq!(mini.candidates("page=2&num=1")["biz_info_list"], json!([]));
    for page in ["page=0", "num=10", "page=x&num=10", "page=-1&num=10"] {
        assert_eq!(mini.candidates(page)["errcode"], 40097, "{page}");
    }
}

#[test]
fn what_cannot_be_shown_is_refused() {
    let mini = linked();
    for (body, code) in [
        (json!({}), 40097),
        (json!({"wxa_subscribe_biz_flag": 2}), 40097),
        (json!({"wxa_subscribe_biz_flag": 1}), 41002),
        (json!({"wxa_subscribe_biz_flag": 1, "appid": OTHER}), 85005),
        (json!({"wxa_subscribe_biz_flag": 1, "appid": MINI}), 85005),
    ] {
        assert_eq!(mini.code(UPDATE, &body), code, "{body}");
    }
    let closed = json!({"miniProgram": {"followComponent": {"canOpen": false}}});
    mini.change(closed);
    let on = json!({"wxa_subscribe_biz_flag": 1, "appid": OFFICIAL});
    assert_eq!(mini.code(UPDATE, &on), 85021);
    assert_eq!(mini.get(SHOWN)["can_open"], 0);
}
