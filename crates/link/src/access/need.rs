//! What would have to be known for an answer.

use std::fmt;

/// Something that is not known and that an answer hangs on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Need {
    /// The value of a key of the request, or that it has none.
    Context(String),
    /// A fact that is not read, in words.
    Fact(String),
    /// Which of several things is meant, in words.
    Choice(String),
    /// A statement that cannot be decided by what AWS publishes, in words.
    Statement(String),
}

impl Need {
    /// What kind of thing it is: `context`, `fact`, `choice` or `statement`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Context(_) => "context",
            Self::Fact(_) => "fact",
            Self::Choice(_) => "choice",
            Self::Statement(_) => "statement",
        }
    }

    /// What it says.
    pub fn text(&self) -> &str {
        match self {
            Self::Context(text) | Self::Fact(text) | Self::Choice(text) | Self::Statement(text) => text,
        }
    }
}

impl fmt::Display for Need {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Context(key) => write!(f, "the value of {key}, or that the request has none"),
            Self::Fact(text) | Self::Choice(text) | Self::Statement(text) => f.write_str(text),
        }
    }
}
