//! From the text of a file to a [`Config`], or to everything that is wrong with it.

use std::fs;
use std::path::Path;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::config::Config;
use crate::mask;
use crate::problem::{Problem, Problems};
use crate::reference::{self, is_secret};
use crate::review::{Finding, Review, publish};
use crate::suggest::closest;
use crate::tree::{self, Fault, Node, Place, Step};

/// What the configuration is read for, which says whose secrets must be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// To read AWS and to serve: every secret that is named.
    Collect,
    /// To ask the graph: only that of the database. External IDs and the token of the API are left where they are, and
    /// `None`.
    Ask,
}

/// Reads a file. Secrets come from the files it names and from the environment of this process.
///
/// `known_services` are the names `services`, `polling.services` and `limits.operations` may use.
pub fn load(path: &Path, known_services: &[&str], purpose: Purpose) -> Result<Config, Problems> {
    let name = path.display().to_string();
    let text = fs::read_to_string(path).map_err(|error| Problems {
        problems: vec![Problem {
            message: format!("cannot read {name}: {error}"),
            help: Some(
                "name the file with --config; config/orgraph.minimal.toml is one to start from".to_owned(),
            ),
            text: None,
            span: None,
        }],
        name: name.clone(),
    })?;
    read(&name, &text, known_services, &|variable| std::env::var(variable).ok(), purpose)
}

/// Reads text, with all secrets. `name` is the path shown with problems; relative paths in the text begin in its folder.
pub fn parse(
    name: &str,
    text: &str,
    known_services: &[&str],
    env: &dyn Fn(&str) -> Option<String>,
) -> Result<Config, Problems> {
    read(name, text, known_services, env, Purpose::Collect)
}

fn read(
    name: &str,
    text: &str,
    known_services: &[&str],
    env: &dyn Fn(&str) -> Option<String>,
    purpose: Purpose,
) -> Result<Config, Problems> {
    let (table, errors) = DeTable::parse_recoverable(text);
    if !errors.is_empty() {
        let findings = errors.iter().map(syntax).collect();
        let masks = mask::unparsed(text, &reference::is_plain);
        return Err(Problems { name: name.to_owned(), problems: publish(findings, name, text, &masks) });
    }

    let written: Node<'_> = Spanned::new(table.span(), DeValue::Table(table.into_inner()));
    let mut tree = written.clone();
    let (mut config, faults) = tree::read::<Config>(&mut tree, &reference::SCHEMA);
    let mut review = Review {
        known_services,
        env,
        purpose,
        folder: Path::new(name).parent().unwrap_or(Path::new("")),
        problems: Vec::new(),
        warnings: Vec::new(),
        masks: mask::secrets(&written, &is_secret),
    };
    for fault in &faults {
        report(fault, &written, &mut review);
    }
    config.check(&Place::root(&tree), &Place::root(&written), &mut review);

    let Review { problems, warnings, masks, .. } = review;
    if !problems.is_empty() {
        return Err(Problems { name: name.to_owned(), problems: publish(problems, name, text, &masks) });
    }
    config.warnings = publish(warnings, name, text, &masks);
    Ok(config)
}

fn syntax(error: &toml::de::Error) -> Finding {
    Finding {
        span: error.span().unwrap_or(0..0),
        message: format!("this is not TOML: {}", error.message()),
        help: "other mistakes are looked for once the file can be read".to_owned(),
    }
}

