//! Python's syntax of patterns, and nothing silently something else: what the server does not have is refused.

use super::escapes::{Escape, escape, item};
use super::inline::{Inline, flag_of, inline};
use super::syntax::{Choice, Item, Node, Tree, flag, width};
use super::tokens::{Token, Tokens};
use crate::language::{Budget, Error};

/// How deep groups may stand in each other.
const DEPTH_MAX: usize = 60;
/// Groups of one pattern.
const GROUPS_MAX: u32 = 250;

struct Parser<'t> {
    tokens: Tokens<'t>,
    flags: u32,
    groups: u32,
    names: Vec<(String, u32)>,
    budget: &'t Budget,
}

/// Reads the pattern.
///
/// # Errors
/// `value` as Python's `re.error`, and for what the server does not have.
pub fn parse(pattern: &[char], flags: u32, budget: &Budget) -> Result<Tree, Error> {
    let mut parser = Parser { tokens: Tokens::new(pattern)?, flags, groups: 0, names: Vec::new(), budget };
    let verbose = flags & flag::VERBOSE != 0;
    let body = parser.branches(verbose, 0)?;
    if parser.tokens.next.is_some() {
        return Err(parser.tokens.fault("unbalanced parenthesis", 0));
    }
    let Parser { mut flags, groups, names, .. } = parser;
    if flags & flag::LOCALE != 0 {
        return Err(Error::Value(String::from("cannot use LOCALE flag with a str pattern")));
    }
    if flags & flag::ASCII == 0 {
        flags |= flag::UNICODE;
    } else if flags & flag::UNICODE != 0 {
        return Err(Error::Value(String::from("ASCII and UNICODE flags are incompatible")));
    }
    Ok(Tree { body, flags, groups, names })
}

