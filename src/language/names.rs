//! What a name in a client's text stands for: the one table that both ways of running a tree ask.
//!
//! Owns the order in which names are looked up and which of them belong to the server. Uses the tree, the
//! catalogue, the builtins, the modules. Runs nothing.

use std::collections::BTreeMap;

use super::dialect::tree::{CallExpr, Expr, Kind};
use super::dialect::{Fault, FaultKind};
use super::{modules, operations};
use crate::functions::{self, Function};

/// The registry as a dictionary.
pub const MY_DATA: &str = "MyData";

/// The names that the users' own functions add.
#[derive(Debug, Default)]
pub struct Names {
    /// Each function and the numbers of arguments that it takes.
    pub user: BTreeMap<String, Vec<usize>>,
}

/// What is called.
#[derive(Clone)]
pub enum Callee<'t> {
    /// A function of Python's own.
    Builtin(&'t str),
    /// A function of the catalogue.
    Catalogue(&'static Function),
    /// A function of the users' own.
    User(&'t str),
    /// No function, but maybe a shared name: that shows when it runs.
    Unknown(&'t str),
    /// A module's function, by its path.
    Module(String),
    /// A method of the registry as a dictionary.
    MyData(&'t str),
    /// A function of a class: `str.upper` with its receiver as first argument.
    Class(String, &'t str),
    /// A method of a value.
    Method(&'t Expr, &'t str),
}

/// The types that can stand before a dot or as a value.
const TYPES: [&str; 13] = [
    "bool",
    "bytes",
    "dict",
    "enumerate",
    "filter",
    "float",
    "frozenset",
    "int",
    "list",
    "map",
    "set",
    "str",
    "tuple",
];

/// What Python has and the server must not.
const FORBIDDEN: [&str; 30] = [
    "aiter",
    "anext",
    "callable",
    "classmethod",
    "hasattr",
    "hash",
    "id",
    "print",
    "property",
    "slice",
    "staticmethod",
    "eval",
    "exec",
    "open",
    "compile",
    "__import__",
    "globals",
    "locals",
    "vars",
    "input",
    "getattr",
    "setattr",
    "delattr",
    "breakpoint",
    "dir",
    "object",
    "super",
    "complex",
    "memoryview",
    "bytearray",
];

impl Names {
    /// Whether the server owns the name, so that nobody can assign it.
    pub fn is_owned(&self, name: &str) -> bool {
        name == MY_DATA
            || name == "me"
            || modules::is_module(name)
            || operations::is_builtin(name)
            || functions::find(name).is_some()
            || self.user.contains_key(name)
    }

    /// Refuses an assignment to a name that the server owns.
    pub fn check_assignable(&self, name: &str, at: u32) -> Result<(), Fault> {
        if self.is_owned(name) {
            let message = format!("the name '{name}' belongs to the server and cannot be assigned");
            return Err(Fault { kind: FaultKind::State, message, at });
        }
        Ok(())
    }

    /// What a call calls. `local` tells the variables of comprehensions and lambdas.
    pub fn callee<'t>(&self, call: &'t CallExpr, local: &dyn Fn(&str) -> bool) -> Result<Callee<'t>, Fault> {
        let at = call.callee.at;
        match &call.callee.kind {
            Kind::Name(name) if local(name) => Err(not_callable(name, at)),
            Kind::Name(name) => self.function(name, at),
            Kind::Attribute(base, name) => match base.root() {
                Some(root) if !local(root) => Self::dotted(base, root, name, at),
                _ => Ok(Callee::Method(base, name)),
            },
            _ => Err(name_fault("only functions and methods that have a name can be called here", at)),
        }
    }

    fn function<'t>(&self, name: &'t str, at: u32) -> Result<Callee<'t>, Fault> {
        if let Some(function) = functions::find(name) {
            return Ok(Callee::Catalogue(function));
        }
        if operations::is_builtin(name) && !name.contains('.') && !name.starts_with("__") {
            return Ok(Callee::Builtin(name));
        }
        if self.user.contains_key(name) {
            return Ok(Callee::User(name));
        }
        if FORBIDDEN.contains(&name) || name.starts_with("__") {
            return Err(name_fault(format!("the server does not have {name}()"), at));
        }
        if name == MY_DATA || name == "me" || modules::is_module(name) {
            return Err(not_callable(name, at));
        }
        Ok(Callee::Unknown(name))
    }

    fn dotted<'t>(base: &'t Expr, root: &str, name: &'t str, at: u32) -> Result<Callee<'t>, Fault> {
        let direct = matches!(base.kind, Kind::Name(_));
        if root == MY_DATA && direct {
            return Ok(Callee::MyData(name));
        }
        if modules::is_module(root) {
            let Some(path) = base.dotted() else { return Ok(Callee::Method(base, name)) };
            let whole = format!("{path}.{name}");
            if modules::has(&whole) && modules::constant(&whole).is_none() {
                return Ok(Callee::Module(whole));
            }
            if !direct && constant(&path).is_some() {
                return Ok(Callee::Method(base, name));
            }
            let why = modules::absent(&whole)
                .unwrap_or_else(|| format!("module '{root}' has no function '{}'", after_dot(&whole)));
            return Err(name_fault(why, at));
        }
        if direct && TYPES.contains(&root) {
            return Ok(Callee::Class(format!("{root}.{name}"), name));
        }
        Ok(Callee::Method(base, name))
    }

    /// Why a bare name that stands as a value is no shared name, if it is none.
    pub fn value_name<'t>(&self, name: &'t str) -> NameValue<'t> {
        if name == MY_DATA {
            NameValue::MyData
        } else if name == "me" {
            NameValue::Me
        } else if operations::is_builtin(name) {
            NameValue::Type(name)
        } else if modules::is_module(name) || self.is_owned(name) {
            NameValue::Function(name)
        } else {
            NameValue::Shared(name)
        }
    }
}

