//! The first line of a session: whose it is to be, and in which form.

use share_client::wire::Kind;

use super::{Failure, Form};
use crate::functions;
use crate::language::literal_call;
use crate::value::Value;

/// What a session's first line asks for.
#[derive(Debug, PartialEq, Eq)]
pub struct Hello {
    /// The ID or name of the client that is to be carried on; a new one where there is none.
    pub client: Option<String>,
    /// The form of the replies.
    pub form: Form,
}

/// Whether the text, as far as it has come, is or may become a session's first line.
#[must_use]
pub fn may_be_hello(text: &str) -> bool {
    let text = text.trim_start();
    let name = functions::SESSION;
    match text.strip_prefix(name) {
        Some(rest) => rest.trim_start_matches([' ', '\t']).chars().next().is_none_or(|next| next == '('),
        None => name.starts_with(text),
    }
}

/// The hello that a line is; `None` where it is something else. With a failure comes the form to tell it in.
#[must_use]
pub fn hello(line: &str) -> Option<Result<Hello, (Failure, Form)>> {
    if !may_be_hello(line) {
        return None;
    }
    let call = literal_call(line).ok()?.filter(|call| call.name == functions::SESSION)?;
    let mut texts: [Option<String>; 2] = [None, None];
    let mut wrong = None;
    let given = call.positional.into_iter().enumerate().map(|(index, value)| (Some(index), value));
    let named = call.keyword.into_iter().map(|(name, value)| {
        let index = functions::SESSION_PARAMETERS.iter().position(|parameter| parameter.name == name);
        (index, value)
    });
    for (index, value) in given.chain(named) {
        match (index.and_then(|index| texts.get_mut(index)), value) {
            (Some(slot), Value::Str(text)) if slot.is_none() => *slot = Some(text.as_ref().to_owned()),
            (Some(_), Value::None) => {}
            _ => {
                let message = "session() takes the ID of a client and a form, both of them texts";
                wrong = Some(Failure::new(Kind::Type, message));
            }
        }
    }
    let [client, form] = texts;
    let form = match form.as_deref() {
        None | Some("" | "json") => Form::Json,
        Some("text") => Form::Text,
        Some(_) => {
            let message = "session(): the form is 'json' or 'text'";
            wrong = wrong.or(Some(Failure::new(Kind::Value, message)));
            Form::Json
        }
    };
    Some(match wrong {
        Some(failure) => Err((failure, form)),
        None => Ok(Hello { client: client.filter(|client| !client.is_empty()), form }),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(line: &str) -> Option<(Option<&'static str>, Form)> {
        let hello = hello(line)?.ok()?;
        Some((hello.client.map(|client| if client == "2UQp4It1" { "2UQp4It1" } else { "other" }), hello.form))
    }

    #[test]
    fn a_hello_names_a_client_and_a_form() {
        let id = Some("2UQp4It1");
        assert_eq!(said("session()"), Some((None, Form::Json)));
        assert_eq!(said("  session ( ) "), Some((None, Form::Json)));
        assert_eq!(said("session('2UQp4It1')"), Some((id, Form::Json)));
        assert_eq!(said("session('', 'text')"), Some((None, Form::Text)));
        assert_eq!(said("session(\"2UQp4It1\", 'text')"), Some((id, Form::Text)));
        assert_eq!(said("session(form='text', id='2UQp4It1')"), Some((id, Form::Text)));
        assert_eq!(said("session(None, 'json')"), Some((None, Form::Json)));
    }

    #[test]
    fn what_session_does_not_take_is_said_in_the_form_that_was_asked_for() {
        let failure = |line| hello(line).and_then(Result::err).map(|(failure, form)| (failure.kind, form));
        assert_eq!(failure("session(1)"), Some((Kind::Type, Form::Json)));
        assert_eq!(failure("session(1, 'text')"), Some((Kind::Type, Form::Text)));
        assert_eq!(failure("session('', 'xml')"), Some((Kind::Value, Form::Json)));
        assert_eq!(failure("session('', 'text', '')"), Some((Kind::Type, Form::Text)));
        assert_eq!(failure("session(x='a')"), Some((Kind::Type, Form::Json)));
    }

    #[test]
    fn other_lines_are_none() {
        for line in ["", "sessions()", "session", "session() + 1", "print(session())", "session('a'", "1"] {
            assert_eq!(hello(line), None, "{line}");
        }
    }

    #[test]
    fn a_part_of_a_hello_may_become_one() {
        let line = " session ('a')";
        for end in 1..line.len() {
            assert!(may_be_hello(line.get(..end).unwrap_or_default()), "{end}");
        }
        assert!(!may_be_hello("sessions") && !may_be_hello("send('a'"));
    }
}
