//! The push envelope against published vectors, and what it refuses.
//!
//! `data/push-vectors.json` holds values from official samples and the test suites of published SDKs.

use serde::Deserialize;
use wxops::wechat::push::{
    EncodingAesKey, KeyUsed, PushCipher, PushError, PushQuery, Sealed, plain_signature,
};

#[derive(Deserialize)]
struct Vector {
    id: String,
    expect: String,
    token: String,
    encoding_aes_key: Option<String>,
    receive_id: Option<String>,
    timestamp: String,
    nonce: String,
    random16_hex: Option<String>,
    #[serde(default)]
    encrypts: bool,
    encrypt: String,
    msg_signature: String,
    post_body: Option<String>,
    plaintext: Option<String>,
    reject_reason: Option<String>,
}

impl Vector {
    fn query(&self) -> PushQuery {
        PushQuery {
            timestamp: self.timestamp.clone(),
            nonce: self.nonce.clone(),
            msg_signature: self.msg_signature.clone(),
            encrypt_type: Some("aes".to_owned()),
        }
    }

    fn cipher(&self) -> Option<PushCipher> {
        let key = EncodingAesKey::parse(self.encoding_aes_key.as_deref()?).unwrap();
        Some(PushCipher::new(
            &self.token,
            self.receive_id.as_deref()?,
            key,
            None,
        ))
    }

    /// The body as published, or `Encrypt` in a plain envelope where the source has none.
    fn body(&self) -> String {
        self.post_body
            .clone()
            .unwrap_or_else(|| format!("<xml><Encrypt>{}</Encrypt></xml>", self.encrypt))
    }
}

fn vectors() -> Vec<Vector> {
    serde_json::from_str(include_str!("data/push-vectors.json")).unwrap()
}

const TOKEN: &str = "tok_sim_2026";
const KEY: &str = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFA";
const OTHER_KEY: &str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";
const APPID: &str = "wx1111222233334444";
const RANDOM: [u8; 16] = *b"abcdef0123456789";

fn key(text: &str) -> EncodingAesKey {
    EncodingAesKey::parse(text).unwrap()
}

fn cipher() -> PushCipher {
    PushCipher::new(TOKEN, APPID, key(KEY), None)
}

fn query(sealed: &Sealed) -> PushQuery {
    PushQuery {
        timestamp: sealed.timestamp.clone(),
        nonce: sealed.nonce.clone(),
        msg_signature: sealed.msg_signature.clone(),
        encrypt_type: None,
    }
}

#[test]
fn every_good_vector_gives_its_plaintext_exactly() {
    let mut opened = 0;
    for vector in vectors().iter().filter(|vector| vector.expect == "ok") {
        let Some(cipher) = vector.cipher() else {
            continue;
        };
        let got = cipher
            .open(&vector.query(), vector.body().as_bytes())
            .unwrap_or_else(|refused| panic!("{}: {refused}", vector.id));
        let want = vector.plaintext.as_deref().unwrap();
        assert_eq!(
            String::from_utf8(got.plaintext).unwrap(),
            want,
            "{}",
            vector.id
        );
        assert_eq!(got.key, KeyUsed::Current);
        opened += 1;
    }
    assert_eq!(opened, 13);
}

#[test]
fn vectors_of_a_signature_alone_have_the_right_signature() {
    let mut checked = 0;
    for vector in vectors().iter().filter(|vector| vector.expect == "ok") {
        if vector.encoding_aes_key.is_some() {
            continue;
        }
        // No key came with it: a right signature gets as far as decrypting, a wrong one does not.
        let cipher = PushCipher::new(&vector.token, APPID, key(KEY), None);
        let mut query = vector.query();
        assert_eq!(
            cipher.open_encrypt(&query, &vector.encrypt),
            Err(PushError::Decrypt),
            "{}",
            vector.id
        );
        query.nonce.push('0');
        assert_eq!(
            cipher.open_encrypt(&query, &vector.encrypt),
            Err(PushError::Signature),
            "{}",
            vector.id
        );
        checked += 1;
    }
    assert_eq!(checked, 2);
}

#[test]
fn every_bad_vector_is_refused_for_its_reason() {
    let mut refused = 0;
    for vector in vectors().iter().filter(|vector| vector.expect == "reject") {
        let want = match vector.reject_reason.as_deref() {
            Some("signature") => PushError::Signature,
            Some("receive id") => PushError::Appid,
            other => panic!("{}: {other:?}", vector.id),
        };
        let got = vector
            .cipher()
            .unwrap()
            .open(&vector.query(), vector.body().as_bytes());
        assert_eq!(got, Err(want), "{}", vector.id);
        refused += 1;
    }
    assert_eq!(refused, 3);
}

