//! Whom an authorization link is for: one of a tenant's accounts.

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

/// One of a tenant's accounts, as links and stored codes name it: `sunrise-dance`, `sunrise-dance:main`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addressee {
    /// The tenant.
    pub tenant: String,
    /// The mini-program, by the name of its item. `None`: the official account.
    pub item: Option<String>,
}

impl Addressee {
    /// A tenant's official account, or one of its mini-programs.
    #[must_use]
    pub fn of(tenant: &str, item: Option<&str>) -> Self {
        Self {
            tenant: tenant.to_owned(),
            item: item.map(str::to_owned),
        }
    }
}

impl fmt::Display for Addressee {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.tenant)?;
        match &self.item {
            Some(item) => write!(f, ":{item}"),
            None => Ok(()),
        }
    }
}

impl FromStr for Addressee {
    type Err = Infallible;

    /// Neither the names of tenants nor those of mini-programs hold a colon, so every text is the name of one.
    fn from_str(text: &str) -> Result<Self, Infallible> {
        let (tenant, item) = match text.split_once(':') {
            Some((tenant, item)) => (tenant, Some(item)),
            None => (text, None),
        };
        Ok(Self::of(tenant, item))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whom_a_link_is_for_reads_as_it_was_written() {
        for (text, tenant, item) in [
            ("sunrise-dance", "sunrise-dance", None),
            ("sunrise-dance:main", "sunrise-dance", Some("main")),
        ] {
            let read: Addressee = text.parse().unwrap();
            assert_eq!(read, Addressee::of(tenant, item));
            assert_eq!(read.to_string(), text);
        }
    }
}
