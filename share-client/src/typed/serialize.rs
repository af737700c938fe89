//! serde's data model -> the value.
//!
//! Owns the serializer. Uses nothing but the value.

use serde_core::ser::{
    Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant, Serializer,
};

use super::LITERAL;
use crate::{Error, Value};

/// Makes a value of whatever is serialized.
#[derive(Clone, Copy, Default)]
pub(super) struct ValueSerializer {
    /// Whether what comes is the text of a literal, as a [`Value`] writes what serde has no word for.
    literal: bool,
}

/// The items or entries that have come, and what they become at the end.
pub(super) struct Collector {
    items: Vec<Value>,
    entries: Vec<(Value, Value)>,
    key: Option<Value>,
    shape: Shape,
    variant: Option<&'static str>,
}

#[derive(Clone, Copy)]
enum Shape {
    List,
    Tuple,
    Dict,
}

impl Collector {
    fn new(shape: Shape, variant: Option<&'static str>) -> Collector {
        Collector { items: Vec::new(), entries: Vec::new(), key: None, shape, variant }
    }

    fn item<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        self.items.push(value.serialize(ValueSerializer::default())?);
        Ok(())
    }

    fn entry<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Result<(), Error> {
        self.entries.push((key.into(), value.serialize(ValueSerializer::default())?));
        Ok(())
    }

    fn finish(self) -> Value {
        let value = match self.shape {
            Shape::List => Value::List(self.items),
            Shape::Tuple => Value::Tuple(self.items),
            Shape::Dict => Value::Dict(self.entries),
        };
        match self.variant {
            Some(variant) => Value::from([(variant, value)]),
            None => value,
        }
    }
}

fn whole<N: TryInto<i64> + ToString + Copy>(number: N) -> Result<Value, Error> {
    let too_large = || Error::Protocol(format!("{} does not fit into 64 bits", number.to_string()));
    number.try_into().map(Value::Int).map_err(|_| too_large())
}

macro_rules! simple {
    ($($method:ident($type:ty)),*) => {$(
        fn $method(self, value: $type) -> Result<Value, Error> {
            Ok(value.into())
        }
    )*};
}

impl Serializer for ValueSerializer {
    type Ok = Value;
    type Error = Error;
    type SerializeSeq = Collector;
    type SerializeTuple = Collector;
    type SerializeTupleStruct = Collector;
    type SerializeTupleVariant = Collector;
    type SerializeMap = Collector;
    type SerializeStruct = Collector;
    type SerializeStructVariant = Collector;

    simple!(
        serialize_bool(bool),
        serialize_i8(i8),
        serialize_i16(i16),
        serialize_i32(i32),
        serialize_i64(i64),
        serialize_u8(u8),
        serialize_u16(u16),
        serialize_u32(u32),
        serialize_f32(f32),
        serialize_f64(f64),
        serialize_str(&str),
        serialize_bytes(&[u8])
    );

    fn serialize_u64(self, value: u64) -> Result<Value, Error> {
        whole(value)
    }

    fn serialize_i128(self, value: i128) -> Result<Value, Error> {
        whole(value)
    }

    fn serialize_u128(self, value: u128) -> Result<Value, Error> {
        whole(value)
    }

    fn serialize_char(self, value: char) -> Result<Value, Error> {
        Ok(Value::Str(value.into()))
    }

    fn serialize_none(self) -> Result<Value, Error> {
        Ok(Value::None)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Value, Error> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<Value, Error> {
        Ok(Value::None)
    }

    fn serialize_unit_struct(self, _name: &'static str) -> Result<Value, Error> {
        Ok(Value::None)
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<Value, Error> {
        Ok(variant.into())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        value: &T,
    ) -> Result<Value, Error> {
        if name != LITERAL {
            return value.serialize(self);
        }
        match value.serialize(ValueSerializer { literal: true })? {
            Value::Str(literal) => Ok(literal.parse()?),
            other => Ok(other),
        }
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<Value, Error> {
        Ok(Value::from([(variant, value.serialize(self)?)]))
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Collector, Error> {
        Ok(Collector::new(Shape::List, None))
    }

    fn serialize_tuple(self, _: usize) -> Result<Collector, Error> {
        Ok(Collector::new(Shape::Tuple, None))
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Collector, Error> {
        Ok(Collector::new(Shape::Tuple, None))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Collector, Error> {
        Ok(Collector::new(Shape::Tuple, Some(variant)))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Collector, Error> {
        Ok(Collector::new(Shape::Dict, None))
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Collector, Error> {
        Ok(Collector::new(Shape::Dict, None))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Collector, Error> {
        Ok(Collector::new(Shape::Dict, Some(variant)))
    }

    fn is_human_readable(&self) -> bool {
        !self.literal
    }
}

macro_rules! items {
    ($($collect:ident::$method:ident),*) => {$(
        impl $collect for Collector {
            type Ok = Value;
            type Error = Error;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
                self.item(value)
            }

            fn end(self) -> Result<Value, Error> {
                Ok(self.finish())
            }
        }
    )*};
}

items!(
    SerializeSeq::serialize_element,
    SerializeTuple::serialize_element,
    SerializeTupleStruct::serialize_field,
    SerializeTupleVariant::serialize_field
);

macro_rules! fields {
    ($($collect:ident),*) => {$(
        impl $collect for Collector {
            type Ok = Value;
            type Error = Error;

            fn serialize_field<T: Serialize + ?Sized>(
                &mut self,
                key: &'static str,
                value: &T,
            ) -> Result<(), Error> {
                self.entry(key, value)
            }

            fn end(self) -> Result<Value, Error> {
                Ok(self.finish())
            }
        }
    )*};
}

fields!(SerializeStruct, SerializeStructVariant);

impl SerializeMap for Collector {
    type Ok = Value;
    type Error = Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Error> {
        self.key = Some(key.serialize(ValueSerializer::default())?);
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        let key = self.key.take().unwrap_or(Value::None);
        self.entries.push((key, value.serialize(ValueSerializer::default())?));
        Ok(())
    }

    fn end(self) -> Result<Value, Error> {
        Ok(self.finish())
    }
}
