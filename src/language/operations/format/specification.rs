//! A format specification, read: `[[fill]align][sign][z][#][0][width][grouping][.precision][type]`.
//!
//! Pure text; knows no value.

use crate::language::Error;
use crate::language::operations::errors::value_error;

/// On which side the text stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::language::operations) enum Align {
    Left,
    Right,
    Center,
    /// Fill between sign and digits: `=`.
    AfterSign,
}

/// A format specification.
#[derive(Clone, Copy, Debug)]
pub(in crate::language::operations) struct Specification {
    pub(in crate::language::operations) fill: char,
    pub(in crate::language::operations) align: Align,
    /// `+`, ` ` or `-`
    pub(in crate::language::operations) sign: Option<char>,
    /// `z`: no negative zero.
    pub(in crate::language::operations) no_negative_zero: bool,
    /// `#`
    pub(in crate::language::operations) alternate: bool,
    pub(in crate::language::operations) width: usize,
    /// `,` or `_`
    pub(in crate::language::operations) grouping: Option<char>,
    pub(in crate::language::operations) precision: Option<usize>,
    pub(in crate::language::operations) kind: Option<char>,
}

/// No specification that says anything is longer.
const SPECIFICATION_BYTES_MAX: usize = 1_000;

fn align_of(character: Option<&char>) -> Option<Align> {
    match character? {
        '<' => Some(Align::Left),
        '>' => Some(Align::Right),
        '^' => Some(Align::Center),
        '=' => Some(Align::AfterSign),
        _ => None,
    }
}

impl Specification {
    /// Reads it for a value of that type, whose text stands at `align` by default.
    pub(super) fn parse(text: &str, align: Align, type_name: &str) -> Result<Specification, Error> {
        if text.len() > SPECIFICATION_BYTES_MAX {
            return Err(value_error("Too many decimal digits in format string"));
        }
        let characters: Vec<char> = text.chars().collect();
        let mut rest = characters.as_slice();
        let default_align = align;
        let mut result = Specification {
            fill: ' ',
            align,
            sign: None,
            no_negative_zero: false,
            alternate: false,
            width: 0,
            grouping: None,
            precision: None,
            kind: None,
        };
        let (mut filled, mut aligned) = (false, false);
        if let Some(align) = align_of(rest.get(1)) {
            result.fill = rest.first().copied().unwrap_or(' ');
            result.align = align;
            (filled, aligned) = (true, true);
            rest = rest.get(2..).unwrap_or_default();
        } else if let Some(align) = align_of(rest.first()) {
            result.align = align;
            aligned = true;
            rest = rest.get(1..).unwrap_or_default();
        }
        if let Some((sign @ ('+' | '-' | ' '), tail)) = rest.split_first() {
            result.sign = Some(*sign);
            rest = tail;
        }
        result.no_negative_zero = take(&mut rest, 'z');
        result.alternate = take(&mut rest, '#');
        if !filled && rest.first() == Some(&'0') {
            result.fill = '0';
            if !aligned && default_align == Align::Right {
                result.align = Align::AfterSign;
            }
            rest = rest.get(1..).unwrap_or_default();
        }
        result.width = number(&mut rest)?.unwrap_or(0);
        result.grouping(&mut rest)?;
        if take(&mut rest, '.') {
            let precision = number(&mut rest)?;
            result.precision =
                Some(precision.ok_or_else(|| value_error("Format specifier missing precision"))?);
        }
        match rest {
            [] => {}
            [kind] => result.kind = Some(*kind),
            _ => {
                return Err(value_error(format!(
                    "Invalid format specifier '{text}' for object of type '{type_name}'"
                )));
            }
        }
        result.check_grouping()?;
        Ok(result)
    }

    fn grouping(&mut self, rest: &mut &[char]) -> Result<(), Error> {
        if take(rest, ',') {
            self.grouping = Some(',');
        }
        if take(rest, '_') {
            if self.grouping.is_some() {
                return Err(value_error("Cannot specify both ',' and '_'."));
            }
            self.grouping = Some('_');
        }
        if rest.first() == Some(&',') && self.grouping == Some('_') {
            return Err(value_error("Cannot specify both ',' and '_'."));
        }
        Ok(())
    }

    fn check_grouping(&self) -> Result<(), Error> {
        let Some(grouping) = self.grouping else { return Ok(()) };
        match self.kind {
            None | Some('d' | 'e' | 'f' | 'g' | 'E' | 'G' | '%' | 'F') => Ok(()),
            Some('b' | 'o' | 'x' | 'X') if grouping == '_' => Ok(()),
            Some(kind) => Err(value_error(format!("Cannot specify '{grouping}' with '{kind}'."))),
        }
    }

    /// What a text cannot be formatted with.
    pub(super) fn check_text(&self) -> Result<(), Error> {
        if let Some(kind) = self.kind.filter(|kind| *kind != 's') {
            return Err(unknown(kind, "str"));
        }
        if self.sign == Some(' ') {
            return Err(value_error("Space not allowed in string format specifier"));
        }
        if self.sign.is_some() {
            return Err(value_error("Sign not allowed in string format specifier"));
        }
        if self.no_negative_zero {
            return Err(value_error("Negative zero coercion (z) not allowed in string format specifier"));
        }
        if self.alternate {
            return Err(value_error("Alternate form (#) not allowed in string format specifier"));
        }
        if self.align == Align::AfterSign {
            return Err(value_error("'=' alignment not allowed in string format specifier"));
        }
        if let Some(grouping) = self.grouping {
            return Err(value_error(format!("Cannot specify '{grouping}' with 's'.")));
        }
        Ok(())
    }
}

/// A type that the value's type does not have.
pub(super) fn unknown(kind: char, type_name: &str) -> Error {
    value_error(format!("Unknown format code '{kind}' for object of type '{type_name}'"))
}

fn take(rest: &mut &[char], wanted: char) -> bool {
    match rest.split_first() {
        Some((first, tail)) if *first == wanted => {
            *rest = tail;
            true
        }
        _ => false,
    }
}

fn number(rest: &mut &[char]) -> Result<Option<usize>, Error> {
    let mut found = None;
    while let Some((first, tail)) = rest.split_first() {
        let Some(digit) = crate::language::operations::strings::decimal_digit(*first) else { break };
        let sofar: i64 = found.unwrap_or(0);
        let next = sofar.checked_mul(10).and_then(|next| next.checked_add(i64::from(digit)));
        found = Some(next.ok_or_else(|| value_error("Too many decimal digits in format string"))?);
        *rest = tail;
    }
    Ok(found.map(|found| usize::try_from(found).unwrap_or(usize::MAX)))
}
