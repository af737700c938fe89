//! A text that was parsed: which of the three ways it goes, and how it is run.
//!
//! Owns the choice between the grammars and between the ways out of the tree.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, OnceLock};

use rhai::{AST, Dynamic, Engine, Module, Scope, Shared};

use super::analysis::{self, Found};
use super::convert::{MyData, to_value};
use super::current::{self, Current};
use super::dialect::tree::Statement;
use super::dialect::{self, Fault, FaultKind, Literals};
use super::direct::Direct;
use super::engine::{self, Purpose};
use super::lower::{self, Lowered};
use super::names::Names;
use super::rhai_script::{is_blank, looks_like_rhai};
use super::run::Run;
use super::user_functions::Library;
use super::{Error, current::Native};
use crate::functions::{self, Context, Function, Outcome};
use crate::value::Value;

/// Where a prepared expression may run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lane {
    /// Straight-line: where the request is.
    Here,
    /// With a loop, a function of the user's or a pattern: on a script thread.
    Script,
}

/// Up to which depth a tree that needs Rhai may run on the smaller stack of a request's thread.
const HERE_DEPTH_MAX: u16 = 10;
/// The longest source that is compiled there.
const HERE_SOURCE_BYTES_MAX: usize = 4_096;

/// What texts are prepared and run with: the engines and the names, replaced as a whole when the users' functions
/// change.
pub struct Speech {
    pub(super) names: Names,
    modules: Vec<Shared<Module>>,
    /// Each made when it is first asked for: most texts need neither, and a small board has its memory for others.
    lowered: OnceLock<Engine>,
    script: OnceLock<Engine>,
}

impl Speech {
    /// With the users' functions.
    pub fn new(library: &Library) -> Speech {
        Speech {
            names: Names { user: library.functions.clone() },
            modules: library.modules.clone(),
            lowered: OnceLock::new(),
            script: OnceLock::new(),
        }
    }

    fn lowered(&self) -> &Engine {
        self.lowered.get_or_init(|| engine::build(Purpose::Lowered, &self.modules))
    }

    fn script(&self) -> &Engine {
        self.script.get_or_init(|| engine::build(Purpose::Script, &self.modules))
    }
}

/// An expression that was parsed.
#[derive(Clone)]
pub enum Prepared {
    /// A call of literals, as most are: no tree, and nothing to look up.
    Call(&'static Function, Literals),
    /// Whatever else.
    Program(Arc<Program>),
}

impl Prepared {
    /// The text where it is a call of literals.
    pub(super) fn call(text: &str) -> Option<Prepared> {
        let (function, arguments) = dialect::plain_call(text, functions::find)?;
        Some(Prepared::Call(function, arguments))
    }

    /// Where it may run.
    #[must_use]
    pub fn lane(&self) -> Lane {
        match self {
            Prepared::Call(..) => Lane::Here,
            Prepared::Program(program) => program.lane,
        }
    }

    /// Runs it in the context, whatever happens inside.
    pub(super) fn run(&self, context: Context) -> (Context, Result<Outcome, Error>) {
        match self {
            Prepared::Call(function, arguments) => {
                // Needs no run: nothing stands before it or behind it.
                let mut context = context;
                let called = catch_unwind(AssertUnwindSafe(|| {
                    functions::call(function, &mut context, arguments.iter().cloned(), Vec::new())
                }));
                (context, called.map_or_else(|_| Err(internal()), |outcome| outcome.map_err(Error::Function)))
            }
            Prepared::Program(program) => program.run(context),
        }
    }
}

/// What is more than a call of literals.
pub struct Program {
    speech: Arc<Speech>,
    way: Way,
    lane: Lane,
    /// Changes in place are made, so that aliases matter.
    tracks: bool,
}

enum Way {
    /// As it stands.
    Direct(Vec<Statement>),
    /// Through Rhai, compiled where it runs first.
    Lowered { source: String, constants: Arc<[Value]>, ast: OnceLock<Result<AST, Error>> },
    /// A script in Rhai.
    Script(Box<AST>),
}

/// A text and its tree, or why it has none.
pub struct Parsed(Result<(Vec<Statement>, Found), Fault>);

impl Parsed {
    /// Reads the text.
    pub(super) fn new(text: &str, speech: &Speech) -> Parsed {
        Parsed(dialect::parse(text).and_then(|statements| {
            let found = analysis::analyse(&statements, &speech.names)?;
            Ok((statements, found))
        }))
    }

    /// Whether it runs as it stands, so that nothing is to be compiled.
    pub(super) fn is_direct(&self) -> bool {
        matches!(&self.0, Ok((statements, found)) if !statements.is_empty() && !needs_rhai(found))
    }
}

fn needs_rhai(found: &Found) -> bool {
    found.branches || found.inner_change
}

impl Program {
    /// Chooses its way.
    pub(super) fn new(text: &str, parsed: Parsed, speech: Arc<Speech>) -> Result<Program, Error> {
        match parsed.0 {
            // `#{a: 1}` is nothing but a comment in Python.
            Ok((statements, _)) if statements.is_empty() && looks_like_rhai(text) => {
                Program::script(text, speech)
            }
            Ok((statements, found)) => Program::python(text, statements, found, speech),
            Err(fault) => {
                let other_grammar = matches!(fault.kind, FaultKind::Syntax | FaultKind::Refused);
                if other_grammar && looks_like_rhai(text) {
                    return Program::script(text, speech);
                }
                Err(fault.into_error(text))
            }
        }
    }

