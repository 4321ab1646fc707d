# Broken on purpose in src/wechat, one promise at a time: WHAT FILE FROM TO TEST-TARGET TEST.
# shellcheck shell=bash

mutation 'an unknown errcode on a write counts as no effect' \
  src/wechat/errcode/classify.rs \
  'CallClass::Put | CallClass::NaturalKey | CallClass::AtMostOnce | CallClass::OneShot => {
                Effect::Maybe
            }' \
  'CallClass::Put | CallClass::NaturalKey | CallClass::AtMostOnce | CallClass::OneShot => {
                Effect::None
            }' \
  '--test all' create_answered_with_unknown_errcode

mutation 'a menu refused for a missing link is held against it' \
  src/wechat/errcode/from_85000.rs \
  '"appid not bind weapp",
        Human,' \
  '"appid not bind weapp",
        Invalid,' \
  '--test all' mini_program_button_refused

mutation 'marks that turn the direction of writing are printed as they are' \
  src/wechat/raw.rs \
  'c.is_control()
        || matches!(' \
  'c.is_control()
        || (c as u32 > 0xffff) && matches!(' \
  '--test all' no_verb_prints_what_a_name_would_do

mutation 'of a field with two values the last one counts' \
  src/wechat/json.rs \
  'if found.get(&name).is_some_and(|first| *first != value) {' \
  'if found.get(&name).is_some_and(|first| *first != value) && false {' \
  '--lib' of_two_values_none_can_be_relied_on
