# Broken on purpose in src/manifest, one promise at a time: WHAT FILE FROM TO TEST-TARGET TEST.
# shellcheck shell=bash

mutation 'maps do not merge deep' \
  src/manifest/merge.rs \
  '(Value::Map(below), Value::Map(above)) if !is_choice(at) => Node {' \
  '(Value::Map(below), Value::Map(above)) if at.is_empty() => Node {' \
  --lib maps_merge_deep_and_the_tenant_wins

mutation 'a tenant’s choice is merged into the class’s' \
  src/manifest/merge.rs \
  '(Value::Map(below), Value::Map(above)) if !is_choice(at) => Node {' \
  '(Value::Map(below), Value::Map(above)) => Node {' \
  --lib a_choice_is_replaced_whole

mutation 'every list merges by name' \
  src/manifest/merge.rs \
  '(Value::Seq(below), Value::Seq(above)) if is_keyed(at) => Node {' \
  '(Value::Seq(below), Value::Seq(above)) => Node {' \
  --lib every_other_list_is_replaced_whole

mutation 'placeholders grow without bound' \
  src/manifest/fill.rs \
  'self.left = self.left?.checked_sub(value.len());' \
  'self.left = self.left?.checked_sub(0);' \
  '--lib' what_grows_is_refused_before_it_is_made
