//! `docs/coverage.md`: the mission line by line, with what became of it.

use std::path::PathBuf;

use super::data_model::link;
use super::{GENERATED, head, row};
use crate::coverage::{Covered, State, covered, deviations};
use crate::mission::{Asked, Part, corrections, notes};
use crate::types;

pub(crate) fn files() -> Vec<(PathBuf, String)> {
    vec![("docs/coverage.md".into(), page(&covered()))]
}

fn page(covered: &[Covered]) -> String {
    let mut lines =
        vec![format!("<!-- {GENERATED}. -->"), String::new(), "# Coverage".to_owned(), String::new()];
    lines.push(
        "The tables that the project set out to fill, word for word, and what is collected of them. A line is \
         *whole* when everything it asks for is collected, *begun* when something is. Nothing is left out: what is \
         missing is shown with the reason."
            .to_owned(),
    );
    lines.push(String::new());
    lines.extend(summary(covered));
    for (part, title) in PARTS {
        lines.push(format!("\n## {title}\n"));
        lines.extend(head(["line", "asks for", "state"]));
        let of_part = covered.iter().filter(|it| it.line.part == part);
        lines.extend(of_part.map(|it| row([code(it.line.text), asks(it), state(it)])));
    }
    lines.extend(corrections_table());
    lines.extend(beyond(covered));
    lines.extend(deviations_table());
    lines.join("\n") + "\n"
}

const PARTS: [(Part, &str); 4] = [
    (Part::Entities, "Entities"),
    (Part::Basic, "Basic relationships"),
    (Part::Mapped, "Mapped relationships"),
    (Part::Advanced, "Advanced mappings"),
];

fn summary(covered: &[Covered]) -> Vec<String> {
    let mut lines = head(["table", "lines", "whole", "begun", "not yet"]).to_vec();
    for (part, title) in PARTS {
        let of_part = || covered.iter().filter(|it| it.line.part == part);
        let all = of_part().count();
        let whole = of_part().filter(|it| it.is_whole()).count();
        let begun = of_part().filter(|it| it.has_begun() && !it.is_whole()).count();
        let counts = [all, whole, begun, all - whole - begun].map(|it| it.to_string());
        lines.push(row(std::iter::once(title.to_owned()).chain(counts)));
    }
    lines
}

fn code(text: &str) -> String {
    format!("`{text}`")
}

fn asks(covered: &Covered) -> String {
    if covered.line.correction.is_none() && covered.states.len() == 1 {
        let Asked::Entity { name, .. } = &covered.states[0].0 else { return "as it says".to_owned() };
        return link(name, "data-model/");
    }
    match covered.states.as_slice() {
        [(asked, _)] => asked_text(asked),
        several if several.len() > 6 => format!("{} relationships, see below", several.len()),
        several => several.iter().map(|it| asked_text(&it.0)).collect::<Vec<_>>().join("<br>"),
    }
}

fn asked_text(asked: &Asked) -> String {
    match asked {
        Asked::Entity { name, class } => format!("{} : {}", link(name, "data-model/"), class.join(", ")),
        Asked::Relationship { from, verb, to } => format!("`{from} {verb} {to}`"),
    }
}

fn state(covered: &Covered) -> String {
    let mut by: Vec<&str> = Vec::new();
    let mut reasons: Vec<&str> = Vec::new();
    for (_, state) in &covered.states {
        match state {
            State::Collected(names) => by.extend(names.iter().map(String::as_str)),
            State::NotYet(reason) => reasons.push(reason),
            State::Missing => reasons.push("**missing**"),
        }
    }
    by.sort_unstable();
    by.dedup();
    let open = reasons.len();
    reasons.sort_unstable();
    reasons.dedup();
    let by = by.into_iter().map(code).collect::<Vec<_>>().join(", ");
    let reasons = reasons.join("; ");
    match (covered.is_whole(), covered.has_begun()) {
        (true, _) => format!("whole: {by}"),
        (false, true) => format!("begun: {by}; {open} of {} not: {reasons}", covered.states.len()),
        (false, false) => format!("not yet: {reasons}"),
    }
}

fn corrections_table() -> Vec<String> {
    let mut lines = vec!["\n## Lines that do not mean what they say\n".to_owned()];
    lines.extend(head(["line", "read as", "because"]));
    for it in corrections() {
        let reads = it.reads.iter().map(|it| code(it)).collect::<Vec<_>>().join("<br>");
        lines.push(row([code(&it.line), reads, it.reason.clone()]));
    }
    lines.push("\nAnd how the lines are read in general:\n".to_owned());
    lines.extend(notes().iter().map(|it| format!("- {}: {}", code(&it.about), it.reading)));
    lines
}

/// Types that are collected although no line asks for them.
fn beyond(covered: &[Covered]) -> Vec<String> {
    let asked = |name: &str| {
        covered.iter().flat_map(|it| &it.states).any(|it| match &it.0 {
            Asked::Entity { name: asked, .. } => asked == name,
            Asked::Relationship { from, to, .. } => from == name || to == name,
        })
    };
    let types = types();
    let beyond = types.iter().filter(|it| !asked(it.entity_type.name));
    let items: Vec<String> = beyond
        .map(|it| format!("- {}: {}", link(it.entity_type.name, "data-model/"), it.description))
        .collect();
    if items.is_empty() {
        return Vec::new();
    }
    let mut lines = vec!["\n## Beyond the tables\n".to_owned()];
    lines.push("Collected although no line names them:\n".to_owned());
    lines.extend(items);
    lines
}

fn deviations_table() -> Vec<String> {
    if deviations().is_empty() {
        return Vec::new();
    }
    let mut lines = vec!["\n## Known deviations\n".to_owned()];
    lines.push("Where a collected type differs from `crates/catalog/contract`, and why:\n".to_owned());
    lines.extend(head(["what", "why"]));
    lines.extend(deviations().iter().map(|it| row([code(&it.row), it.reason.clone()])));
    lines
}
