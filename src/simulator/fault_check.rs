//! What is wrong with an order of a fault, if anything is.

use super::endpoints;
use super::fault::{Fault, Kind};
use super::pointer::is_pointer;

impl Fault {
    /// What is wrong with the order, if anything is.
    pub(super) fn problem(&self) -> Option<String> {
        let kind = self.kind;
        let answers = matches!(kind, Kind::Errcode | Kind::ErrcodeAfterEffect);
        let limits = kind == Kind::MinuteLimit;
        let places = kind.takes_place();
        let name = kind.name();
        for (field, needed, possible, given) in [
            ("ms", kind.is_late(), kind.is_late(), self.ms.is_some()),
            ("code", answers, answers || limits, self.code.is_some()),
            ("errmsg", false, answers || limits, self.errmsg.is_some()),
            ("perMinute", limits, limits, self.per_minute.is_some()),
            ("together", false, limits, self.together),
            (
                "seconds",
                false,
                kind == Kind::StaleRead,
                self.seconds.is_some(),
            ),
            (
                "how",
                kind == Kind::KeptOtherwise,
                kind == Kind::KeptOtherwise,
                self.how.is_some(),
            ),
            (
                "at",
                places,
                places || kind.marks_texts(),
                self.at.is_some(),
            ),
            (
                "value",
                kind == Kind::FieldValue,
                kind == Kind::FieldValue,
                self.value.is_some(),
            ),
        ] {
            if needed && !given {
                return Some(format!("`{name}` needs `{field}`"));
            }
            if given && !possible {
                return Some(format!("`{name}` takes no `{field}`"));
            }
        }
        if self
            .probability
            .is_some_and(|chance| !(0.0..=1.0).contains(&chance))
        {
            return Some("`probability` lies between 0 and 1".to_owned());
        }
        if self.at.as_deref().is_some_and(|at| !is_pointer(at)) {
            return Some("`at` is a JSON pointer: empty, or it begins with `/`".to_owned());
        }
        if matches!(kind, Kind::SaysAbsent | Kind::SaysPresent)
            && self.endpoint != "*"
            && endpoints::find(&self.endpoint).is_none_or(|row| row.says(kind).is_none())
        {
            return Some(format!("`{}` has no code for `{name}`", self.endpoint));
        }
        None
    }
}
