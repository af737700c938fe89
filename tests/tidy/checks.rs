//! The rules of the house, each a function over text that says what is wrong; each is seen to fail on a sample.

use std::collections::{BTreeMap, BTreeSet};

use crate::rooms::{PACKAGES, ROOMS};
use crate::source::{blank, functions, paths, without_tests};

pub const FILE_LINES_MAX: usize = 400;
pub const FUNCTION_LINES_MAX: usize = 70;
pub const README_LINES_MAX: usize = 200;

/// A file of the project: its path from the root, and its text.
#[derive(Clone, Debug)]
pub struct File {
    pub path: String,
    pub text: String,
}

impl File {
    /// The room that a file of `src` belongs to.
    fn room(&self) -> Option<&str> {
        let inner = self.path.strip_prefix("src/")?;
        Some(inner.split('/').next().unwrap_or(inner).trim_end_matches(".rs"))
    }

    /// The path of its module in its room: `src/a/b/mod.rs` is `b`, `src/a/mod.rs` is nothing.
    fn module(&self) -> String {
        let inner = self.path.trim_start_matches("src/").trim_end_matches(".rs");
        let inner = inner.strip_suffix("/mod").unwrap_or(inner);
        inner.split_once('/').map_or(String::new(), |(_, module)| module.replace('/', "::"))
    }

    fn is_test(&self) -> bool {
        self.path.starts_with("tests/")
            || self.path.contains("/tests/")
            || self.path.ends_with("/tests.rs")
            || self.path.ends_with("_tests.rs")
    }
}

/// Every file says at its head what it owns.
pub fn header(file: &File) -> Vec<String> {
    if file.text.starts_with("//! ") {
        return Vec::new();
    }
    vec![format!("{}: does not open with a //! line that says what the file owns", file.path)]
}

/// No file and no function is too long; tests and tables aside.
pub fn length(file: &File) -> Vec<String> {
    if file.is_test() || file.path.ends_with("/tables.rs") {
        return Vec::new();
    }
    let lines = file.text.lines().count();
    let mut wrong = Vec::new();
    if lines > FILE_LINES_MAX {
        wrong.push(format!("{}: {lines} lines; {FILE_LINES_MAX} are allowed", file.path));
    }
    for function in functions(&without_tests(&blank(&file.text))) {
        if function.lines > FUNCTION_LINES_MAX {
            let (name, lines) = (function.name, function.lines);
            wrong.push(format!("{}: {name} has {lines} lines; {FUNCTION_LINES_MAX} are allowed", file.path));
        }
    }
    wrong
}

/// A room imports only the rooms and the packages that the tables allow it.
pub fn imports(file: &File) -> Vec<String> {
    let Some(room) = file.room().filter(|_| !file.is_test()) else { return Vec::new() };
    let joins = matches!(room, "lib" | "main" | "daemon");
    let allowed = ROOMS.iter().find(|(name, _)| *name == room).map(|(_, allowed)| *allowed);
    if allowed.is_none() && !joins {
        return vec![format!("{}: the room '{room}' is not in the table of rooms", file.path)];
    }
    let mut wrong = BTreeSet::new();
    for path in paths(&without_tests(&blank(&file.text))) {
        let mut segments = path.split("::");
        let first = segments.next().unwrap_or_default();
        let second = segments.next().unwrap_or_default();
        if first == "crate" && second != room && ROOMS.iter().any(|(name, _)| *name == second) {
            if !joins && !allowed.unwrap_or_default().contains(&second) {
                wrong.insert(format!("{}: {room} may not import {second} ({path})", file.path));
            }
        } else if let Some((_, rooms)) = PACKAGES.iter().find(|(name, _)| *name == first)
            && !rooms.contains(&room)
        {
            wrong.insert(format!("{}: {room} may not use the package {first} ({path})", file.path));
        }
    }
    wrong.into_iter().collect()
}

/// The table of rooms has no circle, so neither has the code that keeps to it.
pub fn table_circles(rooms: &[(&str, &[&str])]) -> Vec<String> {
    let edges =
        rooms.iter().map(|(room, allowed)| ((*room).to_owned(), allowed.iter().map(|a| (*a).to_owned())));
    circles(&edges.map(|(room, allowed)| (room, allowed.collect())).collect())
}

