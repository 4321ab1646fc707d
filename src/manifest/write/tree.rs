//! A value with its fields in the order in which its type writes them.

use std::fmt;

use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::ser::{SerializeMap as _, SerializeSeq as _};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use crate::manifest::yaml::NotWritable;

/// A scalar, a list, or a map in its order.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Tree {
    Scalar(Value),
    List(Vec<Self>),
    Map(Vec<(String, Self)>),
}

impl Tree {
    /// JSON's text keeps the order of fields, its value type does not.
    pub(super) fn of(value: &impl Serialize) -> Result<Self, NotWritable> {
        let text = serde_json::to_string(value).map_err(NotWritable::new)?;
        serde_json::from_str(&text).map_err(NotWritable::new)
    }

    /// The entries of a map; of anything else none.
    pub(super) fn entries(&self) -> &[(String, Self)] {
        match self {
            Self::Map(entries) => entries,
            Self::Scalar(_) | Self::List(_) => &[],
        }
    }

    /// The value of a key.
    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        let mut entries = self.entries().iter();
        entries
            .find(|(name, _)| name == key)
            .map(|(_, value)| value)
    }

    /// Puts an entry before all others.
    pub(super) fn insert_first(&mut self, key: &str, value: Self) {
        if let Self::Map(entries) = self {
            entries.insert(0, (key.to_owned(), value));
        }
    }

    /// Takes an entry out, and the maps above it that are empty then.
    pub(super) fn remove(&mut self, path: &[&str]) {
        let (Self::Map(entries), Some((first, rest))) = (self, path.split_first()) else {
            return;
        };
        entries.retain_mut(|(key, value)| {
            if key != first {
                return true;
            }
            value.remove(rest);
            !(rest.is_empty() || *value == Self::Map(Vec::new()))
        });
    }

    /// The items of the list at a path; none where there is no list.
    pub(super) fn items_of(&mut self, path: &[&str]) -> &mut [Self] {
        match (self, path.split_first()) {
            (Self::List(items), None) => items,
            (Self::Map(entries), Some((first, rest))) => {
                let mut entries = entries.iter_mut();
                match entries.find(|(key, _)| key == first) {
                    Some((_, value)) => value.items_of(rest),
                    None => &mut [],
                }
            }
            (Self::Scalar(_) | Self::List(_) | Self::Map(_), _) => &mut [],
        }
    }

    /// Takes out an entry that has this value.
    pub(super) fn remove_if(&mut self, key: &str, value: &Self) {
        if let Self::Map(entries) = self {
            entries.retain(|(name, there)| name != key || there != value);
        }
    }

    /// Changes every text that is not below one of these fields of the first level. Keys are no texts.
    pub(super) fn each_text_but(
        &mut self,
        fields: &[&str],
        change: &mut impl FnMut(&str) -> String,
    ) {
        if let Self::Map(entries) = self {
            for (key, value) in entries {
                if !fields.contains(&key.as_str()) {
                    value.each_text(change);
                }
            }
        }
    }

    fn each_text(&mut self, change: &mut impl FnMut(&str) -> String) {
        match self {
            Self::Scalar(Value::String(text)) => *text = change(text),
            Self::Scalar(_) => {}
            Self::List(items) => items.iter_mut().for_each(|item| item.each_text(change)),
            Self::Map(entries) => entries
                .iter_mut()
                .for_each(|(_, value)| value.each_text(change)),
        }
    }
}

impl Serialize for Tree {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Scalar(value) => value.serialize(serializer),
            Self::List(items) => {
                let mut list = serializer.serialize_seq(Some(items.len()))?;
                for item in items {
                    list.serialize_element(item)?;
                }
                list.end()
            }
            Self::Map(entries) => {
                let mut map = serializer.serialize_map(Some(entries.len()))?;
                for (key, value) in entries {
                    map.serialize_entry(key, value)?;
                }
                map.end()
            }
        }
    }
}

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(InOrder)
    }
}

struct InOrder;

impl<'de> Visitor<'de> for InOrder {
    type Value = Tree;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_unit<E>(self) -> Result<Tree, E> {
        Ok(Tree::Scalar(Value::Null))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Tree, E> {
        Ok(Tree::Scalar(value.into()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Tree, E> {
        Ok(Tree::Scalar(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Tree, E> {
        Ok(Tree::Scalar(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Tree, E> {
        Ok(Tree::Scalar(value.into()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Tree, E> {
        Ok(Tree::Scalar(value.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Tree, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(Tree::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Tree, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(Tree::Map(entries))
    }
}
