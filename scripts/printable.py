#!/usr/bin/env python3
"""Writes share-client/src/wire/printable.rs: which characters CPython 3.11 calls printable.

Run by CPython 3.11 (Unicode 14), from the root of the repository: python3.11 scripts/printable.py
"""

import pathlib
import sys
import unicodedata

if sys.version_info[:2] != (3, 11):
    sys.exit("the table must come from CPython 3.11, this is %d.%d" % sys.version_info[:2])

edges = []
printable = True
for code in range(sys.maxunicode + 1):
    if chr(code).isprintable() != printable:
        printable = not printable
        edges.append(code)

lines, line = [], "   "
for edge in edges:
    item = f" {edge:#x},"
    if len(line) + len(item) > 110:
        lines.append(line)
        line = "   "
    line += item
lines.append(line)

TEXT = """\
//! Which characters CPython 3.11 calls printable, and so leaves as they are in a `repr()`.
//!
//! Owns the table, which `scripts/printable.py` makes from Unicode %s; not to be edited by hand.

/// Whether `str.isprintable()` of CPython 3.11 is true of the character.
#[must_use]
pub fn is_printable(character: char) -> bool {
    let code = u32::from(character);
    match code {
        0x20..=0x7e => true,
        0..=0xa0 => false,
        _ => EDGES.partition_point(|edge| *edge <= code) %% 2 == 0,
    }
}

/// Where characters cease to be printable and where they are again, in turn.
#[rustfmt::skip]
const EDGES: [u32; %d] = [
%s
];
""" % (unicodedata.unidata_version, len(edges), "\n".join(lines))

target = pathlib.Path(__file__).resolve().parent.parent / "share-client/src/wire/printable.rs"
target.write_text(TEXT, encoding="utf-8")
