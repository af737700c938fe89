//! A pattern as steps of a small machine, each repetition laid out.
//!
//! A repetition whose body may take nothing needs to know whether it did: CPython leaves such a loop when a round
//! took nothing. Its `Begin` and `Progress` keep one bit for that.

use std::collections::BTreeMap;

use super::charset::{Fold, Set};
use super::syntax::{At, Choice, Item, Node, Tree, flag, is_single, width};
use crate::language::{Budget, Error};

/// Steps of one pattern: repetitions are laid out.
const STEPS_MAX: usize = 20_000;
/// Repetitions of what may take nothing, in each other.
const EMPTY_LOOPS_MAX: u32 = 4;

/// One step.
#[derive(Clone, Copy, Debug)]
pub enum Step {
    Char(u32),
    /// A character whose small letter this is.
    Lower(u32, Fold),
    Set(usize),
    Any,
    All,
    /// Two ways: first the one, then the other. The number is this split's own.
    Split {
        first: usize,
        second: usize,
        number: usize,
    },
    Jump(usize),
    Save(usize),
    At(At, bool),
    /// What stands up to `end` must match, or must not, without being taken; behind: that many characters before.
    Look {
        behind: usize,
        negated: bool,
        end: usize,
    },
    /// What stands up to `end` is decided once.
    Atomic {
        end: usize,
    },
    /// A round of a loop begins.
    Begin(u32),
    /// A round ends: where it took nothing, the loop does as well.
    Progress {
        bit: u32,
        exit: usize,
    },
    Accept,
}

/// A pattern that can be run.
#[derive(Debug)]
pub struct Program {
    pub steps: Vec<Step>,
    pub sets: Vec<Set>,
    pub splits: usize,
    /// Bits of loops that may take nothing.
    pub bits: u32,
    pub groups: usize,
    /// What every match begins with, where that is one character.
    pub first: Option<u32>,
}

struct Compiler<'b> {
    program: Program,
    depth: u32,
    crossed: bool,
    known: BTreeMap<(bool, u32, Vec<u32>), usize>,
    budget: &'b Budget,
}

/// Compiles the tree. `crossed`: for a search that begins behind its end, where CPython's repetitions of one character
/// fail even if they need none.
///
/// # Errors
/// `limit` where it has too many steps.
pub fn compile(tree: &Tree, crossed: bool, budget: &Budget) -> Result<Program, Error> {
    let groups = tree.groups as usize;
    let program = Program { steps: Vec::new(), sets: Vec::new(), splits: 0, bits: 0, groups, first: None };
    let mut compiler = Compiler { program, depth: 0, crossed, known: BTreeMap::new(), budget };
    compiler.nodes(&tree.body, tree.flags)?;
    compiler.push(Step::Accept)?;
    let mut program = compiler.program;
    let begins = program.steps.iter().find(|step| !matches!(step, Step::Save(_)));
    program.first = if let Some(Step::Char(code)) = begins { Some(*code) } else { None };
    Ok(program)
}

fn patched(step: &mut Step, to: usize) {
    match step {
        Step::Split { second, .. } if *second == 0 => *second = to,
        Step::Split { first, .. } if *first == 0 => *first = to,
        Step::Jump(target) | Step::Progress { exit: target, .. } => *target = to,
        Step::Look { end, .. } | Step::Atomic { end } => *end = to,
        _ => {}
    }
}

