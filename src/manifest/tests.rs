//! Loading as a whole.

use super::*;

const PLATFORM: &str = "apiVersion: wxops.io/v1alpha1
kind: Platform
metadata: {name: main}
spec:
  appId: wx0000000000000001
  credentials: {path: credentials}
  callback: {url: https://wx.example.com}
";

fn loaded(texts: &[&str]) -> Loaded {
    let files = texts.iter().enumerate();
    load(
        files
            .map(|(n, text)| Source::new(format!("{n}.yaml"), *text))
            .collect(),
    )
}

/// Code, line, column and source text of every problem.
fn found(loaded: &Loaded) -> Vec<(&'static str, usize, usize, String)> {
    let one = |problem: &Problem| {
        let place = loaded.sources.place(problem.span);
        let text = loaded
            .sources
            .slice(loaded.sources.first_line(problem.span));
        (problem.code, place.line, place.column, text.to_owned())
    };
    loaded.problems.iter().map(one).collect()
}

#[test]
fn every_mistake_of_a_document_is_found_in_one_run() {
    let tenant = "apiVersion: wxops.io/v1alpha1
kind: Tenant
metadata: {name: a}
spec:
  platformRef: {name: main}
  officialAccount:
    appId: 12
    menu:
      buttom: x
      buttons:
        - name: 本周精品课程预约
          view: https://a.example.com
        - nmae: x
          view:
";
    let expected = [
        ("WX1109", 7, 12, "12"),
        ("WX1107", 9, 7, "buttom"),
        ("WX1203", 11, 17, "本周精品课程预约"),
        ("WX1107", 13, 11, "nmae"),
        ("WX1104", 14, 11, "view"),
    ];
    let found = found(&loaded(&[PLATFORM, tenant]));
    assert_eq!(
        found,
        expected.map(|(code, line, column, text)| (code, line, column, text.to_owned()))
    );
}
