//! Calls: of builtins, of the catalogue, of modules, of methods, of the users' own functions.

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
            ("map", [function, iterables @ ..]) if !iterables.is_empty() => self.map(function, iterables),
            ("filter", [function, iterable]) => self.filter(function, iterable),
            ("any" | "all", [argument]) => match &argument.kind {
                Kind::Comprehension(inner) if inner.form == Form::Generator => {
                    self.any_or_all(inner, name == "any")
                }
                _ => self.plain_call("__builtin", name, call),
            },
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
        let items = match operands.as_slice() {
            [only] => format!("__items({only})"),
            several => packed("__list", several),
        };
        self.keyed("__builtin", name, &items, call)
    }

    /// A call with `__keys__` in the place of `key=`, of items that are evaluated once.
    fn keyed(&mut self, native: &str, name: &str, items: &str, call: &CallExpr) -> Source {
        let variable = self.fresh('t');
        let mut keywords: Vec<&str> = Vec::new();
        let mut values = Vec::new();
        for (keyword, value) in call.keyword.iter().filter(|(keyword, _)| **keyword != *"key") {
            values.push(self.expr(value)?);
            keywords.push(keyword);
        }
        if let Some(function) = key_of(call) {
            values.push(self.keys(&variable, function)?);
            keywords.push("__keys__");
        }
        let mut operands = head(name, keywords.into_iter());
        operands.push(variable.clone());
        operands.extend(values);
        Ok(format!("{{ let {variable} = {items}; {} }}", packed(native, &operands)))
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
        let receiver = self.expr(base)?;
        if name == "sort" && key_of(call).is_some() {
            return self.keyed(native, name, &receiver, call);
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
        let keys = self.keys(&items, key);
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
