//! Sets of characters, and what is the same character where case does not count: by the rules of CPython's engine.

use super::cases::EXTRA;
use super::syntax::{Category, Item, flag};
use crate::language::operations::characters::{is_alphanumeric, is_decimal, is_space, lower, upper};
use crate::language::{Budget, Error};

/// How a character is brought to one case before it is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fold {
    Not,
    Ascii,
    Unicode,
}

impl Fold {
    pub fn of(flags: u32) -> Fold {
        match flags {
            flags if flags & flag::IGNORECASE == 0 => Fold::Not,
            flags if flags & flag::ASCII != 0 => Fold::Ascii,
            _ => Fold::Unicode,
        }
    }

    pub fn lower(self, code: u32) -> u32 {
        match self {
            Fold::Not => code,
            Fold::Ascii => {
                if code < 128 {
                    u32::from(u8::try_from(code).unwrap_or(0).to_ascii_lowercase())
                } else {
                    code
                }
            }
            Fold::Unicode => char::from_u32(code).map_or(code, |character| u32::from(lower(character))),
        }
    }

    pub fn is_cased(self, code: u32) -> bool {
        match self {
            Fold::Not => false,
            Fold::Ascii => char::from_u32(code).is_some_and(|character| character.is_ascii_alphabetic()),
            Fold::Unicode => char::from_u32(code)
                .is_some_and(|character| lower(character) != character || upper(character) != character),
        }
    }

    /// Other small letters that have the same capital.
    pub fn extra(self, code: u32) -> &'static [u32] {
        let place = EXTRA.binary_search_by_key(&code, |(from, _)| *from);
        match place.ok().and_then(|place| EXTRA.get(place)) {
            Some((_, others)) if self == Fold::Unicode => others,
            _ => &[],
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Member {
    Range(u32, u32),
    /// Beyond 16 bits, where case does not count: the small letter or its capital.
    EitherCase(u32, u32),
    Category(Category, bool),
}

/// A set, ready to be asked.
#[derive(Debug)]
pub struct Set {
    negated: bool,
    fold: Fold,
    ascii_classes: bool,
    members: Vec<Member>,
    /// The answers for ASCII.
    known: u128,
}

impl Set {
    pub fn new(negated: bool, items: &[Item], flags: u32, budget: &Budget) -> Result<Set, Error> {
        let fold = Fold::of(flags);
        let mut members = Vec::with_capacity(items.len());
        let mut cased = false;
        for item in items {
            budget.tick()?;
            match *item {
                Item::Category(category, negated) => members.push(Member::Category(category, negated)),
                Item::Range(low, high) if fold == Fold::Not => members.push(Member::Range(low, high)),
                Item::Range(low, high) => cased |= folded(fold, low, high, &mut members, budget)?,
            }
        }
        let fold = if cased { fold } else { Fold::Not };
        let mut set = Set { negated, fold, ascii_classes: flags & flag::ASCII != 0, members, known: 0 };
        set.known = (0..128_u32).fold(0, |known, code| known | u128::from(set.asked(code)) << code);
        Ok(set)
    }

    /// One character, or all but it.
    pub fn of_code(negated: bool, code: u32, flags: u32, budget: &Budget) -> Result<Set, Error> {
        let fold = Fold::of(flags);
        let small = if fold.is_cased(code) { fold.lower(code) } else { code };
        let both = [Item::Range(small, small)];
        let mut set = Set::new(negated, &both, flags & !flag::IGNORECASE, budget)?;
        if fold.is_cased(code) {
            set.fold = fold;
            set.members.extend(fold.extra(small).iter().map(|code| Member::Range(*code, *code)));
        }
        set.known = (0..128_u32).fold(0, |known, code| known | u128::from(set.asked(code)) << code);
        Ok(set)
    }

    /// Whether the character is in the set.
    pub fn holds(&self, code: u32) -> bool {
        if code < 128 { self.known >> code & 1 == 1 } else { self.asked(code) }
    }

    fn asked(&self, code: u32) -> bool {
        let code = self.fold.lower(code);
        let found = self.members.iter().any(|member| match *member {
            Member::Range(low, high) => (low..=high).contains(&code),
            Member::EitherCase(low, high) => {
                let capital = char::from_u32(code).map_or(code, |character| u32::from(upper(character)));
                (low..=high).contains(&code) || (low..=high).contains(&capital)
            }
            Member::Category(category, negated) => is_of(category, code, self.ascii_classes) != negated,
        });
        found != self.negated
    }
}

/// The small letters of a range; whether any of it has a case.
fn folded(
    fold: Fold,
    low: u32,
    high: u32,
    members: &mut Vec<Member>,
    budget: &Budget,
) -> Result<bool, Error> {
    let mut cased = false;
    // CPython marks the letters of 16 bits one by one; where it leaves them, the rest is a range as it stands.
    for code in low..=high.min(0xFFFF) {
        if code % 64 == 0 {
            budget.tick()?;
        }
        let small = fold.lower(code);
        cased = cased || fold.is_cased(code);
        for code in std::iter::once(small).chain(fold.extra(small).iter().copied()) {
            match members.last_mut() {
                Some(Member::Range(_, last)) if *last + 1 == code => *last = code,
                Some(Member::Range(first, last)) if (*first..=*last).contains(&code) => {}
                _ => {
                    budget.reserve(16)?;
                    members.push(Member::Range(code, code));
                }
            }
        }
    }
    if high > 0xFFFF {
        let wide = if low == high { Member::Range(low, high) } else { Member::EitherCase(low, high) };
        members.push(wide);
        return Ok(true);
    }
    Ok(cased)
}

/// Whether the character is of the class.
pub fn is_of(category: Category, code: u32, ascii: bool) -> bool {
    let Some(character) = char::from_u32(code) else { return false };
    if ascii && !character.is_ascii() {
        return false;
    }
    match category {
        Category::Digit => is_decimal(character),
        Category::Space if ascii => matches!(character, ' ' | '\t'..='\r'),
        Category::Space => is_space(character),
        Category::Word => character == '_' || is_alphanumeric(character),
    }
}
