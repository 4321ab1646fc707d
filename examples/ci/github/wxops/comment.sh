#!/bin/sh
# Keeps one comment with the plan on a pull request: written once, updated by every later push.
#
#   comment.sh FOLDER
#
# FOLDER holds what the plan printed and how it ended: plan.md, plan.err, plan.code. The exit code is that of the plan;
# 1 if the plan is fine and the comment cannot be written.
#
# Needs curl and jq, GITHUB_TOKEN (permission `pull-requests: write`) and what GitHub sets in every job. The token is
# given to curl on stdin, so no list of processes shows it.
set -eu

marker='<!-- wxops:plan -->'
# Whose comments are ours: GITHUB_TOKEN writes as this user. Anybody may quote the marker, so it alone proves nothing.
user=${WXOPS_COMMENT_USER:-github-actions[bot]}
# A list longer than this many pages of 100 comments is no list.
most_pages=200

folder=$1
code=$(cat "$folder/plan.code")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

say() { # CHINESE ENGLISH
  case "${WXOPS_LANG:-${LC_ALL:-${LANG:-}}}" in
    zh*) printf '%s\n' "$1" ;;
    *) printf '%s\n' "$2" ;;
  esac
}

# Ends the job. The plan's own failure says more than that of its comment.
fail() { # CHINESE ENGLISH
  say "error: $1" "error: $2" >&2
  [ "$code" -ne 0 ] || exit 1
  exit "$code"
}

# One request. Its answer is in $work/body. Anything but success ends the job, with what to do.
call() { # METHOD URL [FILE WITH THE BODY]
  method=$1 url=$2 file=${3-}
  set -- --disable --silent --show-error --connect-timeout 10 --max-time 60 --request "$method"
  [ -z "$file" ] || set -- "$@" --header 'Content-Type: application/json' --data-binary "@$file"
  : >"$work/head"
  : >"$work/body"
  status=$(printf 'Authorization: Bearer %s\n' "$GITHUB_TOKEN" |
    curl "$@" --header @- --header 'Accept: application/vnd.github+json' \
      --dump-header "$work/head" --output "$work/body" --write-out '%{http_code}' "$url") || status=000
  case $status in 2??) return ;; esac
  # What GitHub says about it, as one line without the token.
  said=$(jq -r 'try (.message | tostring) catch "" | split(env.GITHUB_TOKEN) | join("***") | gsub("[[:cntrl:]]"; " ") | .[:300]' \
    "$work/body" 2>/dev/null) || said=
  wait=$(header retry-after)
  # Too many requests are said by a 403 too.
  if [ "$status" = 403 ] && { [ -n "$wait" ] || [ "$(header x-ratelimit-remaining)" = 0 ]; }; then status=429; fi
  case $status in
    000) fail "无法连接 $GITHUB_API_URL：请检查 runner 的网络，然后重新运行此作业" \
      "cannot reach $GITHUB_API_URL: check the network of the runner, then run this job again" ;;
    401) fail "GitHub 不接受令牌（401 $said）：请在该步骤的 env 里写 GITHUB_TOKEN: \${{ github.token }}" \
      "GitHub does not accept the token (401 $said): set GITHUB_TOKEN: \${{ github.token }} in env of this step" ;;
    403) fail "令牌没有权限（403 $said）：作业需要 permissions: pull-requests: write" \
      "the token may not do this (403 $said): the job needs permissions: pull-requests: write" ;;
    404) fail "GitHub 找不到该请求或该评论（404 $said）：请检查作业的 permissions；如果评论刚被删除，请重新运行此作业" \
      "GitHub finds no such pull request or comment (404 $said): check the permissions of the job; if the comment was just deleted, run the job again" ;;
    422) fail "GitHub 拒绝了评论的内容（422 $said）：请检查该请求的讨论是否已锁定；plan 的全文见 wxops plan" \
      "GitHub refuses the comment (422 $said): check whether the conversation is locked; wxops plan shows the whole plan" ;;
    429) fail "请求过于频繁（$said）：请在 ${wait:-60} 秒后重新运行此作业" \
      "too many requests ($said): run this job again in ${wait:-60} seconds" ;;
    5??) fail "GitHub 出错（$status $said）：请稍后重新运行此作业" \
      "GitHub fails ($status $said): run this job again later" ;;
    *) fail "GitHub 的回答出乎意料（$status $said）：请检查 GITHUB_API_URL 和仓库名" \
      "an unexpected answer of GitHub ($status $said): check GITHUB_API_URL and the name of the repository" ;;
  esac
}

# Takes something out of the answer. What cannot be taken is no answer of this API: a proxy's page, say.
take() { # ARGUMENTS OF jq
  taken=$(jq -r "$@" "$work/body" 2>/dev/null) ||
    fail "GitHub 的回答不是预期的内容：请检查 GITHUB_API_URL 和代理" \
      "an unexpected answer of GitHub: check GITHUB_API_URL and any proxy"
}