    fn python(
        text: &str,
        statements: Vec<Statement>,
        found: Found,
        speech: Arc<Speech>,
    ) -> Result<Program, Error> {
        if statements.is_empty() {
            return Err(nothing(text));
        }
        let tracks = found.changes > 0;
        if !needs_rhai(&found) {
            let lane = if found.loops { Lane::Script } else { Lane::Here };
            return Ok(Program { speech, way: Way::Direct(statements), lane, tracks });
        }
        Program::lowered(text, &statements, found, speech)
    }

    fn lowered(
        text: &str,
        statements: &[Statement],
        found: Found,
        speech: Arc<Speech>,
    ) -> Result<Program, Error> {
        let Lowered { source, constants } =
            lower::lower(statements, &speech.names).map_err(|fault| fault.into_error(text))?;
        // Made before the expression's time begins.
        speech.lowered();
        let small = !found.loops && found.depth <= HERE_DEPTH_MAX && source.len() <= HERE_SOURCE_BYTES_MAX;
        Ok(Program {
            speech,
            way: Way::Lowered { source, constants: constants.into(), ast: OnceLock::new() },
            lane: if small { Lane::Here } else { Lane::Script },
            tracks: found.changes > 0,
        })
    }

    /// Through Rhai whatever the tree is: for the test that both ways answer the same.
    #[cfg(test)]
    pub(super) fn new_lowered(text: &str, speech: Arc<Speech>) -> Result<Program, Error> {
        let fault = |fault: dialect::Fault| fault.into_error(text);
        let statements = dialect::parse(text).map_err(fault)?;
        let found = analysis::analyse(&statements, &speech.names).map_err(fault)?;
        if statements.is_empty() {
            return Program::python(text, statements, found, speech);
        }
        Program::lowered(text, &statements, found, speech)
    }

    fn script(text: &str, speech: Arc<Speech>) -> Result<Program, Error> {
        if is_blank(text) {
            return Err(nothing(text));
        }
        let ast = engine::compile(speech.script(), text).map_err(|error| engine::compile_error(&error))?;
        Ok(Program { speech, way: Way::Script(Box::new(ast)), lane: Lane::Script, tracks: false })
    }

    pub(super) fn is_of(&self, speech: &Arc<Speech>) -> bool {
        Arc::ptr_eq(&self.speech, speech)
    }

    fn run(&self, context: Context) -> (Context, Result<Outcome, Error>) {
        let run = Run::new(context, self.tracks);
        match &self.way {
            Way::Direct(statements) => {
                let names = &self.speech.names;
                caught(run, |run| Direct { run, names }.statements(statements))
            }
            Way::Lowered { source, constants, ast } => {
                let engine = self.speech.lowered();
                let ast = ast.get_or_init(|| {
                    engine.compile(source).map_err(|error| match engine::compile_error(&error) {
                        Error::Limit(_) => Error::Limit(String::from("the expression is nested too deeply")),
                        _ => {
                            tracing::error!(%error, "a lowered text does not compile");
                            Error::Value(String::from("internal error"))
                        }
                    })
                });
                match ast {
                    Ok(ast) => {
                        // Only the users' own functions can build a value in a loop.
                        let script = !self.speech.names.user.is_empty();
                        run_ast(engine, ast, run, Arc::clone(constants), script, &self.speech.names)
                    }
                    Err(error) => run.finish(Err(error.clone())),
                }
            }
            Way::Script(ast) => {
                run_ast(self.speech.script(), ast, run, Arc::from([]), true, &self.speech.names)
            }
        }
    }
}

/// Runs what needs no engine; a panic is an error.
fn caught(
    mut run: Run,
    work: impl FnOnce(&mut Run) -> Result<Value, Error>,
) -> (Context, Result<Outcome, Error>) {
    let result = catch_unwind(AssertUnwindSafe(|| work(&mut run)));
    let result = result.unwrap_or_else(|_| Err(internal()));
    run.finish(result)
}

fn nothing(text: &str) -> Error {
    let (line, column) = dialect::place(text, u32::MAX);
    Error::Syntax { message: String::from("there is no expression"), line, column }
}

fn internal() -> Error {
    tracing::error!("a panic inside of an expression was caught");
    Error::Value(String::from("internal error"))
}

fn run_ast(
    engine: &Engine,
    ast: &AST,
    run: Run,
    constants: Arc<[Value]>,
    script: bool,
    names: &Names,
) -> (Context, Result<Outcome, Error>) {
    let current = Current { run, constants, script };
    let (run, result) = current::enter(current, || {
        let mut scope = Scope::new();
        // A variable of the script's, so that its items can be assigned.
        scope.push(super::names::MY_DATA, MyData);
        let value = engine.eval_ast_with_scope::<Dynamic>(&mut scope, ast);
        // The script's variables are dropped inside, where a panic is caught.
        drop(scope);
        value.and_then(|value| read(&value))
    });
    let result = match result {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(engine::run_error(*error, names)),
        Err(_) => Err(internal()),
    };
    run.finish(result)
}

fn read(value: &Dynamic) -> Native<Value> {
    current::with(|current| to_value(value, &current.run.budget))
}
