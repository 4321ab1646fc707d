//! Names of values inside a spec: `officialAccount.menu.buttons[1].name`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// One step of a path.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Segment {
    /// A field of a map.
    Field(String),
    /// An item of a list, from 0.
    Index(usize),
}

/// The name of a value inside a spec.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct SpecPath(Vec<Segment>);

impl SpecPath {
    /// The spec itself.
    #[must_use]
    pub fn root() -> Self {
        Self(Vec::new())
    }

    /// The path of a field below this one.
    #[must_use]
    pub fn field(&self, name: &str) -> Self {
        self.with(Segment::Field(name.to_owned()))
    }

    /// The path of a list item below this one.
    #[must_use]
    pub fn index(&self, index: usize) -> Self {
        self.with(Segment::Index(index))
    }

    fn with(&self, segment: Segment) -> Self {
        let mut segments = self.0.clone();
        segments.push(segment);
        Self(segments)
    }

    /// The path one step up; none for the root.
    #[must_use]
    pub fn parent(&self) -> Option<Self> {
        let (_, rest) = self.0.split_last()?;
        Some(Self(rest.to_vec()))
    }

    /// The same without the place of the mini-program in its list, where it is about one: who moves an item up or down has
    /// changed nothing of it.
    #[must_use]
    pub fn of_its_item(&self) -> Self {
        match self.0.as_slice() {
            [Segment::Field(list), Segment::Index(_), rest @ ..] if list == "miniPrograms" => {
                let list = Segment::Field(list.clone());
                Self(std::iter::once(list).chain(rest.iter().cloned()).collect())
            }
            _ => self.clone(),
        }
    }

    /// The steps from the root.
    #[must_use]
    pub fn segments(&self) -> &[Segment] {
        &self.0
    }
}

impl fmt::Display for SpecPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, segment) in self.0.iter().enumerate() {
            match segment {
                Segment::Field(name) if n == 0 => write!(f, "{name}")?,
                Segment::Field(name) => write!(f, ".{name}")?,
                Segment::Index(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}

impl fmt::Debug for SpecPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{self}`")
    }
}

/// A text that is no path.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no path into a spec")]
pub struct NotAPath(String);

impl FromStr for SpecPath {
    type Err = NotAPath;

    fn from_str(text: &str) -> Result<Self, NotAPath> {
        let bad = || NotAPath(text.to_owned());
        let mut segments = Vec::new();
        for part in text.split('.').filter(|part| !part.is_empty()) {
            let (name, indices) = part.split_at(part.find('[').unwrap_or(part.len()));
            if !name.is_empty() {
                segments.push(Segment::Field(name.to_owned()));
            }
            for index in indices.split_terminator(']') {
                let index = index.strip_prefix('[').ok_or_else(bad)?;
                segments.push(Segment::Index(index.parse().map_err(|_| bad())?));
            }
        }
        Ok(Self(segments))
    }
}

impl Serialize for SpecPath {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for SpecPath {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_reads_as_it_was_written() {
        let path = SpecPath::root()
            .field("officialAccount")
            .field("menu")
            .field("buttons")
            .index(1)
            .field("name");
        assert_eq!(path.to_string(), "officialAccount.menu.buttons[1].name");
        assert_eq!(path.to_string().parse::<SpecPath>().unwrap(), path);
        assert!("a[x]".parse::<SpecPath>().is_err());
    }

    #[test]
    fn an_item_that_moves_in_its_list_is_the_same_item() {
        let path = |text: &str| text.parse::<SpecPath>().unwrap().of_its_item();
        assert_eq!(
            path("miniPrograms[0].categories[1]"),
            path("miniPrograms[3].categories[1]")
        );
        assert_ne!(
            path("miniPrograms[0].categories[1]"),
            path("miniPrograms[0].categories[2]")
        );
        let menu = "officialAccount.menu.buttons[1]";
        assert_eq!(path(menu), menu.parse().unwrap());
    }
}
