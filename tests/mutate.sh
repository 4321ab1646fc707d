#!/usr/bin/env bash
# Breaks one promise on purpose and checks that its named test turns red.
#
#   tests/mutate.sh              lists the mutations
#   tests/mutate.sh 3            tries one
#   tests/mutate.sh store/open   tries those whose file or test has this in its name
#   tests/mutate.sh all          tries all, one after the other
#
# A mutation replaces a text that stands exactly once in a file. It must compile: a test that cannot be built holds
# nothing. The file is restored whatever happens.
set -euo pipefail
cd "$(dirname "$0")/.."

# mutation WHAT FILE FROM TO TEST-TARGET TEST
mutations=0
mutation() {
  mutations=$((mutations + 1))
  what[mutations]=$1 file[mutations]=$2 from[mutations]=$3 to[mutations]=$4 target[mutations]=$5 test[mutations]=$6
}
declare -a what file from to target test
for room in tests/mutations/*.sh; do
  # shellcheck source=/dev/null
  source "$room"
done

list() {
  for n in $(seq "$mutations"); do
    printf '%3d  %-38s %s\n     %s\n' "$n" "${file[$n]}" "${test[$n]}" "${what[$n]}"
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

chosen() {
  for n in $(seq "$mutations"); do
    if [[ $1 == all || $1 == "$n" || ${file[$n]} == *"$1"* || ${test[$n]} == *"$1"* ]]; then
      echo "$n"
    fi
  done
}

if [[ -z ${1:-} ]]; then
  list
  exit
fi
tried=0 failed=0
for n in $(chosen "$1"); do
  tried=$((tried + 1))
  try "$n" || failed=$((failed + 1))
done
echo "$((tried - failed)) of $tried red"
exit $((tried == 0 || failed > 0))
