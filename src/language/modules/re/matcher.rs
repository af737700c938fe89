//! Runs a program over a text: by trying in the order of Python's engine, and never the same twice.
//!
//! A step is tried once at each place of the text, since what failed there fails again; so the time is the length of
//! the program times that of the text at most. Every thousand steps look at the clock, and all that grows is counted.

use std::sync::Arc;

use super::charset::is_of;
use super::program::{Program, Step};
use super::syntax::{At, Category};
use crate::language::{Budget, Error};

/// Where a group has not matched.
pub const NOWHERE: usize = usize::MAX;

/// A text whose characters can be counted off.
#[derive(Debug)]
pub struct Subject {
    pub text: Arc<str>,
    /// The characters, where they are not bytes.
    wide: Option<Vec<char>>,
}

impl Subject {
    pub fn new(text: Arc<str>, budget: &Budget) -> Result<Subject, Error> {
        let wide = if text.is_ascii() {
            None
        } else {
            budget.reserve(text.len().saturating_mul(4))?;
            Some(text.chars().collect())
        };
        Ok(Subject { text, wide })
    }

    /// How many characters it has.
    pub fn len(&self) -> usize {
        self.wide.as_ref().map_or(self.text.len(), Vec::len)
    }

    fn at(&self, place: usize) -> Option<u32> {
        match &self.wide {
            None => self.text.as_bytes().get(place).map(|byte| u32::from(*byte)),
            Some(characters) => characters.get(place).map(|character| u32::from(*character)),
        }
    }

    /// The characters from one place to another.
    pub fn between(&self, from: usize, to: usize) -> String {
        match &self.wide {
            None => self.text.get(from..to).unwrap_or_default().to_owned(),
            Some(characters) => characters.get(from..to).unwrap_or_default().iter().collect(),
        }
    }
}

/// What must hold of a match's end.
#[derive(Clone, Copy, Debug, Default)]
pub struct Goal {
    /// It is the end of the text.
    pub whole: bool,
    /// It is not this place, where the last match ended empty.
    pub not_at: Option<usize>,
}

impl Goal {
    fn is_met(self, place: usize, end: usize) -> bool {
        (!self.whole || place == end) && self.not_at != Some(place)
    }
}

enum Frame {
    /// What is to be tried next.
    Branch { step: u32, place: u32, bits: u32 },
    /// What a slot held.
    Restore { slot: u32, place: usize },
}

/// Runs one program over one text.
pub struct Matcher<'p> {
    program: &'p Program,
    subject: &'p Subject,
    end: usize,
    /// How many places there are.
    places: usize,
    budget: &'p Budget,
    /// The begins and ends of groups, and the number of the group that closed last.
    pub slots: Vec<usize>,
    visited: Vec<u64>,
    touched: Vec<u32>,
    stack: Vec<Frame>,
    counted: usize,
    steps: u32,
    all: u32,
}

/// Places are kept as 32 bits.
const TEXT_MAX: usize = 16 << 20;

