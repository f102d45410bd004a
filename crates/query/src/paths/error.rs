//! What can go wrong on the way to a path.

use crate::AskError;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PathError {
    /// The database could not be asked.
    #[error(transparent)]
    Ask(#[from] AskError),
    /// What the server sent is not the binary format of `COPY`.
    #[error("failed to read the graph: {0}")]
    Copy(&'static str),
    /// The graph does not fit into the memory that it may take.
    #[error(
        "the graph takes more memory than it may: {limit_mib} MiB are allowed, {needed_mib} MiB are needed for what was \
         read so far; allow more, or ask in SQL"
    )]
    TooLarge {
        /// What it may take, in MiB.
        limit_mib: u64,
        /// What was needed when it was given up, in MiB.
        needed_mib: u64,
    },
    /// No entity is called so.
    #[error("there is no entity {text:?}{}", did_you_mean(near))]
    NotFound {
        /// What was asked for.
        text: String,
        /// Keys of entities that are called almost so, in order, a few at most.
        near: Vec<String>,
    },
    /// Several entities are called so.
    #[error("{text:?} is the name of {count} entities; say which by its key: {}", listed(keys, *count))]
    Ambiguous {
        /// What was asked for.
        text: String,
        /// How many there are.
        count: usize,
        /// The keys of the first of them, in order.
        keys: Vec<String>,
    },
    /// A filter names a type, class or verb that does not exist.
    #[error("there is no {kind} {text:?}{}", did_you_mean(near))]
    UnknownWord {
        /// `type`, `class` or `verb`.
        kind: &'static str,
        /// What was asked for.
        text: String,
        /// Words that are spelled almost so.
        near: Vec<String>,
    },
}

impl PathError {
    /// Whether another question may be answered, but not this one.
    pub fn is_about_the_question(&self) -> bool {
        match self {
            Self::Ask(error) => error.is_about_the_question(),
            Self::NotFound { .. } | Self::Ambiguous { .. } | Self::UnknownWord { .. } => true,
            Self::Copy(_) | Self::TooLarge { .. } => false,
        }
    }
}

fn did_you_mean(near: &[String]) -> String {
    if near.is_empty() { String::new() } else { format!("; did you mean {}?", near.join(" or ")) }
}

fn listed(keys: &[String], count: usize) -> String {
    let more = count.saturating_sub(keys.len());
    let more = if more == 0 { String::new() } else { format!(" … and {more} more") };
    format!("{}{more}", keys.join(", "))
}
