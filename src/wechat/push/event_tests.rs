//! Notices as WeChat publishes them, and as they come.

use super::event::*;

const GRANT: &str = "<xml><AppId>wx1111222233334444</AppId><CreateTime>1763848800</CreateTime>\
    <InfoType>authorized</InfoType><AuthorizerAppid>wxaaaabbbbccccdddd</AuthorizerAppid>\
    <AuthorizationCode>queryauthcode@@@sim01</AuthorizationCode>\
    <AuthorizationCodeExpiredTime>600</AuthorizationCodeExpiredTime>\
    <PreAuthCode>preauthcode@@@sim01</PreAuthCode></xml>";

fn parse(xml: &str) -> Notice {
    Notice::parse(xml.as_bytes()).unwrap()
}

fn grant(xml: &str) -> Grant {
    match parse(xml).kind {
        NoticeKind::Authorized(grant) | NoticeKind::UpdateAuthorized(grant) => grant,
        other @ (NoticeKind::Ticket(_)
        | NoticeKind::Unauthorized { .. }
        | NoticeKind::Registered(_)
        | NoticeKind::Unknown { .. }) => panic!("{other:?}"),
    }
}

#[test]
fn published_notices_are_read_with_their_placeholders() {
    let ticket = parse(include_str!(
        "../../../tests/data/samples/event_component_verify_ticket.skit.xml"
    ));
    assert!(matches!(ticket.kind, NoticeKind::Ticket(_)));
    for (sample, kind, expires) in [
        (
            include_str!("../../../tests/data/samples/event_authorized.doc.xml"),
            "authorized",
            None,
        ),
        (
            include_str!("../../../tests/data/samples/event_updateauthorized.doc.xml"),
            "updateauthorized",
            None,
        ),
        (
            include_str!("../../../tests/data/samples/event_updateauthorized_cdata.code.xml"),
            "updateauthorized",
            Some(1_413_192_605),
        ),
    ] {
        assert_eq!(parse(sample).kind.to_string(), kind);
        let grant = grant(sample);
        assert_eq!(grant.code_expires, expires);
        assert!(grant.authorizer.parse().is_err(), "a placeholder");
        assert!(grant.pre_auth_code.is_some());
    }
    let left = parse(include_str!(
        "../../../tests/data/samples/event_unauthorized.doc.xml"
    ));
    assert_eq!(left.created, Some(1_413_192_760));
    assert!(matches!(left.kind, NoticeKind::Unauthorized { .. }));
}

#[test]
fn a_registration_brings_a_code_and_a_failure_says_why() {
    let of = |sample: &str| {
        let kind = parse(sample).kind;
        let NoticeKind::Registered(new) = kind else {
            panic!("{kind}");
        };
        new
    };
    let done = of(include_str!(
        "../../../tests/data/samples/event_notify_third_fasteregister_ok.log.xml"
    ));
    assert_eq!(done.account.unwrap().as_str(), "wx9f8e7d6c5b4a3021");
    assert!(done.code.unwrap().expose().starts_with("queryauthcode@@@"));
    assert_eq!(done.status, Some(0));
    let failed = of(include_str!(
        "../../../tests/data/samples/event_notify_third_fasteregister_fail.log.xml"
    ));
    assert!(failed.account.is_none() && failed.code.is_none());
    assert_eq!(failed.status, Some(-1));
    assert!(failed.message.contains("check legal persona"));
    for sample in [
        include_str!("../../../tests/data/samples/event_notify_third_fasteregister.doc.xml"),
        include_str!(
            "../../../tests/data/samples/event_notify_third_fasteregister_personal.doc.xml"
        ),
    ] {
        let new = of(sample);
        assert_eq!(new.code.unwrap().expose(), "xxxxx第三方授权码");
        assert!(new.account.unwrap().parse().is_err(), "a placeholder");
        let is_personal = sample.contains("wxuser");
        assert_eq!(new.person.as_deref(), is_personal.then_some("用户微信号"));
    }
}

#[test]
fn a_ticket_is_read_and_not_printed() {
    let notice = parse(
        "<xml>\n <AppId><![CDATA[ wx1 ]]></AppId><CreateTime>1413192605</CreateTime>\
         <InfoType><![CDATA[component_verify_ticket]]></InfoType>\
         <ComponentVerifyTicket><![CDATA[ticket@@@x]]></ComponentVerifyTicket></xml>",
    );
    assert_eq!(notice.platform.as_str(), "wx1");
    assert_eq!(notice.created, Some(1_413_192_605));
    assert!(!format!("{notice:?}").contains("ticket@@@"));
    let NoticeKind::Ticket(ticket) = notice.kind else {
        panic!("no ticket");
    };
    assert_eq!(ticket.expose(), "ticket@@@x");
}

