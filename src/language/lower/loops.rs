//! Comprehensions, and what lambdas are inlined into: loops over our own iteration.

use std::fmt::Write;

use super::{Lowering, Source};
use crate::language::dialect::tree::{CallExpr, Clause, Comprehension, Expr, Form, Kind, Lambda, Target};
use crate::language::dialect::{Fault, FaultKind};
use crate::language::operations;

/// Under what name a function that is applied finds its argument; no client can write it.
const ARGUMENT: &str = "\u{0}";
/// Under what name a function finds the value that it is a method of.
const CALLED: &str = "\u{0}called";

impl Lowering<'_> {
    /// A comprehension as the container that it makes; a generator as a list.
    pub(super) fn comprehension(&mut self, comprehension: &Comprehension) -> Source {
        let gathered = self.fresh('a');
        let loops = self.clauses(comprehension, "", |lowering| {
            let element = lowering.expr(&comprehension.element)?;
            Ok(match &comprehension.value {
                None => format!("{gathered}.__push({element});"),
                Some(value) => {
                    let value = lowering.expr(value)?;
                    format!("{gathered}.__push({element}); {gathered}.__push({value});")
                }
            })
        })?;
        let form = match comprehension.form {
            Form::List | Form::Generator => "list",
            Form::Set => "set",
            Form::Dict => "dict",
        };
        let made = format!("{gathered}.__gathered(\"{form}\")");
        let loops = if form == "list" { loops } else { failing_first(&loops, &made) };
        Ok(format!("{{ let {gathered} = __gather(); {loops} {made} }}"))
    }

    /// A builtin that takes one item of a generator after the other.
    pub(super) fn used_up(&mut self, name: &str, generator: &Comprehension) -> Source {
        let gathered = self.fresh('a');
        let loops = self.clauses(generator, "", |lowering| {
            Ok(format!("{gathered}.__push({});", lowering.expr(&generator.element)?))
        })?;
        let used = format!("__builtin([\"{name}\", 0, {gathered}.__gathered(\"list\")])");
        let loops = failing_first(&loops, &format!("if {gathered}.__any() {{ {used} }}"));
        Ok(format!("{{ let {gathered} = __gather(); {loops} {used} }}"))
    }

    /// `any(…)` and `all(…)` of a generator stop where Python stops.
    pub(super) fn any_or_all(&mut self, comprehension: &Comprehension, any: bool) -> Source {
        let result = self.fresh('t');
        let decides = if any { "__truth" } else { "__false" };
        let stop = format!("if {decides}({result}) {{ break; }}");
        let loops = self.clauses(comprehension, &stop, |lowering| {
            let element = lowering.consumed(&comprehension.element)?;
            Ok(format!("if {decides}({element}) {{ {result} = {any}; break; }}"))
        })?;
        Ok(format!("{{ let {result} = {}; {loops} {result} }}", !any))
    }

    /// The loops and branches around the body. `stop` stands behind every inner loop.
    fn clauses(
        &mut self,
        comprehension: &Comprehension,
        stop: &str,
        body: impl FnOnce(&mut Self) -> Source,
    ) -> Source {
        let outer = self.locals.len();
        let scope = std::mem::replace(&mut self.scope, outer);
        let mut source = String::new();
        let mut closing: Vec<bool> = Vec::new();
        for clause in &comprehension.clauses {
            self.open(clause, &mut source, &mut closing)?;
        }
        source.push_str(&body(self)?);
        self.scope = scope;
        while let Some(is_loop) = closing.pop() {
            source.push_str(" }");
            if is_loop && closing.contains(&true) {
                source.push_str(stop);
            }
        }
        self.locals.truncate(outer);
        Ok(source)
    }

    /// Opens the loop or the branch of one clause.
    fn open(&mut self, clause: &Clause, source: &mut String, closing: &mut Vec<bool>) -> Result<(), Fault> {
        match clause {
            Clause::For(target, iterable) => {
                let item = self.open_loop(iterable, source, closing)?;
                source.push_str(&self.bind(target, item)?);
            }
            Clause::If(condition) => {
                let condition = self.consumed(condition)?;
                let _ = write!(source, "if __truth({condition}) {{ ");
                closing.push(false);
            }
        }
        Ok(())
    }

    /// Opens the loop over something; the variable of its item. A generator's own loops are the loop.
    fn open_loop(&mut self, iterable: &Expr, source: &mut String, closing: &mut Vec<bool>) -> Source {
        let Some(generator) = iterable.generator() else {
            let iterable = self.expr(iterable)?;
            let item = self.fresh('l');
            let _ = write!(source, "for {item} in __iter({iterable}) {{ ");
            closing.push(true);
            return Ok(item);
        };
        let outer = self.locals.len();
        let scope = std::mem::replace(&mut self.scope, outer);
        for clause in &generator.clauses {
            self.open(clause, source, closing)?;
        }
        let element = self.expr(&generator.element)?;
        self.scope = scope;
        self.locals.truncate(outer);
        let item = self.fresh('l');
        let _ = write!(source, "let {item} = {element}; ");
        Ok(item)
    }

    /// `next(…)` of a generator: its first item, or the default.
    pub(super) fn first_of(&mut self, generator: &Comprehension, default: Option<&Expr>) -> Source {
        let (found, result, otherwise) = (self.fresh('t'), self.fresh('t'), self.fresh('t'));
        let mut generator = generator.clone();
        let mut block = String::from("{ ");
        let outer = self.locals.len();
        let mut end = String::from("__no_more()");
        if let Some(default) = default {
            // What is gone through is evaluated before the default.
            if let Some(Clause::For(_, iterable)) = generator.clauses.first_mut()
                && iterable.generator().is_none()
            {
                let (source, variable) = (self.expr(iterable)?, self.fresh('t'));
                let _ = write!(block, "let {variable} = __iter({source}); ");
                self.locals.push((CALLED.into(), variable));
                iterable.kind = Kind::Name(CALLED.into());
            }
            let _ = write!(block, "let {otherwise} = {}; ", self.expr(default)?);
            end = otherwise;
        }
        let loops = self.clauses(&generator, &format!("if {found} {{ break; }}"), |lowering| {
            let element = lowering.expr(&generator.element)?;
            Ok(format!("{result} = {element}; {found} = true; break;"))
        })?;
        self.locals.truncate(outer);
        let _ = write!(block, "let {found} = false; let {result} = (); {loops} ");
        let _ = write!(block, "if {found} {{ {result} }} else {{ {end} }} }}");
        Ok(block)
    }

    /// `item in …` a generator: the items up to the one that is found.
    pub(super) fn is_in(&mut self, item: &Expr, generator: &Comprehension, not: bool) -> Source {
        let (wanted, found) = (self.fresh('t'), self.fresh('t'));
        let item = self.expr(item)?;
        let loops = self.clauses(generator, &format!("if {found} {{ break; }}"), |lowering| {
            let element = lowering.expr(&generator.element)?;
            Ok(format!("if __truth(__in({wanted}, __list([{element}]))) {{ {found} = true; break; }}"))
        })?;
        let result = if not { format!("__not({found})") } else { found.clone() };
        Ok(format!("{{ let {wanted} = {item}; let {found} = false; {loops} {result} }}"))
    }

    /// Binds a target to the variable of this name: statements.
    fn bind(&mut self, target: &Target, variable: String) -> Source {
        match target {
            Target::Name(name, _) => {
                let bound = self.locals.iter().skip(self.scope).find(|(local, _)| *local == *name);
                if let Some((_, known)) = bound {
                    return Ok(format!("{known} = {variable}; "));
                }
                self.locals.push((name.clone(), variable));
                Ok(String::new())
            }
            Target::Starred(target) => self.bind(target, variable),
            Target::Several(targets) => {
                let (parts, mut source) = self.parts(targets, &variable);
                for (number, target) in targets.iter().enumerate() {
                    let part = self.fresh('l');
                    let _ = write!(source, "let {part} = __index({parts}, {number}); ");
                    source.push_str(&self.bind(target, part)?);
                }
                Ok(source)
            }
            Target::Index(base, _) => Err(Fault::refused("a comprehension's variable is a name", base.at)),
        }
    }

    /// A variable with the parts of another for these targets, and the statement that makes it.
    pub(super) fn parts(&mut self, targets: &[Target], variable: &str) -> (String, String) {
        let star = targets.iter().position(|target| matches!(target, Target::Starred(_)));
        let star = star.map_or(String::from("()"), |star| star.to_string());
        let parts = self.fresh('t');
        let source = format!("let {parts} = __unpack([{variable}, {}, {star}]); ", targets.len());
        (parts, source)
    }

    /// The list of what the body, given an item's variable, pushes for each item.
    pub(super) fn gather(
        &mut self,
        iterable: &str,
        body: impl FnOnce(&mut Self, &str, &str) -> Source,
    ) -> Source {
        let (gathered, item) = (self.fresh('a'), self.fresh('l'));
        let body = body(self, &item, &gathered)?;
        Ok(format!(
            "{{ let {gathered} = __gather(); for {item} in __iter({iterable}) {{ {body} }} {gathered}.__gathered(\"list\") }}"
        ))
    }

    /// The list of what the function says of each item of `items`.
    pub(super) fn keys(&mut self, items: &str, function: &Expr) -> Source {
        self.gather(items, |lowering, item, gathered| {
            let key = lowering.apply(function, &[item.to_owned()])?;
            Ok(format!("{gathered}.__push({key});"))
        })
    }

    /// Evaluates once what a function is a method of, or what is no function at all; lambdas and the functions that
    /// have a name are left as they are.
    pub(super) fn with_function(
        &mut self,
        function: &Expr,
        body: impl FnOnce(&mut Self, &Expr) -> Source,
    ) -> Source {
        let callable = match &function.kind {
            Kind::Lambda(_) => None,
            Kind::Name(name) if self.local(name).is_none() && self.names.is_owned(name) => None,
            Kind::Attribute(base, name) => match base.root() {
                Some(root) if self.local(root).is_none() && self.names.is_owned(root) => None,
                _ if self.is_place(base) && operations::mutates(name) => None,
                _ => Some((&**base, Some(name))),
            },
            _ => Some((function, None)),
        };
        let Some((base, method)) = callable else { return body(self, function) };
        let mut base = self.expr(base)?;
        if let Some(name) = method {
            base = format!("__having([{base}, \"{name}\"])");
        }
        let variable = self.fresh('t');
        let at = function.at;
        let held = Expr { kind: Kind::Name(CALLED.into()), at, depth: 1 };
        let kind = match method {
            Some(name) => Kind::Attribute(Box::new(held), name.clone()),
            None => held.kind,
        };
        self.locals.push((CALLED.into(), variable.clone()));
        let inner = body(self, &Expr { kind, at, depth: 2 });
        self.locals.pop();
        Ok(format!("{{ let {variable} = {base}; {} }}", inner?))
    }

    /// The value of a function, a lambda or a name, for these variables.
    pub(super) fn apply(&mut self, function: &Expr, variables: &[String]) -> Source {
        if let Kind::Lambda(lambda) = &function.kind {
            return self.inline(lambda, function, variables);
        }
        if let Kind::Name(name) = &function.kind
            && let Some(variable) = self.local(name)
        {
            return Ok(format!("__uncallable({variable})"));
        }
        let outer = self.locals.len();
        let mut positional = Vec::new();
        for (number, variable) in variables.iter().enumerate() {
            let name: Box<str> = format!("{ARGUMENT}{number}").into();
            positional.push(Expr { kind: Kind::Name(name.clone()), at: function.at, depth: 1 });
            self.locals.push((name, variable.clone()));
        }
        let call = CallExpr { callee: function.clone(), positional, keyword: Vec::new() };
        let value = self.call(&call);
        self.locals.truncate(outer);
        value
    }

    fn inline(&mut self, lambda: &Lambda, function: &Expr, variables: &[String]) -> Source {
        if lambda.parameters.len() != variables.len() {
            let message = format!(
                "this lambda gets {} arguments and takes {}",
                variables.len(),
                lambda.parameters.len()
            );
            return Err(Fault { kind: FaultKind::Type, message, at: function.at });
        }
        let outer = self.locals.len();
        for (parameter, variable) in lambda.parameters.iter().zip(variables) {
            self.locals.push((parameter.clone(), variable.clone()));
        }
        let value = self.expr(&lambda.body);
        self.locals.truncate(outer);
        value
    }
}

/// The loops; where they fail, what uses their items up may have failed before, in Python, by the items up to there.
fn failing_first(loops: &str, used: &str) -> String {
    format!("try {{ {loops} }} catch {{ {used}; throw; }}")
}
