//! What decides at run time what is evaluated: comparisons in a chain, `and`, `or`, the conditional expression.

use std::fmt::Write;

use super::{Lowering, Source, binary_name};
use crate::language::dialect::tree::{Conditional, Expr};
use crate::language::names;
use crate::language::operations::Binary;

impl Lowering<'_> {
    /// Each operand is evaluated once, and none after the first comparison that is false.
    pub(super) fn compare(&mut self, first: &Expr, rest: &[(Binary, Expr)]) -> Source {
        if let [(operator @ (Binary::In | Binary::NotIn), right)] = rest
            && let Some(generator) = right.generator()
        {
            return self.is_in(first, generator, *operator == Binary::NotIn);
        }
        let source = self.consumed(first)?;
        if let [(operator, right)] = rest {
            if names::is_my_data(right) && matches!(operator, Binary::In | Binary::NotIn) {
                let name = if *operator == Binary::In { "__in_my_data" } else { "__not_in_my_data" };
                return Ok(format!("{name}({source})"));
            }
            return Ok(format!("{}({source}, {})", binary_name(*operator), self.consumed(right)?));
        }
        let (left, right, result) = (self.fresh('t'), self.fresh('t'), self.fresh('t'));
        let mut block = format!("{{ let {left} = {source}; let {result} = true;");
        for (number, (operator, operand)) in rest.iter().enumerate() {
            let compared = binary_name(*operator);
            let operand = self.expr(operand)?;
            let step =
                format!("let {right} = {operand}; {result} = {compared}({left}, {right}); {left} = {right};");
            if number == 0 {
                let _ = write!(block, " {{ {step} }}");
            } else {
                let _ = write!(block, " if __truth({result}) {{ {step} }}");
            }
        }
        let _ = write!(block, " {result} }}");
        Ok(block)
    }

    /// `and` goes on while the value is true, `or` while it is false. Branches stand side by side, not in each other.
    pub(super) fn junction(&mut self, operands: &[Expr], goes_on: &str) -> Source {
        let result = self.fresh('t');
        let mut block = String::new();
        for (number, operand) in operands.iter().enumerate() {
            let value = self.expr(operand)?;
            if number == 0 {
                let _ = write!(block, "{{ let {result} = {value};");
            } else {
                let _ = write!(block, " if {goes_on}({result}) {{ {result} = {value}; }}");
            }
        }
        let _ = write!(block, " {result} }}");
        Ok(block)
    }

    pub(super) fn conditional(&mut self, parts: &Conditional) -> Source {
        let condition = self.consumed(&parts.condition)?;
        let value = self.expr(&parts.value)?;
        let other = self.expr(&parts.other)?;
        Ok(format!("if __truth({condition}) {{ {value} }} else {{ {other} }}"))
    }
}