header() { # NAME IN LOWER CASE
  tr -d '\r' <"$work/head" | awk -v name="$1:" 'tolower($1) == name { $1 = ""; sub(/^ /, ""); value = $0 } END { print value }'
}

# The id of our comment, or nothing. Follows the pages until it is found.
find_comment() {
  next="$issue/comments?per_page=100"
  pages=0
  id=
  while [ -n "$next" ] && [ -z "$id" ]; do
    pages=$((pages + 1))
    [ "$pages" -le "$most_pages" ] || fail "评论超过 $most_pages 页" "there are more than $most_pages pages of comments"
    call GET "$next"
    # shellcheck disable=SC2016 # these are jq's variables
    take --arg user "$user" --arg marker "$marker" \
      'first(.[] | select(.user.login == $user and ((.body // "") | startswith($marker))) | .id) // empty'
    id=$taken
    next=$(header link | tr ',' '\n' | sed -n 's/^ *<\([^>]*\)>;.*rel="next".*/\1/p')
    # The token goes nowhere else.
    case $next in '' | "$GITHUB_API_URL"/*) ;; *) fail "下一页不在 $GITHUB_API_URL" "the next page is not at $GITHUB_API_URL" ;; esac
  done
}

# What went wrong, in a sentence.
why() {
  case $code in
    3 | 1) say "有内容无法读取或无法计划，见下。" "Something could not be read or planned, see below." ;;
    5) say "微信的调用次数已用完，重置后请重新运行此作业。" "WeChat's quota is used up. Run this job again after its reset." ;;
    9) say "配置有错，请按下面的说明改正。" "The manifests have mistakes. Correct them as described below." ;;
    126 | 127) say "runner 上无法运行 wxops 或 wxops-plan，请检查安装。" "The runner cannot run wxops or wxops-plan. Check how they are installed." ;;
    *) say "见下面的输出。" "See its output below." ;;
  esac
}

# The comment, as GitHub's API takes it. The plan itself fits by its own bound (60,000 characters).
write_comment() {
  failed=
  [ "$code" -eq 0 ] || failed=$(say "计划失败（退出码 $code）" "the plan failed (exit code $code)")
  jq -n --rawfile plan "$folder/plan.md" --rawfile said "$folder/plan.err" --arg marker "$marker" --arg failed "$failed" \
    --arg why "$(why)" --arg commit "$commit" \
    --arg run "$GITHUB_SERVER_URL/$GITHUB_REPOSITORY/actions/runs/$GITHUB_RUN_ID" '
    # A fence that no run of backticks in the text can end.
    def fenced: (([match("`+"; "g").length] | max // 0) + 1) as $n | ("`" * ([$n, 3] | max)) as $f | "\($f)text\n\(.)\n\($f)";
    def cut($n): if length > $n then .[:$n] + "\n…" else . end;
    def failure: "### wxops · \($failed)\n\n\($why)\n\n" + ($said | cut(3500) | fenced) + "\n\n";
    {body: ($marker + "\n" + (if $failed == "" then "" else failure end) + ($plan | cut(60000))
      + "\n\n<sub>[\($commit[:12])](\($run))</sub>\n")}' >"$work/comment"
}

[ "$GITHUB_EVENT_NAME" = pull_request ] || fail "只用于 pull_request 事件" "only for the event pull_request"
from=$(jq -r '.pull_request.head.repo.full_name // ""' "$GITHUB_EVENT_PATH")
[ "$from" = "$GITHUB_REPOSITORY" ] || fail "该请求来自 fork，不发布计划" "the pull request comes from a fork: no plan is posted"
number=$(jq -r '.pull_request.number' "$GITHUB_EVENT_PATH")
commit=$(jq -r '.pull_request.head.sha' "$GITHUB_EVENT_PATH")
issue="$GITHUB_API_URL/repos/$GITHUB_REPOSITORY/issues/$number"

# A job that is late, or run again, would show a plan that holds no more.
call GET "$GITHUB_API_URL/repos/$GITHUB_REPOSITORY/pulls/$number"
take '.head.sha'
if [ "$taken" != "$commit" ]; then
  say "已有更新的推送，由它的作业写评论" "there is a newer push: its job writes the comment"
  exit "$code"
fi
write_comment
find_comment
if [ -n "$id" ]; then
  call PATCH "$GITHUB_API_URL/repos/$GITHUB_REPOSITORY/issues/comments/$id" "$work/comment"
  say "已更新评论" "updated the comment"
else
  call POST "$issue/comments" "$work/comment"
  say "已发布评论" "posted the comment"
fi
if [ "$code" -ne 0 ]; then
  say "计划失败，退出码 $code，见评论" "the plan failed with exit code $code, see the comment"
fi
exit "$code"
