//! The shared names and the registry as the language reaches them: a bare name that is read or assigned.
//!
//! Uses the context. What a name may be is the state's rule, which names are taken the language's.

use std::sync::Arc;

use super::{Context, Error};
use crate::state::{self, Space};
use crate::value::Value;

impl Context {
    /// The value of a shared name.
    pub fn shared_name(&mut self, name: &str) -> Option<Value> {
        self.state().get(Space::Names, name)
    }

    /// Assigns a shared name.
    ///
    /// # Errors
    /// What the state says: the value is too large, too deep, or there are too many names.
    pub fn set_shared_name(&mut self, name: &str, value: Value) -> Result<(), Error> {
        Ok(self.state().set(Space::Names, name, value, None)?)
    }

    /// Takes a shared name away; the value that it had.
    ///
    /// # Errors
    /// What the state says.
    pub fn remove_shared_name(&mut self, name: &str) -> Result<Option<Value>, Error> {
        Ok(self.state().remove(Space::Names, name)?)
    }

    /// The value of a registry key.
    pub fn registry_value(&mut self, key: &str) -> Option<Value> {
        self.state().get(Space::Registry, key)
    }

    /// All keys of the registry with their values.
    ///
    /// # Errors
    /// What the state says.
    pub fn registry_entries(&mut self) -> Result<Vec<(Arc<str>, Value)>, Error> {
        self.begin_call();
        self.scan(None, |state, scan| state.entries(scan))
    }
}

impl Error {
    /// An error of the kind `state`.
    pub fn state(message: impl Into<String>) -> Error {
        Error::State(state::Error::State(message.into()))
    }
}
