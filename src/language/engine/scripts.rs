//! What scripts in Rhai can call beyond operators: the catalogue, Python's builtins and methods, MyData, modules.
//!
//! A name may be a function of the catalogue and a method of a value at once (`join`, `get`, `keys`): the receiver
//! decides.

use std::any::TypeId;
use std::collections::BTreeMap;

use rhai::{Array, Dynamic, Engine, Map, NativeCallContext};

use crate::functions;
use crate::language::convert::{Held, MyData, from_value, to_value};
use crate::language::current::{Current, Native, with};
use crate::language::operations::{self, Call};
use crate::language::{Error, names};
use crate::value::Value;

/// Builtins of Python's that take plain values, each with up to three arguments.
const BUILTINS: [&str; 34] = [
    "abs",
    "all",
    "any",
    "ascii",
    "bin",
    "bool",
    "bytes",
    "chr",
    "dict",
    "divmod",
    "enumerate",
    "float",
    "format",
    "frozenset",
    "hex",
    "int",
    "len",
    "list",
    "max",
    "min",
    "oct",
    "ord",
    "pow",
    "range",
    "repr",
    "reversed",
    "round",
    "set",
    "sorted",
    "str",
    "sum",
    "tuple",
    "zip",
    "next",
];

/// Methods of Python's values, each with up to three arguments.
const METHODS: [&str; 78] = [
    "add",
    "append",
    "capitalize",
    "center",
    "clear",
    "copy",
    "count",
    "date",
    "decode",
    "difference",
    "discard",
    "encode",
    "end",
    "endswith",
    "extend",
    "find",
    "findall",
    "format",
    "get",
    "group",
    "groups",
    "hex",
    "index",
    "insert",
    "intersection",
    "isalnum",
    "isalpha",
    "isdigit",
    "islower",
    "isnumeric",
    "isoformat",
    "isspace",
    "issubset",
    "issuperset",
    "isupper",
    "is_integer",
    "items",
    "join",
    "keys",
    "len",
    "ljust",
    "lower",
    "lstrip",
    "partition",
    "pop",
    "popitem",
    "remove",
    "replace",
    "reverse",
    "rfind",
    "rjust",
    "rpartition",
    "rsplit",
    "rstrip",
    "setdefault",
    "sort",
    "span",
    "split",
    "splitlines",
    "start",
    "startswith",
    "strftime",
    "strip",
    "swapcase",
    "symmetric_difference",
    "time",
    "timestamp",
    "title",
    "to_upper",
    "total_seconds",
    "union",
    "update",
    "upper",
    "values",
    "weekday",
    "zfill",
    "bit_length",
    "isdisjoint",
];

/// Registers them.
pub fn register(engine: &mut Engine) {
    register_calls(engine);
    register_arrays(engine);
    register_indexers(engine);
}

/// Every name with every number of arguments that it can take.
fn register_calls(engine: &mut Engine) {
    let mut arities: BTreeMap<&'static str, (usize, usize)> = BTreeMap::new();
    let mut allow = |name: &'static str, least: usize, most: usize| {
        let entry = arities.entry(name).or_insert((least, most));
        *entry = (entry.0.min(least), entry.1.max(most));
    };
    for function in functions::all().filter(|function| !function.name.contains('.')) {
        let needed = function.parameters.iter().filter(|parameter| !parameter.optional).count();
        let least = needed.saturating_sub(usize::from(function.caller_first));
        for name in [Some(function.name), function.alias].into_iter().flatten() {
            allow(name, least, function.parameters.len());
        }
    }
    for name in BUILTINS.into_iter().filter(|name| operations::is_builtin(name)) {
        allow(name, 0, 3);
    }
    for name in METHODS {
        allow(name, 1, 4);
    }
    for (name, (least, most)) in arities {
        for count in least..=most {
            let types = vec![TypeId::of::<Dynamic>(); count];
            engine.register_raw_fn(
                name,
                types,
                move |_: NativeCallContext, arguments: &mut [&mut Dynamic]| {
                    with(|current| invoke(current, name, arguments))
                },
            );
        }
    }
}

fn is_container(dynamic: &Dynamic) -> bool {
    dynamic.is::<Held>() || dynamic.is::<Array>() || dynamic.is::<Map>()
}

/// Calls whatever the name means for these arguments.
fn invoke(current: &mut Current, name: &str, arguments: &mut [&mut Dynamic]) -> Result<Dynamic, Error> {
    current.run.usable()?;
    let first_is_container = arguments.first().is_some_and(|first| is_container(first));
    let joins = name == "join" && arguments.get(1).is_some_and(|second| is_container(second));
    if arguments.first().is_some_and(|first| first.is::<MyData>()) {
        let positional = values(current, arguments.iter().skip(1))?;
        let call = Call { positional, keyword: Vec::new() };
        let value = if name == "len" {
            current.run.my_data_row("len", Vec::new())?
        } else {
            current.run.my_data_method(name, call)?
        };
        return current.answer(value);
    }
    if !first_is_container
        && !joins
        && let Some(function) = functions::find(name)
    {
        let positional = values(current, arguments.iter())?;
        let value = current.run.catalogue(function, Call { positional, keyword: Vec::new() })?;
        return current.answer(value);
    }
    if BUILTINS.contains(&name) && operations::is_builtin(name) {
        let positional = values(current, arguments.iter())?;
        let value = current.run.builtin(name, Call { positional, keyword: Vec::new() })?;
        return current.answer(value);
    }
    method(current, name, arguments)
}

