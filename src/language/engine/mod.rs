//! The engine: Rhai without its packages, with our functions, under limits.
//!
//! Owns how Rhai is set up and how its errors are told. Everything an expression can call is registered here.

mod calls;
mod fail;
mod iterators;
mod literals;
mod natives;
mod operators;
mod scripts;
mod surroundings;

pub use fail::{compile_error, run_error};
pub use literals::compile;

use rhai::{Dynamic, Engine, Module, OptimizationLevel, Shared};

use super::current;

/// Levels of calls of script functions. 16 work; no stack of a script thread ends before them.
pub const CALL_LEVELS_MAX: usize = 24;
/// How deep a script's expressions may nest.
pub const SCRIPT_DEPTH_MAX: usize = 48;
/// How deep they may nest inside of functions, which multiplies with the levels of calls.
pub const FUNCTION_DEPTH_MAX: usize = 32;
/// How deep the source of a lowered text may nest: a level of the text is up to eleven of these. 64 brackets fit.
const LOWERED_DEPTH_MAX: usize = 480;
/// Steps of one script.
const OPERATIONS_MAX: u64 = 20_000_000;
/// Variables of a script at once.
const VARIABLES_MAX: usize = 256;
/// Functions in a script.
const FUNCTIONS_MAX: usize = 128;
/// Bytes of a string that a script joins by itself, and of all strings in one array or map.
const STRING_BYTES_MAX: usize = 262_144;
/// Items of an array that a script makes by itself, with all that are in them; a map's entries.
const ARRAY_ITEMS_MAX: usize = 5_000;

/// Items of an array in a lowered text.
const LOWERED_ITEMS_MAX: usize = 70_000;

/// For what texts an engine is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// What the lowering wrote: its depth and size are bounded by the tree's.
    Lowered,
    /// What a person wrote in Rhai.
    Script,
}

/// Symbols that the language does not have: each could grow without bound, block, or reach outside.
const DISABLED: [&str; 13] = [
    "eval",
    "import",
    "export",
    "switch",
    "Fn",
    "call",
    "curry",
    "is_def_fn",
    "is_def_var",
    "print",
    "debug",
    "global",
    "type_of",
];

/// An engine with all functions; `user` are those of the users' own.
pub fn build(purpose: Purpose, user: &[Shared<Module>]) -> Engine {
    let mut engine = Engine::new_raw();
    engine.set_optimization_level(OptimizationLevel::None);
    // The interner's lock would keep two threads from using one engine, and it would keep clients' strings.
    engine.set_max_strings_interned(0);
    engine.set_fast_operators(false);
    for symbol in DISABLED {
        engine.disable_symbol(symbol);
    }
    engine.set_allow_anonymous_fn(false);
    engine.set_max_operations(OPERATIONS_MAX);
    engine.set_max_call_levels(CALL_LEVELS_MAX);
    engine.set_max_modules(0);
    if purpose == Purpose::Script {
        engine.set_max_expr_depths(SCRIPT_DEPTH_MAX, FUNCTION_DEPTH_MAX);
        engine.set_max_variables(VARIABLES_MAX);
        engine.set_max_functions(FUNCTIONS_MAX);
        engine.set_max_string_size(STRING_BYTES_MAX);
        engine.set_max_array_size(ARRAY_ITEMS_MAX);
        engine.set_max_map_size(ARRAY_ITEMS_MAX);
        engine.set_fail_on_invalid_map_property(true);
        surroundings::watch_variables(&mut engine);
        literals::watch(&mut engine);
    } else {
        engine.set_max_expr_depths(LOWERED_DEPTH_MAX, 0);
        engine.set_max_functions(0);
        // No display of a request is longer; the users' own functions run here too.
        engine.set_max_array_size(LOWERED_ITEMS_MAX);
        engine.set_max_map_size(LOWERED_ITEMS_MAX);
    }
    engine.on_progress(progress);
    natives::register(&mut engine);
    calls::register(&mut engine);
    operators::register(&mut engine);
    iterators::register(&mut engine);
    scripts::register(&mut engine);
    surroundings::register(&mut engine);
    for module in user {
        engine.register_global_module(Shared::clone(module));
    }
    engine
}

/// Looks at the clocks now and then, since one step can take arbitrarily long.
fn progress(steps: u64) -> Option<Dynamic> {
    if !steps.is_multiple_of(16) {
        return None;
    }
    match current::with(|current| current.run.check_time()) {
        Ok(()) => None,
        Err(_) => Some(Dynamic::UNIT),
    }
}
