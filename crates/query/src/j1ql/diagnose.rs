//! What is wrong with a question, where, and what would be right: for people, in plain text.

use std::fmt;

use super::ast::Span;

/// One remark about a question: an error when it comes as `Err`, a warning when it comes with a compiled question.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Diagnostic {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// The place in bytes.
    pub span: Span,
    /// What is wrong, in lower case, without full stop.
    pub message: String,
    /// What could stand there instead.
    pub expected: Vec<String>,
    /// Known words that are nearly the one written, best first.
    pub did_you_mean: Vec<String>,
    excerpt: Box<Excerpt>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Excerpt {
    /// The line of text that it is about.
    line: String,
    /// How many characters are marked; at least 1.
    width: usize,
}

impl Diagnostic {
    /// A remark about `span` of `text`.
    pub(crate) fn at(text: &str, span: Span, message: impl Into<String>) -> Self {
        let start = floor(text, span.start);
        let end = floor(text, span.end.max(start));
        let line_start = text[..start].rfind('\n').map_or(0, |at| at + 1);
        let line_end = text[start..].find('\n').map_or(text.len(), |at| start + at);
        Self {
            line: text[..start].matches('\n').count() + 1,
            column: text[line_start..start].chars().count() + 1,
            span: Span { start, end },
            message: message.into(),
            expected: Vec::new(),
            did_you_mean: Vec::new(),
            excerpt: Box::new(Excerpt {
                line: text[line_start..line_end].trim_end_matches('\r').to_owned(),
                width: text[start..end.min(line_end).max(start)].chars().count().max(1),
            }),
        }
    }

    pub(crate) fn expecting(mut self, expected: &[&str]) -> Self {
        self.expected = expected.iter().map(|it| (*it).to_owned()).collect();
        self
    }

    pub(crate) fn suggesting(mut self, words: Vec<String>) -> Self {
        self.did_you_mean = words;
        self
    }
}

/// The nearest place at or before `at` where a character begins.
fn floor(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = self.line.to_string();
        let margin = " ".repeat(number.len());
        writeln!(f, "{}", self.message)?;
        writeln!(f, "{margin}--> line {}, column {}", self.line, self.column)?;
        writeln!(f, "{margin} |")?;
        // A tab would be as wide as the terminal likes, and a control character could be anything.
        let shown: String =
            self.excerpt.line.chars().map(|it| if it.is_control() { ' ' } else { it }).collect();
        writeln!(f, "{number} | {}", shown.trim_end())?;
        write!(f, "{margin} | {}{}", " ".repeat(self.column - 1), "^".repeat(self.excerpt.width))?;
        if !self.expected.is_empty() {
            write!(f, "\n{margin} = expected {}", alternatives(&self.expected))?;
        }
        if !self.did_you_mean.is_empty() {
            write!(f, "\n{margin} = did you mean {}?", alternatives(&self.did_you_mean))?;
        }
        Ok(())
    }
}

fn alternatives(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}
