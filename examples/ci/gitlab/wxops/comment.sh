#!/bin/sh
# Keeps one note with the plan on a merge request: written once, updated by every later push.
#
#   comment.sh FOLDER
#
# FOLDER holds what the plan printed and how it ended: plan.md, plan.err, plan.code. The exit code is that of the plan;
# 1 if the plan is fine and the note cannot be written.
#
# Needs curl and jq, WXOPS_COMMENT_TOKEN (a project access token: role Reporter, scope `api`) and what GitLab sets in every
# pipeline of a merge request. The token is given to curl on stdin, so no list of processes shows it.
set -eu

marker='<!-- wxops:plan -->'
# A list longer than this many pages of 100 notes is no list.
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
  status=$(printf 'PRIVATE-TOKEN: %s\n' "$WXOPS_COMMENT_TOKEN" |
    curl "$@" --header @- --dump-header "$work/head" --output "$work/body" --write-out '%{http_code}' "$url") || status=000
  case $status in 2??) return ;; esac
  # What GitLab says about it, as one line without the token.
  said=$(jq -r 'try (.message // .error | tostring) catch "" | split(env.WXOPS_COMMENT_TOKEN) | join("***")
    | gsub("[[:cntrl:]]"; " ") | .[:300]' "$work/body" 2>/dev/null) || said=
  wait=$(header retry-after)
  case $status in
    000) fail "无法连接 $CI_API_V4_URL：请检查 runner 的网络，然后重新运行此作业" \
      "cannot reach $CI_API_V4_URL: check the network of the runner, then run this job again" ;;
    401) fail "GitLab 不接受令牌（401 $said）：WXOPS_COMMENT_TOKEN 可能已过期，请新建项目访问令牌" \
      "GitLab does not accept the token (401 $said): WXOPS_COMMENT_TOKEN may have expired, make a new project access token" ;;
    403) fail "令牌没有权限（403 $said）：项目访问令牌需要 Reporter 角色和 api 范围" \
      "the token may not do this (403 $said): the project access token needs the role Reporter and the scope api" ;;
    404) fail "GitLab 找不到该合并请求或该评论（404 $said）：令牌必须属于本项目；如果评论刚被删除，请重新运行此作业" \
      "GitLab finds no such merge request or note (404 $said): the token must be one of this project; if the note was just deleted, run the job again" ;;
    400 | 422) fail "GitLab 拒绝了评论的内容（$status $said）：请检查讨论是否已锁定；plan 的全文见 wxops plan" \
      "GitLab refuses the note ($status $said): check whether the discussion is locked; wxops plan shows the whole plan" ;;
    429) fail "请求过于频繁（$said）：请在 ${wait:-60} 秒后重新运行此作业" \
      "too many requests ($said): run this job again in ${wait:-60} seconds" ;;
    5??) fail "GitLab 出错（$status $said）：请稍后重新运行此作业" \
      "GitLab fails ($status $said): run this job again later" ;;
    *) fail "GitLab 的回答出乎意料（$status $said）：请检查 CI_API_V4_URL" \
      "an unexpected answer of GitLab ($status $said): check CI_API_V4_URL" ;;
  esac
}

# Takes something out of the answer. What cannot be taken is no answer of this API: a proxy's page, say.
take() { # ARGUMENTS OF jq
  taken=$(jq -r "$@" "$work/body" 2>/dev/null) ||
    fail "GitLab 的回答不是预期的内容：请检查 CI_API_V4_URL 和代理" \
      "an unexpected answer of GitLab: check CI_API_V4_URL and any proxy"
}

header() { # NAME IN LOWER CASE
  tr -d '\r' <"$work/head" | awk -v name="$1:" 'tolower($1) == name { $1 = ""; sub(/^ /, ""); value = $0 } END { print value }'
}

# The id of our note, or nothing. Follows the pages until it is found. Anybody may quote the marker, so the author counts.
find_note() {
  call GET "$CI_API_V4_URL/user"
  take '.id | numbers'
  user=$taken
  [ -n "$user" ] || fail "GitLab 没有说令牌属于谁：请检查 CI_API_V4_URL" "GitLab does not say whose token this is, an unexpected answer: check CI_API_V4_URL"
  next=1
  pages=0
  id=
  while [ -n "$next" ] && [ -z "$id" ]; do
    pages=$((pages + 1))
    [ "$pages" -le "$most_pages" ] || fail "评论超过 $most_pages 页" "there are more than $most_pages pages of notes"
    call GET "$notes?sort=asc&order_by=created_at&per_page=100&page=$next"
    # shellcheck disable=SC2016 # these are jq's variables
    take --arg user "$user" --arg marker "$marker" \
      'first(.[] | select((.author.id | tostring) == $user and ((.body // "") | startswith($marker))) | .id) // empty'
    id=$taken
    next=$(header x-next-page)
    case $next in *[!0-9]*) fail "X-Next-Page 不是数字" "X-Next-Page is no number" ;; esac
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

# The note, as GitLab's API takes it. A line that begins with a slash would be an order to GitLab (`/close`):
# it gets a character in front that nobody sees.
write_note() {
  failed=
  [ "$code" -eq 0 ] || failed=$(say "计划失败（退出码 $code）" "the plan failed (exit code $code)")
  jq -n --rawfile plan "$folder/plan.md" --rawfile said "$folder/plan.err" --arg marker "$marker" --arg failed "$failed" \
    --arg why "$(why)" --arg commit "$commit" --arg run "$CI_JOB_URL" '
    # A fence that no run of backticks in the text can end.
    def fenced: (([match("`+"; "g").length] | max // 0) + 1) as $n | ("`" * ([$n, 3] | max)) as $f | "\($f)text\n\(.)\n\($f)";
    def cut($n): if length > $n then .[:$n] + "\n…" else . end;
    def failure: "### wxops · \($failed)\n\n\($why)\n\n" + ($said | cut(3500) | fenced) + "\n\n";
    {body: ($marker + "\n" + (if $failed == "" then "" else failure end) + ($plan | cut(60000))
      + "\n\n<sub>[\($commit[:12])](\($run))</sub>\n"
      | split("\n") | map(sub("^(?<space>[ \t]*)/"; "\(.space)\u200b/")) | join("\n"))}' >"$work/note"
}

[ "$CI_PIPELINE_SOURCE" = merge_request_event ] || fail "只用于合并请求的流水线" "only for pipelines of merge requests"
[ "$CI_MERGE_REQUEST_SOURCE_PROJECT_ID" = "$CI_MERGE_REQUEST_PROJECT_ID" ] ||
  fail "该请求来自 fork，不发布计划" "the merge request comes from a fork: no plan is posted"
commit=${CI_MERGE_REQUEST_SOURCE_BRANCH_SHA:-$CI_COMMIT_SHA}
request="$CI_API_V4_URL/projects/$CI_MERGE_REQUEST_PROJECT_ID/merge_requests/$CI_MERGE_REQUEST_IID"
notes="$request/notes"

# A job that is late, or run again, would show a plan that holds no more.
call GET "$request"
take '.sha'
if [ "$taken" != "$commit" ]; then
  say "已有更新的推送，由它的作业写评论" "there is a newer push: its job writes the note"
  exit "$code"
fi
write_note
find_note
if [ -n "$id" ]; then
  call PUT "$notes/$id" "$work/note"
  say "已更新评论" "updated the note"
else
  call POST "$notes" "$work/note"
  say "已发布评论" "posted the note"
fi
if [ "$code" -ne 0 ]; then
  say "计划失败，退出码 $code，见评论" "the plan failed with exit code $code, see the note"
fi
exit "$code"