/// What a bare name means where it stands as a value.
#[derive(Clone, Copy, Debug)]
pub enum NameValue<'t> {
    /// The whole registry.
    MyData,
    /// The session's own ID.
    Me,
    /// A type or a builtin.
    Type(&'t str),
    /// A function or a module, which is no value.
    Function(&'t str),
    /// A name that is shared by all clients.
    Shared(&'t str),
}

fn after_dot(path: &str) -> &str {
    path.split_once('.').map_or(path, |(_, rest)| rest)
}

fn not_callable(name: &str, at: u32) -> Fault {
    Fault { kind: FaultKind::Type, message: format!("'{name}' is no function"), at }
}

/// A fault of a name.
pub fn name_fault(message: impl Into<String>, at: u32) -> Fault {
    Fault { kind: FaultKind::Name, message: message.into(), at }
}

/// The place that an expression is, if a change of it can be kept: a shared name or `MyData[key]`, and indices.
pub struct Place<'t> {
    /// Where the path begins.
    pub root: PlaceRoot<'t>,
    /// The indices from there on.
    pub path: Vec<&'t Expr>,
}

/// Where a place begins.
#[derive(Clone, Copy)]
pub enum PlaceRoot<'t> {
    /// A shared name.
    Name(&'t str),
    /// A key of the registry.
    MyData(&'t Expr),
}

impl Names {
    /// The place that the expression is, if it is one.
    pub fn place<'t>(&self, expr: &'t Expr, local: &dyn Fn(&str) -> bool) -> Option<Place<'t>> {
        let mut path = Vec::new();
        let mut expr = expr;
        loop {
            match &expr.kind {
                Kind::Name(name) if !local(name) && !self.is_owned(name) => {
                    path.reverse();
                    return Some(Place { root: PlaceRoot::Name(name), path });
                }
                Kind::Index(base, index) => {
                    if matches!(&base.kind, Kind::Name(name) if **name == *MY_DATA && !local(name)) {
                        path.reverse();
                        return Some(Place { root: PlaceRoot::MyData(index), path });
                    }
                    path.push(&**index);
                    expr = base;
                }
                _ => return None,
            }
        }
    }
}

/// Whether the expression is the registry itself.
pub fn is_my_data(expr: &Expr) -> bool {
    matches!(&expr.kind, Kind::Name(name) if **name == *MY_DATA)
}

/// Whether the expression makes a new object, so that nobody else can see a change of it.
pub fn is_fresh(expr: &Expr) -> bool {
    match &expr.kind {
        Kind::List(_) | Kind::Dict(_) | Kind::Set(_) | Kind::Comprehension(_) | Kind::Literal(_) => true,
        Kind::Slice(..) | Kind::Binary(..) | Kind::Format(_) => true,
        Kind::Call(call) => match &call.callee.kind {
            Kind::Name(name) => {
                matches!(&**name, "list" | "dict" | "set" | "sorted" | "range" | "divmod" | "zip")
            }
            Kind::Attribute(_, name) => matches!(
                &**name,
                "split"
                    | "rsplit"
                    | "splitlines"
                    | "copy"
                    | "union"
                    | "intersection"
                    | "difference"
                    | "symmetric_difference"
                    | "fromkeys"
                    | "findall"
            ),
            _ => false,
        },
        _ => false,
    }
}

/// The constant or the type that a dotted path is: `math.pi`, `datetime.date`.
pub fn constant(path: &str) -> Option<crate::value::Value> {
    modules::constant(path).or_else(|| operations::type_object(path).filter(|_| path.contains('.')))
}