#[test]
fn sealing_gives_the_published_ciphertext_and_signature() {
    let mut sealed = 0;
    for vector in vectors().iter().filter(|vector| vector.encrypts) {
        let hex = vector.random16_hex.as_deref().unwrap();
        let random =
            std::array::from_fn(|i| u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).unwrap());
        let got = vector.cipher().unwrap().seal(
            vector.plaintext.as_deref().unwrap().as_bytes(),
            &vector.timestamp,
            &vector.nonce,
            random,
        );
        assert_eq!(got.encrypt, vector.encrypt, "{}", vector.id);
        assert_eq!(got.msg_signature, vector.msg_signature, "{}", vector.id);
        sealed += 1;
    }
    assert!(sealed >= 3, "only {sealed} vectors give their random bytes");
}

/// The worked example of WeChat's page on message pushes: developers.weixin.qq.com, `message_push`.
#[test]
fn the_official_debug_demo_opens_and_its_reply_is_sealed_the_same() {
    let cipher = PushCipher::new("AAAAA", "wx134c8103faa5a59e", key(&"A".repeat(43)), None);
    let encrypt = "D7yzvUNAL930rd28wf21s4hvXhz0L6Uit/p2Di6C5DHyYGpEgdBRnKjBec34JwoQXicwaZC7fOVihW80F4VtsdvE//1vr7oAbqjDv8KenVp+ajKYpJnyQ4zMRhIC+a31fCVOMC03FfzV/QuC94kBP55a+Za3sJgvAn+ZbsNqZI5DkyuzkhQN8OBqCzFhizGmy0xpM0MEA4agpvE+RuNO1rhHTtuJB5yltw1FiYzecSXJ+y/D2r81VkRn2eYjh2ltsoyfbDR7Is6ookXIFxTfyeNyeHxMeT4KN5WpCDmSbTcUYrbBUlkGLJ9n/rU8YOywma6G7aTb7KZKOqCxgfoUlYEZPk4FUL/TK7ShriFDMVCLyjQJ15Ob++agDWtcxhfUfe6HIoIpRW8mKNBQiY/Jd1svvuskA1wLef1RTtzKfMpagSCX/laZINmdnX4zrF6kIaR9P4xQrWXbsTFHTYe0Mg==";
    let query = PushQuery {
        timestamp: "1715943329".to_owned(),
        nonce: "1590219412".to_owned(),
        msg_signature: "6c12a4205838198b8fa631b3220723bb07f1015c".to_owned(),
        encrypt_type: Some("aes".to_owned()),
    };
    let body = format!("<xml><Encrypt><![CDATA[{encrypt}]]></Encrypt></xml>");
    let opened = cipher.open(&query, body.as_bytes()).unwrap();
    assert_eq!(opened.plaintext.len(), 292);
    assert!(
        String::from_utf8(opened.plaintext)
            .unwrap()
            .contains("debug_demo")
    );

    let reply = cipher.seal(
        b"<xml><demo_resp>[CDATA[good luck]]</demo_resp></xml>",
        "1713424427",
        "415670741",
        *b"999951349e8ee746",
    );
    assert_eq!(
        reply.encrypt,
        "hE8R6mGXHkJJjU72KxzKUd1GEkKJaEZq7vRL8XgK3o+00k8JGq6+pZJUIlTSyhsX+bxIBQ72g3GyvDdIZcr6+3HAZbSvPT9t/o11MI7d6WELwqrGd7jMnV0zv3Zc9Nq7"
    );
    assert_eq!(
        reply.msg_signature,
        "03e0812039325c2712ef5f0f980fd14c70d6e307"
    );
}

#[test]
fn a_ticket_is_sealed_as_openssl_sealed_it() {
    let ticket = "<xml><AppId><![CDATA[wx1111222233334444]]></AppId><CreateTime>1763848800</CreateTime><InfoType><![CDATA[component_verify_ticket]]></InfoType><ComponentVerifyTicket><![CDATA[ticket@@@simulated-ticket-0001]]></ComponentVerifyTicket></xml>";
    let sealed = cipher().seal(ticket.as_bytes(), "1763848800", "sim-nonce-1", RANDOM);
    assert_eq!(
        sealed.msg_signature,
        "461a367649f0b2e9da218d13fb0bed258bf57156"
    );
    assert_eq!(
        plain_signature(TOKEN, "1763848800", "sim-nonce-1"),
        "feb85bbfbadb45120c558acfe8a14a7beee7f5be"
    );
    let opened = cipher()
        .open(&query(&sealed), sealed.notice_xml(APPID).as_bytes())
        .unwrap();
    assert_eq!(opened.plaintext, ticket.as_bytes());
}

