//! The functions that lowered texts call: one for each Python operation, none of which a name of Python's can reach.

use rhai::{Array, Dynamic, Engine, ImmutableString};

use crate::language::Error;
use crate::language::convert::{Gathered, Held, Spread, from_value, to_value, unpack};
use crate::language::current::{Current, Native, with};
use crate::language::lower::{binary_name, unary_name};
use crate::language::operations::{self, Binary, Iteration, Unary};
use crate::value::Value;

/// Every binary operator.
pub const BINARY: [Binary; 22] = [
    Binary::Add,
    Binary::Sub,
    Binary::Mul,
    Binary::TrueDiv,
    Binary::FloorDiv,
    Binary::Mod,
    Binary::Pow,
    Binary::And,
    Binary::Or,
    Binary::Xor,
    Binary::LShift,
    Binary::RShift,
    Binary::Eq,
    Binary::Ne,
    Binary::Lt,
    Binary::Le,
    Binary::Gt,
    Binary::Ge,
    Binary::In,
    Binary::NotIn,
    Binary::Is,
    Binary::IsNot,
];

/// Registers them.
pub fn register(engine: &mut Engine) {
    engine.register_type_with_name::<Held>("value");
    for operator in BINARY {
        engine.register_fn(binary_name(operator), move |left: Dynamic, right: Dynamic| {
            binary(operator, &left, &right)
        });
    }
    for operator in [Unary::Neg, Unary::Pos, Unary::Invert, Unary::Not] {
        engine.register_fn(unary_name(operator), move |operand: Dynamic| unary(operator, &operand));
    }
    names(engine);
    values(engine);
    loops(engine);
    spreads(engine);
}

/// A binary operator on Rhai's values.
pub fn binary(operator: Binary, left: &Dynamic, right: &Dynamic) -> Native<Dynamic> {
    with(|current| {
        let left = to_value(left, &current.run.budget)?;
        let right = to_value(right, &current.run.budget)?;
        let value = current.run.binary(operator, &left, &right)?;
        current.answer(value)
    })
}

/// A prefix operator on Rhai's values.
pub fn unary(operator: Unary, operand: &Dynamic) -> Native<Dynamic> {
    with(|current| {
        let operand = to_value(operand, &current.run.budget)?;
        let value = current.run.unary(operator, &operand)?;
        current.answer(value)
    })
}

impl Current {
    /// The value as Rhai gets it.
    pub fn answer(&self, value: Value) -> Result<Dynamic, Error> {
        let container =
            !matches!(value, Value::None | Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::Str(_));
        if self.script && container && operations::depth(&value) > crate::value::DEPTH_MAX {
            return Err(Error::Limit(format!("the depth of a value may be {}", crate::value::DEPTH_MAX)));
        }
        if let Value::Str(text) = &value
            && text.len() > 64
        {
            self.run.budget.reserve(text.len())?;
        }
        Ok(from_value(value))
    }

    fn value(&self, dynamic: &Dynamic) -> Result<Value, Error> {
        to_value(dynamic, &self.run.budget)
    }
}

/// A function of one value.
fn one(
    engine: &mut Engine,
    name: &str,
    body: impl Fn(&mut Current, Value) -> Result<Value, Error> + Send + Sync + 'static,
) {
    engine.register_fn(name, move |operand: Dynamic| -> Native<Dynamic> {
        with(|current| {
            let value = current.value(&operand)?;
            let value = body(current, value)?;
            current.answer(value)
        })
    });
}

/// A function of a list of values.
pub(super) fn packed(
    engine: &mut Engine,
    name: &str,
    body: impl Fn(&mut Current, Vec<Value>) -> Result<Value, Error> + Send + Sync + 'static,
) {
    engine.register_fn(name, move |items: Array| -> Native<Dynamic> {
        with(|current| {
            current.run.usable()?;
            let values = unpack(items, &current.run.budget)?;
            let value = body(current, values)?;
            current.answer(value)
        })
    });
}

