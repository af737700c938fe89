//! Rhai's errors, told as ours: a kind and a sentence, no type of Rust's and no traceback.

use rhai::{EvalAltResult, LexError, ParseError, ParseErrorType, Position};

use super::{CALL_LEVELS_MAX, OPERATIONS_MAX, STRING_BYTES_MAX};
use crate::language::Error;
use crate::language::names::Names;

/// Why a script's text is none.
pub fn compile_error(error: &ParseError) -> Error {
    let (line, column) = place(error.position());
    let message = match error.err_type() {
        ParseErrorType::BadInput(LexError::Runtime(message)) => {
            return Error::Limit(format!("{message} (line {line}, column {column})"));
        }
        ParseErrorType::BadInput(LexError::MalformedChar(_)) => {
            String::from("a text stands in double quotes in a script in Rhai")
        }
        kind => kind.to_string(),
    };
    let too_much =
        ["maximum", "too many", "exceeds"].iter().any(|word| message.to_lowercase().contains(word));
    if too_much {
        return Error::Limit(format!(
            "the script is too large or too deeply nested (line {line}, column {column})"
        ));
    }
    Error::Syntax { message: lower_first(&message), line, column }
}

fn place(position: Position) -> (usize, usize) {
    (position.line().unwrap_or(1), position.position().unwrap_or(1))
}

/// Why a run ended; `names` tell which functions there are.
pub fn run_error(error: EvalAltResult, names: &Names) -> Error {
    match error {
        EvalAltResult::ErrorInFunctionCall(_, _, inner, _) | EvalAltResult::ErrorInModule(_, inner, _) => {
            run_error(*inner, names)
        }
        EvalAltResult::ErrorRuntime(carried, _) | EvalAltResult::ErrorTerminated(carried, _) => {
            match carried.clone().try_cast::<Error>() {
                Some(error) => error,
                None => thrown(&carried),
            }
        }
        EvalAltResult::ErrorParsing(kind, position) => compile_error(&ParseError(Box::new(kind), position)),
        EvalAltResult::ErrorTooManyOperations(_) => {
            Error::Limit(format!("the operations of one script may be {OPERATIONS_MAX}"))
        }
        EvalAltResult::ErrorStackOverflow(_) => {
            Error::Limit(format!("the levels of calls may be {CALL_LEVELS_MAX}"))
        }
        EvalAltResult::ErrorDataTooLarge(what, _) => Error::Limit(format!(
            "{} is over the limit ({STRING_BYTES_MAX} bytes for text)",
            lower_first(&what)
        )),
        EvalAltResult::ErrorTooManyVariables(_) => {
            Error::Limit(String::from("the script has too many variables at once"))
        }
        EvalAltResult::ErrorTooManyModules(_) => Error::Limit(String::from("the script has modules")),
        other => script_error(&other, names),
    }
}

fn thrown(carried: &rhai::Dynamic) -> Error {
    if let Ok(text) = carried.clone().into_string() {
        return Error::Value(text);
    }
    let number = carried.as_int().map(|number| number.to_string());
    Error::Value(number.unwrap_or_else(|_| String::from("the script threw a value")))
}

fn script_error(error: &EvalAltResult, names: &Names) -> Error {
    let at = match error.position().line() {
        Some(line) => format!(" (line {line}, column {})", error.position().position().unwrap_or(1)),
        None => String::new(),
    };
    match error {
        EvalAltResult::ErrorVariableNotFound(name, _) => {
            Error::Name(format!("name '{name}' is not defined{at}"))
        }
        EvalAltResult::ErrorFunctionNotFound(signature, _) => {
            let name = signature.split([' ', '(']).next().unwrap_or_default();
            match names.user.get(name) {
                // As for a built-in, without a place: it may be one in the source that a text was lowered to.
                Some(counts) => Error::Type(format!("{name}() takes {}", arguments(counts))),
                None => Error::Name(format!("there is no function '{name}' that takes these arguments{at}")),
            }
        }
        EvalAltResult::ErrorPropertyNotFound(name, _) => {
            Error::Value(format!("no key '{name}' in the dict{at}"))
        }
        EvalAltResult::ErrorModuleNotFound(name, _) => {
            Error::Name(format!("there is no module '{name}'{at}"))
        }
        // The property stands in Rhai's words between the first two quotes.
        EvalAltResult::ErrorDotExpr(words, _) => {
            let name = words.split('\'').nth(1).unwrap_or_default();
            Error::Name(format!("there is no property '{name}' here; a method is called with ( ){at}"))
        }
        EvalAltResult::ErrorIndexNotFound(..) => Error::Value(format!("there is no such index{at}")),
        EvalAltResult::ErrorArrayBounds(..) | EvalAltResult::ErrorStringBounds(..) => {
            Error::Value(format!("index out of range{at}"))
        }
        EvalAltResult::ErrorArithmetic(..) | EvalAltResult::ErrorBitFieldBounds(..) => {
            Error::Value(format!("this cannot be computed{at}"))
        }
        EvalAltResult::ErrorFor(_) => Error::Type(format!("this cannot be iterated over{at}")),
        EvalAltResult::ErrorAssignmentToConstant(name, _) => Error::Name(format!(
            "'{name}' cannot be assigned here; 'let {name} = …' makes a variable of the script{at}"
        )),
        EvalAltResult::ErrorVariableExists(name, _) | EvalAltResult::ErrorForbiddenVariable(name, _) => {
            Error::Name(format!("'{name}' cannot be a variable{at}"))
        }
        EvalAltResult::ErrorMismatchDataType(wanted, ..) if wanted == "bool" => {
            Error::Type(format!("a condition must be true or false{at}"))
        }
        EvalAltResult::ErrorIndexingType(..) => Error::Type(format!("this cannot be indexed so{at}")),
        EvalAltResult::ErrorNonPureMethodCallOnConstant(..) => {
            Error::Value(format!("a constant cannot be changed{at}"))
        }
        _ => Error::Type(format!("these values do not go together{at}")),
    }
}

/// How many arguments a function takes that may be there more than once.
fn arguments(counts: &[usize]) -> String {
    let mut counts = counts.to_vec();
    counts.sort_unstable();
    let noun = if counts == [1] { "argument" } else { "arguments" };
    let counts: Vec<String> = counts.iter().map(ToString::to_string).collect();
    match counts.as_slice() {
        [only] if only == "0" => String::from("no arguments"),
        counts => format!("{} {noun}", counts.join(" or ")),
    }
}

fn lower_first(message: &str) -> String {
    let mut characters = message.chars();
    match characters.next() {
        Some(first) => first.to_lowercase().chain(characters).collect(),
        None => String::new(),
    }
}
