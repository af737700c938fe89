//! What scripts in Rhai find around them: modules, shared names, and the eye on what their variables hold.

use std::collections::BTreeMap;

use rhai::{Array, Dynamic, Engine, EvalContext, Module};

use crate::language::Error;
use crate::language::convert::{MyData, from_value, to_value};
use crate::language::current::{Native, with};
use crate::language::operations::Call;
use crate::language::{modules, names};

/// Registers them.
pub fn register(engine: &mut Engine) {
    for (name, functions, constants) in modules::all() {
        engine.register_static_module(name, module_of(name, functions, constants).into());
    }
    #[expect(deprecated, reason = "Rhai calls the callback volatile, not deprecated")]
    engine.on_var(|name, index, context| variable(name, index, &context));
}

/// A module as scripts reach it: `math::sqrt(x)`, `math::pi`, and a class's functions as `datetime::date::today()`.
fn module_of(path: &str, functions: &[&'static str], constants: &[&'static str]) -> Module {
    let mut module = Module::new();
    let mut classes: BTreeMap<&str, (Vec<&'static str>, Vec<&'static str>)> = BTreeMap::new();
    for name in functions {
        match name.split_once('.') {
            Some((class, inner)) => classes.entry(class).or_default().0.push(inner),
            None => register_function(&mut module, name, format!("{path}.{name}")),
        }
    }
    for name in constants {
        match name.split_once('.') {
            Some((class, inner)) => classes.entry(class).or_default().1.push(inner),
            None => {
                if let Some(value) = modules::constant(&format!("{path}.{name}")) {
                    module.set_var(*name, from_value(value));
                }
            }
        }
    }
    for (class, (functions, constants)) in classes {
        module.set_sub_module(class, module_of(&format!("{path}.{class}"), &functions, &constants));
    }
    module.build_index();
    module
}

/// Registers a closure for each number of arguments.
macro_rules! each_count {
    ($module:ident, $name:ident, $call:ident: $(($($argument:ident)*))*) => {
        $({
            let call = $call.clone();
            $module.set_native_fn($name, move |$($argument: Dynamic),*| call(&[$($argument),*]));
        })*
    };
}

fn register_function(module: &mut Module, name: &'static str, path: String) {
    let call = move |arguments: &[Dynamic]| -> Native<Dynamic> {
        with(|current| {
            let budget = &current.run.budget;
            let positional =
                arguments.iter().map(|argument| to_value(argument, budget)).collect::<Result<_, _>>()?;
            let value = current.run.module(&path, Call { positional, keyword: Vec::new() })?;
            current.answer(value)
        })
    };
    each_count!(module, name, call: () (a) (a b) (a b c) (a b c d) (a b c d e) (a b c d e f) (a b c d e f g));
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