fn names(engine: &mut Engine) {
    engine.register_fn("__k", |number: i64| -> Native<Dynamic> {
        with(|current| {
            let constant = usize::try_from(number).ok().and_then(|number| current.constants.get(number));
            Ok(constant.cloned().map_or(Dynamic::UNIT, from_value))
        })
    });
    engine.register_fn("__load", |name: ImmutableString| -> Native<Dynamic> {
        with(|current| {
            let value = current.run.load(&name)?;
            current.answer(value)
        })
    });
    engine.register_fn("__unknown", |name: ImmutableString| -> Native<Dynamic> {
        with(|current| Err(current.run.no_function(&name)))
    });
    engine.register_fn("__store", |name: ImmutableString, value: Dynamic| -> Native<()> {
        with(|current| {
            let value = current.value(&value)?;
            current.run.store(&name, value)
        })
    });
    engine.register_fn("__delete", |name: ImmutableString| -> Native<()> {
        with(|current| current.run.delete(&name))
    });
    engine.register_fn("__my_data", || -> Native<Dynamic> {
        with(|current| current.run.my_data().map(from_value))
    });
    engine.register_fn("__length_of_my_data", || -> Native<Dynamic> {
        with(|current| current.run.my_data_row("len", Vec::new()).map(from_value))
    });
    engine.register_fn("__me", || -> Native<Dynamic> { with(|current| current.run.me().map(from_value)) });
    engine.register_fn("__type", |name: ImmutableString| -> Native<Dynamic> {
        with(|current| current.run.type_value(&name).map(from_value))
    });
    one(engine, "__item_of_my_data", |current, key| current.run.my_data_row("item", vec![key]));
    one(engine, "__in_my_data", |current, key| current.run.my_data_row("has", vec![key]));
    one(engine, "__not_in_my_data", |current, key| {
        Ok(Value::Bool(!current.run.my_data_row("has", vec![key])?.truth()))
    });
    one(engine, "__hold", |current, value| {
        current.run.touched.hold(&value);
        Ok(value)
    });
    packed(engine, "__hold_parts", |current, parts| {
        let [Value::List(parts), Value::Int(from)] = parts.as_slice() else { return Ok(Value::None) };
        let mark = current.run.touched.mark();
        let from = usize::try_from(*from).unwrap_or(0);
        parts.iter().skip(from).for_each(|part| current.run.touched.hold(part));
        Ok(Value::Int(i64::try_from(mark).unwrap_or(0)))
    });
    engine.register_fn("__release_to", |mark: i64| -> Native<()> {
        with(|current| {
            current.run.touched.release_to(usize::try_from(mark).unwrap_or(0));
            Ok(())
        })
    });
    engine.register_fn("__release", || -> Native<()> {
        with(|current| {
            current.run.touched.release();
            Ok(())
        })
    });
    engine.register_fn("__drop", |_: Dynamic| -> Native<()> { with(|current| current.run.usable()) });
}

fn values(engine: &mut Engine) {
    packed(engine, "__list", |current, items| {
        current.run.budget.reserve(items.len().saturating_mul(32))?;
        operations::make_list(items)
    });
    packed(engine, "__tuple", |current, items| {
        current.run.budget.reserve(items.len().saturating_mul(32))?;
        operations::make_tuple(items)
    });
    packed(engine, "__set", |current, items| operations::make_set(items, &current.run.budget));
    packed(engine, "__dict", |current, items| operations::make_dict(in_pairs(items), &current.run.budget));
    packed(engine, "__join", |current, pieces| {
        let mut text = String::new();
        for piece in &pieces {
            if let Value::Str(piece) = piece {
                current.run.budget.reserve(piece.len())?;
                text.push_str(piece);
            }
        }
        Ok(Value::from(text))
    });
    packed(engine, "__field", |current, parts| {
        let [value, conversion, specification] = parts.as_slice() else { return Ok(Value::None) };
        let conversion = crate::value::str(conversion).chars().next();
        let specification = crate::value::str(specification);
        current.run.field(value, conversion, &specification).map(Value::from)
    });
    packed(engine, "__slice", |current, parts| {
        let [base, start, stop, step] = parts.as_slice() else { return Ok(Value::None) };
        current.run.slice(base, start, stop, step)
    });
    packed(engine, "__bounds", |_, parts| {
        let [start, stop, step] = parts.as_slice() else { return Ok(Value::None) };
        Ok(operations::slice_index([start.clone(), stop.clone(), step.clone()]))
    });
    packed(engine, "__having", |_, parts| {
        let [receiver, Value::Str(name)] = parts.as_slice() else { return Ok(Value::None) };
        operations::check_method(receiver, name)?;
        Ok(receiver.clone())
    });
    packed(engine, "__attribute", |_, parts| {
        let [base, Value::Str(name)] = parts.as_slice() else { return Ok(Value::None) };
        operations::attribute(base, name)
    });
    engine.register_fn("__index", |base: Dynamic, index: Dynamic| -> Native<Dynamic> {
        with(|current| {
            current.run.usable()?;
            current.run.budget.tick()?;
            let base = current.value(&base)?;
            let index = current.value(&index)?;
            let value = operations::index(&base, &index)?;
            current.answer(value)
        })
    });
}

