//! Who may do what in the end: identity policies, boundaries, session policies, policies of resources and those of the
//! organization put together, as AWS publishes it. Three answers: allowed, denied, and unknown where something that
//! matters is not known. Nothing here reads a store; the facts are given.

mod compare;
mod condition;
mod context;
mod decide;
mod directory;
mod document;
mod layer;
mod need;
mod outcome;
mod principal;
mod request;
mod statement;
mod template;
#[cfg(test)]
mod tests;
mod tri;

pub use self::context::{Context, Given};
pub use self::decide::{
    Answer, Decision, Effect, Guardrails, Identity, Layer, Level, NOT_EVALUATED, Question, decide,
};
pub use self::directory::{Candidate, Directory, Doubt, Grant, TYPES};
pub use self::document::Policy;
pub use self::layer::{Deciding, LayerKind};
pub use self::need::Need;
pub use self::request::{Action, Kind, Membership, Pattern, Requester, Resource, Target};
use self::tri::Tri;

/// Something that is known, or what is missing, in words.
#[derive(Debug, Clone, PartialEq)]
pub enum Known<T> {
    /// It is known.
    Known(T),
    /// It is not, and why.
    Unknown(String),
}

impl<T> Known<T> {
    /// What is known.
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Known(known) => Some(known),
            Self::Unknown(_) => None,
        }
    }
}
