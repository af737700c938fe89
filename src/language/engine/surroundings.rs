//! What scripts in Rhai find around them: modules, shared names, and the eye on what their variables hold.

use rhai::{Array, Dynamic, Engine, EvalContext, Module};

use crate::language::Error;
use crate::language::convert::{MyData, from_value, to_value};
use crate::language::current::{Native, with};
use crate::language::operations::Call;
use crate::language::{modules, names};

/// Functions of the modules that scripts reach as `math::sqrt(x)`.
const MODULES: [(&str, &[&str]); 4] = [
    (
        "math",
        &[
            "acos",
            "asin",
            "atan",
            "atan2",
            "ceil",
            "comb",
            "copysign",
            "cos",
            "degrees",
            "dist",
            "exp",
            "fabs",
            "factorial",
            "floor",
            "fmod",
            "fsum",
            "gcd",
            "hypot",
            "isclose",
            "isfinite",
            "isinf",
            "isnan",
            "isqrt",
            "lcm",
            "log",
            "log10",
            "log2",
            "perm",
            "pow",
            "prod",
            "radians",
            "sin",
            "sqrt",
            "tan",
            "trunc",
        ],
    ),
    ("random", &["choice", "randint", "random", "randrange", "sample", "shuffle", "uniform"]),
    ("statistics", &["mean", "median", "stdev"]),
    ("json", &["dumps", "loads"]),
];

/// Registers them.
pub fn register(engine: &mut Engine) {
    for (name, functions) in MODULES {
        register_module(engine, name, functions);
    }
    #[expect(deprecated, reason = "Rhai calls the callback volatile, not deprecated")]
    engine.on_var(|name, index, context| variable(name, index, &context));
}

fn register_module(engine: &mut Engine, name: &'static str, functions: &'static [&'static str]) {
    let mut module = Module::new();
    for function in functions {
        let path: &'static str = match modules::has(&format!("{name}.{function}")) {
            true => function,
            false => continue,
        };
        let call = move |arguments: &[Dynamic]| -> Native<Dynamic> {
            with(|current| {
                let budget = &current.run.budget;
                let positional =
                    arguments.iter().map(|argument| to_value(argument, budget)).collect::<Result<_, _>>()?;
                let call = Call { positional, keyword: Vec::new() };
                let value = current.run.module(&format!("{name}.{path}"), call)?;
                current.answer(value)
            })
        };
        module.set_native_fn(*function, move || call(&[]));
        module.set_native_fn(*function, move |a: Dynamic| call(&[a]));
        module.set_native_fn(*function, move |a: Dynamic, b: Dynamic| call(&[a, b]));
        module.set_native_fn(*function, move |a: Dynamic, b: Dynamic, c: Dynamic| call(&[a, b, c]));
    }
    engine.register_static_module(name, module.into());
}

/// A bare name that no variable of the script has is a shared name.
fn variable(name: &str, index: usize, context: &EvalContext) -> Native<Option<Dynamic>> {
    if index > 0 || context.scope().contains(name) {
        return Ok(None);
    }
    with(|current| {
        if name == names::MY_DATA {
            return Ok(Some(Dynamic::from(MyData)));
        }
        if name == "me" {
            return current.run.me().map(|me| Some(from_value(me)));
        }
        if current.run.context.shared_name(name).is_none() {
            if modules::is_module(name) {
                let message =
                    format!("'{name}' is a module; in a script in Rhai its functions are {name}::…");
                return Err(Error::Name(message));
            }
            return Ok(None);
        }
        let value = current.run.load(name)?;
        current.answer(value).map(Some)
    })
}

/// Counts what a script's variables hold: Rhai joins strings by itself and asks nobody for memory.
pub fn watch_variables(engine: &mut Engine) {
    #[expect(deprecated, reason = "Rhai calls the callback volatile, not deprecated")]
    engine.on_def_var(|is_runtime, _, context| {
        if !is_runtime {
            return Ok(true);
        }
        let held = context.scope().iter_raw().next().map_or(0, |(_, _, value)| weight(value));
        if held > 1024 {
            with(|current| current.run.budget.reserve(held))?;
        }
        Ok(true)
    });
}

fn weight(value: &Dynamic) -> usize {
    if let Some(text) = value.read_lock::<rhai::ImmutableString>() {
        return text.len();
    }
    if let Some(items) = value.read_lock::<Array>() {
        return items.len().saturating_mul(32);
    }
    0
}
