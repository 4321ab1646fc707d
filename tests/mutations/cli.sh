# Broken on purpose in src/cli, one promise at a time: WHAT FILE FROM TO TEST-TARGET TEST.
# shellcheck shell=bash

mutation 'slow tenants hold the others up' \
  src/cli/many.rs \
  'let beside = self.slow.try_acquire().ok();' \
  'let beside = self.slow.try_acquire().ok().filter(|_| false);' \
  '--test all' one_slow_tenant_delays_nobody

mutation 'a file outside the manifests is read' \
  src/cli/named_files.rs \
  'if !self.is_within(&at) {' \
  'if !self.is_within(&at) && named.path.is_empty() {' \
  '--test all' avatar_file_refused
