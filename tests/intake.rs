//! The real sidecar takes pushes whatever is wrong beside them, and other processes tell what it could not take.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::json;
use tempfile::TempDir;
use wxops::wechat::push::{EncodingAesKey, PushCipher};

use crate::support::control::request;
use crate::support::process::run;
use crate::support::stage::Stage;

const PLATFORM: &str = "wx0000000000000001";
const ACCOUNT: &str = "wx1111111111111111";
const TOKEN: &str = "demo-push-token";
const KEY: &str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";

fn common(name: &str) -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    tests.join("scenarios/_common").join(name)
}

/// The manifests that all scenarios start from, and some beside them.
fn manifests(beside: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let copy = |from: &Path, to: &Path| {
        fs::create_dir_all(to).unwrap();
        for entry in fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            if entry.path().is_file() {
                fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
            }
        }
    };
    copy(&common("manifests"), folder.path());
    copy(
        &common("manifests/credentials"),
        &folder.path().join("credentials"),
    );
    copy(&common("menu_only"), folder.path());
    for (name, text) in beside {
        fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

/// Sends a notice as WeChat would, with some console's token and key; answers the status.
fn push(stage: &Stage, path: &str, token: &str, key: &str, appid: &str, text: &str) -> u16 {
    let key = EncodingAesKey::parse(key).unwrap();
    let cipher = PushCipher::new(token, appid, key, None);
    let sealed = cipher.seal(text.as_bytes(), "1763848800", text, [7; 16]);
    let nonce: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
    let query = format!(
        "timestamp=1763848800&nonce={nonce}&encrypt_type=aes&msg_signature={}",
        sealed.msg_signature
    );
    let address = stage.sidecar_url.trim_start_matches("http://");
    let body = sealed.notice_xml(appid);
    request(address, "POST", &format!("{path}?{query}"), &body).0
}

fn ticket() -> String {
    format!(
        "<xml><AppId>{PLATFORM}</AppId><CreateTime>1763848800</CreateTime>\
         <InfoType>component_verify_ticket</InfoType><ComponentVerifyTicket>t</ComponentVerifyTicket></xml>"
    )
}

/// What `plan` and `status` say, in both languages.
fn said(stage: &Stage) -> Vec<(String, String)> {
    let mut said = Vec::new();
    for verb in ["plan", "status"] {
        for lang in ["zh", "en"] {
            let done = run(stage.command(verb).args(["--lang", lang]));
            said.push((format!("{verb} {lang}"), done.stdout + &done.stderr));
        }
    }
    said
}

#[test]
fn plan_and_status_name_the_consoles_field_that_is_wrong() {
    let manifests = manifests(&[]);
    let other = "wx00000000000000bb";
    let wrong_key = "B".repeat(43);
    for (path, token, key, appid, field) in [
        ("/wechat/notices", "another", KEY, PLATFORM, "消息校验Token"),
        (
            "/wechat/notices",
            TOKEN,
            wrong_key.as_str(),
            PLATFORM,
            "消息加解密Key",
        ),
        ("/wechat/notices", TOKEN, KEY, other, "appId"),
        ("/wechat/Notices/", TOKEN, KEY, PLATFORM, "授权事件接收URL"),
        ("/somewhere/else", TOKEN, KEY, PLATFORM, "/somewhere/else"),
    ] {
        let mut stage = Stage::without_sidecar(manifests.path(), &common("missing.sim.yaml"));
        // A ticket that comes after all, since we asked for one, would say that all is well.
        let lost = json!({"endpoint": "push:ticket", "kind": "lostPush"});
        stage.control.send("POST", "/_sim/faults", &lost);
        stage.start_sidecar();
        assert!(push(&stage, path, token, key, appid, &ticket()) >= 400);
        for (how, text) in said(&stage) {
            assert!(text.contains(field), "{how}: {text}");
            let refused = if how.ends_with("zh") {
                "被拒绝"
            } else {
                "refused"
            };
            assert!(text.contains(refused), "{how}: {text}");
            assert!(
                !text.contains("WeChat has pushed no ticket"),
                "{how}: {text}"
            );
        }
        let log = stage.transcripts();
        assert!(log.contains("a push could not be used"), "{log}");
    }
}

#[test]
fn plan_and_status_say_nothing_of_pushes_once_a_ticket_was_taken() {
    let manifests = manifests(&[]);
    let mut stage = Stage::without_sidecar(manifests.path(), &common("missing.sim.yaml"));
    stage.start_sidecar();
    push(
        &stage,
        "/wechat/notices",
        "another",
        KEY,
        PLATFORM,
        &ticket(),
    );
    stage
        .control
        .send("POST", "/_sim/clock", &json!({"advance": 2}));
    stage.push_ticket();
    for (how, text) in said(&stage) {
        assert!(
            !text.contains("refused") && !text.contains("被拒绝"),
            "{how}: {text}"
        );
    }
}

#[test]
fn plan_and_status_say_that_messages_come_to_the_notices_url() {
    let manifests = manifests(&[]);
    let stage = Stage::set(manifests.path(), &common("missing.sim.yaml"));
    let message = "<xml><ToUserName>gh_1</ToUserName><MsgType>text</MsgType><Content>sentinel</Content></xml>";
    let status = push(&stage, "/wechat/notices", TOKEN, KEY, PLATFORM, message);
    assert_eq!(status, 200, "the user is left in peace");
    for (how, text) in said(&stage) {
        assert!(text.contains("消息与事件接收URL"), "{how}: {text}");
        let right = "https://wx.example.com/wechat/messages/$APPID$";
        assert!(text.contains(right), "{how}: {text}");
        assert!(!text.contains("sentinel"), "{how}: {text}");
    }
}

/// A tenant with a mistake in it.
fn tenant(name: &str, rest: &str) -> String {
    format!(
        "apiVersion: wxops.io/v1alpha1\nkind: Tenant\nmetadata: {{name: {name}}}\nspec:\n  platformRef: {{name: main}}\n{rest}"
    )
}

#[test]
fn whatever_is_wrong_beside_the_platform_its_pushes_are_taken() {
    let bad_tenant = tenant("bad", "  officialAccount: {menu: {buttons: 1}}\n");
    let twice = tenant("sunrise-dance", "  officialAccount: {}\n");
    let bad_class = "apiVersion: wxops.io/v1alpha1\nkind: TenantClass\nmetadata: {name: bad}\nspec: {no: such}\n";
    let of_class = tenant("of-class", "  classRef: {name: bad}\n");
    let of_nobody = tenant("of-nobody", "  officialAccount: {}\n").replace("main", "nowhere");
    let bad_approval = "apiVersion: wxops.io/v1alpha1\nkind: Approval\nmetadata: {name: a}\nspec: {tenantRef: 7}\n";
    let bad_platform = "apiVersion: wxops.io/v1alpha1\nkind: Platform\nmetadata: {name: second}\nspec: {appId: wx}\n";
    let no_secrets = "apiVersion: wxops.io/v1alpha1\nkind: Platform\nmetadata: {name: third}\nspec:\n  \
        appId: wx0000000000000003\n  credentials: {path: nowhere}\n  callback: {url: \"https://wx.example.com\"}\n";
    for (what, beside, page) in [
        ("a tenant", vec![("b.yaml", bad_tenant.as_str())], 200),
        (
            "a tenant given twice",
            vec![("b.yaml", twice.as_str())],
            404,
        ),
        (
            "a class",
            vec![("b.yaml", bad_class), ("c.yaml", of_class.as_str())],
            200,
        ),
        (
            "a tenant of no platform",
            vec![("b.yaml", of_nobody.as_str())],
            200,
        ),
        ("an approval", vec![("b.yaml", bad_approval)], 200),
        ("a file", vec![("b.yaml", "a: [\n\tb: }")], 200),
        (
            "a kind",
            vec![("b.yaml", "apiVersion: wxops.io/v1alpha1\nkind: Tennant\n")],
            200,
        ),
        ("a second platform", vec![("b.yaml", bad_platform)], 200),
        (
            "a platform without secrets",
            vec![("b.yaml", no_secrets)],
            200,
        ),
    ] {
        let manifests = manifests(&beside);
        let mut stage = Stage::without_sidecar(manifests.path(), &common("missing.sim.yaml"));
        stage.start_sidecar();
        let pushed = stage.control.send(
            "POST",
            &format!("/_sim/platforms/{PLATFORM}/ticket"),
            &json!({}),
        );
        assert_eq!(pushed["push"]["acknowledged"], true, "{what}");
        let order = json!({"platform": PLATFORM, "account": ACCOUNT});
        let left = stage.control.send("POST", "/_sim/revoke", &order);
        assert_eq!(left["push"]["acknowledged"], true, "{what}");
        let log = stage.transcripts();
        assert!(!log.contains('\u{fffd}'), "its lines are lines: {log}");
        assert!(log.contains("ERROR"), "{what}: {log}");
        // The page of a tenant that is right is there.
        let access = wxops::client::PlatformAccess {
            appid: wxops::wechat::Appid::parse(PLATFORM).unwrap(),
            api_base: "http://127.0.0.1".parse().unwrap(),
            app_secret: wxops::wechat::Secret::new("demo-app-secret-0001"),
            push_token: wxops::wechat::Secret::new(TOKEN),
            encoding_aes_key: wxops::wechat::Secret::new(KEY),
            previous_encoding_aes_key: None,
            link_key: None,
        };
        let to = wxops::client::Addressee::of("sunrise-dance", None);
        let link = wxops::client::authorize::link(&access, wxops::client::Purpose::Authorize, &to);
        let address = stage.sidecar_url.trim_start_matches("http://");
        let opened = request(address, "GET", &format!("/authorize/{link}"), "");
        assert_eq!(opened.0, page, "{what}: {}", opened.1);
    }
}

#[test]
fn a_file_that_cannot_be_read_stops_nobody() {
    let manifests = manifests(&[("b.yaml", "")]);
    let unreadable = manifests.path().join("b.yaml");
    fs::remove_file(&unreadable).unwrap();
    // A file that is there and gives an error when it is read, also to root.
    std::os::unix::fs::symlink("/proc/self/mem", &unreadable).unwrap();
    fs::write(manifests.path().join("c.yaml"), b"a: \xff").unwrap();
    let stage = Stage::set(manifests.path(), &common("missing.sim.yaml"));
    let log = stage.transcripts();
    assert!(log.contains("b.yaml") && log.contains("c.yaml"), "{log}");
    // Every other verb wants them whole.
    assert_ne!(stage.wxops(&["plan"]).code, 0);
}

#[test]
fn without_any_platform_there_is_nothing_to_take_pushes_with() {
    let manifests = manifests(&[]);
    let platform = manifests.path().join("platform.yaml");
    let text = fs::read_to_string(&platform).unwrap();
    fs::write(&platform, text.replace("appId", "appID")).unwrap();
    let stage = Stage::without_sidecar(manifests.path(), &common("missing.sim.yaml"));
    let ended = stage.wxops(&["sidecar", "--listen", "127.0.0.1:0"]);
    assert_eq!(ended.code, 9, "{}", ended.stderr);
    assert!(
        ended.stderr.contains("no Platform can be read"),
        "{}",
        ended.stderr
    );
}

#[test]
fn a_link_that_was_sent_outlives_a_new_app_secret() {
    let manifests = manifests(&[]);
    let mut stage = Stage::without_sidecar(manifests.path(), &common("missing.sim.yaml"));
    let printed = stage.wxops(&["authorize", "sunrise-dance"]);
    assert_eq!(printed.code, 0, "{}", printed.stderr);
    let path = &printed.stdout[printed.stdout.find("/authorize/").unwrap()..];
    let secret = manifests.path().join("credentials/appSecret");
    fs::write(&secret, "another-app-secret-0002").unwrap();
    stage.start_sidecar();
    let address = stage.sidecar_url.trim_start_matches("http://");
    let opened = request(address, "GET", path.trim(), "");
    assert_eq!(opened.0, 200, "{}", opened.1);
    assert_eq!(
        stage.wxops(&["authorize", "sunrise-dance"]).stdout,
        printed.stdout
    );
    let secret_of_nobody = path.trim().replace("sunrise-dance", "moon-dance");
    assert_eq!(request(address, "GET", &secret_of_nobody, "").0, 404);
}
