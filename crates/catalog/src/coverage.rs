//! The mission against what is declared.

use std::sync::LazyLock;

use orgraph_collect::Rel;
use serde::Deserialize;

use crate::contract::{self, Cells};
use crate::mission::{Asked, Line, Part, corrections, lines};
use crate::{Writer, writers};

static DEVIATIONS: LazyLock<Deviations> = LazyLock::new(|| {
    toml::from_str(include_str!("../contract_deviations.toml")).expect("the file is read by a test")
});

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Deviations {
    deviation: Vec<Deviation>,
}

/// A difference from the contract that is known.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Deviation {
    pub(crate) row: String,
    pub(crate) reason: String,
}

/// Every known difference from the contract.
pub(crate) fn deviations() -> &'static [Deviation] {
    &DEVIATIONS.deviation
}

/// One line of the mission with what became of it.
#[derive(Debug)]
pub(crate) struct Covered {
    pub(crate) line: Line,
    pub(crate) states: Vec<(Asked, State)>,
}

/// What became of one thing that is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum State {
    /// Written, by these.
    Collected(Vec<String>),
    /// Not collected, for a reason that is a plan and not a mistake.
    NotYet(&'static str),
    /// Not collected although everything it needs is. A test refuses this.
    Missing,
}

impl Covered {
    pub(crate) fn is_whole(&self) -> bool {
        self.states.iter().all(|it| matches!(it.1, State::Collected(_)))
    }

    pub(crate) fn has_begun(&self) -> bool {
        self.states.iter().any(|it| matches!(it.1, State::Collected(_)))
    }
}

/// How much of what the project set out to hold is declared: pairs of what is and what there should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Lines of the mission's table of entities.
    pub entity_lines: (usize, usize),
    /// Lines of the mission's tables of relationships.
    pub relationship_lines: (usize, usize),
    /// Types of the data model.
    pub types: (usize, usize),
    /// Relationships of the data model.
    pub relationships: (usize, usize),
    /// Lines of the mission that are read otherwise than they stand, with a reason each.
    pub corrections: usize,
}

/// How much is declared.
pub fn progress() -> Progress {
    let covered = covered();
    let lines = |is_wanted: fn(Part) -> bool| {
        let wanted = || covered.iter().filter(|it| is_wanted(it.line.part));
        (wanted().filter(|it| it.is_whole()).count(), wanted().count())
    };
    let (types, relationships) = (contract::entities(), contract::relationships());
    let is_collected = |it: &&Cells| !who(|writer| collects(writer, &it["type"])).is_empty();
    let is_declared = |it: &&Cells| {
        let asked = (it["from_type"].as_str(), it["class"].as_str(), it["to_type"].as_str());
        let is_it = |rel: &Rel| (rel.from.name, rel.verb.as_str(), rel.to.name) == asked;
        writers().any(|it| it.relationships().iter().any(is_it))
    };
    Progress {
        entity_lines: lines(|part| part == Part::Entities),
        relationship_lines: lines(|part| part != Part::Entities),
        types: (types.iter().filter(is_collected).count(), types.len()),
        relationships: (relationships.iter().filter(is_declared).count(), relationships.len()),
        corrections: corrections().len(),
    }
}

/// Every line of the mission.
pub(crate) fn covered() -> Vec<Covered> {
    let lines = lines().into_iter();
    lines
        .map(|line| {
            let states = line.asks.iter().map(|it| (it.clone(), state(it))).collect();
            Covered { line, states }
        })
        .collect()
}

fn state(asked: &Asked) -> State {
    match asked {
        Asked::Entity { name, .. } => match who(|it| collects(it, name)) {
            none if none.is_empty() => not_collected(name),
            names => State::Collected(names),
        },
        Asked::Relationship { from, verb, to } => {
            let relates = |it: Writer| {
                it.relationships().iter().any(|rel| {
                    matches(from, rel.from.name) && rel.verb.as_str() == verb && matches(to, rel.to.name)
                })
            };
            let names = who(relates);
            if !names.is_empty() {
                return State::Collected(names);
            }
            let absent = [from, to].into_iter().find(|name| who(|it| collects(it, name)).is_empty());
            absent.map_or(State::Missing, |it| not_collected(it))
        }
    }
}

fn not_collected(name: &str) -> State {
    let is_core = contract::entities().iter().any(|it| it["type"] == name);
    if is_core { State::Missing } else { State::NotYet("service not collected yet") }
}

fn who(wanted: impl Fn(Writer) -> bool) -> Vec<String> {
    writers().filter(|it| wanted(*it)).map(Writer::name).collect()
}

fn collects(writer: Writer, name: &str) -> bool {
    writer.entities().iter().any(|it| matches(name, it.entity_type.name))
}

fn matches(pattern: &str, name: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(prefix) => name.starts_with(prefix),
        None => pattern == name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_collected_or_has_a_reason() {
        let missing: Vec<String> = covered()
            .iter()
            .flat_map(|covered| covered.states.iter().map(move |(asked, state)| (covered, asked, state)))
            .filter(|(_, _, state)| **state == State::Missing)
            .map(|(covered, asked, _)| format!("{}: {asked:?}", covered.line.text))
            .collect();
        assert!(missing.is_empty(), "{} missing:\n{}", missing.len(), missing.join("\n"));
    }

    #[test]
    fn a_line_is_whole_only_when_all_it_asks_for_is_collected() {
        let mut covered = covered();
        let line =
            covered.iter_mut().find(|it| it.line.text == "aws_lambda HAS aws_lambda_function").unwrap();
        assert!(line.is_whole());

        let other = line.states[0].0.clone();
        line.states.push((other, State::Missing));
        assert!(!line.is_whole());
        assert!(line.has_begun());

        line.states.remove(0);
        assert!(!line.has_begun());
    }
}