fn truth(operand: &Dynamic) -> Native<bool> {
    with(|current| {
        current.run.usable()?;
        Ok(current.value(operand)?.truth())
    })
}

fn loops(engine: &mut Engine) {
    engine.register_fn("__truth", |operand: Dynamic| truth(&operand));
    engine.register_fn("__false", |operand: Dynamic| truth(&operand).map(|truth| !truth));
    engine.register_fn("__iter", |iterable: Dynamic| -> Native<Dynamic> {
        with(|current| {
            current.run.usable()?;
            let iterable = current.value(&iterable)?;
            // What cannot be gone through is noticed here; a set can, and would be sorted twice.
            if !matches!(iterable, Value::Set(_) | Value::FrozenSet(_)) {
                Iteration::of(&iterable, &current.run.budget)?;
            }
            Ok(Dynamic::from(Held(iterable)))
        })
    });
    one(engine, "__items", |current, iterable| {
        current.run.usable()?;
        Ok(Value::list(operations::iterate(&iterable, &current.run.budget)?))
    });
    packed(engine, "__iterator", |current, mut parts| {
        let items = parts.pop().unwrap_or(Value::None);
        let kind = parts.pop().map(|kind| crate::value::str(&kind)).unwrap_or_default();
        current.run.iterator(&kind, items)
    });
    packed(engine, "__unpack", |current, parts| {
        let [value, Value::Int(count), star] = parts.as_slice() else { return Ok(Value::None) };
        let star = match star {
            Value::Int(star) => usize::try_from(*star).ok(),
            _ => None,
        };
        let count = usize::try_from(*count).unwrap_or(0);
        operations::unpack(value, count, star, &current.run.budget).map(Value::list)
    });
    engine.register_fn("__no_more", || -> Native<Dynamic> {
        with(|_| Err(Error::Value(String::from("the iterator has no more items"))))
    });
    one(engine, "__uncallable", |_, value| {
        Err(Error::Type(format!("'{}' object is not callable", value.type_name())))
    });
    engine.register_fn("__gather", || Dynamic::from(Gathered::default()));
    engine.register_fn("__push", |gathered: &mut Gathered, value: Dynamic| -> Native<()> {
        with(|current| {
            current.run.usable()?;
            current.run.budget.reserve(32)?;
            gathered.0.push(current.value(&value)?);
            Ok(())
        })
    });
    engine.register_fn("__any", |gathered: &mut Gathered| !gathered.0.is_empty());
    engine.register_fn("__gathered", |gathered: &mut Gathered, form: ImmutableString| -> Native<Dynamic> {
        with(|current| {
            let items = std::mem::take(&mut gathered.0);
            current.run.usable()?;
            let value = match form.as_str() {
                "set" => operations::make_set(items, &current.run.budget)?,
                "dict" => operations::make_dict(in_pairs(items), &current.run.budget)?,
                _ => operations::make_list(items)?,
            };
            Ok(from_value(value))
        })
    });
}

fn spreads(engine: &mut Engine) {
    engine.register_fn("__spread", |iterable: Dynamic| -> Native<Dynamic> {
        with(|current| {
            let iterable = current.value(&iterable)?;
            let items = operations::iterate(&iterable, &current.run.budget)?;
            Ok(Dynamic::from(Spread(items)))
        })
    });
    engine.register_fn("__spread_pairs", |mapping: Dynamic| -> Native<Dynamic> {
        with(|current| {
            let mapping = current.value(&mapping)?;
            let pairs = crate::language::convert::pairs(&mapping)?;
            current.run.budget.reserve(pairs.len().saturating_mul(64))?;
            let flat = pairs.into_iter().flat_map(|(key, value)| [key, value]).collect();
            Ok(Dynamic::from(Spread(flat)))
        })
    });
}

fn in_pairs(items: Vec<Value>) -> Vec<(Value, Value)> {
    let mut pairs = Vec::with_capacity(items.len() / 2);
    let mut items = items.into_iter();
    while let (Some(key), Some(value)) = (items.next(), items.next()) {
        pairs.push((key, value));
    }
    pairs
}