impl Compiler<'_> {
    fn here(&self) -> usize {
        self.program.steps.len()
    }

    fn push(&mut self, step: Step) -> Result<usize, Error> {
        if self.here() >= STEPS_MAX {
            return Err(Error::Limit(format!(
                "a pattern may have {STEPS_MAX} steps, its repetitions laid out"
            )));
        }
        self.budget.reserve(48)?;
        self.program.steps.push(step);
        Ok(self.here() - 1)
    }

    /// Where the step goes on, now that it is known.
    fn patch(&mut self, place: usize, to: usize) {
        if let Some(step) = self.program.steps.get_mut(place) {
            patched(step, to);
        }
    }

    /// A split, one of whose ways is not known yet: 0 stands for it, which nothing goes to.
    fn split(&mut self, first: usize, second: usize) -> Result<usize, Error> {
        let number = self.program.splits;
        self.program.splits += 1;
        self.push(Step::Split { first, second, number })
    }

    fn nodes(&mut self, nodes: &[Node], flags: u32) -> Result<(), Error> {
        nodes.iter().try_for_each(|node| self.node(node, flags))
    }

    fn node(&mut self, node: &Node, flags: u32) -> Result<(), Error> {
        match node {
            Node::Literal(code) => self.literal(*code, flags).map(|_| ()),
            Node::NotLiteral(code) => self.set(true, &[Item::Range(*code, *code)], flags),
            Node::Any => self.push(if flags & flag::DOTALL == 0 { Step::Any } else { Step::All }).map(|_| ()),
            Node::Set { negated, items } => self.set(*negated, items, flags),
            Node::At(at) => {
                let at = match at {
                    At::Beginning if flags & flag::MULTILINE == 0 => At::BeginningOfText,
                    at => *at,
                };
                let lines = flags & if at == At::End { flag::MULTILINE } else { flag::ASCII } != 0;
                self.push(Step::At(at, lines)).map(|_| ())
            }
            Node::Branch(branches) => self.branch(branches, flags),
            Node::Group { number, add, remove, body } => {
                let kept = if add & flag::TYPES == 0 { flags } else { flags & !flag::TYPES };
                let flags = (kept | add) & !remove;
                let Some(number) = number.map(|number| number as usize) else {
                    return self.nodes(body, flags);
                };
                self.push(Step::Save(2 * number - 2))?;
                self.nodes(body, flags)?;
                self.push(Step::Save(2 * number - 1)).map(|_| ())
            }
            Node::Repeat { min, max, choice, body } => self.repeat(*min, *max, *choice, body, flags),
            Node::Look { behind, negated, body } => {
                let behind = if *behind { width(body).0 as usize } else { 0 };
                let look = self.push(Step::Look { behind, negated: *negated, end: 0 })?;
                self.inner(look, body, flags)
            }
            Node::Atomic(body) => {
                let atomic = self.push(Step::Atomic { end: 0 })?;
                self.inner(atomic, body, flags)
            }
        }
    }

    /// A part that is run by itself.
    fn inner(&mut self, start: usize, body: &[Node], flags: u32) -> Result<(), Error> {
        self.nodes(body, flags)?;
        self.push(Step::Accept)?;
        let end = self.here();
        self.patch(start, end);
        Ok(())
    }

    fn literal(&mut self, code: u32, flags: u32) -> Result<(), Error> {
        let fold = Fold::of(flags);
        if !fold.is_cased(code) {
            return self.push(Step::Char(code)).map(|_| ());
        }
        let small = fold.lower(code);
        if fold.extra(small).is_empty() {
            return self.push(Step::Lower(small, fold)).map(|_| ());
        }
        self.set(false, &[Item::Range(code, code)], flags)
    }

    fn set(&mut self, negated: bool, items: &[Item], flags: u32) -> Result<(), Error> {
        // One set in a repetition is laid out many times.
        let key = items.iter().flat_map(|item| match *item {
            Item::Range(low, high) => [low, high],
            Item::Category(category, negated) => [u32::MAX - category as u32, u32::from(negated)],
        });
        let key = (negated, flags & (flag::IGNORECASE | flag::ASCII), key.collect());
        let place = match self.known.get(&key) {
            Some(place) => *place,
            None => {
                let set = match items {
                    [Item::Range(code, last)] if code == last => {
                        Set::of_code(negated, *code, flags, self.budget)?
                    }
                    items => Set::new(negated, items, flags, self.budget)?,
                };
                self.program.sets.push(set);
                self.known.insert(key, self.program.sets.len() - 1);
                self.program.sets.len() - 1
            }
        };
        self.push(Step::Set(place)).map(|_| ())
    }

    fn branch(&mut self, branches: &[Vec<Node>], flags: u32) -> Result<(), Error> {
        let mut ends = Vec::new();
        for (number, branch) in branches.iter().enumerate() {
            let last = number + 1 == branches.len();
            let split = if last { None } else { Some(self.split(self.here() + 1, 0)?) };
            self.nodes(branch, flags)?;
            if let Some(split) = split {
                ends.push(self.push(Step::Jump(0))?);
                let next = self.here();
                self.patch(split, next);
            }
        }
        let end = self.here();
        ends.into_iter().for_each(|jump| self.patch(jump, end));
        Ok(())
    }

    fn repeat(
        &mut self,
        min: u32,
        max: Option<u32>,
        choice: Choice,
        body: &[Node],
        flags: u32,
    ) -> Result<(), Error> {
        if self.crossed && is_single(body) {
            self.push(Step::At(At::NotBehind, false))?;
        }
        if choice == Choice::Possessive {
            // Each round is decided once, and so is their number.
            let atomic = self.push(Step::Atomic { end: 0 })?;
            let round = [Node::Atomic(body.to_vec())];
            self.repeat(min, max, Choice::Greedy, &round, flags)?;
            self.push(Step::Accept)?;
            let end = self.here();
            self.patch(atomic, end);
            return Ok(());
        }
        for _ in 0..min {
            self.budget.tick()?;
            self.nodes(body, flags)?;
        }
        let bit = if width(body).0 == 0 && max != Some(min) && max != Some(min + 1) {
            Some(self.depth)
        } else {
            None
        };
        if let Some(bit) = bit {
            self.depth += 1;
            self.program.bits = self.program.bits.max(bit + 1);
            if self.depth > EMPTY_LOOPS_MAX {
                return Err(Error::Limit(format!(
                    "repetitions of what may match nothing may be nested {EMPTY_LOOPS_MAX} deep"
                )));
            }
        }
        let mut exits = Vec::new();
        match max {
            None => {
                let again = self.round(bit, choice, body, flags, &mut exits)?;
                self.push(Step::Jump(again))?;
            }
            Some(max) => {
                for _ in min..max {
                    self.budget.tick()?;
                    self.round(bit, choice, body, flags, &mut exits)?;
                }
            }
        }
        self.depth -= u32::from(bit.is_some());
        let end = self.here();
        exits.into_iter().for_each(|exit| self.patch(exit, end));
        Ok(())
    }

    /// A round that may be left out; where it begins.
    fn round(
        &mut self,
        bit: Option<u32>,
        choice: Choice,
        body: &[Node],
        flags: u32,
        exits: &mut Vec<usize>,
    ) -> Result<usize, Error> {
        let next = self.here() + 1;
        let split = if choice == Choice::Lazy { self.split(0, next)? } else { self.split(next, 0)? };
        exits.push(split);
        if let Some(bit) = bit {
            self.push(Step::Begin(bit))?;
        }
        self.nodes(body, flags)?;
        if let Some(bit) = bit {
            exits.push(self.push(Step::Progress { bit, exit: 0 })?);
        }
        Ok(split)
    }
}
