//! A serde `Deserializer` over a tree. The wanted type decides what a plain scalar means: a text is wanted and
//! `1.10` is given, then it is the text `1.10`; a truth value is wanted and `yes` is given, then it is a mistake.

use serde::de::value::BorrowedStrDeserializer;
use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, MapAccess, SeqAccess, VariantAccess, Visitor,
};

use super::error::{ReadError, What};
use crate::manifest::tree::{Entry, Node, Scalar, Value};

/// Reads one node.
#[derive(Clone, Copy)]
pub(super) struct Reader<'de> {
    node: &'de Node,
}

impl<'de> Reader<'de> {
    pub(super) fn new(node: &'de Node) -> Self {
        Self { node }
    }

    fn text(&self) -> Result<&'de str, ReadError> {
        match self.node.scalar() {
            Some(scalar) if !scalar.is_null() => Ok(&scalar.text),
            Some(_) | None => Err(ReadError::wrong("a text")),
        }
    }

    /// A whole number as YAML 1.2 and every reader of YAML 1.1 understand it: `0755` is 493 to some.
    fn number(&self, wanted: &'static str) -> Result<i128, ReadError> {
        let number = self
            .node
            .scalar()
            .filter(|scalar| scalar.plain)
            .and_then(whole);
        number.ok_or_else(|| ReadError::wrong(wanted))
    }
}

fn whole(scalar: &Scalar) -> Option<i128> {
    let digits = scalar.text.strip_prefix('-').unwrap_or(&scalar.text);
    let ambiguous = digits.len() > 1 && digits.starts_with('0');
    let all_digits = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if all_digits && !ambiguous {
        scalar.text.parse().ok()
    } else {
        None
    }
}

fn fraction(scalar: &Scalar) -> Option<f64> {
    let text = &*scalar.text;
    let starts_well = text.starts_with(|c: char| c.is_ascii_digit() || c == '-' || c == '.');
    let ambiguous = text.len() > 1 && text.starts_with('0') && !text.starts_with("0.");
    let number: f64 = text.parse().ok()?;
    (starts_well && !ambiguous && number.is_finite()).then_some(number)
}

macro_rules! numbers {
    ($($method:ident)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
            visit_whole(self.number("a whole number")?, visitor)
        })*
    };
}

fn visit_whole<'de, V: Visitor<'de>>(number: i128, visitor: V) -> Result<V::Value, ReadError> {
    match (u64::try_from(number), i64::try_from(number)) {
        (Ok(number), _) => visitor.visit_u64(number),
        (Err(_), Ok(number)) => visitor.visit_i64(number),
        (Err(_), Err(_)) => Err(ReadError::new(What::Value(
            "this number is too large".to_owned(),
        ))),
    }
}

