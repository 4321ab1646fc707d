//! The few expressions of the two forges that the jobs use: `A == B && C == D`, and `${{ A }}` inside of a text.

use serde_json::Value;

/// Whether all comparisons hold. `look_up` gives the value behind a name.
pub fn holds(expression: &str, look_up: impl Fn(&str) -> String) -> bool {
    let value = |operand: &str| {
        let operand = operand.trim();
        let quoted = |quote: char| operand.strip_prefix(quote)?.strip_suffix(quote);
        let text = quoted('\'').or_else(|| quoted('"'));
        text.map_or_else(|| look_up(operand), str::to_owned)
    };
    expression.split("&&").all(|comparison| {
        let (left, right) = comparison
            .split_once("==")
            .unwrap_or_else(|| panic!("`{comparison}` is no comparison"));
        value(left) == value(right)
    })
}

/// A text with everything between `${{` and `}}` filled in.
pub fn filled(text: &str, look_up: impl Fn(&str) -> String) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${{") {
        let (name, after) = after.split_once("}}").unwrap();
        out.push_str(before);
        out.push_str(&look_up(name.trim()));
        rest = after;
    }
    out + rest
}

/// What a path such as `github.event.number` leads to.
pub fn at(context: &Value, path: &str) -> String {
    let found = path.split('.').fold(context, |value, name| &value[name]);
    let text = found.as_str().map(str::to_owned);
    text.or_else(|| found.as_u64().map(|number| number.to_string()))
        .unwrap_or_else(|| panic!("`{path}` is {found}"))
}

#[test]
fn a_comparison_is_of_values() {
    let look_up = |name: &str| format!("value of {name}");
    assert!(holds("a == a && 'value of b' == b", look_up));
    assert!(!holds("a == a && a == b", look_up));
    assert_eq!(filled("x-${{ a }}-y", look_up), "x-value of a-y");
}
