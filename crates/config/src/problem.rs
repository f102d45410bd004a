//! What is wrong with a file, ready to be shown: message, line, caret, what to write instead.

use std::sync::Arc;

use miette::{Diagnostic, NamedSource, SourceSpan};

/// One mistake, at the place where it was made.
#[derive(Clone, Debug, thiserror::Error, Diagnostic)]
#[error("{message}")]
pub struct Problem {
    /// What is wrong; never contains a secret.
    pub message: String,
    /// What to write instead.
    #[help]
    pub help: Option<String>,
    /// The text of the file with its secrets masked; nothing when the file could not be read.
    #[source_code]
    pub(crate) text: Option<Arc<NamedSource<String>>>,
    /// Where in the text.
    #[label]
    pub(crate) span: Option<SourceSpan>,
}

impl Problem {
    /// The line the problem is on, counted from 1; nothing when it belongs to no line.
    pub fn line(&self) -> Option<usize> {
        let (text, span) = (self.text.as_ref()?, self.span?);
        let before = text.inner().get(..span.offset())?;
        Some(before.matches('\n').count() + 1)
    }
}

/// Everything that is wrong with a file, in the order of its lines.
#[derive(Debug, thiserror::Error, Diagnostic)]
#[error("{name} has {}", count(.problems.len()))]
#[diagnostic(code(orgraph::config), help("nothing was started; docs/CONFIG.md explains every option"))]
pub struct Problems {
    pub(crate) name: String,
    #[related]
    pub(crate) problems: Vec<Problem>,
}

impl Problems {
    /// How many there are; never zero.
    pub fn count(&self) -> usize {
        self.problems.len()
    }

    /// The problems one by one, in the order of the file's lines.
    pub fn iter(&self) -> impl Iterator<Item = &Problem> {
        self.problems.iter()
    }
}

fn count(problems: usize) -> String {
    match problems {
        1 => "1 problem".to_owned(),
        more => format!("{more} problems"),
    }
}