#[test]
fn a_grant_is_read_and_its_codes_are_not_printed() {
    let grant = grant(GRANT);
    assert_eq!(grant.authorizer.as_str(), "wxaaaabbbbccccdddd");
    assert_eq!(grant.code.expose(), "queryauthcode@@@sim01");
    let printed = format!("{grant:?}");
    assert!(!printed.contains("queryauthcode") && !printed.contains("preauthcode"));
}

#[test]
fn an_expiry_is_a_duration_or_a_point_in_time() {
    let seconds = grant(GRANT);
    assert_eq!(seconds.code_expires_at(1_763_848_800), Some(1_763_849_400));
    let point = grant(&GRANT.replace(">600<", ">1763849400<"));
    assert_eq!(point.code_expires_at(1_763_848_800), Some(1_763_849_400));
    let words = grant(&GRANT.replace(">600<", ">过期时间<"));
    assert_eq!(words.code_expires_at(1_763_848_800), None);
}

#[test]
fn a_registered_account_comes_without_pre_auth_code() {
    let grant = grant(&GRANT.replace("preauthcode@@@sim01", ""));
    assert!(grant.pre_auth_code.is_none());
}

#[test]
fn an_unknown_notice_keeps_its_name_and_case_decides() {
    let notice = parse(
        "<xml><AppId>wx1</AppId><InfoType>notify_third_fasteregister</InfoType>\
         <appid>wx2</appid><info><AppId>wx3</AppId></info></xml>",
    );
    assert_eq!(notice.platform.as_str(), "wx1");
    assert_eq!(notice.kind.to_string(), "notify_third_fasteregister");
}

#[test]
fn every_notice_is_read_in_json_too() {
    let platform = r#""AppId": "wx1", "CreateTime": 1763848800"#;
    let fields = r#""AuthorizerAppid": "wxaaaabbbbccccdddd", "AuthorizationCode": "queryauthcode@@@j",
        "AuthorizationCodeExpiredTime": "600", "PreAuthCode": "p""#;
    for (info_type, rest) in [
        (
            "component_verify_ticket",
            r#""ComponentVerifyTicket": "ticket@@@j""#,
        ),
        ("authorized", fields),
        ("updateauthorized", fields),
        ("unauthorized", r#""AuthorizerAppid": "wxaaaabbbbccccdddd""#),
        (
            "notify_icpfiling_verify_result",
            r#""task_id": "t", "verify_appid": "wx2", "result": 3"#,
        ),
        (
            "notify_apply_icpfiling_result",
            r#""authorizer_appid": "wx2", "beian_status": 6"#,
        ),
        (
            "notify_third_fasteregister",
            r#""appid": "wx2", "status": 0, "info": {"AppId": "wx3"}"#,
        ),
    ] {
        let notice = parse(&format!(
            r#"{{{platform}, "InfoType": "{info_type}", {rest}}}"#
        ));
        assert_eq!(notice.kind.to_string(), info_type);
        assert_eq!(notice.platform.as_str(), "wx1");
        assert_eq!(notice.created, Some(1_763_848_800));
    }
    let of = grant(&format!(
        r#"{{{platform}, "InfoType": "authorized", {fields}}}"#
    ));
    assert_eq!(of.code.expose(), "queryauthcode@@@j");
    assert_eq!(of.code_expires_at(1_763_848_800), Some(1_763_849_400));
    let doubled = format!(r#"{{"AppId": "wx0", {platform}, "InfoType": "unauthorized"}}"#);
    assert_eq!(
        Notice::parse(doubled.as_bytes()).err(),
        Some(NoticeError::Field("AppId"))
    );
}

#[test]
fn a_notice_without_its_fields_is_refused_by_name() {
    for (from, to, field) in [
        ("<AppId>wx1111222233334444</AppId>", "", "AppId"),
        ("authorized</InfoType>", "</InfoType>", "InfoType"),
        ("wxaaaabbbbccccdddd", " ", "AuthorizerAppid"),
        ("queryauthcode@@@sim01", "", "AuthorizationCode"),
        ("<AppId>", "<AppId>wx0</AppId><AppId>", "AppId"),
    ] {
        let bad = GRANT.replace(from, to);
        assert_eq!(
            Notice::parse(bad.as_bytes()).err(),
            Some(NoticeError::Field(field)),
            "{bad}"
        );
    }
    let dtd = format!("<!DOCTYPE xml>{GRANT}");
    assert_eq!(
        Notice::parse(dtd.as_bytes()).err(),
        Some(NoticeError::Malformed)
    );
}
