//! What is known of a tree before it runs: which way it goes, where it may run, and what is refused in it.
//!
//! Owns the refusals that need no values. Uses the tree and the names; runs nothing.

use super::dialect::tree::{Clause, Comprehension, Entry, Expr, Form, Kind, Piece, Statement, Target};
use super::dialect::{Fault, FaultKind};
use super::names::{Callee, NameValue, Names, name_fault};
use super::operations::{self, Binary};

mod calls;

/// What was found.
#[derive(Clone, Copy, Debug, Default)]
pub struct Found {
    /// Something decides at run time what is evaluated: `and`, a conditional, a comprehension.
    pub branches: bool,
    /// Something may take long: a loop or a function of the users'.
    pub loops: bool,
    /// How many changes in place there are.
    pub changes: u32,
    /// A change happens in the middle of a statement, which may hold values meanwhile.
    pub inner_change: bool,
    /// How deep the deepest tree is.
    pub depth: u16,
}

/// Walks the statements.
pub struct Analysis<'n> {
    names: &'n Names,
    /// The variables of comprehensions and lambdas, and whether they have a value yet.
    locals: Vec<(Box<str>, bool)>,
    found: Found,
    /// What is being changed, while its arguments are looked at.
    changing: Option<Changing>,
}

/// A value that a method changes step by step: what Python would call meanwhile may not look at it.
struct Changing {
    name: Box<str>,
    /// Locals from here on hide the name.
    locals: usize,
    /// Inside of a lambda or a generator, which Python evaluates while the change goes on.
    deferred: bool,
}

/// Checks the statements and tells what is in them.
///
/// # Errors
/// Whatever is refused without being run.
pub fn analyse(statements: &[Statement], names: &Names) -> Result<Found, Fault> {
    let mut analysis = Analysis { names, locals: Vec::new(), found: Found::default(), changing: None };
    for statement in statements {
        analysis.statement(statement)?;
    }
    Ok(analysis.found)
}

/// Whether a change happens inside of the statement, where it is not the whole of it.
pub fn has_inner_change(statement: &Statement, names: &Names) -> bool {
    let mut analysis = Analysis { names, locals: Vec::new(), found: Found::default(), changing: None };
    analysis.statement(statement).is_ok() && analysis.found.inner_change
}

