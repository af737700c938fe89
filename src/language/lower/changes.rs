//! Statements, and changes in place: each is one native call with the place's root, its path and what is done.

use std::fmt::Write;

use super::calls::head;
use super::{Lowering, Source, binary_name, packed};
use crate::language::dialect::Fault;
use crate::language::dialect::tree::{CallExpr, Expr, Kind, Statement, Target};
use crate::language::names::{Place, PlaceRoot, is_my_data};
use crate::language::operations::Binary;
use crate::value::Value;

/// Whether the source is a constant, which may be written twice.
fn is_constant(source: &str) -> bool {
    source.starts_with('"') || source.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether the assignment to the target changes something in place.
fn changes(target: &Target) -> bool {
    match target {
        Target::Name(..) => false,
        Target::Index(..) => true,
        Target::Starred(target) => changes(target),
        Target::Several(targets) => targets.iter().any(changes),
    }
}

fn never(_: &str) -> bool {
    false
}

impl Lowering<'_> {
    /// A statement, as statements.
    pub(super) fn statement(&mut self, statement: &Statement) -> Source {
        match statement {
            Statement::Expression(_) | Statement::Nothing => Ok(String::new()),
            Statement::Assign(targets, value) => {
                let value = self.expr(value)?;
                let variable = self.fresh('t');
                let mut block = format!("{{ let {variable} = {value}; ");
                for target in targets {
                    block.push_str(&self.assign(target, &variable)?);
                }
                block.push_str("}\n");
                Ok(block)
            }
            Statement::Augment(target, operator, value) => self.augment(target, *operator, value),
            Statement::Delete(targets) => targets.iter().map(|target| self.delete(target)).collect(),
        }
    }

    fn assign(&mut self, target: &Target, variable: &str) -> Source {
        match target {
            Target::Name(name, _) => Ok(format!("__store(\"{name}\", {variable}); ")),
            Target::Starred(target) => self.assign(target, variable),
            Target::Several(targets) => {
                let (parts, mut source) = self.parts(targets, variable);
                for (number, target) in targets.iter().enumerate() {
                    let (part, mark) = (self.fresh('t'), self.fresh('t'));
                    let _ = write!(source, "let {part} = __index({parts}, {number}); ");
                    // What is yet to be assigned must not change meanwhile.
                    let changes = changes(target) && number + 1 < targets.len();
                    if changes {
                        let _ = write!(source, "let {mark} = __hold_parts([{parts}, {}]); ", number + 1);
                    }
                    source.push_str(&self.assign(target, &part)?);
                    if changes {
                        let _ = write!(source, "__release_to({mark}); ");
                    }
                }
                Ok(source)
            }
            Target::Index(base, index) => {
                let mut operands = self.item("set", base, index)?;
                operands.push(variable.to_owned());
                Ok(format!("{}; ", packed("__change", &operands)))
            }
        }
    }

    fn augment(&mut self, target: &Target, operator: Binary, value: &Expr) -> Source {
        let text = String::from;
        let mut operands = match target {
            Target::Name(target, _) => {
                vec![text("\"augment\""), text("false"), format!("\"{target}\""), text("0")]
            }
            Target::Index(base, index) if is_my_data(base) => {
                vec![text("\"augment\""), text("true"), self.expr(index)?, text("0")]
            }
            Target::Index(base, index) => self.item("augment_item", base, index)?,
            Target::Several(..) | Target::Starred(_) => return Ok(String::new()),
        };
        let operator = format!("\"{}\"", binary_name(operator));
        let value = self.expr(value)?;
        // What is changed is read before the value is evaluated, so that its errors come first.
        let mut block = String::from("{ ");
        self.bind_operands(&mut operands, &mut block);
        let _ = write!(block, "{}; ", packed("__peek", &operands));
        operands.extend([operator, value]);
        let _ = writeln!(block, "{}; }}", packed("__change", &operands));
        Ok(block)
    }

    /// Puts operands that are no constants into variables, so that they are evaluated once.
    fn bind_operands(&mut self, operands: &mut [String], block: &mut String) {
        for operand in operands.iter_mut().skip(2).filter(|operand| !is_constant(operand)) {
            let variable = self.fresh('t');
            let _ = write!(block, "let {variable} = {operand}; ");
            *operand = variable;
        }
    }

    fn delete(&mut self, target: &Target) -> Source {
        match target {
            Target::Name(name, _) => Ok(format!("__delete(\"{name}\");\n")),
            Target::Index(base, index) => {
                let operands = self.item("delete", base, index)?;
                Ok(format!("{};\n", packed("__change", &operands)))
            }
            Target::Several(..) | Target::Starred(_) => Ok(String::new()),
        }
    }

    /// `"what", whether a key of MyData, root, length of the path, path…, index`
    fn item(&mut self, what: &str, base: &Expr, index: &Expr) -> Result<Vec<String>, Fault> {
        if is_my_data(base) {
            let index = self.expr(index)?;
            return Ok(vec![format!("\"{what}_key\""), String::from("true"), index, String::from("0")]);
        }
        let Some(place) = self.names.place(base, &never) else {
            return Err(Fault::refused("only items of a name or of MyData can be assigned", base.at));
        };
        let mut operands = self.root(what, &place)?;
        operands.push(self.expr(index)?);
        Ok(operands)
    }

    fn root(&mut self, what: &str, place: &Place<'_>) -> Result<Vec<String>, Fault> {
        let mut operands = vec![format!("\"{what}\"")];
        match place.root {
            PlaceRoot::Name(name) => operands.extend([String::from("false"), format!("\"{name}\"")]),
            PlaceRoot::MyData(key) => operands.extend([String::from("true"), self.expr(key)?]),
        }
        operands.push(place.path.len().to_string());
        operands.extend(self.operands(place.path.iter().copied())?);
        Ok(operands)
    }

    /// A method that changes its receiver, a place.
    pub(super) fn change_method(
        &mut self,
        place: &Place<'_>,
        base: &Expr,
        name: &str,
        call: &CallExpr,
    ) -> Source {
        let keys = if name == "sort" { self.sort_keys(base, call)? } else { None };
        let is_key = |keyword: &str, value: &Expr| {
            keyword == "key" && (keys.is_some() || matches!(value.kind, Kind::Literal(Value::None)))
        };
        let keyword: Vec<_> = call.keyword.iter().filter(|(name, value)| !is_key(name, value)).collect();
        let mut operands = self.root("method", place)?;
        let mut block = String::new();
        if call.positional.iter().any(|argument| !matches!(argument.kind, Kind::Literal(_))) {
            // A method that is not there is noticed before the arguments are evaluated.
            self.bind_operands(&mut operands, &mut block);
            let _ = write!(block, "__having([{}, \"{name}\"]); ", packed("__peek", &operands));
        }
        let mut names: Vec<&str> = keyword.iter().map(|(name, _)| &**name).collect();
        if keys.is_some() {
            names.push("__keys__");
        }
        operands.extend(head(name, names.into_iter()));
        let exprs = call.positional.iter().chain(keyword.iter().map(|(_, value)| value));
        operands.extend(self.operands(exprs)?);
        operands.extend(keys);
        let change = packed("__change", &operands);
        Ok(if block.is_empty() { change } else { format!("{{ {block}{change} }}") })
    }
}