fn values<'d, 'm: 'd>(
    current: &Current,
    arguments: impl Iterator<Item = &'d &'m mut Dynamic>,
) -> Result<Vec<Value>, Error> {
    arguments.map(|argument| to_value(argument, &current.run.budget)).collect()
}

/// A method of Python's; what changes its receiver changes the script's variable.
fn method(current: &mut Current, name: &str, arguments: &mut [&mut Dynamic]) -> Result<Dynamic, Error> {
    let positional = values(current, arguments.iter().skip(1))?;
    let Some(receiver) = arguments.first_mut() else {
        return Err(Error::Type(format!("{name}() needs an argument")));
    };
    let changes = operations::mutates(name);
    if changes && receiver.is_read_only() {
        return Err(Error::Value(format!(
            "{name}() cannot change this: assign it to a variable of the script first"
        )));
    }
    let mut value = to_value(receiver, &current.run.budget)?;
    let call = Call { positional, keyword: Vec::new() };
    let answer = operations::method(&mut value, name, call, &current.run.budget)?;
    if changes && is_container(receiver) {
        **receiver = match value {
            Value::List(items) if receiver.is::<Array>() => {
                Dynamic::from_array(items.iter().cloned().map(from_value).collect())
            }
            value => current.answer(value)?,
        };
    }
    current.answer(answer)
}

/// Scripts' own arrays grow in place.
fn register_arrays(engine: &mut Engine) {
    for name in ["push", "append"] {
        engine.register_fn(name, |items: &mut Array, item: Dynamic| -> Native<()> {
            with(|current| {
                current.run.budget.reserve(32)?;
                // What is too deep to be a value is too deep to be dropped.
                to_value(&item, &current.run.budget)?;
                items.push(item);
                Ok(())
            })
        });
    }
    engine.register_fn("pop", |items: &mut Array| items.pop().unwrap_or(Dynamic::UNIT));
    engine.register_fn(
        "shift",
        |items: &mut Array| {
            if items.is_empty() { Dynamic::UNIT } else { items.remove(0) }
        },
    );
    engine.register_fn("len", |items: &mut Array| i64::try_from(items.len()).unwrap_or(i64::MAX));
    engine.register_fn("is_empty", |items: &mut Array| items.is_empty());
    engine.register_fn("clear", |items: &mut Array| items.clear());
    engine.register_fn("len", |entries: &mut Map| i64::try_from(entries.len()).unwrap_or(i64::MAX));
    engine.register_fn("keys", |entries: &mut Map| -> Array {
        entries.keys().map(|key| Dynamic::from(key.to_string())).collect()
    });
    engine.register_fn("values", |entries: &mut Map| -> Array { entries.values().cloned().collect() });
    engine.register_fn("remove", |entries: &mut Map, key: rhai::ImmutableString| {
        entries.remove(key.as_str()).unwrap_or(Dynamic::UNIT)
    });
}

fn register_indexers(engine: &mut Engine) {
    engine.register_indexer_get(|held: &mut Held, index: Dynamic| -> Native<Dynamic> {
        with(|current| {
            current.run.usable()?;
            let index = to_value(&index, &current.run.budget)?;
            // `moment.year` comes here too.
            let value = match (&held.0, &index) {
                (Value::Dict(_), _) => operations::index(&held.0, &index)?,
                (other, Value::Str(name)) => operations::attribute(other, name)?,
                (other, index) => operations::index(other, index)?,
            };
            current.answer(value)
        })
    });
    engine.register_indexer_set(|held: &mut Held, index: Dynamic, value: Dynamic| -> Native<()> {
        with(|current| {
            current.run.usable()?;
            let index = to_value(&index, &current.run.budget)?;
            let value = to_value(&value, &current.run.budget)?;
            operations::set_index(&mut held.0, &index, value, &current.run.budget)?;
            if crate::language::operations::depth(&held.0) > crate::value::DEPTH_MAX {
                return Err(Error::Limit(format!("the depth of a value may be {}", crate::value::DEPTH_MAX)));
            }
            Ok(())
        })
    });
    engine.register_type_with_name::<MyData>(names::MY_DATA);
    engine.register_indexer_get(|_: &mut MyData, key: Dynamic| -> Native<Dynamic> {
        with(|current| {
            let key = to_value(&key, &current.run.budget)?;
            let value = current.run.my_data_row("item", vec![key])?;
            current.answer(value)
        })
    });
    engine.register_indexer_set(|_: &mut MyData, key: Dynamic, value: Dynamic| -> Native<()> {
        with(|current| {
            let key = to_value(&key, &current.run.budget)?;
            let value = to_value(&value, &current.run.budget)?;
            current.run.my_data_row("set", vec![key, value]).map(|_| ())
        })
    });
    engine.register_fn("contains", |_: &mut MyData, key: Dynamic| -> Native<bool> {
        with(|current| {
            let key = to_value(&key, &current.run.budget)?;
            Ok(current.run.my_data_row("has", vec![key])?.truth())
        })
    });
}