/// No modules of one room import each other in a circle. A name that a parent hands on (`pub use child::Name`)
/// counts as the child's.
pub fn module_circles(files: &[File]) -> Vec<String> {
    let used: Vec<_> = files
        .iter()
        .filter(|file| !file.is_test())
        .filter_map(|file| Some((file.room()?, file.module(), paths(&without_tests(&blank(&file.text))))))
        .collect();
    let modules: BTreeSet<String> = used.iter().map(|(room, module, _)| joined(room, module)).collect();
    let resolve = |room: &str, module: &str, path: &str| {
        let full = absolute(room, module, path)?;
        let at = deepest(&full, &modules)?;
        let rest = full.strip_prefix(&at)?.trim_start_matches("::");
        let name = rest.split("::").next().unwrap_or_default().to_owned();
        Some((at, name))
    };
    let mut handed_on: BTreeMap<(String, String), String> = BTreeMap::new();
    for (room, module, paths) in &used {
        let here = joined(room, module);
        for path in paths.iter().filter_map(|path| path.rsplit_once("::")) {
            let child = format!("{here}::{}", path.0.trim_start_matches("self::"));
            if modules.contains(&child) {
                handed_on.insert((here.clone(), path.1.to_owned()), child);
            }
        }
    }
    let mut edges: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (room, module, paths) in &used {
        let here = joined(room, module);
        for path in paths {
            let Some((mut target, name)) = resolve(room, module, path) else { continue };
            while let Some(child) = handed_on.get(&(target.clone(), name.clone())) {
                target.clone_from(child);
            }
            // A parent declares its children and hands on their names: that is no import.
            let family = |a: &str, b: &str| a == b || a.starts_with(&format!("{b}::"));
            if !family(&here, &target) && !family(&target, &here) && target.split("::").next() == Some(room) {
                edges.entry(here.clone()).or_default().insert(target);
            }
        }
    }
    circles(&edges)
}

fn joined(room: &str, module: &str) -> String {
    if module.is_empty() { room.to_owned() } else { format!("{room}::{module}") }
}

/// The path from the root of the crate, of a path that stands in a module.
fn absolute(room: &str, module: &str, path: &str) -> Option<String> {
    let here = joined(room, module);
    let mut base: Vec<&str> = here.split("::").collect();
    let mut rest = path;
    if let Some(inner) = path.strip_prefix("crate::") {
        return Some(inner.to_owned());
    }
    while let Some(inner) = rest.strip_prefix("super::") {
        base.pop()?;
        rest = inner;
    }
    if rest == path { None } else { Some(format!("{}::{rest}", base.join("::"))) }
}

/// The longest beginning of a path that is a module.
fn deepest(path: &str, modules: &BTreeSet<String>) -> Option<String> {
    let mut at = path;
    while !modules.contains(at) {
        at = at.rsplit_once("::")?.0;
    }
    Some(at.to_owned())
}

/// Each circle of imports once, by its edges.
fn circles(edges: &BTreeMap<String, BTreeSet<String>>) -> Vec<String> {
    let reaches = |from: &str| {
        let mut seen = BTreeSet::new();
        let mut open = vec![from.to_owned()];
        while let Some(node) = open.pop() {
            for next in edges.get(&node).into_iter().flatten() {
                if seen.insert(next.clone()) {
                    open.push(next.clone());
                }
            }
        }
        seen
    };
    let reached: BTreeMap<&String, BTreeSet<String>> =
        edges.keys().map(|node| (node, reaches(node))).collect();
    let back = |from: &String, to: &String| reached.get(to).is_some_and(|reached| reached.contains(from));
    let mut found: BTreeMap<BTreeSet<&String>, Vec<String>> = BTreeMap::new();
    for (from, nexts) in edges {
        for to in nexts.iter().filter(|to| back(from, to)) {
            let circle =
                edges.keys().filter(|node| *node == from || (back(from, node) && back(node, from))).collect();
            found.entry(circle).or_default().push(format!("{from} -> {to}"));
        }
    }
    found.into_values().map(|edges| format!("a circle of imports: {}", edges.join(", "))).collect()
}

/// Nothing is left undone or switched off.
pub fn marks(file: &File) -> Vec<String> {
    let code = blank(&file.text);
    let marks = ["todo!", "unimplemented!", "#[ignore"];
    marks.iter().filter(|mark| code.contains(*mark)).map(|mark| format!("{}: {mark}", file.path)).collect()
}

/// The manual's first page stays short.
pub fn readme_length(readme: &str) -> Vec<String> {
    let lines = readme.lines().count();
    if lines <= README_LINES_MAX { Vec::new() } else { vec![format!("README.md has {lines} lines")] }
}

