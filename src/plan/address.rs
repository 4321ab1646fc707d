//! The address of a thing: whose it is, which resource, which of its things.
//!
//! ```text
//!   menu · templates/class-reminder                          of the official account, or of the tenant itself
//!   main:avatar · main:domains/request https://a.example     of the mini-program that is called `main`
//! ```
//!
//! Only what a mini-program has carries a prefix, so that what was written before there were any reads as it did.

use std::borrow::Cow;
use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Whose a thing is: one of a tenant's accounts.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Whose {
    /// The official account's (公众号), or the tenant's own.
    #[default]
    Official,
    /// A mini-program's (小程序), by the name of its item in `miniPrograms`.
    App(Arc<str>),
}

impl Whose {
    /// A mini-program's, by the name of its item.
    #[must_use]
    pub fn app(name: &str) -> Self {
        Self::App(Arc::from(name))
    }

    /// The name of the mini-program's item. `None`: the official account's.
    #[must_use]
    pub fn item(&self) -> Option<&str> {
        match self {
            Self::Official => None,
            Self::App(name) => Some(name),
        }
    }

    /// The one that an item's name stands for; none stands for the official account.
    #[must_use]
    pub fn of_item(item: Option<&str>) -> Self {
        item.map_or(Self::Official, Self::app)
    }
}

/// The name of one thing that a tenant declares. Sorted by the account it belongs to, then by resource and key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address {
    /// The account it belongs to.
    pub whose: Whose,
    /// The resource: `menu`.
    pub resource: Cow<'static, str>,
    /// Which of the resource's things, where it has several; empty otherwise.
    pub key: String,
}

/// The key that stands for every thing of a resource. No thing is called so.
const EVERY: &str = "*";

impl Address {
    /// A resource of the official account, or of the tenant itself, as a whole.
    #[must_use]
    pub const fn of(resource: &'static str) -> Self {
        Self {
            whose: Whose::Official,
            resource: Cow::Borrowed(resource),
            key: String::new(),
        }
    }

    /// The same resource of an account of the same tenant.
    #[must_use]
    pub fn whose(self, whose: Whose) -> Self {
        Self { whose, ..self }
    }

    /// Another thing of the same resource.
    #[must_use]
    pub fn with_key(&self, key: impl Into<String>) -> Self {
        Self {
            key: key.into(),
            ..self.clone()
        }
    }

    /// The resource as a whole.
    #[must_use]
    pub fn whole(&self) -> Self {
        self.with_key("")
    }

    /// Every thing of the resource, as something that comes before another.
    #[must_use]
    pub fn every(&self) -> Self {
        self.with_key(EVERY)
    }

    /// Whether it stands for another one: that very thing, or every thing of its resource.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        self == other || self.key == EVERY && self.is_beside(other)
    }

    /// As a person reads it: `templates class-reminder`, `main avatar`.
    #[must_use]
    pub fn spoken(&self) -> String {
        let app = self.whose.item().into_iter();
        let key = Some(self.key.as_str()).filter(|key| !key.is_empty());
        let words: Vec<&str> = app.chain([&*self.resource]).chain(key).collect();
        words.join(" ")
    }

    /// Whether it is a thing of the same resource of the same account.
    #[must_use]
    pub fn is_beside(&self, other: &Self) -> bool {
        self.whose == other.whose && self.resource == other.resource
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(app) = self.whose.item() {
            write!(f, "{app}:")?;
        }
        f.write_str(&self.resource)?;
        if !self.key.is_empty() {
            write!(f, "/{}", self.key)?;
        }
        Ok(())
    }
}

impl From<&str> for Address {
    /// Every text is an address, that of an unknown resource at worst. Neither the names of mini-programs nor those of
    /// resources hold a colon or a slash; keys may.
    fn from(text: &str) -> Self {
        let (name, key) = text.split_once('/').unwrap_or((text, ""));
        let (whose, resource) = match name.split_once(':') {
            Some((app, resource)) => (Whose::app(app), resource),
            None => (Whose::Official, name),
        };
        Self {
            whose,
            resource: Cow::Owned(resource.to_owned()),
            key: key.to_owned(),
        }
    }
}

impl FromStr for Address {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self::from(text))
    }
}

impl Serialize for Address {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Address {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::from(
            Cow::<'de, str>::deserialize(deserializer)?.as_ref(),
        ))
    }
}

/// An address as fields of the object it stands in: `app` (left out where there is none), `resource`, `key`. For
/// `#[serde(flatten, with = "…")]`: so it is written in what programs read.
pub mod fields {
    use super::{Address, Cow, Deserialize, Deserializer, Serialize, Serializer, Whose};

    #[derive(Serialize, Deserialize)]
    struct Fields<'a> {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        app: Option<Cow<'a, str>>,
        #[serde(default)]
        resource: Cow<'a, str>,
        #[serde(default)]
        key: Cow<'a, str>,
    }

    /// Writes the fields.
    ///
    /// # Errors
    /// The serializer's.
    pub fn serialize<S: Serializer>(address: &Address, serializer: S) -> Result<S::Ok, S::Error> {
        Fields {
            app: address.whose.item().map(Cow::Borrowed),
            resource: Cow::Borrowed(&address.resource),
            key: Cow::Borrowed(&address.key),
        }
        .serialize(serializer)
    }

    /// Reads the fields.
    ///
    /// # Errors
    /// The deserializer's.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Address, D::Error> {
        let fields = Fields::deserialize(deserializer)?;
        Ok(Address {
            whose: Whose::of_item(fields.app.as_deref()),
            resource: Cow::Owned(fields.resource.into_owned()),
            key: fields.key.into_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_what_a_mini_program_has_carries_a_prefix() {
        for (text, app, resource, key) in [
            ("menu", None, "menu", ""),
            (
                "templates/class-reminder",
                None,
                "templates",
                "class-reminder",
            ),
            (
                "menu/conditional tag=100",
                None,
                "menu",
                "conditional tag=100",
            ),
            ("main:avatar", Some("main"), "avatar", ""),
            (
                "main:domains/request https://a.example",
                Some("main"),
                "domains",
                "request https://a.example",
            ),
            ("openAccount/a:b/c", None, "openAccount", "a:b/c"),
        ] {
            let address = Address::from(text);
            assert_eq!(address.whose.item(), app, "{text}");
            assert_eq!(
                (&*address.resource, &*address.key),
                (resource, key),
                "{text}"
            );
            assert_eq!(address.to_string(), text);
        }
        assert_eq!(Address::of("menu"), Address::from("menu"));
    }

    proptest! {
        #[test]
        fn an_address_reads_back(
            app in proptest::option::of("[a-z][a-z0-9-]{0,9}"), resource in "[a-z][A-Za-z]{0,9}", key in ".{0,20}",
        ) {
            let address = Address { whose: Whose::of_item(app.as_deref()), resource: resource.into(), key };
            prop_assert_eq!(&address, &Address::from(address.to_string().as_str()));
            let text = serde_json::to_string(&address).unwrap();
            prop_assert_eq!(&address, &serde_json::from_str::<Address>(&text).unwrap());

            #[derive(Serialize, Deserialize)]
            struct Around {
                #[serde(flatten, with = "fields")]
                address: Address,
                other: u8,
            }
            let text = serde_json::to_string(&Around { address: address.clone(), other: 1 }).unwrap();
            prop_assert_eq!(&address, &serde_json::from_str::<Around>(&text).unwrap().address);
        }
    }
}
