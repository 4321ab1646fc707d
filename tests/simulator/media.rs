//! Uploads: forms as clients send them, what an id is good for, and how long.

use serde_json::{Value, json};

use super::http::{Reply, request};
use super::world::{MINI, OTHER_MINI, World, text};

const UPLOAD: &str = "/cgi-bin/media/upload";
const GET: &str = "/cgi-bin/media/get";

pub const PNG: &[u8] = b"\x89PNG\r\n\x1a\nwhatever";

/// A form with one part, given its `Content-Disposition`.
pub fn form(disposition: &str, bytes: &[u8]) -> Vec<u8> {
    let head = format!(
        "--frontier\r\nContent-Disposition: form-data; {disposition}\r\nContent-Type: image/png\r\n\r\n"
    );
    [head.as_bytes(), bytes, b"\r\n--frontier--\r\n"].concat()
}

pub fn post_form(world: &World, target: &str, body: &[u8]) -> Reply {
    let kind = [("Content-Type", "multipart/form-data; boundary=frontier")];
    request(world.wechat, "POST", target, &kind, body).expect("an answer")
}

/// Uploads a file as `type=…`.
pub fn upload(world: &World, token: &str, kind: &str, bytes: &[u8]) -> Value {
    let target = format!("{UPLOAD}?access_token={token}&type={kind}");
    let body = form("name=\"media\"; filename=\"a.png\"", bytes);
    post_form(world, &target, &body).json()
}

/// The id of an uploaded picture.
pub fn picture(world: &World, token: &str) -> String {
    text(&upload(world, token, "image", PNG)["media_id"])
}

#[test]
fn an_upload_answers_an_id_and_keeps_a_digest() {
    let world = World::start();
    let token = world.token(MINI);
    let answer = upload(&world, &token, "image", PNG);
    assert_eq!(answer["type"], "image");
    assert_eq!(answer["item"], json!([]));
    assert!(answer["created_at"].is_i64(), "{answer}");
    assert!(answer.get("errcode").is_none(), "a success has none");
    let state = world.control("GET", "/_sim/state", &json!({}));
    let kept = &state["media"][0];
    assert_eq!(kept["mediaId"], answer["media_id"]);
    assert_eq!(kept["account"], MINI);
    assert_eq!(kept["size"], PNG.len());
    assert_eq!(
        kept["sha256"],
        "52516b8d5806bd37274082489e02377dab6c18e44612cd4735b748ed78b6bcf3"
    );
    world.switch("uploadSaysErrcode", json!(true));
    assert_eq!(upload(&world, &token, "image", PNG)["errcode"], 0);
}

#[test]
fn what_is_no_file_is_refused() {
    let world = World::start();
    let token = world.token(MINI);
    let target = |kind: &str| format!("{UPLOAD}?access_token={token}&type={kind}");
    let code = |kind: &str, body: &[u8]| {
        post_form(&world, &target(kind), body).json()["errcode"]
            .as_i64()
            .unwrap_or(0)
    };
    let file = "name=\"media\"; filename=\"a.png\"";
    for (kind, body, expected) in [
        ("image", form(file, PNG), 0),
        ("image", form("filename=a.png; name=media", PNG), 0),
        ("picture", form(file, PNG), 40004),
        ("", form(file, PNG), 40004),
        ("image", form("name=\"media\"", PNG), 41005),
        (
            "image",
            form("name=\"file\"; filename=\"a.png\"", PNG),
            41005,
        ),
        ("image", form(file, b""), 41005),
        ("image", Vec::new(), 41005),
        ("image", form(file, b"<svg></svg>"), 40005),
        ("image", form(file, b"GIF89a"), 0),
        ("voice", form(file, b"#!AMR"), 0),
        ("voice", form(file, PNG), 40005),
        ("thumb", form(file, PNG), 40005),
        (
            "thumb",
            form(file, &[&b"\xff\xd8\xff"[..], &[0; 64 << 10]].concat()),
            40006,
        ),
    ] {
        assert_eq!(code(kind, &body), expected, "{kind} {}", body.len());
    }
    let json = world.raw("POST", &target("image"), "", r#"{"media":"x"}"#);
    assert_eq!(json.json()["errcode"], 41005);
}

#[test]
fn a_picture_has_ten_megabytes_at_most() {
    let world = World::start();
    let token = world.token(MINI);
    let of_size = |size: usize| {
        let bytes = [PNG, &vec![7; size - PNG.len()]].concat();
        upload(&world, &token, "image", &bytes)
    };
    assert_eq!(of_size(10 << 20)["type"], "image");
    assert_eq!(of_size((10 << 20) + 1)["errcode"], 40006);
    world.switch("mediaImageBytes", json!(2 << 20));
    assert_eq!(of_size((2 << 20) + 1)["errcode"], 40006);
}

#[test]
fn a_download_is_bytes_and_a_refusal_json() {
    let world = World::start();
    let token = world.token(MINI);
    let id = picture(&world, &token);
    let get = |id: &str, token: &str| {
        world.raw(
            "GET",
            &format!("{GET}?access_token={token}&media_id={id}"),
            "",
            "",
        )
    };
    let reply = get(&id, &token);
    assert_eq!(reply.header("content-type"), Some("image/png"));
    let name = format!("attachment; filename=\"{id}.png\"");
    assert_eq!(reply.header("content-disposition"), Some(name.as_str()));
    assert!(reply.bytes.starts_with(b"\x89PNG"));
    assert_eq!(get("", &token).json()["errcode"], 41006);
    assert_eq!(get("x", &token).json()["errcode"], 40007);
    let other = world.token(OTHER_MINI);
    assert_eq!(
        get(&id, &other).json()["errcode"],
        40007,
        "only the uploader's"
    );
    let video = text(&upload(&world, &token, "video", b"any")["media_id"]);
    assert!(get(&video, &token).json()["video_url"].is_string());
    world.fault(json!({"endpoint": GET, "kind": "cutShort", "count": 1}));
    assert_eq!(get(&id, &token).bytes.len(), reply.bytes.len() / 2);
    world.fault(json!({"endpoint": GET, "kind": "errcodeAfterEffect", "code": -1, "count": 1}));
    assert_eq!(get(&id, &token).json()["errcode"], -1);
    world.advance(3 * 86_400);
    assert_eq!(get(&id, &world.token(MINI)).json()["errcode"], 40007);
}

#[test]
fn nothing_is_kept_of_an_upload_that_had_no_effect() {
    let world = World::start();
    let token = world.token(MINI);
    world.fault(json!({"endpoint": UPLOAD, "kind": "noEffect"}));
    assert_eq!(upload(&world, &token, "image", PNG)["type"], "image");
    let state = world.control("GET", "/_sim/state", &json!({}));
    assert!(state.get("media").is_none(), "{}", state["media"]);
    assert_eq!(world.calls("")["endpoints"][UPLOAD]["withEffect"], 0);
}
