//! What the lists of the state file are found by.

use std::fmt::Display;

use super::keyed::Keyed;
use super::state::{Authorization, Counter, CounterKey, OpenAccount, Platform};

impl Keyed for Platform {
    type Key = String;
    fn key(&self) -> String {
        self.app_id.clone()
    }
    fn name(&self) -> impl Display {
        &self.app_id
    }
}

impl Keyed for OpenAccount {
    type Key = String;
    fn key(&self) -> String {
        self.open_app_id.clone()
    }
    fn name(&self) -> impl Display {
        &self.open_app_id
    }
}

impl Keyed for Authorization {
    type Key = (String, String);
    fn key(&self) -> Self::Key {
        (self.platform.clone(), self.account.clone())
    }
    fn name(&self) -> impl Display {
        format!("{} for {}", self.account, self.platform)
    }
}

impl Keyed for Counter {
    type Key = CounterKey;
    fn key(&self) -> CounterKey {
        (self.account.clone(), self.path.clone(), self.period.clone())
    }
    fn name(&self) -> impl Display {
        format!("{} {} {}", self.account, self.path, self.period)
    }
}
