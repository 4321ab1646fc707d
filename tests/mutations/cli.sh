# Broken on purpose in src/cli, one promise at a time: WHAT FILE FROM TO TEST-TARGET TEST.
# shellcheck shell=bash

mutation 'slow tenants hold the others up' \
  src/cli/many.rs \
  'let beside = self.slow.try_acquire().ok();' \
  'let beside = self.slow.try_acquire().ok().filter(|_| false);' \
  '--test all' one_slow_tenant_delays_nobody
