//! The short way: a tree without branches and loops is evaluated as it stands.
//!
//! Calls the same functions of the run that the natives call which Rhai sees. Owns nothing else.

use super::dialect::tree::{CallExpr, Entry, Expr, Kind, Piece, Statement, Target};
use super::names::{Callee, NameValue, Names, Place, PlaceRoot};
use super::objects::Root;
use super::operations::{self, Binary, Call, Unary};
use super::places::Change;
use super::run::Run;
use super::{Error, modules};
use crate::value::Value;

/// Evaluates trees without branches.
pub struct Direct<'r> {
    /// The run.
    pub run: &'r mut Run,
    /// What names stand for.
    pub names: &'r Names,
}

fn never(_: &str) -> bool {
    false
}

impl Direct<'_> {
    /// Runs the statements; the value of the last is the value.
    ///
    /// # Errors
    /// Whatever goes wrong first.
    pub fn statements(&mut self, statements: &[Statement]) -> Result<Value, Error> {
        let mut value = Value::from("OK");
        let last = statements.len().saturating_sub(1);
        for (number, statement) in statements.iter().enumerate() {
            if let Statement::Expression(expr) = statement {
                value = self.expr(expr)?;
                if number < last {
                    self.run.usable()?;
                }
            } else {
                self.statement(statement)?;
                value = Value::from("OK");
            }
        }
        Ok(value)
    }

    fn statement(&mut self, statement: &Statement) -> Result<(), Error> {
        match statement {
            Statement::Expression(expr) => self.expr(expr).map(|_| ()),
            Statement::Nothing => Ok(()),
            Statement::Assign(targets, value) => {
                let value = self.expr(value)?;
                self.run.usable()?;
                targets.iter().try_for_each(|target| self.assign(target, value.clone()))
            }
            Statement::Augment(target, operator, value) => self.augment(target, *operator, value),
            Statement::Delete(targets) => targets.iter().try_for_each(|target| self.delete(target)),
        }
    }

    fn assign(&mut self, target: &Target, value: Value) -> Result<(), Error> {
        match target {
            Target::Name(name, _) => self.run.store(name, value),
            Target::Starred(target) => self.assign(target, value),
            Target::Several(targets) => {
                let star = targets.iter().position(|target| matches!(target, Target::Starred(_)));
                let values = operations::unpack(&value, targets.len(), star, &self.run.budget)?;
                for (number, target) in targets.iter().enumerate() {
                    // What is yet to be assigned must not change meanwhile.
                    let mark = self.run.touched.mark();
                    values.iter().skip(number + 1).for_each(|value| self.run.touched.hold(value));
                    self.assign(target, values.get(number).cloned().unwrap_or(Value::None))?;
                    self.run.touched.release_to(mark);
                }
                Ok(())
            }
            Target::Index(base, index) => match self.item(base, index)? {
                Item::Key(key) => self.run.my_data_row("set", vec![key, value]).map(|_| ()),
                Item::Place(root, path, index) => {
                    self.run.change(&root, &path, Change::Set(index, value)).map(|_| ())
                }
            },
        }
    }

    fn augment(&mut self, target: &Target, operator: Binary, value: &Expr) -> Result<(), Error> {
        match target {
            Target::Name(name, _) => {
                if !matches!(value.kind, Kind::Literal(_)) {
                    // The name is read before the value.
                    self.run.load(name)?;
                }
                let value = self.expr(value)?;
                let root = Root::Name((**name).into());
                self.run.change(&root, &[], Change::Augment(operator, value)).map(|_| ())
            }
            Target::Index(base, index) => {
                let item = self.item(base, index)?;
                if !matches!(value.kind, Kind::Literal(_)) {
                    self.peek(&item)?;
                }
                let value = self.expr(value)?;
                match item {
                    Item::Key(key) => {
                        let root = Root::Key(key_text(&key)?);
                        self.run.change(&root, &[], Change::Augment(operator, value)).map(|_| ())
                    }
                    Item::Place(root, path, index) => {
                        let change = Change::AugmentItem(index, operator, value);
                        self.run.change(&root, &path, change).map(|_| ())
                    }
                }
            }
            Target::Several(..) | Target::Starred(_) => Ok(()),
        }
    }

    fn delete(&mut self, target: &Target) -> Result<(), Error> {
        match target {
            Target::Name(name, _) => self.run.delete(name),
            Target::Index(base, index) => match self.item(base, index)? {
                Item::Key(key) => self.run.my_data_row("delete", vec![key]).map(|_| ()),
                Item::Place(root, path, index) => {
                    self.run.change(&root, &path, Change::Delete(index)).map(|_| ())
                }
            },
            Target::Several(..) | Target::Starred(_) => Ok(()),
        }
    }

    /// The item `base[index]` as something that can be assigned.
    fn item(&mut self, base: &Expr, index: &Expr) -> Result<Item, Error> {
        if matches!(&base.kind, Kind::Name(name) if **name == *super::names::MY_DATA) {
            return Ok(Item::Key(self.expr(index)?));
        }
        let Some(place) = self.names.place(base, &never) else {
            return Err(Error::Value(String::from("only items of a name or of MyData can be assigned")));
        };
        let (root, path) = self.resolve(&place)?;
        Ok(Item::Place(root, path, self.expr(index)?))
    }

    /// Reads the item, which Python does before it evaluates what is added to it.
    fn peek(&mut self, item: &Item) -> Result<(), Error> {
        match item {
            Item::Key(key) => self.run.my_data_row("item", vec![key.clone()]).map(|_| ()),
            Item::Place(root, path, index) => self.run.peek(root, path, Some(index)).map(|_| ()),
        }
    }

    fn resolve(&mut self, place: &Place<'_>) -> Result<(Root, Vec<Value>), Error> {
        let root = match place.root {
            PlaceRoot::Name(name) => Root::Name(name.into()),
            PlaceRoot::MyData(key) => Root::Key(key_text(&self.expr(key)?)?),
        };
        let path = self.exprs(place.path.iter().copied())?;
        Ok((root, path))
    }

    fn exprs<'e>(&mut self, exprs: impl ExactSizeIterator<Item = &'e Expr>) -> Result<Vec<Value>, Error> {
        let mut values = Vec::with_capacity(exprs.len());
        for expr in exprs {
            if let Kind::Starred(inner) = &expr.kind {
                let value = self.expr(inner)?;
                values.extend(operations::iterate(&value, &self.run.budget)?);
            } else {
                values.push(self.expr(expr)?);
            }
        }
        self.run.usable()?;
        Ok(values)
    }

    fn expr(&mut self, expr: &Expr) -> Result<Value, Error> {
        match &expr.kind {
            Kind::Literal(value) => Ok(value.clone()),
            Kind::Name(name) => self.name(name),
            Kind::Call(call) => self.call(call),
            Kind::Binary(first, rest) => self.binary(first, rest),
            Kind::Compare(first, rest) => self.compare(first, rest),
            Kind::Unary(operator, operand) => self.unary(*operator, operand),
            Kind::List(items) => {
                let items = self.exprs(items.iter())?;
                self.run.budget.reserve(items.len().saturating_mul(32))?;
                operations::make_list(items)
            }
            Kind::Tuple(items) => operations::make_tuple(self.exprs(items.iter())?),
            Kind::Set(items) => {
                let items = self.exprs(items.iter())?;
                operations::make_set(items, &self.run.budget)
            }
            Kind::Dict(entries) => self.dict(entries),
            Kind::Index(base, index) => self.index(base, index),
            Kind::Slice(base, bounds) => {
                let base = self.expr(base)?;
                let [start, stop, step] = self.bounds(bounds)?;
                self.run.slice(&base, &start, &stop, &step)
            }
            Kind::Bounds(bounds) => self.bounds(bounds).map(operations::slice_index),
            Kind::Attribute(base, name) => self.attribute(expr, base, name),
            Kind::Format(pieces) => self.format(pieces).map(Value::from),
            Kind::Magnitude
            | Kind::Starred(_)
            | Kind::Comprehension(_)
            | Kind::And(_)
            | Kind::Or(_)
            | Kind::Conditional(_)
            | Kind::Lambda(_) => Err(Error::Value(String::from("this expression goes another way"))),
        }
    }

    fn name(&mut self, name: &str) -> Result<Value, Error> {
        match self.names.value_name(name) {
            NameValue::Shared(name) => self.run.load(name),
            NameValue::MyData => self.run.my_data(),
            NameValue::Me => self.run.me(),
            NameValue::Type(name) | NameValue::Function(name) => self.run.type_value(name),
        }
    }

    fn binary(&mut self, first: &Expr, rest: &[(Binary, Expr)]) -> Result<Value, Error> {
        let mut value = self.expr(first)?;
        for (operator, operand) in rest {
            let operand = self.expr(operand)?;
            value = self.run.binary(*operator, &value, &operand)?;
        }
        Ok(value)
    }

    fn compare(&mut self, first: &Expr, rest: &[(Binary, Expr)]) -> Result<Value, Error> {
        let left = self.expr(first)?;
        let [(operator, right)] = rest else { return Ok(left) };
        if super::names::is_my_data(right) && matches!(operator, Binary::In | Binary::NotIn) {
            let found = self.run.my_data_row("has", vec![left])?.truth();
            return Ok(Value::Bool(found == (*operator == Binary::In)));
        }
        let right = self.expr(right)?;
        self.run.binary(*operator, &left, &right)
    }

    fn unary(&mut self, operator: Unary, operand: &Expr) -> Result<Value, Error> {
        let operand = self.expr(operand)?;
        self.run.unary(operator, &operand)
    }

    fn dict(&mut self, entries: &[Entry]) -> Result<Value, Error> {
        let mut pairs = Vec::with_capacity(entries.len());
        for entry in entries {
            match entry {
                Entry::Pair(key, value) => {
                    let key = self.expr(key)?;
                    pairs.push((key, self.expr(value)?));
                }
                Entry::Spread(mapping) => pairs.extend(super::convert::pairs(&self.expr(mapping)?)?),
            }
        }
        self.run.usable()?;
        operations::make_dict(pairs, &self.run.budget)
    }

    fn index(&mut self, base: &Expr, index: &Expr) -> Result<Value, Error> {
        if super::names::is_my_data(base) {
            let key = self.expr(index)?;
            return self.run.my_data_row("item", vec![key]);
        }
        let base = self.expr(base)?;
        let index = self.expr(index)?;
        self.run.usable()?;
        operations::index(&base, &index)
    }

    fn bounds(&mut self, bounds: &[Option<Expr>; 3]) -> Result<[Value; 3], Error> {
        let mut values = [Value::None, Value::None, Value::None];
        for (value, bound) in values.iter_mut().zip(bounds) {
            if let Some(bound) = bound {
                *value = self.expr(bound)?;
            }
        }
        Ok(values)
    }

    fn attribute(&mut self, expr: &Expr, base: &Expr, name: &str) -> Result<Value, Error> {
        if expr.root().is_some_and(modules::is_module)
            && let Some(value) = expr.dotted().and_then(|path| super::names::constant(&path))
        {
            return Ok(value);
        }
        let base = self.expr(base)?;
        self.run.usable()?;
        operations::attribute(&base, name)
    }

    fn format(&mut self, pieces: &[Piece]) -> Result<String, Error> {
        let mut text = String::new();
        for piece in pieces {
            match piece {
                Piece::Text(piece) => text.push_str(piece),
                Piece::Field { value, conversion, specification } => {
                    let value = self.expr(value)?;
                    let specification = self.format(specification)?;
                    text.push_str(&self.run.field(&value, *conversion, &specification)?);
                }
            }
        }
        Ok(text)
    }

    fn call(&mut self, call: &CallExpr) -> Result<Value, Error> {
        let callee = self.names.callee(call, &never).map_err(|fault| fault.into_error(""))?;
        if let Callee::Method(base, name) = callee {
            return self.method(base, name, call);
        }
        if matches!(callee, Callee::Builtin("len"))
            && let [argument] = call.positional.as_slice()
            && super::names::is_my_data(argument)
        {
            return self.run.my_data_row("len", Vec::new());
        }
        if let Callee::Unknown(name) = callee {
            return Err(self.run.no_function(name));
        }
        let arguments = self.arguments(call)?;
        match callee {
            Callee::Catalogue(function) => self.run.catalogue(function, arguments),
            Callee::Builtin(name) => self.run.builtin(name, arguments),
            Callee::Module(path) => self.run.module(&path, arguments),
            Callee::MyData(name) => self.run.my_data_method(name, arguments),
            Callee::Class(path, name) => self.run.class(&path, name, arguments),
            Callee::User(_) | Callee::Method(..) | Callee::Unknown(_) => {
                Err(Error::Value(String::from("this expression goes another way")))
            }
        }
    }

    fn arguments(&mut self, call: &CallExpr) -> Result<Call, Error> {
        let positional = self.exprs(call.positional.iter())?;
        let mut keyword = Vec::with_capacity(call.keyword.len());
        for (name, value) in &call.keyword {
            keyword.push((name.to_string(), self.expr(value)?));
        }
        Ok(Call { positional, keyword })
    }

    fn method(&mut self, base: &Expr, name: &str, call: &CallExpr) -> Result<Value, Error> {
        if operations::mutates(name)
            && let Some(place) = self.names.place(base, &never)
        {
            let (root, path) = self.resolve(&place)?;
            if call.positional.iter().any(|argument| !matches!(argument.kind, Kind::Literal(_))) {
                operations::check_method(&self.run.peek(&root, &path, None)?, name)?;
            }
            let arguments = self.arguments(call)?;
            return self.run.change(&root, &path, Change::Method(name.to_owned(), arguments));
        }
        let kept = !super::names::is_fresh(base);
        let receiver = self.expr(base)?;
        operations::check_method(&receiver, name)?;
        let arguments = self.arguments(call)?;
        self.run.method(receiver, name, arguments, kept)
    }
}

/// What `base[index]` is where it is assigned.
enum Item {
    Key(Value),
    Place(Root, Vec<Value>, Value),
}

/// The registry's keys are text.
pub fn key_text(key: &Value) -> Result<std::sync::Arc<str>, Error> {
    match key {
        Value::Str(text) => Ok(std::sync::Arc::clone(text)),
        other => Err(Error::Type(format!("a key of MyData is a str, not {}", other.type_name()))),
    }
}