/// A document names only paths that are there. `exists` answers for a path from the root, which may hold a `*`.
pub fn document(file: &File, exists: impl Fn(&str) -> bool) -> Vec<String> {
    let folder = file.path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let beside = |path: &str| if folder.is_empty() { path.to_owned() } else { format!("{folder}/{path}") };
    let mut wrong = Vec::new();
    for path in named_paths(&file.text) {
        let path = path.trim_end_matches('/');
        let known = exists(path) || exists(&beside(path)) || path.strip_prefix("../").is_some_and(&exists);
        if !known && !path.starts_with("target/") {
            wrong.push(format!("{}: names {path}, which is not there", file.path));
        }
    }
    wrong
}

/// What a document in Markdown names as a path: between back-ticks, or as the target of a link.
fn named_paths(text: &str) -> BTreeSet<String> {
    const ENDINGS: [&str; 7] = [".rs", ".md", ".toml", ".txt", ".rhai", ".service", ".json"];
    let mut found = BTreeSet::new();
    let mut fenced = false;
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        }
        if fenced {
            continue;
        }
        for code in line.split('`').skip(1).step_by(2) {
            let is_path = |char: char| char.is_ascii_alphanumeric() || "_-./*".contains(char);
            let plain = code.chars().all(is_path) && code.chars().any(|char| char.is_ascii_alphabetic());
            let named = code.contains('/')
                || !code.starts_with('.') && ENDINGS.iter().any(|ending| code.ends_with(ending));
            if plain && named && !code.starts_with(['/', '*']) {
                found.insert(code.to_owned());
            }
        }
        for link in line.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let link = link.split('#').next().unwrap_or(link);
            if !link.is_empty() && !link.contains("://") {
                found.insert(link.to_owned());
            }
        }
    }
    found
}

