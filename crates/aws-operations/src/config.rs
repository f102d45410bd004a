//! AWS Config: its rules with what they found, and whether it records at all.

mod evaluated;
mod recorders;
mod rules;

pub(crate) use recorders::RECORDERS;
pub(crate) use rules::RULES;
