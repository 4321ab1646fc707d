//! Maps in memory that are lists in the state file: every value carries its own key.

use std::collections::BTreeMap;
use std::fmt::Display;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A value that carries its own key, so that a list in the file can be a map in memory.
pub(super) trait Keyed {
    /// What finds it.
    type Key: Ord;
    /// The key of this value.
    fn key(&self) -> Self::Key;
    /// The key as it is named in an error.
    fn name(&self) -> impl Display;
}

pub(super) fn serialize<S, T>(map: &BTreeMap<T::Key, T>, to: S) -> Result<S::Ok, S::Error>
where
    S: Serializer,
    T: Keyed + Serialize,
{
    to.collect_seq(map.values())
}

pub(super) fn deserialize<'de, D, T>(from: D) -> Result<BTreeMap<T::Key, T>, D::Error>
where
    D: Deserializer<'de>,
    T: Keyed + Deserialize<'de>,
{
    let mut map = BTreeMap::new();
    for value in Vec::<T>::deserialize(from)? {
        let name = value.name().to_string();
        if map.insert(value.key(), value).is_some() {
            return Err(D::Error::custom(format!("`{name}` is listed twice")));
        }
    }
    Ok(map)
}