impl<'de> Deserializer<'de> for Reader<'de> {
    type Error = ReadError;

    /// For what has no type of its own: as YAML 1.2's core schema reads it.
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        let scalar = match &self.node.value {
            Value::Seq(_) => return self.deserialize_seq(visitor),
            Value::Map(_) => return self.deserialize_map(visitor),
            Value::Scalar(scalar) => scalar,
        };
        match (&*scalar.text, scalar.plain) {
            ("true", true) => visitor.visit_bool(true),
            ("false", true) => visitor.visit_bool(false),
            (_, true) if scalar.is_null() => visitor.visit_unit(),
            (text, true) => match (whole(scalar), fraction(scalar)) {
                (Some(number), _) => visit_whole(number, visitor),
                (None, Some(number)) => visitor.visit_f64(number),
                (None, None) => visitor.visit_borrowed_str(text),
            },
            (text, false) => visitor.visit_borrowed_str(text),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        match self
            .node
            .scalar()
            .map(|scalar| (&*scalar.text, scalar.plain))
        {
            Some(("true", true)) => visitor.visit_bool(true),
            Some(("false", true)) => visitor.visit_bool(false),
            Some(_) | None => Err(ReadError::wrong("true or false")),
        }
    }

    numbers! {
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        self.deserialize_f64(visitor)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        let number = self
            .node
            .scalar()
            .filter(|scalar| scalar.plain)
            .and_then(fraction);
        visitor.visit_f64(number.ok_or_else(|| ReadError::wrong("a number"))?)
    }

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        self.deserialize_str(visitor)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        visitor.visit_borrowed_str(self.text()?)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        self.deserialize_str(visitor)
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        self.deserialize_str(visitor)
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        self.deserialize_str(visitor)
    }

    /// A field that is there has a value: those without are taken out before anything is read.
    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        visitor.visit_some(self)
    }

    fn deserialize_unit<V: Visitor<'de>>(self, _visitor: V) -> Result<V::Value, ReadError> {
        Err(ReadError::wrong("nothing"))
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, ReadError> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, ReadError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        match &self.node.value {
            Value::Seq(items) => visitor.visit_seq(Items {
                items: items.iter().enumerate(),
            }),
            Value::Scalar(_) | Value::Map(_) => Err(ReadError::wrong("a list")),
        }
    }

    fn deserialize_tuple<V: Visitor<'de>>(
        self,
        _len: usize,
        visitor: V,
    ) -> Result<V::Value, ReadError> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _len: usize,
        visitor: V,
    ) -> Result<V::Value, ReadError> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        match &self.node.value {
            Value::Map(entries) => visitor.visit_map(Fields {
                entries: entries.iter(),
                current: None,
            }),
            Value::Scalar(_) | Value::Seq(_) => Err(ReadError::wrong("a map")),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ReadError> {
        match &self.node.value {
            Value::Map(_) => self.deserialize_map(visitor),
            Value::Scalar(_) | Value::Seq(_) => {
                Err(ReadError::new(What::NotAMap { known: fields }))
            }
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ReadError> {
        match &self.node.value {
            Value::Scalar(_) => visitor.visit_enum(Choice {
                word: self.text()?,
                entry: None,
            }),
            Value::Map(entries) => match entries.as_slice() {
                [entry] => visitor.visit_enum(Choice {
                    word: &entry.key,
                    entry: Some(entry),
                }),
                _ => Err(ReadError::new(What::Choice { known: variants })),
            },
            Value::Seq(_) => Err(ReadError::wrong("one of the choices")),
        }
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        self.deserialize_str(visitor)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        visitor.visit_unit()
    }
}

struct Items<'de> {
    items: std::iter::Enumerate<std::slice::Iter<'de, Node>>,
}

impl<'de> SeqAccess<'de> for Items<'de> {
    type Error = ReadError;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, ReadError> {
        let Some((index, node)) = self.items.next() else {
            return Ok(None);
        };
        let value = seed.deserialize(Reader::new(node));
        value.map(Some).map_err(|error| error.at(index))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.items.len())
    }
}

struct Fields<'de> {
    entries: std::slice::Iter<'de, Entry>,
    current: Option<&'de Entry>,
}

impl<'de> MapAccess<'de> for Fields<'de> {
    type Error = ReadError;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, ReadError> {
        self.current = self.entries.next();
        let Some(entry) = self.current else {
            return Ok(None);
        };
        let key = seed.deserialize(BorrowedStrDeserializer::new(&entry.key));
        key.map(Some)
            .map_err(|error: ReadError| error.on_key().under(&entry.key))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, ReadError> {
        let Some(entry) = self.current else {
            return Err(ReadError::wrong("a key before its value"));
        };
        let value = seed.deserialize(Reader::new(&entry.value));
        value.map_err(|error| error.under(&entry.key))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.entries.len())
    }
}

/// A word, or a map with one key.
struct Choice<'de> {
    word: &'de str,
    entry: Option<&'de Entry>,
}

impl<'de> EnumAccess<'de> for Choice<'de> {
    type Error = ReadError;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), ReadError> {
        let variant = seed.deserialize(BorrowedStrDeserializer::new(self.word));
        match (variant, self.entry) {
            (Ok(variant), _) => Ok((variant, self)),
            (Err(error), None) => Err(error),
            (Err(error), Some(entry)) => Err(ReadError::on_key(error).under(&entry.key)),
        }
    }
}

impl<'de> Choice<'de> {
    fn value(&self) -> Result<(Reader<'de>, &'de str), ReadError> {
        match self.entry {
            Some(entry) => Ok((Reader::new(&entry.value), &entry.key)),
            None => Err(ReadError::wrong("a map with one key")),
        }
    }
}

impl<'de> VariantAccess<'de> for Choice<'de> {
    type Error = ReadError;

    fn unit_variant(self) -> Result<(), ReadError> {
        match self.entry {
            None => Ok(()),
            Some(_) => Err(ReadError::wrong("one word")),
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, ReadError> {
        let (reader, key) = self.value()?;
        seed.deserialize(reader).map_err(|error| error.under(key))
    }

    fn tuple_variant<V: Visitor<'de>>(
        self,
        _len: usize,
        visitor: V,
    ) -> Result<V::Value, ReadError> {
        let (reader, key) = self.value()?;
        reader
            .deserialize_seq(visitor)
            .map_err(|error| error.under(key))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ReadError> {
        let (reader, key) = self.value()?;
        reader
            .deserialize_map(visitor)
            .map_err(|error| error.under(key))
    }
}
