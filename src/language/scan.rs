//! Where a request ends: a lexical scanner that is fed as bytes come.

/// Follows quotes, brackets and comments through a text that comes in pieces.
#[derive(Clone, Debug, Default)]
pub struct Scanner {}

#[expect(clippy::todo, unused_variables, reason = "skeleton")]
#[allow(missing_docs, clippy::unused_self)]
impl Scanner {
    /// The next piece of the text.
    pub fn feed(&mut self, piece: &str) {
        todo!()
    }
    /// Every quote and bracket is closed (and something other than blanks has come).
    pub fn is_complete(&self) -> bool {
        todo!()
    }
    /// All that has come is, as a whole, one complete call: `name(…)` or `a.b(…)`, blanks around it allowed.
    pub fn is_one_call(&self) -> bool {
        todo!()
    }
    /// The last piece ended in a newline.
    pub fn ends_in_newline(&self) -> bool {
        todo!()
    }
}
