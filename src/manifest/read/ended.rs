//! Ways to register a mini-program that somebody may look for, and that there are no more or that cannot be called from what
//! WeChat has published. They are refused by name, with what to use instead.
//!
//! WeChat's notice: developers.weixin.qq.com/community, 0004829e9105005ce7d480e6561401, in force since 2026-04-30 12:00.

/// The way itself is what was written below `registration`: why there is none, and what to use instead.
pub(super) fn ended(fields: &[&str]) -> Option<(&'static str, &'static str)> {
    let ["miniPrograms", "registration", way] = fields else {
        return None;
    };
    match *way {
        "enterprise" | "company" | "legalPerson" => Some((
            "an enterprise's mini-program cannot be registered this way: WeChat ended the old form on 2026-04-30, and has not \
             published where the new one is called and what it answers",
            "where the enterprise has a verified official account, write `reuseOfficialAccount: {}`; else the enterprise \
             registers at mp.weixin.qq.com and scans the link of `wxops authorize`",
        )),
        "trial" | "beta" => Some((
            "trial mini-programs are not registered by wxops: whether and for how long WeChat still keeps them is not published",
            "write `reuseOfficialAccount: {}` or `personal`, which are there for good",
        )),
        _ => None,
    }
}
