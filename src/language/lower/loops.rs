//! Comprehensions, and what lambdas are inlined into: loops over our own iteration.

use super::{Lowering, Operand};
use crate::language::dialect::Fault;
use crate::language::dialect::tree::{CallExpr, Clause, Comprehension, Expr, Form, Kind, Lambda, Target};

/// Under what name a function that is applied finds its argument; no client can write it.
const ARGUMENT: &str = "\u{0}";

impl Lowering<'_> {
    /// A comprehension as the container that it makes; a generator as a list.
    pub(super) fn comprehension(&mut self, comprehension: &Comprehension) -> Result<Operand, Fault> {
        let gathered = self.fresh('a');
        self.line(&format!("let {gathered} = __gather();"));
        self.clauses(comprehension, |lowering| {
            let element = lowering.expr(&comprehension.element)?;
            match &comprehension.value {
                None => lowering.line(&format!("{gathered}.__push({});", element.text)),
                Some(value) => {
                    let mut element = [element];
                    let value = lowering.after(&mut element, value)?;
                    let [element] = element;
                    lowering.line(&format!("{gathered}.__push({});", element.text));
                    lowering.line(&format!("{gathered}.__push({});", value.text));
                }
            }
            Ok(())
        })?;
        let form = match comprehension.form {
            Form::List | Form::Generator => "list",
            Form::Set => "set",
            Form::Dict => "dict",
        };
        Ok(self.spill(Operand { text: format!("{gathered}.__gathered(\"{form}\")"), depth: 1 }))
    }

    /// `any(…)` and `all(…)` of a generator stop where Python stops.
    pub(super) fn any_or_all(&mut self, comprehension: &Comprehension, any: bool) -> Result<Operand, Fault> {
        let result = self.fresh('t');
        self.line(&format!("let {result} = {};", !any));
        let (decides, leave) = if any { ("__truth", "__truth") } else { ("__false", "__false") };
        let stop = format!("if {leave}({result}) {{ break; }}");
        self.clauses_until(comprehension, Some(&stop), |lowering| {
            let element = lowering.consumed(&mut [], &comprehension.element)?;
            let text = format!("if {decides}({}) {{ {result} = {any}; break; }}", element.text);
            lowering.line(&text);
            Ok(())
        })?;
        Ok(Operand::atom(result))
    }

    fn clauses(
        &mut self,
        comprehension: &Comprehension,
        body: impl FnOnce(&mut Self) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        self.clauses_until(comprehension, None, body)
    }

    /// The loops and branches around the body. `stop` stands behind every inner loop.
    fn clauses_until(
        &mut self,
        comprehension: &Comprehension,
        stop: Option<&str>,
        body: impl FnOnce(&mut Self) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let outer = self.locals.len();
        let mut closing: Vec<bool> = Vec::new();
        for clause in &comprehension.clauses {
            match clause {
                Clause::For(target, iterable) => {
                    let iterable = self.expr(iterable)?;
                    self.open_loop(&iterable, target)?;
                    closing.push(true);
                }
                Clause::If(condition) => {
                    let condition = self.consumed(&mut [], condition)?;
                    self.line(&format!("if __truth({}) {{", condition.text));
                    closing.push(false);
                }
            }
        }
        body(self)?;
        while let Some(is_loop) = closing.pop() {
            self.line("}");
            if let Some(stop) = stop
                && is_loop
                && closing.contains(&true)
            {
                self.line(stop);
            }
        }
        self.locals.truncate(outer);
        Ok(())
    }

    fn open_loop(&mut self, iterable: &Operand, target: &Target) -> Result<(), Fault> {
        let item = self.fresh('l');
        self.line(&format!("for {item} in __iter({}) {{", iterable.text));
        self.bind(target, item)
    }

    /// Binds a target to the variable of this name.
    fn bind(&mut self, target: &Target, variable: String) -> Result<(), Fault> {
        match target {
            Target::Name(name, _) => self.locals.push((name.clone(), variable)),
            Target::Starred(target) => self.bind(target, variable)?,
            Target::Several(targets, _) => {
                let star = targets.iter().position(|target| matches!(target, Target::Starred(_)));
                let star = star.map_or(String::from("()"), |star| star.to_string());
                let parts = self.fresh('t');
                self.line(&format!("let {parts} = __unpack([{variable},{},{star}]);", targets.len()));
                for (number, target) in targets.iter().enumerate() {
                    let part = self.fresh('l');
                    self.line(&format!("let {part} = __index({parts}, {number});"));
                    self.bind(target, part)?;
                }
            }
            Target::Index(base, _) => {
                return Err(Fault::refused("a comprehension's variable is a name", base.at));
            }
        }
        Ok(())
    }

    /// The list of what the function says of each item of `items`, a variable.
    pub(super) fn keys(&mut self, items: &Operand, function: &Expr) -> Result<Operand, Fault> {
        self.gather(&items.text, |lowering, item, gathered| {
            let key = lowering.apply(function, &[item])?;
            lowering.line(&format!("{gathered}.__push({});", key.text));
            Ok(())
        })
    }

    /// Runs the body for each item and gathers what it pushes.
    pub(super) fn gather(
        &mut self,
        iterable: &str,
        body: impl FnOnce(&mut Self, String, &str) -> Result<(), Fault>,
    ) -> Result<Operand, Fault> {
        let gathered = self.fresh('a');
        let item = self.fresh('l');
        self.line(&format!("let {gathered} = __gather(); for {item} in __iter({iterable}) {{"));
        body(self, item, &gathered)?;
        self.line("}");
        Ok(self.spill(Operand { text: format!("{gathered}.__gathered(\"list\")"), depth: 1 }))
    }

    /// The value of a function, a lambda or a name, for these variables.
    pub(super) fn apply(&mut self, function: &Expr, variables: &[String]) -> Result<Operand, Fault> {
        if let Kind::Lambda(lambda) = &function.kind {
            return self.inline(lambda, function, variables);
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

    fn inline(&mut self, lambda: &Lambda, function: &Expr, variables: &[String]) -> Result<Operand, Fault> {
        if lambda.parameters.len() != variables.len() {
            let message = format!(
                "this lambda gets {} arguments and takes {}",
                variables.len(),
                lambda.parameters.len()
            );
            return Err(Fault::refused(message, function.at));
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
