//! Calls: what may be called, with what, and what takes a function or a generator.
//!
//! A part of the analysis beside it.

use super::{Analysis, refused};
use crate::language::dialect::Fault;
use crate::language::dialect::tree::{CallExpr, Expr, Form, Kind};
use crate::language::names::{Callee, name_fault};
use crate::language::operations;

/// Builtins that take a generator and use all of it, or, for `any` and `all`, stop where Python stops.
const GENERATOR_BUILTINS: [&str; 15] = [
    "next",
    "all",
    "any",
    "dict",
    "enumerate",
    "frozenset",
    "list",
    "max",
    "min",
    "set",
    "sorted",
    "sum",
    "tuple",
    "bytes",
    "zip",
];
/// Builtins that ask for an item when they are asked for one.
const LAZY: [&str; 6] = ["map", "filter", "zip", "enumerate", "iter", "reversed"];
const GENERATOR_METHODS: [&str; 8] =
    ["join", "extend", "update", "union", "intersection", "difference", "symmetric_difference", "fromkeys"];

impl Analysis<'_> {
    pub(super) fn call(&mut self, call: &CallExpr) -> Result<(), Fault> {
        if !matches!(call.callee.kind, Kind::Name(_) | Kind::Attribute(..)) {
            self.expr(&call.callee)?;
        }
        let locals = std::mem::take(&mut self.locals);
        let callee = self.names.callee(call, &|name| locals.iter().any(|(local, _)| **local == *name));
        self.locals = locals;
        let callee = callee?;
        let (takes_generator, function_at, takes_key) = match &callee {
            Callee::Builtin(name) => (
                GENERATOR_BUILTINS.contains(name) || matches!(*name, "map" | "filter"),
                matches!(*name, "map" | "filter").then_some(0),
                matches!(*name, "sorted" | "min" | "max"),
            ),
            Callee::Method(base, name) => {
                self.expr(base)?;
                (GENERATOR_METHODS.contains(name), None, *name == "sort")
            }
            Callee::Class(_, name) => (GENERATOR_METHODS.contains(name), None, false),
            Callee::Module(path) => {
                (path.starts_with("statistics.") || path.starts_with("math."), None, false)
            }
            Callee::User(_) => {
                self.found.loops = true;
                self.found.branches = true;
                if !call.keyword.is_empty() {
                    return Err(refused(
                        "a function of the users' own takes no keyword arguments",
                        call.callee.at,
                    ));
                }
                (false, None, false)
            }
            Callee::Catalogue(_) | Callee::MyData(_) | Callee::Unknown(_) => (false, None, false),
        };
        let before = self.found.changes;
        let arguments =
            |analysis: &mut Self| analysis.arguments(call, takes_generator, function_at, takes_key);
        match &callee {
            Callee::Method(base, name) if operations::mutates(name) => {
                self.arguments_of_change(base.holder(), arguments)?;
                self.change(base, name, before)
            }
            Callee::Builtin(name) if LAZY.contains(name) => arguments(self),
            // What it is given, it has used up before the change begins.
            _ if !self.is_deferred() => {
                let changing = self.changing.take();
                arguments(self)?;
                self.changing = changing;
                Ok(())
            }
            _ => arguments(self),
        }
    }

    fn arguments(
        &mut self,
        call: &CallExpr,
        takes_generator: bool,
        function_at: Option<usize>,
        takes_key: bool,
    ) -> Result<(), Fault> {
        for (position, argument) in call.positional.iter().enumerate() {
            match &argument.kind {
                Kind::Comprehension(inner) if takes_generator && inner.form == Form::Generator => {
                    self.comprehension(inner)?;
                }
                _ if function_at == Some(position) => self.function(argument)?,
                _ => self.expr(argument)?,
            }
        }
        for (name, argument) in &call.keyword {
            if takes_key && **name == *"key" {
                self.function(argument)?;
            } else {
                self.expr(argument)?;
            }
        }
        Ok(())
    }

    fn change(&mut self, base: &Expr, name: &str, before: u32) -> Result<(), Fault> {
        let Some(place) = self.names.place(base, &|name| self.is_local(name)) else { return Ok(()) };
        if !place.path.is_empty() && self.found.changes > before {
            let message = format!("the arguments of {name}() here change something themselves; do it before");
            return Err(refused(message, base.at));
        }
        self.found.changes += 1;
        Ok(())
    }

    /// A function that is named must be there, though nothing may come to be called.
    fn known(&self, expr: &Expr) -> Result<(), Fault> {
        let call = CallExpr { callee: expr.clone(), positional: Vec::new(), keyword: Vec::new() };
        match self.names.callee(&call, &|name| self.is_local(name))? {
            Callee::Class(path, name) => {
                let class = path.split('.').next().unwrap_or_default();
                let missing = operations::method_names(class).is_some_and(|names| !names.contains(&name));
                if missing && !operations::is_builtin(&path) && !operations::is_attribute(class, name) {
                    let message = format!("type object '{class}' has no attribute '{name}'");
                    return Err(name_fault(message, expr.at));
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// What stands where a function is expected: a lambda, or a function's name.
    fn function(&mut self, expr: &Expr) -> Result<(), Fault> {
        self.found.branches = true;
        self.found.loops = true;
        match &expr.kind {
            Kind::Literal(crate::value::Value::None) => Ok(()),
            Kind::Lambda(lambda) => {
                let outer = self.locals.len();
                self.locals.extend(lambda.parameters.iter().map(|name| (name.clone(), true)));
                self.deferred(|analysis| analysis.expr(&lambda.body))?;
                self.locals.truncate(outer);
                Ok(())
            }
            Kind::Name(name) if !self.is_local(name) && self.names.is_owned(name) => self.known(expr),
            Kind::Attribute(base, _) => match base.root() {
                Some(root) if !self.is_local(root) && self.names.is_owned(root) => self.known(expr),
                _ => self.expr(base),
            },
            // What is no function is told when it is called.
            _ => self.expr(expr),
        }
    }
}
