//! The value -> serde's data model.
//!
//! Owns the deserializer. Uses nothing but the value and its base64.

use serde_core::de::{
    DeserializeSeed, Deserializer, EnumAccess, IntoDeserializer, MapAccess, SeqAccess, Unexpected,
    VariantAccess, Visitor,
};
use serde_core::{de, forward_to_deserialize_any};

use super::LITERAL;
use crate::wire::read_base64;
use crate::{Error, Value};

/// Hands a value over to whoever asks for it.
pub(super) struct ValueDeserializer(pub(super) Value);

/// A dict's key: a text on the JSON wire, whatever it was.
struct KeyDeserializer(Value);

/// The text of a [`Value`] that asks for itself.
struct LiteralAccess(String);

struct Items(std::vec::IntoIter<Value>);

struct Entries {
    entries: std::vec::IntoIter<(Value, Value)>,
    value: Option<Value>,
}

struct Variant {
    name: Value,
    content: Option<Value>,
}

fn text(write: impl FnOnce(&mut String)) -> String {
    let mut out = String::new();
    write(&mut out);
    out
}

/// The bytes that JSON shows as `{"bytes": "…"}`.
fn shown_bytes(value: &Value) -> Option<Vec<u8>> {
    match value {
        Value::Dict(entries) => match entries.as_slice() {
            [(Value::Str(key), Value::Str(base64))] if key == "bytes" => read_base64(base64),
            _ => None,
        },
        _ => None,
    }
}

fn unexpected(value: &Value) -> Unexpected<'_> {
    match value {
        Value::None => Unexpected::Unit,
        Value::Bool(truth) => Unexpected::Bool(*truth),
        Value::Int(number) => Unexpected::Signed(*number),
        Value::Float(number) => Unexpected::Float(*number),
        Value::Str(text) => Unexpected::Str(text),
        Value::Bytes(bytes) => Unexpected::Bytes(bytes),
        Value::Dict(_) => Unexpected::Map,
        other => Unexpected::Other(other.type_name()),
    }
}

impl<'de> Deserializer<'de> for ValueDeserializer {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::None => visitor.visit_unit(),
            Value::Bool(truth) => visitor.visit_bool(truth),
            Value::Int(number) => visitor.visit_i64(number),
            Value::Float(number) => visitor.visit_f64(number),
            Value::Str(text) => visitor.visit_string(text),
            Value::Bytes(bytes) => visitor.visit_byte_buf(bytes),
            Value::List(items) | Value::Tuple(items) | Value::Set(items) | Value::FrozenSet(items) => {
                let mut items = Items(items.into_iter());
                let value = visitor.visit_seq(&mut items)?;
                match items.0.len() {
                    0 => Ok(value),
                    more => Err(de::Error::custom(format!("{more} items more than expected"))),
                }
            }
            Value::Dict(entries) => visitor.visit_map(Entries { entries: entries.into_iter(), value: None }),
            Value::DateTime(moment) => visitor.visit_string(text(|out| moment.write_iso(out))),
            Value::Date(date) => visitor.visit_string(text(|out| date.write_str(out))),
            Value::Time(time) => visitor.visit_string(text(|out| time.write_str(out))),
            Value::Delta(delta) => visitor.visit_string(text(|out| delta.write_str(out))),
        }
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let shown = match &self.0 {
            Value::Str(text) if text == "inf" => Some(f64::INFINITY),
            Value::Str(text) if text == "-inf" => Some(f64::NEG_INFINITY),
            Value::Str(text) if text == "nan" => Some(f64::NAN),
            _ => None,
        };
        match shown {
            Some(number) => visitor.visit_f64(number),
            None => self.deserialize_any(visitor),
        }
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_f64(visitor)
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match shown_bytes(&self.0) {
            Some(bytes) => visitor.visit_byte_buf(bytes),
            None => self.deserialize_any(visitor),
        }
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_byte_buf(visitor)
    }

    /// Bytes are a sequence too: that is how serde reads a `Vec<u8>`.
    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let bytes = match self.0 {
            Value::Bytes(bytes) => bytes,
            other => match shown_bytes(&other) {
                Some(bytes) => bytes,
                None => return ValueDeserializer(other).deserialize_any(visitor),
            },
        };
        let items = bytes.into_iter().map(Value::from).collect();
        ValueDeserializer(Value::List(items)).deserialize_any(visitor)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::None => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        if name == LITERAL {
            visitor.visit_enum(LiteralAccess(self.0.repr()))
        } else {
            visitor.visit_newtype_struct(self)
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match self.0 {
            name @ Value::Str(_) => visitor.visit_enum(Variant { name, content: None }),
            Value::Dict(mut entries) if entries.len() == 1 => {
                let (name, content) = entries.pop().unwrap_or((Value::None, Value::None));
                visitor.visit_enum(Variant { name, content: Some(content) })
            }
            other => {
                Err(de::Error::invalid_type(unexpected(&other), &"a variant's name, or a dict of one entry"))
            }
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 char str string unit unit_struct map struct identifier
        ignored_any
    }
}