/// The file of the configuration holds every key, commented out, with its default. `defaults`: every key, with
/// its default where it has one, as TOML writes it.
pub fn configuration(text: &str, defaults: &BTreeMap<String, Option<String>>) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut found = BTreeSet::new();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let Some(comment) = line.strip_prefix('#') else {
            wrong.push(format!("not commented out: {line}"));
            continue;
        };
        let Some((key, value)) = comment.strip_prefix(' ').and_then(|line| line.split_once(" = ")) else {
            continue;
        };
        if !key.chars().all(|char| char.is_ascii_lowercase() || char == '_') {
            continue;
        }
        if !found.insert(key.to_owned()) {
            wrong.push(format!("{key} stands twice"));
        }
        match defaults.get(key) {
            None => wrong.push(format!("{key} is no key")),
            Some(Some(default)) if default != value => {
                wrong.push(format!("{key} is {value}, its default is {default}"));
            }
            Some(_) => {}
        }
    }
    wrong.extend(defaults.keys().filter(|key| !found.contains(*key)).map(|key| format!("{key} is missing")));
    wrong
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, text: &str) -> File {
        File { path: path.to_owned(), text: text.to_owned() }
    }

    #[test]
    fn a_file_without_a_header_is_found() {
        assert_eq!(header(&file("src/a.rs", "//! Owns a.\n")).len(), 0);
        assert_eq!(header(&file("src/a.rs", "use b;\n")).len(), 1);
    }

    #[test]
    fn a_long_file_and_a_long_function_are_found() {
        assert_eq!(length(&file("src/a.rs", &"x\n".repeat(400))).len(), 0);
        assert_eq!(length(&file("src/a.rs", &"x\n".repeat(401))).len(), 1);
        assert_eq!(length(&file("src/a/tests.rs", &"x\n".repeat(401))).len(), 0);
        assert_eq!(length(&file("src/a/tables.rs", &"x\n".repeat(401))).len(), 0);
        let function = |lines| format!("fn long() {{\n{}}}\n", "x;\n".repeat(lines));
        assert_eq!(length(&file("src/a.rs", &function(68))).len(), 0);
        assert_eq!(length(&file("src/a.rs", &function(69))).len(), 1);
        assert_eq!(
            length(&file("src/a.rs", &format!("#[cfg(test)]\nmod tests {{ {} }}", function(69)))).len(),
            0
        );
    }

    #[test]
    fn an_import_against_the_arrows_is_found() {
        let wrong = |path, text| imports(&file(path, text));
        assert!(wrong("src/state/mod.rs", "use crate::value::Value;").is_empty());
        assert_eq!(wrong("src/state/mod.rs", "use crate::functions::Error;").len(), 1);
        assert_eq!(wrong("src/value/text.rs", "fn f() { crate::state::x() }").len(), 1);
        assert_eq!(wrong("src/functions/a.rs", "use {crate::{value, journal::Journal}};").len(), 1);
        assert_eq!(wrong("src/state/mod.rs", "use tokio::sync::watch;").len(), 1);
        assert_eq!(wrong("src/functions/mod.rs", "fn f() -> rhai::Dynamic {}").len(), 1);
        assert_eq!(wrong("src/pipeline/mod.rs", "use anyhow::Result;").len(), 1);
        assert_eq!(wrong("src/attic.rs", "").len(), 1, "a room that is not in the table");
        assert!(wrong("src/main.rs", "use anyhow::Result;").is_empty());
        assert!(wrong("src/state/mod.rs", "// use tokio::sync;\n").is_empty());
        assert!(wrong("src/state/mod.rs", "#[cfg(test)] mod tests { use crate::journal::X; }").is_empty());
    }

    #[test]
    fn a_circle_is_found() {
        assert!(table_circles(&[("a", &["b"]), ("b", &[])]).is_empty());
        assert_eq!(table_circles(&[("a", &["b"]), ("b", &["c"]), ("c", &["a"])]).len(), 1);
        let straight =
            [file("src/r/mod.rs", ""), file("src/r/a.rs", "use super::b::X;"), file("src/r/b.rs", "")];
        assert!(module_circles(&straight).is_empty());
        let round = [
            file("src/r/mod.rs", ""),
            file("src/r/a.rs", "use super::b::X;"),
            file("src/r/b/mod.rs", "use super::c::Y;"),
            file("src/r/c.rs", "use crate::r::a::Z;"),
        ];
        assert_eq!(module_circles(&round), ["a circle of imports: r::a -> r::b, r::b -> r::c, r::c -> r::a"]);
        let inside = [
            file("src/r/b/mod.rs", ""),
            file("src/r/b/x.rs", "use super::y::Y;"),
            file("src/r/b/y.rs", "use crate::r::b::x::X;"),
        ];
        assert_eq!(module_circles(&inside), ["a circle of imports: r::b::x -> r::b::y, r::b::y -> r::b::x"]);
        let handed_on = [
            file("src/r/mod.rs", "pub use a::Name; mod a; mod b;"),
            file("src/r/a.rs", "use super::b::Other;"),
            file("src/r/b.rs", "use super::Name;"),
        ];
        assert_eq!(module_circles(&handed_on), ["a circle of imports: r::a -> r::b, r::b -> r::a"]);
    }

    #[test]
    fn what_is_undone_or_switched_off_is_found() {
        for bad in
            ["fn f() { todo!() }", "fn f() { unimplemented!() }", "#[ignore]\nfn f() {}", "#[ignore = \"x\"]"]
        {
            assert_eq!(marks(&file("src/a.rs", bad)).len(), 1, "{bad}");
        }
        assert!(marks(&file("src/a.rs", "// todo!\nlet x = \"unimplemented!\";")).is_empty());
    }

    #[test]
    fn a_long_readme_is_found() {
        assert!(readme_length(&"x\n".repeat(200)).is_empty());
        assert_eq!(readme_length(&"x\n".repeat(201)).len(), 1);
    }

    #[test]
    fn a_document_that_names_what_is_not_there_is_found() {
        let exists = |path: &str| ["src/a.rs", "docs/b.md", "docs", "src/*.rs"].contains(&path);
        let wrong = |path, text| document(&file(path, text), exists);
        assert!(
            wrong("README.md", "`src/a.rs`, `docs/`, `src/*.rs`, [b](docs/b.md#x), `1/2`, `GET / HTTP`")
                .is_empty()
        );
        assert!(wrong("docs/b.md", "`b.md`, [a](../src/a.rs), [x](https://example.org/x.md)").is_empty());
        assert!(wrong("README.md", "```\ncat src/none.rs `src/none.rs`\n```").is_empty());
        assert_eq!(wrong("README.md", "`src/none.rs`").len(), 1);
        assert_eq!(wrong("README.md", "`none.md` and [x](docs/none.md)").len(), 2);
    }

    #[test]
    fn a_configuration_file_that_differs_is_found() {
        let defaults =
            BTreeMap::from([("port".to_owned(), Some("2980".to_owned())), ("bind".to_owned(), None)]);
        let wrong = |text| configuration(text, &defaults);
        assert!(wrong("# Words.\n# port = 2980\n\n# bind = \"x\"\n").is_empty());
        assert_eq!(wrong("# port = 2981\n# bind = 1\n").len(), 1, "another default");
        assert_eq!(wrong("# port = 2980\n").len(), 1, "a key is missing");
        assert_eq!(wrong("# port = 2980\n# bind = 1\n# prot = 1\n").len(), 1, "a key that is none");
        assert_eq!(wrong("# port = 2980\n# bind = 1\n# bind = 1\n").len(), 1, "a key twice");
        assert_eq!(wrong("port = 2980\n# port = 2980\n# bind = 1\n").len(), 1, "not commented out");
    }
}
