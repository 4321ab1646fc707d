# Broken on purpose in what the tests themselves rely on: WHAT FILE FROM TO TEST-TARGET TEST.
# shellcheck shell=bash

mutation 'what is changed below /component/ is no effect' \
  tests/support/control.rs \
  '.filter(|(path, _)| !TOKENS.contains(&path.as_str()))' \
  '.filter(|(path, _)| !TOKENS.contains(&path.as_str()) && !path.contains("/component/"))' \
  '--test all' only_tokens_are_no_effect

mutation 'a path that is no API is counted as never called' \
  tests/support/script.rs \
  'assert!(strange.is_empty(), "WeChat has no {strange:?}");' \
  'assert!(strange.len() < 99, "WeChat has no {strange:?}");' \
  '--test all' a_path_that_is_no_api_fails_the_scenario