impl<'p> Matcher<'p> {
    /// `bounds`: where it will begin, and where the text is taken to end.
    pub fn new(
        program: &'p Program,
        subject: &'p Subject,
        bounds: (usize, usize),
        budget: &'p Budget,
    ) -> Result<Matcher<'p>, Error> {
        let end = bounds.1.min(subject.len());
        let places = end.max(bounds.0) + 1;
        let bits = program.splits.saturating_mul(places).saturating_mul(1 << program.bits);
        if places > TEXT_MAX || u32::try_from(bits).is_err() {
            return Err(Error::Limit(String::from("the text is too long for this pattern")));
        }
        budget.reserve(bits / 8 + 8)?;
        Ok(Matcher {
            program,
            subject,
            end,
            places,
            budget,
            slots: vec![NOWHERE; 2 * program.groups + 1],
            visited: vec![0; bits / 64 + 1],
            touched: Vec::new(),
            stack: Vec::new(),
            counted: 0,
            steps: 0,
            all: (1 << program.bits) - 1,
        })
    }

    /// The first match that begins at `from` or, where `anywhere`, behind it.
    pub fn search(
        &mut self,
        from: usize,
        anywhere: bool,
        goal: Goal,
    ) -> Result<Option<(usize, usize)>, Error> {
        self.forget(0);
        self.slots.fill(NOWHERE);
        let last = if anywhere { self.end } else { from };
        for start in from..=last {
            if self.program.first.is_some() && self.program.first != self.letter(start) {
                self.tick()?;
                continue;
            }
            if let Some(end) = self.run(0, start, self.all, goal)? {
                return Ok(Some((start, end)));
            }
        }
        Ok(None)
    }

    fn letter(&self, place: usize) -> Option<u32> {
        if place < self.end { self.subject.at(place) } else { None }
    }

    fn tick(&mut self) -> Result<(), Error> {
        self.steps = self.steps.wrapping_add(1);
        if !self.steps.is_multiple_of(1024) {
            return Ok(());
        }
        self.budget.check_time()?;
        let held = self.stack.capacity() * size_of::<Frame>() + self.touched.capacity() * 4;
        if held > self.counted {
            self.budget.reserve(held - self.counted)?;
            self.counted = held;
        }
        Ok(())
    }

    /// What was found to fail since then is not known any more.
    fn forget(&mut self, since: usize) {
        for mark in self.touched.drain(since..) {
            if let Some(word) = self.visited.get_mut(mark as usize / 64) {
                *word &= !(1 << (mark % 64));
            }
        }
    }

    /// Whether it is the first time at this split here.
    fn is_new(&mut self, number: usize, place: usize, bits: u32) -> bool {
        let mark = ((number * self.places + place) << self.program.bits) | bits as usize;
        let Some(word) = self.visited.get_mut(mark / 64) else { return false };
        let bit = 1 << (mark % 64);
        let new = *word & bit == 0;
        if new {
            *word |= bit;
            self.touched.push(u32::try_from(mark).unwrap_or(u32::MAX));
        }
        new
    }

    fn push_branch(&mut self, step: usize, place: usize, bits: u32) {
        let narrow = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        self.stack.push(Frame::Branch { step: narrow(step), place: narrow(place), bits });
    }

    /// A group begins or, where the slot is odd, ends.
    fn save(&mut self, slot: usize, place: usize) {
        self.set_slot(slot, place);
        if slot % 2 == 1 {
            self.set_slot(2 * self.program.groups, slot / 2 + 1);
        }
    }

    fn set_slot(&mut self, slot: usize, place: usize) {
        if let Some(value) = self.slots.get_mut(slot) {
            let old = std::mem::replace(value, place);
            self.stack.push(Frame::Restore { slot: u32::try_from(slot).unwrap_or(0), place: old });
        }
    }

    /// From this step and place to an `Accept`: where that is. Groups that matched stay in the slots.
    fn run(&mut self, step: usize, place: usize, bits: u32, goal: Goal) -> Result<Option<usize>, Error> {
        let base = self.stack.len();
        let (mut step, mut place, mut bits) = (step, place, bits);
        loop {
            self.tick()?;
            let goes_on = match self.program.steps.get(step) {
                Some(Step::Accept) if goal.is_met(place, self.end) => return Ok(Some(place)),
                Some(Step::Accept) => false,
                Some(Step::Split { first, second, number }) => {
                    let (first, second) = (*first, *second);
                    let new = self.is_new(*number, place, bits);
                    if new {
                        self.push_branch(second, place, bits);
                        step = first;
                    }
                    new
                }
                Some(Step::Jump(to)) => {
                    step = *to;
                    true
                }
                Some(Step::Save(slot)) => {
                    self.save(*slot, place);
                    step += 1;
                    true
                }
                Some(Step::Begin(bit)) => {
                    bits &= !(1 << bit);
                    step += 1;
                    true
                }
                Some(Step::Progress { bit, exit }) => {
                    step = if bits >> bit & 1 == 1 { step + 1 } else { *exit };
                    bits |= 1 << bit;
                    true
                }
                Some(Step::Look { behind, negated, end }) => {
                    let (behind, negated, end) = (*behind, *negated, *end);
                    let holds = self.look(step, place, bits, behind, negated)?;
                    step = end;
                    holds
                }
                Some(Step::Atomic { end }) => {
                    let end = *end;
                    let after = self.apart(step + 1, place, bits, false)?;
                    bits = if after.is_some_and(|after| after > place) { self.all } else { bits };
                    (step, place) = (end, after.unwrap_or(place));
                    after.is_some()
                }
                Some(Step::At(at, flag)) => {
                    let (at, flag) = (*at, *flag);
                    step += 1;
                    self.is_at(at, flag, place)
                }
                Some(one) => {
                    let taken = self.letter(place).is_some_and(|code| takes(self.program, one, code));
                    (step, place, bits) = (step + 1, place + 1, self.all);
                    taken
                }
                None => false,
            };
            if !goes_on {
                match self.next_branch(base) {
                    Some(branch) => (step, place, bits) = branch,
                    None => return Ok(None),
                }
            }
        }
    }

    /// Back to the last choice; slots are as they were there.
    fn next_branch(&mut self, base: usize) -> Option<(usize, usize, u32)> {
        while self.stack.len() > base {
            match self.stack.pop()? {
                Frame::Restore { slot, place } => {
                    if let Some(value) = self.slots.get_mut(slot as usize) {
                        *value = place;
                    }
                }
                Frame::Branch { step, place, bits } => return Some((step as usize, place as usize, bits)),
            }
        }
        None
    }

    /// A part by itself. Its choices are gone afterwards; the slots that it set are restored when the choice before
    /// it is. `undone`: they are restored at once.
    fn apart(&mut self, step: usize, place: usize, bits: u32, undone: bool) -> Result<Option<usize>, Error> {
        let (base, since) = (self.stack.len(), self.touched.len());
        let found = self.run(step, place, bits, Goal::default())?;
        if found.is_some() {
            // What was tried on the way did not fail.
            self.forget(since);
            if undone {
                while self.next_branch(base).is_some() {}
            } else {
                let kept: Vec<Frame> =
                    self.stack.drain(base..).filter(|frame| matches!(frame, Frame::Restore { .. })).collect();
                self.stack.extend(kept);
            }
        }
        Ok(found)
    }

    fn look(
        &mut self,
        step: usize,
        place: usize,
        bits: u32,
        behind: usize,
        negated: bool,
    ) -> Result<bool, Error> {
        let Some(from) = place.checked_sub(behind) else { return Ok(negated) };
        Ok(self.apart(step + 1, from, bits, negated)?.is_some() != negated)
    }

    fn is_at(&self, at: At, flag: bool, place: usize) -> bool {
        let newline = Some(u32::from('\n'));
        match at {
            At::BeginningOfText => place == 0,
            At::Beginning => place == 0 || self.subject.at(place - 1) == newline,
            At::EndOfText => place == self.end,
            At::NotBehind => place <= self.end,
            At::End => {
                place == self.end || (self.letter(place) == newline && (flag || place + 1 == self.end))
            }
            At::Boundary | At::NoBoundary => {
                let word = |code: Option<u32>| code.is_some_and(|code| is_of(Category::Word, code, flag));
                let before = place.checked_sub(1).and_then(|place| self.subject.at(place));
                // In an empty text there is neither, as in CPython.
                self.end > 0 && (word(before) != word(self.letter(place))) == (at == At::Boundary)
            }
        }
    }
}

/// Whether the step takes the character.
fn takes(program: &Program, step: &Step, code: u32) -> bool {
    match step {
        Step::Char(wanted) => code == *wanted,
        Step::Lower(wanted, fold) => fold.lower(code) == *wanted,
        Step::Set(set) => program.sets.get(*set).is_some_and(|set| set.holds(code)),
        Step::Any => code != u32::from('\n'),
        Step::All => true,
        _ => false,
    }
}
