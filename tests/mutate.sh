#!/usr/bin/env bash
# Breaks one promise on purpose and checks that its named test turns red.
#
#   tests/mutate.sh          lists the mutations
#   tests/mutate.sh 3        tries one
#   tests/mutate.sh all      tries all, one after the other
#
# A mutation replaces a text that stands exactly once in a file. It must compile: a test that cannot be built holds
# nothing. The file is restored whatever happens. docs/tests.md says what each mutation means.
set -euo pipefail
cd "$(dirname "$0")/.."

# mutation NUMBER FILE FROM TO TEST-TARGET TEST
mutations=0
mutation() {
  mutations=$((mutations + 1))
  file[$1]=$2 from[$1]=$3 to[$1]=$4 target[$1]=$5 test[$1]=$6
}
declare -a file from to target test
# shellcheck source=tests/mutations.sh
source tests/mutations.sh

list() {
  for n in $(seq "$mutations"); do
    printf '%2d  %-38s %s\n' "$n" "${file[$n]}" "${test[$n]}"
  done
}

try() {
  local n=$1 path=${file[$1]} whole mutated
  whole=$(cat "$path"; printf x)
  whole=${whole%x}
  mutated=${whole/"${from[$n]}"/"${to[$n]}"}
  if [[ $mutated == "$whole" ]]; then
    echo "$n: the text to replace is not in $path" >&2
    return 1
  fi
  if [[ ${mutated/"${from[$n]}"/} != "$mutated" && ${to[$n]} != *"${from[$n]}"* ]]; then
    echo "$n: the text to replace stands more than once in $path" >&2
    return 1
  fi
  trap 'printf %s "$whole" > "$path"' RETURN INT TERM
  printf %s "$mutated" > "$path"
  # shellcheck disable=SC2086 # a target is several words
  if ! cargo test --quiet --no-run ${target[$n]} >/tmp/wxops-mutation.$$ 2>&1; then
    echo "$n: does not compile" >&2
    tail -30 /tmp/wxops-mutation.$$ >&2
    return 1
  fi
  # shellcheck disable=SC2086
  cargo test --quiet ${target[$n]} "${test[$n]}" >/tmp/wxops-mutation.$$ 2>&1 || true
  if grep -q "test result: FAILED" /tmp/wxops-mutation.$$; then
    echo "$n: red, as it should be: ${test[$n]}"
  else
    echo "$n: ${test[$n]} stays green with $path mutated" >&2
    return 1
  fi
  rm -f /tmp/wxops-mutation.$$
}

case "${1:-}" in
  "") list ;;
  all)
    failed=0
    for n in $(seq "$mutations"); do try "$n" || failed=$((failed + 1)); done
    echo "$((mutations - failed)) of $mutations red"
    exit $((failed > 0))
    ;;
  *) try "$1" ;;
esac
