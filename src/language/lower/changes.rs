//! Statements, and changes in place: each is one native call with the place's root, its path and what is done.

use super::{Lowering, Operand, binary_name};
use crate::language::dialect::Fault;
use crate::language::dialect::tree::{CallExpr, Expr, Kind, Statement, Target};
use crate::language::names::{Place, PlaceRoot, is_my_data};
use crate::language::operations::Binary;
use crate::value::Value;

fn never(_: &str) -> bool {
    false
}

impl Lowering<'_> {
    pub(super) fn statement(&mut self, statement: &Statement) -> Result<(), Fault> {
        match statement {
            Statement::Expression(_) | Statement::Nothing => Ok(()),
            Statement::Assign(targets, value) => {
                let value = self.expr(value)?;
                let name = self.fresh('t');
                self.line(&format!("let {name} = {};", value.text));
                targets.iter().try_for_each(|target| self.assign(target, &name))
            }
            Statement::Augment(target, operator, value) => self.augment(target, *operator, value),
            Statement::Delete(targets) => targets.iter().try_for_each(|target| self.delete(target)),
        }
    }

    fn assign(&mut self, target: &Target, variable: &str) -> Result<(), Fault> {
        match target {
            Target::Name(name, _) => self.line(&format!("__store(\"{name}\", {variable});")),
            Target::Starred(target) => self.assign(target, variable)?,
            Target::Several(targets, _) => {
                let star = targets.iter().position(|target| matches!(target, Target::Starred(_)));
                let star = star.map_or(String::from("()"), |star| star.to_string());
                let parts = self.fresh('t');
                self.line(&format!("let {parts} = __unpack([{variable},{},{star}]);", targets.len()));
                for (number, target) in targets.iter().enumerate() {
                    let part = self.fresh('t');
                    self.line(&format!("let {part} = __index({parts}, {number});"));
                    self.assign(target, &part)?;
                }
            }
            Target::Index(base, index) => {
                let mut operands = self.item("set", base, index)?;
                operands.push(Operand::atom(variable));
                self.change_line(&operands);
            }
        }
        Ok(())
    }

    fn change_line(&mut self, operands: &[Operand]) {
        let change = self.packed("__change", operands);
        self.line(&format!("{};", change.text));
    }

    fn augment(&mut self, target: &Target, operator: Binary, value: &Expr) -> Result<(), Fault> {
        let name = Operand::atom(format!("\"{}\"", binary_name(operator)));
        let operands = match target {
            Target::Name(target, _) => {
                vec![
                    Operand::atom("\"augment\""),
                    Operand::atom("false"),
                    Operand::atom(format!("\"{target}\"")),
                    Operand::atom("0"),
                ]
            }
            Target::Index(base, index) if is_my_data(base) => {
                let key = self.expr(index)?;
                vec![Operand::atom("\"augment\""), Operand::atom("true"), key, Operand::atom("0")]
            }
            Target::Index(base, index) => self.item("augment_item", base, index)?,
            Target::Several(..) | Target::Starred(_) => return Ok(()),
        };
        let mut operands = self.operands(operands, [value])?;
        let value = operands.pop();
        operands.push(name);
        operands.extend(value);
        self.change_line(&operands);
        Ok(())
    }

    fn delete(&mut self, target: &Target) -> Result<(), Fault> {
        match target {
            Target::Name(name, _) => self.line(&format!("__delete(\"{name}\");")),
            Target::Index(base, index) => {
                let operands = self.item("delete", base, index)?;
                self.change_line(&operands);
            }
            Target::Several(..) | Target::Starred(_) => {}
        }
        Ok(())
    }

    /// `["what", whether a key of MyData, root, length of the path, path…, index]`
    fn item(&mut self, what: &str, base: &Expr, index: &Expr) -> Result<Vec<Operand>, Fault> {
        let head = Operand::atom(format!("\"{what}\""));
        if is_my_data(base) {
            let head = vec![Operand::atom(format!("\"{what}_key\"")), Operand::atom("true")];
            let mut operands = self.operands(head, [index])?;
            operands.push(Operand::atom("0"));
            return Ok(operands);
        }
        let Some(place) = self.names.place(base, &never) else {
            return Err(Fault::refused("only items of a name or of MyData can be assigned", base.at));
        };
        let operands = self.root(head, &place)?;
        self.operands(operands, [index])
    }

    fn root(&mut self, head: Operand, place: &Place<'_>) -> Result<Vec<Operand>, Fault> {
        let mut operands = vec![head];
        match place.root {
            PlaceRoot::Name(name) => {
                operands.push(Operand::atom("false"));
                operands.push(Operand::atom(format!("\"{name}\"")));
            }
            PlaceRoot::MyData(key) => {
                operands.push(Operand::atom("true"));
                operands = self.operands(operands, [key])?;
            }
        }
        operands.push(Operand::atom(place.path.len().to_string()));
        self.operands(operands, place.path.iter().copied())
    }

    /// A method that changes its receiver, a place.
    pub(super) fn change_method(
        &mut self,
        place: &Place<'_>,
        base: &Expr,
        name: &str,
        call: &CallExpr,
    ) -> Result<Operand, Fault> {
        let keys = if name == "sort" { self.sort_keys(base, call)? } else { None };
        let is_key = |keyword: &str, value: &Expr| {
            keyword == "key" && (keys.is_some() || matches!(value.kind, Kind::Literal(Value::None)))
        };
        let keyword: Vec<_> = call.keyword.iter().filter(|(name, value)| !is_key(name, value)).collect();
        let mut operands = self.root(Operand::atom("\"method\""), place)?;
        let mut names: Vec<&str> = keyword.iter().map(|(name, _)| &**name).collect();
        if keys.is_some() {
            names.push("__keys__");
        }
        operands.extend(self.head(name, names.into_iter()));
        let exprs = call.positional.iter().chain(keyword.iter().map(|(_, value)| value));
        let mut operands = self.operands(operands, exprs)?;
        operands.extend(keys);
        Ok(self.packed("__change", &operands))
    }
}