/// Says in our words what serde said about a value.
fn report(fault: &Fault, written: &Node<'_>, review: &mut Review<'_>) {
    let mut place = Place::root(written);
    for step in &fault.path {
        place = place.step(step);
    }
    let keys: Vec<&str> = fault
        .path
        .iter()
        .filter_map(|step| match step {
            Step::Key(key) => Some(key.as_str()),
            Step::Item(_) => None,
        })
        .collect();
    let option = keys.last().copied().unwrap_or_default();

    if fault.message.starts_with("unknown field") {
        // The value may be a secret under a misspelled name.
        review.hide(place.node());
        let (message, help) = unknown(&keys, &candidates(&fault.message));
        review.problem(&place.name(), message, help);
    } else if is_secret(option) {
        review.problem(
            &place,
            format!("`{option}` is not text"),
            format!("write {option} = \"...\", in quotes"),
        );
    } else {
        let (message, help) = match fault.message.split_once('\n') {
            Some((message, help)) => (message.to_owned(), help.to_owned()),
            None => wrong_value(&keys, &fault.message),
        };
        review.problems.push(Finding { span: fault.span.clone(), message, help });
    }
}

fn unknown(keys: &[&str], candidates: &[&str]) -> (String, String) {
    let (option, parents) = keys.split_last().map_or(("", keys), |(option, parents)| (*option, parents));
    let message = match parents {
        [] => format!("there is no section [{option}]"),
        [section] => {
            format!("there is no option `{option}` in {}", reference::header(section).unwrap_or_default())
        }
        [..] => format!("there is no option `{option}` in [{}]", parents.join(".")),
    };
    let help = if let Some(name) = closest(option, candidates.iter().copied()) {
        format!("did you mean `{name}`?")
    } else if let Some(section) = reference::section_with(option) {
        format!("`{option}` belongs in {section}")
    } else if parents.is_empty() {
        format!("the sections are {}", candidates.join(", "))
    } else {
        format!("the options here are {}", candidates.join(", "))
    };
    (message, help)
}

fn wrong_value(keys: &[&str], message: &str) -> (String, String) {
    let option = keys.last().copied().unwrap_or_default();
    let candidates = candidates(message);
    if let Some(wrong) = quoted(message).first().filter(|_| message.starts_with("unknown variant")) {
        let help = match closest(wrong, candidates.iter().copied()) {
            Some(name) => format!("did you mean \"{name}\"?"),
            None => format!("write one of {}", candidates.join(", ")),
        };
        return (format!("`{wrong}` is nothing `{option}` can be"), help);
    }

    let help = reference::instance(keys).map(|line| format!("write for instance {line}")).unwrap_or_default();
    let found = message.split_once(", expected").and_then(|(found, _)| found.split_once(": "));
    let message = match (found, reference::expected(keys)) {
        (Some(("invalid type", found)), Some(kind)) => {
            format!("`{option}` takes {kind}, not {}", found_in_words(found))
        }
        (Some(("invalid value", found)), Some(_)) => {
            format!("`{option}` cannot be {}", found_in_words(found))
        }
        (Some(("invalid type", found)), None) => {
            format!("`{option}` is a section, not {}", found_in_words(found))
        }
        _ => message.to_owned(),
    };
    (message, help)
}

/// What serde found, in the words of TOML.
fn found_in_words(found: &str) -> String {
    let words = [
        ("string ", "the text "),
        ("integer ", "the number "),
        ("floating point ", "the number "),
        ("boolean ", ""),
        ("sequence", "a list"),
        ("map", "a table"),
    ];
    let word = words.iter().find_map(|(serde, toml)| Some((toml, found.strip_prefix(serde)?)));
    word.map_or_else(|| found.to_owned(), |(toml, rest)| format!("{toml}{rest}"))
}

/// The names serde would have accepted: "unknown field `x`, expected one of `a`, `b`".
fn candidates(message: &str) -> Vec<&str> {
    message.split_once(", expected").map(|(_, names)| quoted(names)).unwrap_or_default()
}

fn quoted(message: &str) -> Vec<&str> {
    message.split('`').skip(1).step_by(2).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relative_data_directory_begins_in_the_folder_of_the_file() {
        let text = "[database]\ndata_dir = \"graph\"\n[organization]\nexternal_id = \"0123456789\"\n";

        let config = parse("/etc/orgraph/orgraph.toml", text, &[], &|_| None).unwrap();

        assert_eq!(config.database.data_dir.as_deref(), Some(Path::new("/etc/orgraph/graph")));
    }
}
