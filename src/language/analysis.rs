//! What is known of a tree before it runs: which way it goes, where it may run, and what is refused in it.
//!
//! Owns the refusals that need no values. Uses the tree and the names; runs nothing.

use super::dialect::tree::{
    CallExpr, Clause, Comprehension, Entry, Expr, Form, Kind, Piece, Statement, Target,
};
use super::dialect::{Fault, FaultKind};
use super::names::{Callee, NameValue, Names, name_fault};
use super::operations;

/// What was found.
#[derive(Clone, Copy, Debug, Default)]
pub struct Found {
    /// Something decides at run time what is evaluated: `and`, a conditional, a comprehension.
    pub branches: bool,
    /// Something may take long: a loop, a function of the users', a pattern.
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
    locals: Vec<Box<str>>,
    found: Found,
}

/// Checks the statements and tells what is in them.
///
/// # Errors
/// Whatever is refused without being run.
pub fn analyse(statements: &[Statement], names: &Names) -> Result<Found, Fault> {
    let mut analysis = Analysis { names, locals: Vec::new(), found: Found::default() };
    for statement in statements {
        analysis.statement(statement)?;
    }
    Ok(analysis.found)
}

/// Whether a change happens inside of the statement, where it is not the whole of it.
pub fn has_inner_change(statement: &Statement, names: &Names) -> bool {
    let mut analysis = Analysis { names, locals: Vec::new(), found: Found::default() };
    analysis.statement(statement).is_ok() && analysis.found.inner_change
}

/// Builtins that take a generator and use all of it, or, for `any` and `all`, stop where Python stops.
const GENERATOR_BUILTINS: [&str; 14] = [
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
const GENERATOR_METHODS: [&str; 8] =
    ["join", "extend", "update", "union", "intersection", "difference", "symmetric_difference", "fromkeys"];

impl Analysis<'_> {
    fn statement(&mut self, statement: &Statement) -> Result<(), Fault> {
        let before = self.found.changes;
        let outermost = match statement {
            Statement::Expression(expr) => {
                self.expr(expr)?;
                u32::from(self.is_change(expr))
            }
            Statement::Assign(targets, value) => {
                self.expr(value)?;
                targets.iter().try_fold(0, |sum, target| Ok(sum + self.target(target)?))?
            }
            Statement::Augment(target, _, value) => {
                self.expr(value)?;
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
        self.locals.iter().any(|local| **local == *name)
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
            Kind::Starred(inner) | Kind::Unary(_, inner) => self.expr(inner),
            Kind::Binary(first, rest) => {
                self.expr(first)?;
                rest.iter().try_for_each(|(_, operand)| self.expr(operand))
            }
            Kind::Compare(first, rest) => {
                self.found.branches |= rest.len() > 1;
                self.expr(first)?;
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
            Kind::Slice(base, bounds) => {
                self.expr(base)?;
                bounds.iter().flatten().try_for_each(|bound| self.expr(bound))
            }
            Kind::Attribute(base, name) => self.attribute(expr, base, name),
        }
    }

    fn name(&self, name: &str, at: u32) -> Result<(), Fault> {
        if self.is_local(name) {
            return Ok(());
        }
        match self.names.value_name(name) {
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

    fn comprehension(&mut self, comprehension: &Comprehension) -> Result<(), Fault> {
        self.found.branches = true;
        self.found.loops = true;
        let outer = self.locals.len();
        for clause in &comprehension.clauses {
            match clause {
                Clause::For(target, iterable) => {
                    self.expr(iterable)?;
                    bind(target, &mut self.locals);
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

    fn call(&mut self, call: &CallExpr) -> Result<(), Fault> {
        let locals = std::mem::take(&mut self.locals);
        let callee = self.names.callee(call, &|name| locals.iter().any(|local| **local == *name));
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
            Callee::Class(path, name) => {
                if !operations::is_builtin(path) && call.positional.is_empty() {
                    return Err(name_fault(format!("there is no function '{path}' here"), call.callee.at));
                }
                (GENERATOR_METHODS.contains(name), None, false)
            }
            Callee::Module(path) => {
                // Of the functions that need no loop these alone can use up the time.
                self.found.loops |= path.starts_with("re.");
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
            Callee::Catalogue(_) | Callee::MyData(_) => (false, None, false),
        };
        let before = self.found.changes;
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
        if let Callee::Method(base, name) = callee
            && operations::mutates(name)
        {
            self.change(base, name, before)?;
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

    /// What stands where a function is expected: a lambda, or a function's name.
    fn function(&mut self, expr: &Expr) -> Result<(), Fault> {
        self.found.branches = true;
        self.found.loops = true;
        match &expr.kind {
            Kind::Literal(crate::value::Value::None) => Ok(()),
            Kind::Lambda(lambda) => {
                let outer = self.locals.len();
                self.locals.extend(lambda.parameters.iter().cloned());
                self.expr(&lambda.body)?;
                self.locals.truncate(outer);
                Ok(())
            }
            Kind::Name(name) if !self.is_local(name) && self.names.is_owned(name) => Ok(()),
            Kind::Attribute(..) if expr.root().is_some_and(|root| !self.is_local(root)) => Ok(()),
            _ => Err(refused("a lambda or a function's name is expected here", expr.at)),
        }
    }
}

/// The names that a target binds.
pub fn bind(target: &Target, names: &mut Vec<Box<str>>) {
    match target {
        Target::Name(name, _) => names.push(name.clone()),
        Target::Several(targets) => targets.iter().for_each(|target| bind(target, names)),
        Target::Starred(target) => bind(target, names),
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