#[test]
fn a_reply_carries_its_four_parts() {
    let sealed = cipher().seal(b"hi", "1763848801", "no]]>nce", RANDOM);
    let body = sealed.reply_xml();
    assert!(body.contains(&format!(
        "<Encrypt><![CDATA[{}]]></Encrypt>",
        sealed.encrypt
    )));
    assert!(body.contains(&format!(
        "<MsgSignature><![CDATA[{}]]></MsgSignature>",
        sealed.msg_signature
    )));
    assert!(body.contains("<TimeStamp>1763848801</TimeStamp>"));
    assert!(body.contains("<Nonce><![CDATA[no]]]]><![CDATA[>nce]]></Nonce>"));
    let opened = cipher().open(&query(&sealed), body.as_bytes()).unwrap();
    assert_eq!(opened.plaintext, b"hi");
}

#[test]
fn during_a_rotation_both_keys_open_and_the_answer_takes_the_same() {
    let old = PushCipher::new(TOKEN, APPID, key(OTHER_KEY), None);
    let new = PushCipher::new(TOKEN, APPID, key(KEY), None);
    let both = PushCipher::new(TOKEN, APPID, key(KEY), Some(key(OTHER_KEY)));
    for (sender, used) in [(&old, KeyUsed::Previous), (&new, KeyUsed::Current)] {
        let sealed = sender.seal(b"hello", "1", "n", RANDOM);
        let opened = both
            .open(&query(&sealed), sealed.notice_xml(APPID).as_bytes())
            .unwrap();
        assert_eq!(
            (opened.plaintext.as_slice(), opened.key),
            (&b"hello"[..], used)
        );
        let answer = both.seal_with(opened.key, b"answer", "2", "n", RANDOM);
        let read = sender.open(&query(&answer), answer.reply_xml().as_bytes());
        assert_eq!(read.unwrap().plaintext, b"answer");
    }
    let third = PushCipher::new(TOKEN, APPID, key(&"A".repeat(43)), None);
    let sealed = third.seal(b"hello", "1", "n", RANDOM);
    assert_eq!(
        both.open(&query(&sealed), sealed.notice_xml(APPID).as_bytes()),
        Err(PushError::Decrypt)
    );
}

#[test]
fn another_platforms_appid_is_refused_under_either_key() {
    let both = PushCipher::new(TOKEN, APPID, key(KEY), Some(key(OTHER_KEY)));
    for text in [KEY, OTHER_KEY] {
        for appid in [
            "wx9999222233334444",
            "",
            "wx111122223333444",
            "wx11112222333344440",
        ] {
            let other = PushCipher::new(TOKEN, appid, key(text), None);
            let sealed = other.seal(b"hello", "1", "n", RANDOM);
            assert_eq!(
                both.open(&query(&sealed), sealed.notice_xml(APPID).as_bytes()),
                Err(PushError::Appid)
            );
        }
    }
}

#[test]
fn a_body_in_clear_is_refused_whatever_encrypt_type_says() {
    let body = "<xml><AppId>wx1111222233334444</AppId><InfoType>unauthorized</InfoType></xml>";
    for (encrypt_type, refused) in [
        (None, PushError::NotEncrypted),
        (Some("aes"), PushError::NotEncrypted),
        (Some("raw"), PushError::EncryptType),
        (Some(""), PushError::EncryptType),
    ] {
        let query = PushQuery {
            timestamp: "1".to_owned(),
            nonce: "n".to_owned(),
            msg_signature: plain_signature(TOKEN, "1", "n"),
            encrypt_type: encrypt_type.map(str::to_owned),
        };
        assert_eq!(cipher().open(&query, body.as_bytes()), Err(refused));
    }
}

#[test]
fn nothing_secret_is_printed() {
    let sealed = cipher().seal(b"ticket@@@secret", "1", "n", RANDOM);
    let opened = cipher().open(&query(&sealed), sealed.notice_xml(APPID).as_bytes());
    let printed = format!("{opened:?} {:?}", cipher());
    assert!(printed.contains("REDACTED") && printed.contains(APPID));
    for secret in ["ticket@@@", TOKEN, KEY] {
        assert!(!printed.contains(secret), "{printed}");
    }
}