impl Parser<'_> {
    fn fault(&self, message: &str, before: usize) -> Error {
        self.tokens.fault(message, before)
    }

    fn branches(&mut self, mut verbose: bool, depth: usize) -> Result<Vec<Node>, Error> {
        if depth > DEPTH_MAX {
            return Err(Error::Limit(format!("the groups of a pattern may be nested {DEPTH_MAX} deep")));
        }
        let mut branches = vec![self.sequence(verbose, depth, depth == 0)?];
        while self.tokens.take('|')? {
            if depth == 0 {
                verbose = self.flags & flag::VERBOSE != 0;
            }
            branches.push(self.sequence(verbose, depth, false)?);
        }
        match branches.len() {
            1 => Ok(branches.pop().unwrap_or_default()),
            _ => Ok(vec![Node::Branch(branches)]),
        }
    }

    fn sequence(&mut self, mut verbose: bool, depth: usize, first: bool) -> Result<Vec<Node>, Error> {
        let mut nodes = Vec::new();
        loop {
            self.budget.reserve(64)?;
            let Some(token) = self.tokens.next.filter(|next| !matches!(next, ('|' | ')', None))) else {
                return Ok(nodes);
            };
            self.tokens.get()?;
            match token {
                (' ' | '\t' | '\n' | '\r' | '\u{b}' | '\u{c}', None) if verbose => {}
                ('#', None) if verbose => while !matches!(self.tokens.get()?, None | Some(('\n', None))) {},
                (_, Some(character)) => nodes.push(match escape(&mut self.tokens, character, false)? {
                    Escape::Code(code) => Node::Literal(code),
                    Escape::At(at) => Node::At(at),
                    Escape::Category(category, negated) => {
                        Node::Set { negated: false, items: vec![Item::Category(category, negated)] }
                    }
                }),
                ('[', None) => nodes.push(self.set()?),
                ('*' | '+' | '?' | '{', None) => self.repeat(&mut nodes, token.0)?,
                ('.', None) => nodes.push(Node::Any),
                ('^', None) => nodes.push(Node::At(super::syntax::At::Beginning)),
                ('$', None) => nodes.push(Node::At(super::syntax::At::End)),
                ('(', None) => {
                    let start = self.tokens.place() - 1;
                    if let Some(node) = self.group(verbose, depth, start, first && nodes.is_empty())? {
                        nodes.push(node);
                    } else {
                        verbose |= depth == 0 && self.flags & flag::VERBOSE != 0;
                    }
                }
                (character, None) => nodes.push(Node::Literal(u32::from(character))),
            }
        }
    }

    /// `[…]`, its bracket taken.
    fn set(&mut self) -> Result<Node, Error> {
        let start = self.tokens.place() - 1;
        let negated = self.tokens.take('^')?;
        let mut items: Vec<Item> = Vec::new();
        let mut begun = false;
        loop {
            self.budget.reserve(16)?;
            let Some(low) = self.tokens.get()? else { return Err(self.unterminated(start)) };
            if low == (']', None) && begun {
                break;
            }
            begun = true;
            let from = self.member(low)?;
            if !self.tokens.take('-')? {
                items.extend(from);
                continue;
            }
            let Some(high) = self.tokens.get()? else { return Err(self.unterminated(start)) };
            if high == (']', None) {
                items.extend(from);
                items.push(Item::Range(u32::from('-'), u32::from('-')));
                break;
            }
            let to = self.member(high)?;
            match (from, to) {
                (Some(Item::Range(low, _)), Some(Item::Range(high, _))) if low <= high => {
                    items.push(Item::Range(low, high));
                }
                _ => {
                    let (low, high) = (shown(low), shown(high));
                    let length = low.chars().count() + 1 + high.chars().count();
                    return Err(self.fault(&format!("bad character range {low}-{high}"), length));
                }
            }
        }
        Ok(match items.as_slice() {
            [Item::Range(low, high)] if low == high && negated => Node::NotLiteral(*low),
            [Item::Range(low, high)] if low == high => Node::Literal(*low),
            _ => Node::Set { negated, items },
        })
    }

    fn unterminated(&self, start: usize) -> Error {
        self.fault("unterminated character set", self.tokens.place() - start)
    }

    fn member(&mut self, token: Token) -> Result<Option<Item>, Error> {
        Ok(match token {
            (character, None) => Some(Item::Range(u32::from(character), u32::from(character))),
            (_, Some(character)) => item(escape(&mut self.tokens, character, true)?),
        })
    }

    fn repeat(&mut self, nodes: &mut Vec<Node>, sign: char) -> Result<(), Error> {
        let here = self.tokens.place();
        let (min, max) = match sign {
            '?' => (0, Some(1)),
            '*' => (0, None),
            '+' => (1, None),
            _ => {
                if self.tokens.next == Some(('}', None)) {
                    nodes.push(Node::Literal(u32::from('{')));
                    return Ok(());
                }
                match self.counts(here)? {
                    Some(counts) => counts,
                    None => {
                        nodes.push(Node::Literal(u32::from('{')));
                        return self.tokens.seek(here);
                    }
                }
            }
        };
        let before = self.tokens.place() - here + 1;
        let body = match nodes.pop() {
            None | Some(Node::At(_)) => return Err(self.fault("nothing to repeat", before)),
            Some(Node::Repeat { .. }) => return Err(self.fault("multiple repeat", before)),
            Some(Node::Group { number: None, add: 0, remove: 0, body }) => body,
            Some(node) => vec![node],
        };
        let choice = if self.tokens.take('?')? {
            Choice::Lazy
        } else if self.tokens.take('+')? {
            Choice::Possessive
        } else {
            Choice::Greedy
        };
        nodes.push(Node::Repeat { min, max, choice, body });
        Ok(())
    }

    /// `{m,n}`, its first bracket taken; None where it is none.
    fn counts(&mut self, here: usize) -> Result<Option<(u32, Option<u32>)>, Error> {
        let digit = |c: char| c.is_ascii_digit();
        let low = self.tokens.take_while(usize::MAX, digit)?;
        let comma = self.tokens.take(',')?;
        let high = if comma { self.tokens.take_while(usize::MAX, digit)? } else { low.clone() };
        if !self.tokens.take('}')? {
            return Ok(None);
        }
        let number = |digits: &str| {
            let number = digits.parse::<u32>().ok().filter(|number| *number < u32::MAX);
            number.ok_or_else(|| Error::Value(String::from("the repetition number is too large")))
        };
        let min = if low.is_empty() { 0 } else { number(&low)? };
        let max = if high.is_empty() { None } else { Some(number(&high)?) };
        if max.is_some_and(|max| max < min) {
            return Err(self.fault("min repeat greater than max repeat", self.tokens.place() - here));
        }
        Ok(Some((min, max)))
    }

    /// `(…)`, its bracket taken; None where it is no part: a comment, or flags.
    fn group(
        &mut self,
        verbose: bool,
        depth: usize,
        start: usize,
        first: bool,
    ) -> Result<Option<Node>, Error> {
        let mut name = None;
        let (mut capture, mut atomic) = (true, false);
        let (mut add, mut remove) = (0, 0);
        if self.tokens.take('?')? {
            let character = self.extension()?;
            match character {
                'P' => name = Some(self.name()?),
                ':' => capture = false,
                '>' => (capture, atomic) = (false, true),
                '#' => return self.comment(start).map(|()| None),
                '=' | '!' => return self.look(false, character == '!', verbose, depth, start).map(Some),
                '<' => {
                    let character = self.extension()?;
                    if !matches!(character, '=' | '!') {
                        return Err(self.fault(&format!("unknown extension ?<{character}"), 3));
                    }
                    return self.look(true, character == '!', verbose, depth, start).map(Some);
                }
                '(' => return Err(self.fault("the server does not have conditional groups", 3)),
                _ if character == '-' || flag_of(character).is_some() => {
                    capture = false;
                    match inline(&mut self.tokens, character)? {
                        Inline::Part { add: added, remove: removed } => (add, remove) = (added, removed),
                        Inline::Whole(added) => {
                            self.flags |= added;
                            let before = self.tokens.place() - start;
                            let misplaced = "global flags not at the start of the expression";
                            return if first { Ok(None) } else { Err(self.fault(misplaced, before)) };
                        }
                    }
                }
                _ => return Err(self.fault(&format!("unknown extension ?{character}"), 2)),
            }
        }
        let number = if capture { Some(self.open(name)?) } else { None };
        let inner = (verbose || add & flag::VERBOSE != 0) && remove & flag::VERBOSE == 0;
        let body = self.branches(inner, depth + 1)?;
        self.close(start)?;
        Ok(Some(if atomic { Node::Atomic(body) } else { Node::Group { number, add, remove, body } }))
    }

    fn extension(&mut self) -> Result<char, Error> {
        match self.tokens.get()? {
            None => Err(self.fault("unexpected end of pattern", 0)),
            Some((character, None)) => Ok(character),
            Some((character, Some(second))) => {
                Err(self.fault(&format!("unknown extension ?{character}{second}"), 3))
            }
        }
    }

    fn close(&mut self, start: usize) -> Result<(), Error> {
        if self.tokens.take(')')? {
            return Ok(());
        }
        Err(self.fault("missing ), unterminated subpattern", self.tokens.place() - start))
    }

    fn comment(&mut self, start: usize) -> Result<(), Error> {
        loop {
            if self.tokens.next.is_none() {
                return Err(self.fault("missing ), unterminated comment", self.tokens.place() - start));
            }
            if self.tokens.get()? == Some((')', None)) {
                return Ok(());
            }
        }
    }

    fn look(
        &mut self,
        behind: bool,
        negated: bool,
        verbose: bool,
        depth: usize,
        start: usize,
    ) -> Result<Node, Error> {
        let body = self.branches(verbose, depth + 1)?;
        self.close(start)?;
        let (least, most) = width(&body);
        if behind && least != most {
            return Err(Error::Value(String::from("look-behind requires fixed-width pattern")));
        }
        Ok(Node::Look { behind, negated, body })
    }

    /// `<name>` behind `(?P`.
    fn name(&mut self) -> Result<String, Error> {
        if self.tokens.take('<')? {
            let name = self.tokens.until('>', "group name")?;
            if !super::is_identifier(&name) {
                let quoted = crate::value::repr(&crate::value::Value::from(name.as_str()));
                let length = name.chars().count() + 1;
                return Err(self.fault(&format!("bad character in group name {quoted}"), length));
            }
            return Ok(name);
        }
        if self.tokens.take('=')? {
            return Err(self.fault("the server does not have references to groups such as (?P=name)", 4));
        }
        let character = self.extension()?;
        Err(self.fault(&format!("unknown extension ?P{character}"), 3))
    }

    fn open(&mut self, name: Option<String>) -> Result<u32, Error> {
        self.groups += 1;
        if self.groups > GROUPS_MAX {
            return Err(Error::Limit(format!("a pattern may have {GROUPS_MAX} groups")));
        }
        if let Some(name) = name {
            if let Some((_, earlier)) = self.names.iter().find(|(known, _)| *known == name) {
                let quoted = crate::value::repr(&crate::value::Value::from(name.as_str()));
                let number = self.groups;
                let message =
                    format!("redefinition of group name {quoted} as group {number}; was group {earlier}");
                return Err(self.fault(&message, name.chars().count() + 1));
            }
            self.names.push((name, self.groups));
        }
        Ok(self.groups)
    }
}

fn shown(token: Token) -> String {
    let mut text = String::from(token.0);
    text.extend(token.1);
    text
}