macro_rules! keys {
    ($($method:ident),*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            let number = if let Value::Str(text) = &self.0 { text.parse().ok().map(Value::Int) } else { None };
            ValueDeserializer(number.unwrap_or(self.0)).$method(visitor)
        }
    )*};
}

impl<'de> Deserializer<'de> for KeyDeserializer {
    type Error = Error;

    keys!(
        deserialize_i8,
        deserialize_i16,
        deserialize_i32,
        deserialize_i64,
        deserialize_i128,
        deserialize_u8,
        deserialize_u16,
        deserialize_u32,
        deserialize_u64,
        deserialize_u128
    );

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        ValueDeserializer(self.0).deserialize_any(visitor)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match &self.0 {
            Value::Str(text) if text == "True" => visitor.visit_bool(true),
            Value::Str(text) if text == "False" => visitor.visit_bool(false),
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::None => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        if name == LITERAL {
            ValueDeserializer(self.0).deserialize_newtype_struct(name, visitor)
        } else {
            visitor.visit_newtype_struct(self)
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        ValueDeserializer(self.0).deserialize_enum(name, variants, visitor)
    }

    forward_to_deserialize_any! {
        f32 f64 char str string bytes byte_buf unit unit_struct seq tuple tuple_struct map struct identifier
        ignored_any
    }
}

impl<'de> SeqAccess<'de> for &mut Items {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Error> {
        self.0.next().map(|item| seed.deserialize(ValueDeserializer(item))).transpose()
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.0.len())
    }
}

impl<'de> MapAccess<'de> for Entries {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Error> {
        let Some((key, value)) = self.entries.next() else { return Ok(None) };
        self.value = Some(value);
        seed.deserialize(KeyDeserializer(key)).map(Some)
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Error> {
        seed.deserialize(ValueDeserializer(self.value.take().unwrap_or(Value::None)))
    }
}

impl<'de> EnumAccess<'de> for Variant {
    type Error = Error;
    type Variant = Variant;

    fn variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<(T::Value, Variant), Error> {
        let name = seed.deserialize(ValueDeserializer(self.name))?;
        Ok((name, Variant { name: Value::None, content: self.content }))
    }
}

impl<'de> VariantAccess<'de> for Variant {
    type Error = Error;

    fn unit_variant(self) -> Result<(), Error> {
        match self.content {
            None | Some(Value::None) => Ok(()),
            Some(other) => Err(de::Error::invalid_type(unexpected(&other), &"a variant without content")),
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Error> {
        seed.deserialize(ValueDeserializer(self.content.unwrap_or(Value::None)))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Error> {
        ValueDeserializer(self.content.unwrap_or(Value::None)).deserialize_seq(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        ValueDeserializer(self.content.unwrap_or(Value::None)).deserialize_any(visitor)
    }
}

impl<'de> EnumAccess<'de> for LiteralAccess {
    type Error = Error;
    type Variant = Variant;

    fn variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<(T::Value, Variant), Error> {
        let text: de::value::StringDeserializer<Error> = self.0.into_deserializer();
        Ok((seed.deserialize(text)?, Variant { name: Value::None, content: None }))
    }
}
