//! Waits, and what must run elsewhere.

use super::*;
use crate::functions::{self, Arguments, Effect, Function, Pending};
use crate::language::operations::{Binary, Call};
use crate::language::run::Run;
use crate::state::Wait;
use crate::value::Value;

fn row(run: fn(&mut Context, Arguments) -> Result<Outcome, functions::Error>) -> &'static Function {
    Box::leak(Box::new(Function {
        name: "probe",
        form: None,
        alias: None,
        family: "test",
        parameters: &[],
        caller_first: false,
        effect: Effect::None,
        summary: "",
        details: "",
        examples: &[],
        run,
    }))
}

fn waits(_: &mut Context, _: Arguments) -> Result<Outcome, functions::Error> {
    let wait = Wait::Item { queue: Arc::from("q") };
    Ok(Outcome::Wait(Pending { wait, time: Duration::from_secs(1) }))
}

fn run_of(bench: &Bench) -> Run {
    Run::new(bench.context(Lane::Here), false)
}

#[test]
fn a_wait_is_the_whole_value_or_an_error() {
    let bench = Bench::patient();
    let mut run = run_of(&bench);
    let value = run.catalogue(row(waits), Call::default()).unwrap();
    assert!(matches!(run.finish(Ok(value)).1, Ok(Outcome::Wait(_))));

    // Anything done after it is refused, and so is dropping it.
    let mut run = run_of(&bench);
    let value = run.catalogue(row(waits), Call::default()).unwrap();
    assert_eq!(run.binary(Binary::Eq, &value, &Value::None).unwrap_err().kind().as_str(), "state");
    assert_eq!(run.store("x", value).unwrap_err().kind().as_str(), "state");
    assert!(run.catalogue(row(waits), Call::default()).is_err());
    let error = run.finish(Ok(Value::None)).1.unwrap_err();
    assert_eq!(error.kind().as_str(), "state");
    assert!(error.to_string().contains("only as the whole expression"), "{error}");
}

#[test]
fn what_must_run_elsewhere_says_so_whatever_a_script_catches() {
    let bench = Bench::patient();
    let mut run = run_of(&bench);
    let error = run.catalogue(row(|_, _| Err(functions::Error::MayBlock)), Call::default()).unwrap_err();
    assert!(matches!(error, Error::Function(functions::Error::MayBlock)));
    run.remember_fatal(&error);
    let (_, result) = run.finish(Ok(Value::Int(1)));
    assert!(matches!(result, Err(Error::Function(functions::Error::MayBlock))));
}

#[test]
fn a_panic_in_a_function_is_an_error_and_the_context_comes_back() {
    let bench = Bench::patient();
    let current = super::current::Current { run: run_of(&bench), constants: Arc::from([]), script: false };
    let (run, result) = super::current::enter(current, || -> () {
        let _ = super::current::with(|current| {
            current.run.catalogue(row(|_, _| panic!("a defect")), Call::default())
        });
    });
    assert!(result.is_err());
    let (context, outcome) = run.finish(Ok(Value::Int(1)));
    assert!(matches!(outcome, Ok(Outcome::Value(Value::Int(1)))));
    assert!(context.held_since().is_none());
}
