//! A call as text: the function's name and its arguments, each quoted as Python quotes it.
//!
//! Owns how a call is written and how the times in it are; an argument can never become code. Uses `wire`.

use std::time::Duration;

use crate::Value;

/// A call under construction.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    text: String,
    empty: bool,
}

impl Call {
    /// A call of this function.
    pub(crate) fn new(function: &str) -> Call {
        Call { text: format!("{function}("), empty: true }
    }

    /// With one more argument.
    pub(crate) fn arg(mut self, value: impl Into<Value>) -> Call {
        if !self.empty {
            self.text.push_str(", ");
        }
        self.empty = false;
        value.into().write_expression(&mut self.text);
        self
    }

    /// With one more argument, if there is one.
    pub(crate) fn optional(self, value: Option<impl Into<Value>>) -> Call {
        match value {
            Some(value) => self.arg(value),
            None => self,
        }
    }

    /// With one more argument, in seconds: a whole number where it is one.
    pub(crate) fn seconds(self, time: Duration) -> Call {
        match i64::try_from(time.as_secs()) {
            Ok(seconds) if time.subsec_nanos() == 0 => self.arg(seconds),
            _ => self.arg(time.as_secs_f64()),
        }
    }

    /// The text of the call.
    pub(crate) fn text(mut self) -> String {
        self.text.push(')');
        self.text
    }

    /// The text of the call inside `repr()`: a string comes back in quotes, so that it can be told from other
    /// values and from an error.
    pub(crate) fn typed(self) -> String {
        format!("repr({})", self.text())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Call;
    use crate::Value;

    #[test]
    fn arguments_are_quoted() {
        let hostile = "x'), delete('*'), getReg('";
        let call = Call::new("setReg").arg("a\nb").arg(hostile).arg(f64::INFINITY);
        assert_eq!(call.text(), "setReg('a\\nb', \"x'), delete('*'), getReg('\", float('inf'))");
        assert_eq!(Call::new("ping").typed(), "repr(ping())");
        let nested = Value::from([("k", Value::List(vec![f64::NAN.into(), Value::None]))]);
        assert_eq!(Call::new("f").arg(nested).text(), "f({'k': [float('nan'), None]})");
    }

    #[test]
    fn what_is_left_out_leaves_no_comma() {
        assert_eq!(Call::new("keys").optional(None::<&str>).text(), "keys()");
        assert_eq!(Call::new("keys").optional(Some("a*")).text(), "keys('a*')");
    }

    #[test]
    fn times_are_seconds() {
        assert_eq!(Call::new("f").seconds(Duration::from_secs(15)).text(), "f(15)");
        assert_eq!(Call::new("f").seconds(Duration::from_millis(1500)).text(), "f(1.5)");
        assert_eq!(Call::new("f").seconds(Duration::ZERO).text(), "f(0)");
    }
}
