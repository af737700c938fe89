//! Calls: of builtins, of the catalogue, of modules, of methods, of the users' own functions.

use std::fmt::Write;

use super::{Lowering, Source, packed};
use crate::language::dialect::Fault;
use crate::language::dialect::tree::{CallExpr, Expr, Form, Kind};
use crate::language::names::{self, Callee};
use crate::language::operations;
use crate::value::Value;

impl Lowering<'_> {
    pub(super) fn call(&mut self, call: &CallExpr) -> Source {
        let callee = {
            let locals = &self.locals;
            self.names.callee(call, &|name| locals.iter().any(|(local, _)| **local == *name))?
        };
        match callee {
            Callee::Builtin(name) => self.builtin(name, call),
            Callee::Catalogue(function) => self.plain_call("__call", function.name, call),
            Callee::Module(path) => self.plain_call("__module", &path, call),
            Callee::MyData(name) => self.plain_call("__my_data_method", name, call),
            Callee::Class(path, _) => self.plain_call("__class", &path, call),
            Callee::Unknown(name) => Ok(format!("__unknown(\"{name}\")")),
            Callee::User(name) => Ok(format!("{name}({})", self.operands(&call.positional)?.join(", "))),
            Callee::Method(base, name) => self.method(base, name, call),
        }
    }

    /// `native(["name", keywords, keyword…, positional…, value…])`
    fn plain_call(&mut self, native: &str, name: &str, call: &CallExpr) -> Source {
        let mut operands = head(name, call.keyword.iter().map(|(name, _)| &**name));
        let exprs = call.positional.iter().chain(call.keyword.iter().map(|(_, value)| value));
        operands.extend(self.operands(exprs)?);
        Ok(packed(native, &operands))
    }

    fn builtin(&mut self, name: &str, call: &CallExpr) -> Source {
        match (name, call.positional.as_slice()) {
            ("sorted" | "min" | "max", _) if key_of(call).is_some() => self.with_key(name, call),
            ("map" | "filter", [_, iterables @ ..]) if !call.keyword.is_empty() => {
                let mut operands = head(name, call.keyword.iter().map(|(name, _)| &**name));
                operands.extend(
                    self.operands(iterables.iter().chain(call.keyword.iter().map(|(_, value)| value)))?,
                );
                Ok(packed("__builtin", &operands))
            }
            ("map", [function, iterables @ ..]) if !iterables.is_empty() => {
                self.with_function(function, |lowering, function| lowering.map(function, iterables))
            }
            ("filter", [function, iterable]) if matches!(function.kind, Kind::Literal(Value::None)) => {
                self.filter(function, iterable)
            }
            ("filter", [function, iterable]) => {
                self.with_function(function, |lowering, function| lowering.filter(function, iterable))
            }
            ("next", [argument, default @ ..]) if argument.generator().is_some() && default.len() < 2 => {
                match argument.generator() {
                    Some(generator) => self.first_of(generator, default.first()),
                    None => self.plain_call("__builtin", name, call),
                }
            }
            ("any" | "all", [argument]) => match &argument.kind {
                Kind::Comprehension(inner) if inner.form == Form::Generator => {
                    self.any_or_all(inner, name == "any")
                }
                _ => self.plain_call("__builtin", name, call),
            },
            ("dict" | "set" | "frozenset" | "sum" | "min" | "max" | "bytes", [argument])
                if call.keyword.is_empty() && argument.generator().is_some() =>
            {
                match argument.generator() {
                    Some(generator) => self.used_up(name, generator),
                    None => self.plain_call("__builtin", name, call),
                }
            }
            ("len", [argument]) if names::is_my_data(argument) => Ok(String::from("__length_of_my_data()")),
            ("len" | "str" | "repr" | "int" | "float" | "bool" | "abs" | "round", [argument])
                if call.keyword.is_empty() =>
            {
                let mut operands = head(name, std::iter::empty());
                operands.push(self.consumed(argument)?);
                Ok(packed("__builtin", &operands))
            }
            _ => self.plain_call("__builtin", name, call),
        }
    }

    /// `sorted`, `min` or `max` with `key=`: the keys are computed first.
    fn with_key(&mut self, name: &str, call: &CallExpr) -> Source {
        let operands = self.operands(&call.positional)?;
        if operands.is_empty() || (name == "sorted" && operands.len() > 1) {
            // Python's own words for the wrong number of arguments.
            let mut plain = head(name, std::iter::empty());
            plain.extend(operands);
            return Ok(packed("__builtin", &plain));
        }
        match operands.as_slice() {
            [only] => self.keyed("__builtin", name, only, Some("__items"), call),
            several => self.keyed("__builtin", name, &packed("__list", several), None, call),
        }
    }

    /// A call with `__keys__` in the place of `key=`, of items that are evaluated once.
    fn keyed(
        &mut self,
        native: &str,
        name: &str,
        items: &str,
        gone_through: Option<&str>,
        call: &CallExpr,
    ) -> Source {
        let variable = self.fresh('t');
        let mut keywords: Vec<&str> = Vec::new();
        let mut values = Vec::new();
        let mut block = format!("{{ let {variable} = {items}; ");
        // All arguments are evaluated before the first is gone through.
        for (keyword, value) in call.keyword.iter().filter(|(keyword, _)| **keyword != *"key") {
            let (value, held) = (self.expr(value)?, self.fresh('t'));
            let _ = write!(block, "let {held} = {value}; ");
            values.push(held);
            keywords.push(keyword);
        }
        let inner = |lowering: &mut Self, function: Option<&Expr>| {
            let mut inner = String::from("{ ");
            if let Some(gone_through) = gone_through {
                let _ = write!(inner, "{variable} = {gone_through}({variable}); ");
            }
            if let Some(function) = function {
                values.push(lowering.keys(&variable, function)?);
                keywords.push("__keys__");
            }
            let mut operands = head(name, keywords.into_iter());
            operands.push(variable.clone());
            operands.extend(values);
            let _ = write!(inner, "{} }}", packed(native, &operands));
            Ok(inner)
        };
        let inner = match key_of(call) {
            Some(function) => {
                self.with_function(function, |lowering, function| inner(lowering, Some(function)))?
            }
            None => inner(self, None)?,
        };
        let _ = write!(block, "{inner} }}");
        Ok(block)
    }

    fn map(&mut self, function: &Expr, iterables: &[Expr]) -> Source {
        let operands = self.operands(iterables)?;
        let count = operands.len();
        let iterable = match operands.as_slice() {
            [only] => only.clone(),
            several => {
                let mut zipped = head("zip", std::iter::empty());
                zipped.extend(several.iter().cloned());
                packed("__builtin", &zipped)
            }
        };
        let mapped = self.gather(&iterable, |lowering, item, gathered| {
            let parts: Vec<String> = match count {
                1 => vec![item.to_owned()],
                _ => (0..count).map(|number| format!("__index({item}, {number})")).collect(),
            };
            let value = lowering.apply(function, &parts)?;
            Ok(format!("{gathered}.__push({value});"))
        })?;
        Ok(format!("__iterator([\"map\", {mapped}])"))
    }

    fn filter(&mut self, function: &Expr, iterable: &Expr) -> Source {
        let iterable = self.expr(iterable)?;
        let none = matches!(function.kind, Kind::Literal(Value::None));
        let kept = self.gather(&iterable, |lowering, item, gathered| {
            let condition =
                if none { item.to_owned() } else { lowering.apply(function, &[item.to_owned()])? };
            Ok(format!("if __truth({condition}) {{ {gathered}.__push({item}); }}"))
        })?;
        Ok(format!("__iterator([\"filter\", {kept}])"))
    }

    /// Whether the expression is a place whose changes are kept.
    pub(super) fn is_place(&self, base: &Expr) -> bool {
        let locals = &self.locals;
        self.names.place(base, &|name| locals.iter().any(|(local, _)| **local == *name)).is_some()
    }

    fn method(&mut self, base: &Expr, name: &str, call: &CallExpr) -> Source {
        let changes = operations::mutates(name);
        if changes {
            let place = {
                let locals = &self.locals;
                self.names.place(base, &|name| locals.iter().any(|(local, _)| **local == *name))
            };
            if let Some(place) = place {
                return self.change_method(&place, base, name, call);
            }
        }
        let native = if changes && !names::is_fresh(base) { "__method_of_kept" } else { "__method" };
        let mut receiver = self.expr(base)?;
        let mut arguments = call.positional.iter().chain(call.keyword.iter().map(|(_, value)| value));
        if arguments.any(|argument| !matches!(argument.kind, Kind::Literal(_))) {
            // A method that is not there is noticed before the arguments are evaluated.
            receiver = format!("__having([{receiver}, \"{name}\"])");
        }
        if name == "sort" && key_of(call).is_some() {
            return self.keyed(native, name, &receiver, None, call);
        }
        let mut operands = head(name, call.keyword.iter().map(|(name, _)| &**name));
        operands.push(receiver);
        let exprs = call.positional.iter().chain(call.keyword.iter().map(|(_, value)| value));
        operands.extend(self.operands(exprs)?);
        Ok(packed(native, &operands))
    }

    /// `x.sort(key=…)` on a place: its items are read for the keys.
    pub(super) fn sort_keys(&mut self, base: &Expr, call: &CallExpr) -> Result<Option<String>, Fault> {
        let Some(key) = key_of(call) else { return Ok(None) };
        let holds = std::mem::replace(&mut self.holds, false);
        let items = self.expr(base)?;
        let keys = self.with_function(key, |lowering, key| lowering.keys(&items, key));
        self.holds = holds;
        keys.map(Some)
    }
}

/// The function behind `key=`, unless it is None.
fn key_of(call: &CallExpr) -> Option<&Expr> {
    let key = call.keyword.iter().find(|(keyword, _)| **keyword == *"key").map(|(_, key)| key);
    key.filter(|key| !matches!(key.kind, Kind::Literal(Value::None)))
}

/// `"name", keywords, keyword…`
pub(super) fn head<'k>(name: &str, keywords: impl Iterator<Item = &'k str>) -> Vec<String> {
    let keywords: Vec<String> = keywords.map(|keyword| format!("\"{keyword}\"")).collect();
    let mut head = vec![format!("\"{name}\""), keywords.len().to_string()];
    head.extend(keywords);
    head
}
