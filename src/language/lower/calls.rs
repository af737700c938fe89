//! Calls: of builtins, of the catalogue, of modules, of methods, of the users' own functions.

use super::{Lowering, Operand};
use crate::language::dialect::Fault;
use crate::language::dialect::tree::{CallExpr, Expr, Form, Kind};
use crate::language::names::{self, Callee};
use crate::language::operations;
use crate::value::Value;

impl Lowering<'_> {
    pub(super) fn call(&mut self, call: &CallExpr) -> Result<Operand, Fault> {
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
            Callee::User(name) => {
                let arguments = self.operands(Vec::new(), &call.positional)?;
                let below = arguments.iter().map(|argument| argument.depth).max().unwrap_or(0);
                let texts: Vec<String> = arguments.into_iter().map(|argument| argument.text).collect();
                Ok(self.call_of(format!("{name}({})", texts.join(", ")), below))
            }
            Callee::Method(base, name) => self.method(base, name, call),
        }
    }

    /// `native(["name", keywords, keyword…, positional…, value…])`
    fn plain_call(&mut self, native: &str, name: &str, call: &CallExpr) -> Result<Operand, Fault> {
        let head = self.head(name, call.keyword.iter().map(|(name, _)| &**name));
        let exprs = call.positional.iter().chain(call.keyword.iter().map(|(_, value)| value));
        let operands = self.operands(head, exprs)?;
        Ok(self.packed(native, &operands))
    }

    pub(super) fn head<'k>(&mut self, name: &str, keywords: impl Iterator<Item = &'k str>) -> Vec<Operand> {
        let keywords: Vec<&str> = keywords.collect();
        let mut head = vec![Operand::atom(format!("\"{name}\"")), Operand::atom(keywords.len().to_string())];
        head.extend(keywords.into_iter().map(|keyword| Operand::atom(format!("\"{keyword}\""))));
        head
    }

    fn builtin(&mut self, name: &str, call: &CallExpr) -> Result<Operand, Fault> {
        let key = call.keyword.iter().find(|(keyword, _)| **keyword == *"key").map(|(_, key)| key);
        let key = key.filter(|key| !matches!(key.kind, Kind::Literal(Value::None)));
        match (name, call.positional.as_slice()) {
            ("sorted" | "min" | "max", _) if key.is_some() => self.with_key(name, call),
            ("map", [function, iterables @ ..]) if !iterables.is_empty() => self.map(function, iterables),
            ("filter", [function, iterable]) => self.filter(function, iterable),
            ("any" | "all", [argument]) => match &argument.kind {
                Kind::Comprehension(inner) if inner.form == Form::Generator => {
                    self.any_or_all(inner, name == "any")
                }
                _ => self.plain_call("__builtin", name, call),
            },
            ("len", [argument]) if names::is_my_data(argument) => {
                Ok(Operand { text: String::from("__length_of_my_data()"), depth: 1 })
            }
            ("len" | "sum" | "str" | "repr" | "int" | "float" | "bool" | "abs" | "round", [argument])
                if call.keyword.is_empty() && !matches!(argument.kind, Kind::Starred(_)) =>
            {
                let mut operands = self.head(name, std::iter::empty());
                let argument = self.consumed(&mut operands, argument)?;
                operands.push(argument);
                Ok(self.packed("__builtin", &operands))
            }
            _ => self.plain_call("__builtin", name, call),
        }
    }

    /// `sorted`, `min` or `max` with `key=`: the keys are computed first.
    fn with_key(&mut self, name: &str, call: &CallExpr) -> Result<Operand, Fault> {
        let mut operands = self.operands(Vec::new(), &call.positional)?;
        let items = match operands.len() {
            1 => {
                let Some(only) = operands.pop() else { return Err(Fault::syntax("no argument", 0)) };
                Operand { text: format!("__items({})", only.text), depth: only.depth + 1 }
            }
            _ => self.packed("__list", &operands),
        };
        let items = self.spill(items);
        self.keyed("__builtin", name, vec![items.text.clone()], items, call)
    }

    /// A call with `__keys__` in the place of `key=`.
    fn keyed(
        &mut self,
        native: &str,
        name: &str,
        positional: Vec<String>,
        items: Operand,
        call: &CallExpr,
    ) -> Result<Operand, Fault> {
        let mut keywords: Vec<&str> = Vec::new();
        let mut values: Vec<Operand> = Vec::new();
        let mut function = None;
        for (keyword, value) in &call.keyword {
            if **keyword == *"key" {
                function = Some(value);
                continue;
            }
            let value = self.expr(value)?;
            values.push(self.spill(value));
            keywords.push(keyword);
        }
        if let Some(function) = function {
            values.push(self.keys(&items, function)?);
            keywords.push("__keys__");
        }
        let mut operands = self.head(name, keywords.into_iter());
        operands.extend(positional.into_iter().map(Operand::atom));
        operands.extend(values);
        Ok(self.packed(native, &operands))
    }

    fn map(&mut self, function: &Expr, iterables: &[Expr]) -> Result<Operand, Fault> {
        let mut operands = self.operands(Vec::new(), iterables)?;
        let mapped = if operands.len() == 1 {
            let Some(iterable) = operands.pop() else {
                return Err(Fault::syntax("no argument", function.at));
            };
            self.gather(&iterable.text, |lowering, item, gathered| {
                let value = lowering.apply(function, &[item])?;
                lowering.line(&format!("{gathered}.__push({});", value.text));
                Ok(())
            })?
        } else {
            let count = operands.len();
            let mut zipped = self.head("zip", std::iter::empty());
            zipped.append(&mut operands);
            let zipped = self.packed("__builtin", &zipped);
            self.gather(&zipped.text, |lowering, item, gathered| {
                let mut parts = Vec::new();
                for number in 0..count {
                    let part = lowering.fresh('l');
                    lowering.line(&format!("let {part} = __index({item}, {number});"));
                    parts.push(part);
                }
                let value = lowering.apply(function, &parts)?;
                lowering.line(&format!("{gathered}.__push({});", value.text));
                Ok(())
            })?
        };
        Ok(Operand { text: format!("__iterator([\"map\",{}])", mapped.text), depth: 1 })
    }

    fn filter(&mut self, function: &Expr, iterable: &Expr) -> Result<Operand, Fault> {
        let iterable = self.expr(iterable)?;
        let none = matches!(function.kind, Kind::Literal(Value::None));
        let kept = self.gather(&iterable.text, |lowering, item, gathered| {
            let condition =
                if none { Operand::atom(item.clone()) } else { lowering.apply(function, &[item.clone()])? };
            lowering.line(&format!("if __truth({}) {{ {gathered}.__push({item}); }}", condition.text));
            Ok(())
        })?;
        Ok(Operand { text: format!("__iterator([\"filter\",{}])", kept.text), depth: 1 })
    }

    fn method(&mut self, base: &Expr, name: &str, call: &CallExpr) -> Result<Operand, Fault> {
        let locals = self.locals.clone();
        let is_local = |name: &str| locals.iter().any(|(local, _)| **local == *name);
        let changes = operations::mutates(name);
        if changes && let Some(place) = self.names.place(base, &is_local) {
            return self.change_method(&place, base, name, call);
        }
        let native = if changes && !names::is_fresh(base) { "__method_of_kept" } else { "__method" };
        let receiver = self.expr(base)?;
        let key = call
            .keyword
            .iter()
            .any(|(keyword, key)| **keyword == *"key" && !matches!(key.kind, Kind::Literal(Value::None)));
        if name == "sort" && key {
            let receiver = self.spill(receiver);
            let items = Operand::atom(receiver.text.clone());
            return self.keyed(native, name, vec![receiver.text], items, call);
        }
        let mut operands = self.head(name, call.keyword.iter().map(|(name, _)| &**name));
        operands.push(receiver);
        let exprs = call.positional.iter().chain(call.keyword.iter().map(|(_, value)| value));
        let operands = self.operands(operands, exprs)?;
        Ok(self.packed(native, &operands))
    }

    /// `x.sort(key=…)` on a place: its items are read for the keys.
    pub(super) fn sort_keys(&mut self, base: &Expr, call: &CallExpr) -> Result<Option<Operand>, Fault> {
        let key = call.keyword.iter().find(|(keyword, _)| **keyword == *"key").map(|(_, key)| key);
        let Some(key) = key.filter(|key| !matches!(key.kind, Kind::Literal(Value::None))) else {
            return Ok(None);
        };
        let holds = std::mem::replace(&mut self.holds, false);
        let items = self.expr(base)?;
        let items = self.spill(items);
        let keys = self.keys(&items, key);
        self.holds = holds;
        keys.map(Some)
    }
}
