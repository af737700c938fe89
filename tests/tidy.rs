//! The house in order: what CONTRIBUTING.md asks of every change, checked over the files of the project.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

#[path = "tidy/checks.rs"]
mod checks;
#[path = "tidy/rooms.rs"]
mod rooms;
#[path = "tidy/source.rs"]
mod source;

use std::collections::BTreeMap;
use std::path::Path;

use checks::File;
use sharesrv::config::{self, Config};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Every file of the project below `folder` whose name ends so.
fn files(folder: &str, ending: &str) -> Vec<File> {
    let mut found = Vec::new();
    let mut open = vec![root().join(folder)];
    while let Some(next) = open.pop() {
        for entry in std::fs::read_dir(&next).unwrap_or_else(|error| panic!("{next:?}: {error}")) {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() && name != "target" && !name.starts_with('.') {
                open.push(path);
            } else if name.ends_with(ending) {
                let text = std::fs::read_to_string(&path).unwrap();
                let path = path.strip_prefix(root()).unwrap().to_string_lossy().into_owned();
                found.push(File { path, text });
            }
        }
    }
    assert!(!found.is_empty(), "no {ending} in {folder}");
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

fn sources() -> Vec<File> {
    ["src", "share-client", "tests"].iter().flat_map(|folder| files(folder, ".rs")).collect()
}

fn documents() -> Vec<File> {
    let root =
        std::fs::read_dir(root()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let top = root.filter(|name| name.ends_with(".md")).map(|name| File { text: read(&name), path: name });
    top.chain(files("docs", ".md")).collect()
}

/// Whether a path from the root is there; `*` stands for any part of a name.
fn exists(path: &str) -> bool {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let Some((start, end)) = name.split_once('*') else {
        return root().join(path).exists() || (folder.is_empty() && anywhere(name));
    };
    let Ok(entries) = std::fs::read_dir(root().join(folder)) else { return false };
    let mut names = entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned());
    names.any(|name| name.starts_with(start) && name.ends_with(end))
}

/// A bare name of a file may stand for one in any folder.
fn anywhere(name: &str) -> bool {
    let folders = ["src", "share-client", "tests", "docs", "config", "scripts"];
    folders.iter().any(|folder| {
        let mut open = vec![root().join(folder)];
        while let Some(next) = open.pop() {
            for entry in std::fs::read_dir(&next).into_iter().flatten().flatten() {
                if entry.file_name().to_string_lossy() == name {
                    return true;
                }
                if entry.path().is_dir() {
                    open.push(entry.path());
                }
            }
        }
        false
    })
}

#[track_caller]
fn tidy(wrong: Vec<String>) {
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

#[test]
fn every_file_says_what_it_owns() {
    tidy(sources().iter().flat_map(checks::header).collect());
}

#[test]
fn no_file_and_no_function_is_too_long() {
    tidy(sources().iter().flat_map(checks::length).collect());
}

#[test]
fn rooms_import_only_what_the_table_allows() {
    tidy(sources().iter().flat_map(checks::imports).collect());
}

#[test]
fn no_imports_run_in_a_circle() {
    tidy(checks::table_circles(rooms::ROOMS));
    tidy(checks::module_circles(&files("src", ".rs")));
}

#[test]
fn the_tables_name_rooms_and_packages_that_are_there() {
    let manifest: toml::Table = read("Cargo.toml").parse().unwrap();
    let packages = manifest["dependencies"].as_table().unwrap();
    for (package, rooms) in rooms::PACKAGES {
        assert!(packages.contains_key(&package.replace('_', "-")), "{package} is no dependency");
        for room in *rooms {
            assert!(exists(&format!("src/{room}")) || exists(&format!("src/{room}.rs")), "no room {room}");
        }
    }
    for (room, _) in rooms::ROOMS {
        assert!(exists(&format!("src/{room}")) || exists(&format!("src/{room}.rs")), "no room {room}");
    }
}

#[test]
fn nothing_is_undone_or_switched_off() {
    tidy(sources().iter().flat_map(checks::marks).collect());
}

#[test]
fn documents_name_only_paths_that_are_there() {
    tidy(documents().iter().flat_map(|document| checks::document(document, exists)).collect());
}

#[test]
fn the_readme_is_short() {
    tidy(checks::readme_length(&read("README.md")));
}

#[test]
fn the_configuration_file_holds_every_key_and_its_default() {
    let table: toml::Table = Config::default().to_toml().parse().unwrap();
    let with_default = table.iter().map(|(key, value)| (key.clone(), Some(value.to_string())));
    let without = config::OPTIONAL_KEYS.iter().map(|key| ((*key).to_owned(), None));
    let defaults: BTreeMap<_, _> = with_default.chain(without).collect();
    assert!(defaults.len() > 20);
    tidy(checks::configuration(&read("config/sharesrv.toml"), &defaults));
}

/// `SHARESRV_GENERATE=1` (`just generate`) writes the file instead of comparing it.
#[test]
fn generated_documents_are_not_stale() {
    let fresh = sharesrv::functions::markdown();
    if std::env::var_os("SHARESRV_GENERATE").is_some() {
        std::fs::write(root().join("docs/functions.md"), &fresh).unwrap();
    }
    assert!(read("docs/functions.md") == fresh, "docs/functions.md is stale: run `just generate`");
}
