//! Python's words: its keywords, and those that the dialect refuses.
//!
//! Uses nothing.

/// Python's keywords: none is a name.
pub fn is_keyword(word: &str) -> bool {
    matches!(
        word,
        "False"
            | "None"
            | "True"
            | "and"
            | "as"
            | "assert"
            | "async"
            | "await"
            | "break"
            | "class"
            | "continue"
            | "def"
            | "del"
            | "elif"
            | "else"
            | "except"
            | "finally"
            | "for"
            | "from"
            | "global"
            | "if"
            | "import"
            | "in"
            | "is"
            | "lambda"
            | "nonlocal"
            | "not"
            | "or"
            | "pass"
            | "raise"
            | "return"
            | "try"
            | "while"
            | "with"
            | "yield"
    )
}

/// What is said of a word that Python has and the server does not.
pub fn refused_word(word: &str) -> Option<String> {
    let advice = match word {
        "class" | "with" | "try" | "except" | "finally" | "yield" | "await" | "async" | "global"
        | "nonlocal" | "raise" | "return" | "assert" | "break" | "continue" => "",
        "def" => "; a function of your own belongs into the functions folder",
        "for" | "while" => " statements; a comprehension may do",
        "elif" => "; 'x if condition else y' may do",
        _ => return None,
    };
    Some(format!("the server does not have '{word}'{advice}"))
}
