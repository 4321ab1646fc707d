//! `modifyheadimage`: which pictures and boxes it takes, and how often.

use serde_json::{Value, json};

use super::Mini;
use crate::simulator::media::{PNG, picture, upload};
use crate::simulator::world::{OTHER_MINI, text};

const AVATAR: &str = "/cgi-bin/account/modifyheadimage";

fn cut(media_id: &str) -> Value {
    json!({"head_img_media_id": media_id, "x1": "0", "y1": "0", "x2": "1", "y2": "1"})
}

#[test]
fn an_avatar_is_in_force_at_once_and_at_another_address_each_time() {
    let mini = Mini::start();
    let id = picture(&mini.world, &mini.token);
    let address = || text(&mini.basic_info()["head_image_info"]["head_image_url"]);
    assert_eq!(address(), "");
    assert_eq!(
        mini.post(AVATAR, &cut(&id)),
        json!({"errcode": 0, "errmsg": "ok"})
    );
    let first = address();
    assert!(
        first.starts_with("http://wx.qlogo.cn/mmhead/") && first.ends_with("/0"),
        "{first}"
    );
    assert_eq!(mini.code(AVATAR, &cut(&id)), 0, "an id can be used again");
    assert_ne!(address(), first);
    let shown = mini.basic_info();
    assert_eq!(shown["head_image_info"]["modify_used_count"], 2);
    let state = mini.world.control("GET", "/_sim/state", &json!({}));
    let source = &mini.world.account(super::MINI)["miniProgram"]["avatarSource"];
    assert_eq!(*source, state["media"][0]["sha256"]);
}

#[test]
fn only_a_picture_of_ones_own_will_do_and_for_three_days() {
    let mut mini = Mini::start();
    let other = mini.world.token(OTHER_MINI);
    let foreign = picture(&mini.world, &other);
    let voice = text(&upload(&mini.world, &mini.token, "voice", b"#!AMR")["media_id"]);
    let large = [PNG, &vec![7; 2 << 20]].concat();
    let large = text(&upload(&mini.world, &mini.token, "image", &large)["media_id"]);
    let id = picture(&mini.world, &mini.token);
    for (id, code) in [
        ("x", 40007),
        (&foreign, 40007),
        (&voice, 40007),
        (&large, 40009),
        ("", 41006),
    ] {
        assert_eq!(mini.code(AVATAR, &cut(id)), code, "{id}");
    }
    mini.world.advance(3 * 86_400 - 60);
    mini.token = mini.world.token(super::MINI);
    assert_eq!(mini.code(AVATAR, &cut(&id)), 0);
    mini.world.advance(60);
    assert_eq!(mini.code(AVATAR, &cut(&id)), 46001);
}

#[test]
fn the_box_lies_in_the_picture_and_is_not_empty() {
    let mini = Mini::start();
    let id = picture(&mini.world, &mini.token);
    mini.change(json!({"budgets": {"avatar": {"quota": 99}}}));
    for (name, value, code) in [
        ("x1", json!(0.25), 0),
        ("x2", json!("0.5"), 0),
        ("x2", json!(0), -1),
        ("y2", json!("0"), -1),
        ("y1", json!(1), -1),
        ("x2", json!("1.01"), 40097),
        ("y1", json!(-0.1), 40097),
        ("y1", json!("left"), 40097),
        ("x1", json!(null), 40097),
    ] {
        let mut body = cut(&id);
        body[name] = value.clone();
        assert_eq!(mini.code(AVATAR, &body), code, "{name} {value}");
    }
}

#[test]
fn five_avatars_a_year_and_by_a_switch_fewer_a_month() {
    let mut mini = Mini::start();
    mini.at("2031-11-30T12:00:00+08:00");
    let id = picture(&mini.world, &mini.token);
    mini.switch("avatarsAMonth", json!(3));
    let set = |mini: &Mini| mini.code(AVATAR, &cut(&id));
    for _ in 0..3 {
        assert_eq!(set(&mini), 0);
    }
    assert_eq!(set(&mini), 53202);
    mini.at("2031-12-01T12:00:00+08:00");
    for _ in 0..2 {
        assert_eq!(set(&mini), 0);
    }
    assert_eq!(
        set(&mini),
        53202,
        "of the month one is left, of the year none"
    );
    mini.change(json!({"miniProgram": {"locked": ["avatar"]}}));
    assert_eq!(set(&mini), 53203);
}
