//! What decides at run time what is evaluated: comparisons in a chain, `and`, `or`, the conditional expression.

use super::{Lowering, Operand, binary_name};
use crate::language::dialect::Fault;
use crate::language::dialect::tree::{Conditional, Expr};
use crate::language::names;
use crate::language::operations::Binary;

impl Lowering<'_> {
    /// Each operand is evaluated once, and none after the first comparison that is false.
    pub(super) fn compare(&mut self, first: &Expr, rest: &[(Binary, Expr)]) -> Result<Operand, Fault> {
        let left = self.consumed(&mut [], first)?;
        if let [(operator, right)] = rest {
            if names::is_my_data(right) && matches!(operator, Binary::In | Binary::NotIn) {
                let name = if *operator == Binary::In { "__in_my_data" } else { "__not_in_my_data" };
                let below = left.depth;
                return Ok(self.call_of(format!("{name}({})", left.text), below));
            }
            let mut left = [left];
            let right = self.consumed(&mut left, right)?;
            let [left] = left;
            let below = left.depth.max(right.depth);
            let name = binary_name(*operator);
            return Ok(self.call_of(format!("{name}({}, {})", left.text, right.text), below));
        }
        let mut left = self.spill(left);
        let result = self.fresh('t');
        self.line(&format!("let {result} = true;"));
        for (operator, operand) in rest {
            let right = self.fresh('t');
            self.line(&format!("let {right} = (); if __truth({result}) {{"));
            let value = self.expr(operand)?;
            let name = binary_name(*operator);
            self.line(&format!("{right} = {}; {result} = {name}({}, {right}); }}", value.text, left.text));
            left = Operand::atom(right);
        }
        Ok(Operand::atom(result))
    }

    /// `and` goes on while the value is true, `or` while it is false. Branches stand side by side, not in each other.
    pub(super) fn junction(&mut self, operands: &[Expr], goes_on: &str) -> Result<Operand, Fault> {
        let result = self.fresh('t');
        for (number, operand) in operands.iter().enumerate() {
            if number == 0 {
                let value = self.expr(operand)?;
                self.line(&format!("let {result} = {};", value.text));
            } else {
                self.line(&format!("if {goes_on}({result}) {{"));
                let value = self.expr(operand)?;
                self.line(&format!("{result} = {}; }}", value.text));
            }
        }
        Ok(Operand::atom(result))
    }

    pub(super) fn conditional(&mut self, parts: &Conditional) -> Result<Operand, Fault> {
        let condition = self.consumed(&mut [], &parts.condition)?;
        let result = self.fresh('t');
        self.line(&format!("let {result} = (); if __truth({}) {{", condition.text));
        let value = self.expr(&parts.value)?;
        self.line(&format!("{result} = {};", value.text));
        self.line("} else {");
        let other = self.expr(&parts.other)?;
        self.line(&format!("{result} = {}; }}", other.text));
        Ok(Operand::atom(result))
    }
}
