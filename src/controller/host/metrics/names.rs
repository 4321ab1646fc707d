//! What `/metrics` shows: the names, by Prometheus' convention, and what each means. `docs/metrics.md` is made from it.

/// One of them.
#[derive(Debug, Clone, Copy)]
pub struct Metric {
    /// As it stands in `/metrics`, without `_total`.
    pub name: &'static str,
    /// `counter`, `gauge`, `histogram` or `info`.
    pub kind: &'static str,
    /// Its labels. Never an appid.
    pub labels: &'static [&'static str],
    /// What it means, in Chinese.
    pub zh: &'static str,
    /// What it means, in English.
    pub en: &'static str,
}

const fn metric(
    (kind, name): (&'static str, &'static str),
    labels: &'static [&'static str],
    zh: &'static str,
    en: &'static str,
) -> Metric {
    Metric {
        name,
        kind,
        labels,
        zh,
        en,
    }
}

/// Passes that ended.
pub const PASSES: Metric = metric(
    ("counter", "wxops_passes"),
    &["platform", "result"],
    "已结束的执行次数。result：ready 已就绪、waiting 有等待、failed 失败、stopped 整个平台暂不可用",
    "Passes that ended. result: ready, waiting, failed, or stopped, where the whole platform is kept from WeChat",
);
/// How long they took.
pub const PASS_SECONDS: Metric = metric(
    ("histogram", "wxops_pass_seconds"),
    &[],
    "每次执行所用的秒数",
    "Seconds that a pass took",
);
/// When the last one ended.
pub const LAST_PASS: Metric = metric(
    ("gauge", "wxops_last_pass_timestamp_seconds"),
    &[],
    "最近一次执行结束的时刻（Unix 秒）",
    "When the last pass ended (Unix time)",
);
/// Tenants.
pub const TENANTS: Metric = metric(
    ("gauge", "wxops_tenants"),
    &["platform", "state"],
    "生效中的租户数。state：ready 已就绪、waiting 有等待、failed 上次执行失败、stopped 上次执行时整个平台不可用、pending 启动后尚未执行",
    "Tenants in force. state: ready, waiting, failed at their last pass, stopped: the whole platform was kept from WeChat then, or pending: none was made since the start",
);
/// What they wait for.
pub const WAITING: Metric = metric(
    ("gauge", "wxops_waiting"),
    &["reason"],
    "上次执行后仍在等待的事项数，按原因（与 JSON 中的 reason 同名）",
    "Things that wait as of the last passes, by reason (as in JSON)",
);
/// What was put back.
pub const DRIFT: Metric = metric(
    ("counter", "wxops_drift"),
    &["resource"],
    "清单未变、因微信一侧被改动而重做的步骤数",
    "Steps made since WeChat's side was changed, the manifest being the same",
);
/// What others wait for.
pub const EVENTS: Metric = metric(
    ("counter", "wxops_events"),
    &["event"],
    "已发生的事件数。event：OpenAccountBound 已绑定开放平台账号，关注者从此有 unionid；MiniProgramRegistered 已注册小程序",
    "Events. event: OpenAccountBound (an account is in its open account: followers have unionids from now on) or MiniProgramRegistered",
);
/// How many are due.
pub const QUEUE_DEPTH: Metric = metric(
    ("gauge", "wxops_queue_depth"),
    &["lane"],
    "已到时间、等待执行的租户数。lane：swift 推送、提交、人工、等待到期；drift 例行比对",
    "Tenants that are due. lane: swift (a push, a commit, a person, a wait that ends) or drift (the regular look)",
);
/// How long the oldest has been.
pub const QUEUE_OLDEST: Metric = metric(
    ("gauge", "wxops_queue_oldest_seconds"),
    &[],
    "排在最前的租户已等待的秒数",
    "Seconds since the oldest of the due tenants became due",
);
/// Platforms that are kept from WeChat.
pub const STOPPED: Metric = metric(
    ("gauge", "wxops_platform_stopped"),
    &["platform"],
    "平台整体暂停请求微信时为 1：没有 ticket、被拒绝或无应答",
    "1 while nothing of the platform is begun: no ticket, refused, or no answer",
);
/// Tickets.
pub const TICKET_AGE: Metric = metric(
    ("gauge", "wxops_ticket_age_seconds"),
    &["platform"],
    "最新 component_verify_ticket 的年龄（秒）。微信每 10 分钟推送一次；从未收到时没有此项",
    "Age of the newest component_verify_ticket. WeChat pushes one every 10 minutes; absent where none ever came",
);
/// Requests for tokens.
pub const REFRESHES: Metric = metric(
    ("counter", "wxops_token_refreshes"),
    &["kind", "outcome"],
    "换取 token 的请求数。kind：component 平台、authorizer 账号；outcome 同下",
    "Requests for tokens. kind: component (the platform's) or authorizer (an account's); outcome as below",
);
/// Tokens that somebody else ended.
pub const FOREIGN: Metric = metric(
    ("counter", "wxops_foreign_refreshes"),
    &[],
    "未到期就被微信拒绝的 token 数：别的程序也在换取",
    "Tokens that WeChat refused before their time: another program asks for them too",
);
/// Requests.
pub const REQUESTS: Metric = metric(
    ("counter", "wxops_wechat_requests"),
    &["endpoint", "outcome"],
    "发给微信的请求数。outcome：done 成功、refused 被拒绝、lost 没有可读的应答、not_sent 未发出",
    "Requests to WeChat. outcome: done, refused, lost (no answer that can be read) or not_sent",
);
/// How long they took.
pub const REQUEST_SECONDS: Metric = metric(
    ("histogram", "wxops_wechat_request_seconds"),
    &[],
    "每个请求所用的秒数",
    "Seconds that a request took",
);
/// Pushes.
pub const PUSHES: Metric = metric(
    ("counter", "wxops_pushes"),
    &["kind", "result"],
    "收到的推送数。result：stored 已保存、taken 已应答、replayed 重复、ignored 不用、not_stored 未能保存（未应答）、not_forwarded 未能转发、refused_* 拒绝及原因",
    "Pushes that came. result: stored, taken, replayed, ignored, not_stored (and not acknowledged), not_forwarded, refused_* with the reason",
);
/// How long it took to store them.
pub const PUSH_STORED: Metric = metric(
    ("histogram", "wxops_push_stored_seconds"),
    &[],
    "保存一条推送所用的秒数",
    "Seconds that it took to store a notice",
);
/// Mistakes.
pub const MISTAKES: Metric = metric(
    ("gauge", "wxops_manifest_errors"),
    &[],
    "清单中的错误数；相关租户以上一次正确的版本为准",
    "Mistakes in the manifests; what was in force of those tenants stays so",
);
/// What the guard holds.
pub const HELD: Metric = metric(
    ("gauge", "wxops_guard_held"),
    &["platform"],
    "被护栏拦下、等待批准的租户数",
    "Tenants whose new revision the guard holds until it is approved",
);
/// When the folder was looked at.
pub const LAST_LOOK: Metric = metric(
    ("gauge", "wxops_last_look_timestamp_seconds"),
    &[],
    "最近一次读懂清单目录的时刻（Unix 秒），每隔几秒更新；不再更新说明目录没有被跟随，wxops status 说明原因",
    "When the folder of manifests was last looked at to the end (Unix time), every few seconds; where it stands still, the folder is not followed and wxops status says why",
);
/// When something was put in force.
pub const APPLIED: Metric = metric(
    ("gauge", "wxops_revision_applied_timestamp_seconds"),
    &[],
    "最近一次有清单版本生效的时刻（Unix 秒）；启动后未有过则没有此项",
    "When a revision of the manifests was put in force last (Unix time); absent where none was since the start",
);
/// The program.
pub const BUILD: Metric = metric(
    ("info", "build_info"),
    &["version"],
    "程序版本",
    "The program's version",
);
/// Its memory.
pub const MEMORY: Metric = metric(
    ("gauge", "process_resident_memory_bytes"),
    &[],
    "进程占用的内存（字节）",
    "Resident memory of the process",
);

/// All of them, in the order of `/metrics`.
pub const METRICS: [Metric; 23] = [
    PASSES,
    PASS_SECONDS,
    LAST_PASS,
    TENANTS,
    WAITING,
    DRIFT,
    EVENTS,
    QUEUE_DEPTH,
    QUEUE_OLDEST,
    STOPPED,
    TICKET_AGE,
    REFRESHES,
    FOREIGN,
    REQUESTS,
    REQUEST_SECONDS,
    PUSHES,
    PUSH_STORED,
    MISTAKES,
    HELD,
    LAST_LOOK,
    APPLIED,
    BUILD,
    MEMORY,
];
