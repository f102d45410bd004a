//! The verbs of relationships.

use std::fmt;

/// What one entity does to another: the `_class` of a relationship.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Verb {
    /// Grants access or lets traffic through.
    Allows,
    /// Is given to, for its own use.
    Assigned,
    /// Is linked to without owning it.
    Connects,
    /// Holds as a part.
    Contains,
    /// Says what another is made of.
    Defines,
    /// Refuses access or traffic.
    Denies,
    /// Judges against a rule.
    Evaluates,
    /// Owns.
    Has,
    /// Has found.
    Identified,
    /// Is the same thing in another form.
    Is,
    /// Writes its log to.
    Logs,
    /// Watches.
    Monitors,
    /// Shields.
    Protects,
    /// Narrows what is permitted.
    Restricts,
    /// Carries out.
    Runs,
    /// Examines for weaknesses.
    Scans,
    /// Starts.
    Triggers,
    /// Lets act in its name.
    Trusts,
    /// Depends on.
    Uses,
}

impl Verb {
    /// Every verb, in alphabetical order.
    pub const ALL: &'static [Self] = &[
        Self::Allows,
        Self::Assigned,
        Self::Connects,
        Self::Contains,
        Self::Defines,
        Self::Denies,
        Self::Evaluates,
        Self::Has,
        Self::Identified,
        Self::Is,
        Self::Logs,
        Self::Monitors,
        Self::Protects,
        Self::Restricts,
        Self::Runs,
        Self::Scans,
        Self::Triggers,
        Self::Trusts,
        Self::Uses,
    ];

    /// The verb as stored, in upper case.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Allows => "ALLOWS",
            Self::Assigned => "ASSIGNED",
            Self::Connects => "CONNECTS",
            Self::Contains => "CONTAINS",
            Self::Defines => "DEFINES",
            Self::Denies => "DENIES",
            Self::Evaluates => "EVALUATES",
            Self::Has => "HAS",
            Self::Identified => "IDENTIFIED",
            Self::Is => "IS",
            Self::Logs => "LOGS",
            Self::Monitors => "MONITORS",
            Self::Protects => "PROTECTS",
            Self::Restricts => "RESTRICTS",
            Self::Runs => "RUNS",
            Self::Scans => "SCANS",
            Self::Triggers => "TRIGGERS",
            Self::Trusts => "TRUSTS",
            Self::Uses => "USES",
        }
    }

    /// The verb whose stored form is `text`.
    pub fn by_name(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|it| it.as_str() == text)
    }
}

impl fmt::Display for Verb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
