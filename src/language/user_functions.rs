//! The functions folder: every `*.rhai` file in it, compiled; its public functions are callable by clients.
//!
//! Owns which files there are, whether they changed, and what is wrong with them. Reads the folder and nothing else.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::SystemTime;

use rhai::{Engine, FnAccess, Module, Scope, Shared};

use super::names::Names;
use super::{Error, engine};

/// The longest file that is read.
const FILE_BYTES_MAX: u64 = 262_144;
/// Files that are read.
const FILES_MAX: usize = 256;

/// What a file was when it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamp {
    modified: Option<SystemTime>,
    bytes: u64,
}

/// The files of the folder by name.
pub type Stamps = BTreeMap<String, Stamp>;

/// What the folder gives.
#[derive(Default)]
pub struct Library {
    /// One module for each file that could be used.
    pub modules: Vec<Shared<Module>>,
    /// The functions, and the numbers of arguments they take.
    pub functions: BTreeMap<String, Vec<usize>>,
    /// What is wrong: file, line and why.
    pub complaints: Vec<String>,
}

/// The files that are there now.
///
/// # Errors
/// A sentence where the folder cannot be read.
pub fn stamps(folder: &Path) -> Result<Stamps, String> {
    let entries =
        std::fs::read_dir(folder).map_err(|error| format!("the functions folder: {}", plain(&error)))?;
    let mut stamps = Stamps::new();
    for entry in entries.flatten() {
        let Ok(name) = entry.file_name().into_string() else { continue };
        if !name.to_ascii_lowercase().ends_with(".rhai") || stamps.len() >= FILES_MAX {
            continue;
        }
        // A link may point at the file.
        if let Ok(about) = std::fs::metadata(entry.path())
            && about.is_file()
        {
            stamps.insert(name, Stamp { modified: about.modified().ok(), bytes: about.len() });
        }
    }
    Ok(stamps)
}

/// Compiles the files.
pub fn load(folder: &Path, stamps: &Stamps, compiler: &Engine) -> Library {
    let mut library = Library::default();
    let mut owners: BTreeMap<(String, usize), String> = BTreeMap::new();
    for (name, stamp) in stamps {
        match read(folder, name, stamp).and_then(|text| compile(name, &text, compiler)) {
            Ok((module, functions)) => {
                let problems = problems(name, &functions, &owners);
                if problems.is_empty() {
                    for (function, count, _) in functions {
                        owners.insert((function.clone(), count), name.clone());
                        library.functions.entry(function).or_default().push(count);
                    }
                    library.modules.push(module);
                } else {
                    library.complaints.extend(problems);
                }
            }
            Err(complaint) => library.complaints.push(complaint),
        }
    }
    library
}

fn read(folder: &Path, name: &str, stamp: &Stamp) -> Result<String, String> {
    if stamp.bytes > FILE_BYTES_MAX {
        return Err(format!("{name}: the file is longer than {FILE_BYTES_MAX} bytes"));
    }
    let bytes = std::fs::read(folder.join(name)).map_err(|error| format!("{name}: {}", plain(&error)))?;
    String::from_utf8(bytes).map_err(|_| format!("{name}: the file is not UTF-8"))
}

/// The public functions of a file: name, number of arguments, and line where that is known.
type Functions = Vec<(String, usize, usize)>;

fn compile(name: &str, text: &str, compiler: &Engine) -> Result<(Shared<Module>, Functions), String> {
    let ast = engine::compile(compiler, text).map_err(|error| match engine::compile_error(&error) {
        Error::Syntax { message, line, column } => format!("{name}, line {line}, column {column}: {message}"),
        other => {
            let line = error.1.line().unwrap_or(1);
            format!("{name}, line {line}: {other}")
        }
    })?;
    let functions: Functions = ast
        .iter_functions()
        .filter(|function| function.access == FnAccess::Public)
        .map(|function| (function.name.to_owned(), function.params.len(), line_of(text, function.name)))
        .collect();
    // Only functions are taken over: statements beside them are not run.
    let module = Module::eval_ast_as_new(Scope::new(), &ast.clone_functions_only(), compiler)
        .map_err(|error| format!("{name}: {}", engine::run_error(*error, &Names::default())))?;
    Ok((module.into(), functions))
}

fn problems(file: &str, functions: &Functions, owners: &BTreeMap<(String, usize), String>) -> Vec<String> {
    let built_in = Names::default();
    let mut problems = Vec::new();
    for (function, count, line) in functions {
        if built_in.is_owned(function) || function.starts_with("__") {
            problems
                .push(format!("{file}, line {line}: '{function}' is a name of the server's; choose another"));
        } else if let Some(owner) = owners.get(&(function.clone(), *count)) {
            problems.push(format!("{file}, line {line}: '{function}' is defined in {owner} already"));
        }
    }
    problems
}

/// Where the function's definition stands.
fn line_of(text: &str, function: &str) -> usize {
    let defines = |line: &str| {
        line.find("fn ").is_some_and(|position| {
            let rest = line.get(position + 3..).unwrap_or_default().trim_start();
            rest.strip_prefix(function).is_some_and(|rest| rest.trim_start().starts_with('('))
        })
    };
    text.lines().position(defines).map_or(1, |position| position + 1)
}

/// An error of the system's without what it says about our machine.
fn plain(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => String::from("it is not there"),
        std::io::ErrorKind::PermissionDenied => String::from("it may not be read"),
        _ => String::from("it cannot be read"),
    }
}
