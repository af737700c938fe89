//! docs/functions.md, made from the catalogue.

use std::fmt::Write;

use super::catalogue::all;

/// The page of all functions.
#[must_use]
pub fn markdown() -> String {
    let mut page =
        "# Functions\n\nMade from the catalogue by `just generate`; every example is run by a test. `…` in a reply stands for any text. `id` is a client's ID or name.\n"
            .to_owned();
    let mut family = "";
    for function in all() {
        if function.family != family {
            family = function.family;
            page += &format!("\n## {family}\n");
        }
        // Writing to a String cannot fail.
        let _ = write!(page, "\n### `{}`\n\n{}\n", function.signature(), function.summary);
        if let Some(alias) = function.alias {
            let _ = write!(page, "\nAlso called `{alias}`.\n");
        }
        if !function.details.is_empty() {
            let _ = write!(page, "\n{}\n", function.details);
        }
        page += "\n```text\n";
        for example in function.examples {
            let _ = writeln!(page, "{} -> {}", example.send, example.reply);
        }
        page += "```\n";
    }
    page
}