impl Analysis<'_> {
    fn statement(&mut self, statement: &Statement) -> Result<(), Fault> {
        let before = self.found.changes;
        let outermost = match statement {
            Statement::Expression(expr) => {
                self.expr(expr)?;
                u32::from(self.is_change(expr))
            }
            Statement::Assign(targets, value) => {
                if matches!(targets.as_slice(), [Target::Several(_)]) {
                    self.iterable(value)?;
                } else {
                    self.expr(value)?;
                }
                targets.iter().try_fold(0, |sum, target| Ok(sum + self.target(target)?))?
            }
            Statement::Augment(target, _, value) => {
                self.arguments_of_change(target.root(), |analysis| analysis.expr(value))?;
                if self.found.changes > before {
                    return Err(refused("a change cannot stand inside an augmented assignment", value.at));
                }
                let changes = self.target(target)?;
                // `x += [1]` changes what x holds.
                if changes == 0 {
                    self.found.changes += 1;
                }
                1
            }
            Statement::Delete(targets) => {
                targets.iter().try_fold(0, |sum, target| Ok(sum + self.target(target)?))?
            }
            Statement::Nothing => 0,
        };
        if self.found.changes - before > outermost {
            self.found.inner_change = true;
        }
        Ok(())
    }

    /// Whether the expression is, as a whole, a change in place.
    fn is_change(&self, expr: &Expr) -> bool {
        let Kind::Call(call) = &expr.kind else { return false };
        matches!(
            self.names.callee(call, &|name| self.is_local(name)),
            Ok(Callee::Method(base, name)) if self.changes_place(base, name)
        )
    }

    fn changes_place(&self, base: &Expr, name: &str) -> bool {
        operations::mutates(name) && self.names.place(base, &|name| self.is_local(name)).is_some()
    }

    fn is_local(&self, name: &str) -> bool {
        self.locals.iter().any(|(local, _)| **local == *name)
    }

    /// How many changes in place the assignment to the target is.
    fn target(&mut self, target: &Target) -> Result<u32, Fault> {
        match target {
            Target::Name(name, at) => {
                self.names.check_assignable(name, *at)?;
                Ok(0)
            }
            Target::Several(targets) => {
                targets.iter().try_fold(0, |sum, target| Ok(sum + self.target(target)?))
            }
            Target::Starred(target) => self.target(target),
            Target::Index(base, index) => {
                self.expr(base)?;
                self.expr(index)?;
                let whole = Expr {
                    kind: Kind::Index(Box::new(base.clone()), Box::new(index.clone())),
                    at: base.at,
                    depth: 0,
                };
                match self.names.place(&whole, &|_| false) {
                    // MyData['k'] = v sets a key and changes no object.
                    Some(place) if place.path.is_empty() => Ok(0),
                    Some(_) => {
                        self.found.changes += 1;
                        Ok(1)
                    }
                    None => Err(refused("only items of a name or of MyData can be assigned", base.at)),
                }
            }
        }
    }

    /// Something that is gone through at once, so that it may be a generator.
    fn iterable(&mut self, expr: &Expr) -> Result<(), Fault> {
        match expr.generator() {
            Some(generator) => self.comprehension(generator),
            None => self.expr(expr),
        }
    }

    fn exprs(&mut self, exprs: &[Expr]) -> Result<(), Fault> {
        exprs.iter().try_for_each(|expr| self.expr(expr))
    }

    fn expr(&mut self, expr: &Expr) -> Result<(), Fault> {
        self.found.depth = self.found.depth.max(expr.depth);
        match &expr.kind {
            Kind::Literal(_) => Ok(()),
            Kind::Magnitude => Err(Fault::too_big()),
            Kind::Name(name) => self.name(name, expr.at),
            Kind::Format(pieces) => self.pieces(pieces),
            Kind::List(items) | Kind::Tuple(items) | Kind::Set(items) => self.exprs(items),
            Kind::Dict(entries) => entries.iter().try_for_each(|entry| match entry {
                Entry::Pair(key, value) => self.expr(key).and_then(|()| self.expr(value)),
                Entry::Spread(mapping) => self.expr(mapping),
            }),
            Kind::Starred(inner) => self.iterable(inner),
            Kind::Unary(_, inner) => self.expr(inner),
            Kind::Binary(first, rest) => {
                self.expr(first)?;
                rest.iter().try_for_each(|(_, operand)| self.expr(operand))
            }
            Kind::Compare(first, rest) => {
                self.found.branches |= rest.len() > 1;
                self.expr(first)?;
                if let [(Binary::In | Binary::NotIn, right)] = rest.as_slice() {
                    return self.iterable(right);
                }
                rest.iter().try_for_each(|(_, operand)| self.expr(operand))
            }
            Kind::And(operands) | Kind::Or(operands) => {
                self.found.branches = true;
                self.exprs(operands)
            }
            Kind::Conditional(parts) => {
                self.found.branches = true;
                self.expr(&parts.condition)?;
                self.expr(&parts.value)?;
                self.expr(&parts.other)
            }
            Kind::Comprehension(comprehension) if comprehension.form == Form::Generator => Err(refused(
                "a generator expression may stand only as the argument of a function that uses it up; [ ] makes a list",
                expr.at,
            )),
            Kind::Comprehension(comprehension) => self.comprehension(comprehension),
            Kind::Lambda(_) => Err(lambda_fault(expr)),
            Kind::Call(call) => self.call(call),
            Kind::Index(base, index) => {
                self.expr(base)?;
                self.expr(index)
            }
            Kind::Bounds(bounds) => bounds.iter().flatten().try_for_each(|bound| self.expr(bound)),
            Kind::Slice(base, bounds) => {
                self.expr(base)?;
                bounds.iter().flatten().try_for_each(|bound| self.expr(bound))
            }
            Kind::Attribute(base, name) => self.attribute(expr, base, name),
        }
    }

    fn name(&self, name: &str, at: u32) -> Result<(), Fault> {
        if let Some(changing) = &self.changing
            && changing.deferred
            && *changing.name == *name
            && !self.locals.iter().skip(changing.locals).any(|(local, _)| **local == *name)
        {
            let message = format!("'{name}' cannot be looked at here while it is changed; do it before");
            return Err(refused(message, at));
        }
        if let Some((_, bound)) = self.locals.iter().rev().find(|(local, _)| **local == *name) {
            let message = || format!("'{name}' is used before the 'for' that gives it a value");
            return if *bound { Ok(()) } else { Err(name_fault(message(), at)) };
        }
        match self.names.value_name(name) {
            NameValue::Type(name) if operations::type_object(name).is_none() => {
                Err(name_fault(format!("'{name}' is a function and no value here; call it"), at))
            }
            NameValue::Function(name) => {
                Err(name_fault(format!("'{name}' is a function or a module and no value here; call it"), at))
            }
            _ => Ok(()),
        }
    }

    fn attribute(&mut self, expr: &Expr, base: &Expr, name: &str) -> Result<(), Fault> {
        let Some(root) = expr.root().filter(|root| !self.is_local(root)) else { return self.expr(base) };
        if !super::modules::is_module(root) {
            return self.expr(base);
        }
        let path = expr.dotted().unwrap_or_default();
        if super::names::constant(&path).is_some() {
            return Ok(());
        }
        if base.dotted().is_some_and(|base| super::names::constant(&base).is_some()) {
            return Ok(());
        }
        let why = if super::modules::has(&path) {
            format!("'{path}' is a function and no value here; call it")
        } else {
            super::modules::absent(&path)
                .unwrap_or_else(|| format!("module '{root}' has no attribute '{name}'"))
        };
        Err(name_fault(why, expr.at))
    }

    fn pieces(&mut self, pieces: &[Piece]) -> Result<(), Fault> {
        pieces.iter().try_for_each(|piece| match piece {
            Piece::Text(_) => Ok(()),
            Piece::Field { value, specification, .. } => {
                self.expr(value)?;
                self.pieces(specification)
            }
        })
    }

    fn is_deferred(&self) -> bool {
        self.changing.as_ref().is_some_and(|changing| changing.deferred)
    }

    /// Goes on with what Python evaluates later, bit by bit.
    fn deferred(&mut self, walk: impl FnOnce(&mut Self) -> Result<(), Fault>) -> Result<(), Fault> {
        let before = self.changing.as_mut().map(|changing| std::mem::replace(&mut changing.deferred, true));
        walk(self)?;
        if let (Some(changing), Some(before)) = (&mut self.changing, before) {
            changing.deferred = before;
        }
        Ok(())
    }

    /// Goes on with the arguments of what changes the value in this place.
    fn arguments_of_change(
        &mut self,
        name: Option<&str>,
        walk: impl FnOnce(&mut Self) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let name = name.map(Box::from);
        let changing = name.map(|name| Changing { name, locals: self.locals.len(), deferred: false });
        let outer = std::mem::replace(&mut self.changing, changing);
        walk(self)?;
        self.changing = outer;
        Ok(())
    }

    fn comprehension(&mut self, comprehension: &Comprehension) -> Result<(), Fault> {
        match comprehension.form {
            Form::Generator => self.deferred(|analysis| analysis.clauses(comprehension)),
            _ => self.clauses(comprehension),
        }
    }

    fn clauses(&mut self, comprehension: &Comprehension) -> Result<(), Fault> {
        self.found.branches = true;
        self.found.loops = true;
        let outer = self.locals.len();
        for (number, clause) in comprehension.clauses.iter().enumerate() {
            match clause {
                Clause::For(target, iterable) => {
                    self.iterable(iterable)?;
                    if number == 0 {
                        // All of its variables are local to a comprehension, but for its first iterable.
                        for clause in &comprehension.clauses {
                            if let Clause::For(target, _) = clause {
                                bind(target, false, &mut self.locals);
                            }
                        }
                    }
                    bind(target, true, &mut self.locals);
                }
                Clause::If(condition) => self.expr(condition)?,
            }
        }
        self.expr(&comprehension.element)?;
        if let Some(value) = &comprehension.value {
            self.expr(value)?;
        }
        self.locals.truncate(outer);
        Ok(())
    }
}

/// The names that a target binds.
fn bind(target: &Target, bound: bool, names: &mut Vec<(Box<str>, bool)>) {
    match target {
        Target::Name(name, _) => names.push((name.clone(), bound)),
        Target::Several(targets) => targets.iter().for_each(|target| bind(target, bound, names)),
        Target::Starred(target) => bind(target, bound, names),
        Target::Index(..) => {}
    }
}

fn lambda_fault(expr: &Expr) -> Fault {
    let message = "a lambda may stand only as key= of sorted, min, max and sort, and as the first argument of map and filter";
    refused(message, expr.at)
}

fn refused(message: impl Into<String>, at: u32) -> Fault {
    Fault { kind: FaultKind::Refused, message: message.into(), at }
}
