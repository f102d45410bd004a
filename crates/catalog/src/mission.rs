//! The mission: the tables the project set out to fill, word for word, and what each line asks for.

use std::sync::LazyLock;

use serde::Deserialize;

static TEXT: &str = include_str!("../mission.txt");

static CORRECTIONS: LazyLock<Corrections> = LazyLock::new(|| {
    toml::from_str(include_str!("../mission_corrections.toml")).expect("the file is read by a test")
});

/// The verbs of the mission's lines; not all are spoken by a collector yet.
const VERBS: [&str; 16] = [
    "ALLOWS",
    "ASSIGNED",
    "CONNECTS",
    "CONTAINS",
    "DEFINES",
    "EVALUATES",
    "HAS",
    "IDENTIFIED",
    "IS",
    "LOGS",
    "PROTECTS",
    "RESTRICTS",
    "RUNS",
    "TRIGGERS",
    "TRUSTS",
    "USES",
];

/// A table of the mission.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Entities,
    Basic,
    Mapped,
    Advanced,
}

/// One line of the mission.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) part: Part,
    pub(crate) text: &'static str,
    /// What it asks for; empty when it cannot be read, which a test refuses.
    pub(crate) asks: Vec<Asked>,
    pub(crate) correction: Option<&'static Correction>,
}

/// One thing that is asked for. A name that ends with `*` stands for every type that begins so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Asked {
    Entity { name: String, class: Vec<String> },
    Relationship { from: String, verb: String, to: String },
}

/// What a line means that does not mean what it says.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Correction {
    pub(crate) line: String,
    pub(crate) reads: Vec<String>,
    pub(crate) reason: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Corrections {
    correction: Vec<Correction>,
    note: Vec<Note>,
}

/// Something about the tables as a whole.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Note {
    pub(crate) about: String,
    pub(crate) reading: String,
}

pub(crate) fn corrections() -> &'static [Correction] {
    &CORRECTIONS.correction
}

pub(crate) fn notes() -> &'static [Note] {
    &CORRECTIONS.note
}

/// Every line that asks for something, in the mission's order.
pub(crate) fn lines() -> Vec<Line> {
    let mut part = Part::Entities;
    let mut lines = Vec::new();
    for text in TEXT.lines() {
        match text.split(" - ").next().unwrap_or(text) {
            "AWS Service AWS Entity Resource _type : _class of the Entity" | "" => continue,
            "Basic relationships within the integration instance account/resources" => part = Part::Basic,
            "Mapped Relationships" => part = Part::Mapped,
            "Advanced mappings" => part = Part::Advanced,
            _ => {}
        }
        let correction = corrections().iter().find(|it| it.line == text);
        let looks_like_one = match part {
            Part::Entities => text.contains(':') && !text.ends_with(':'),
            Part::Basic | Part::Mapped | Part::Advanced => verb_at(text).is_some(),
        };
        if looks_like_one || correction.is_some() {
            let asks = match correction {
                Some(correction) => correction.reads.iter().flat_map(|it| read(part, it)).collect(),
                None => read(part, text),
            };
            lines.push(Line { part, text, asks, correction });
        }
    }
    lines
}

fn read(part: Part, text: &str) -> Vec<Asked> {
    match part {
        Part::Entities => read_entity(text).into_iter().collect(),
        Part::Basic | Part::Mapped | Part::Advanced => read_relationship(text),
    }
}

/// `EC2 AMI Image aws_ami : Image`.
fn read_entity(text: &str) -> Option<Asked> {
    let (named, class) = text.split_once(':')?;
    let name = named.split_whitespace().next_back().filter(|it| is_type(it))?;
    let class = class.split(',').map(str::trim).filter(|it| !it.is_empty());
    Some(Asked::Entity { name: name.to_owned(), class: class.map(str::to_owned).collect() })
}

/// `aws_alb or aws_nlb CONNECTS aws_lb_listener`: both, when both exist.
fn read_relationship(text: &str) -> Vec<Asked> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let Some(at) = verb_at(text) else { return Vec::new() };
    let (Some(from), Some(to)) = (names(&words[..at]), names(&words[at + 1..])) else { return Vec::new() };
    let mut asked = Vec::new();
    for from in from {
        for verb in words[at].split('|') {
            for to in &to {
                let (from, verb, to) = (from.to_owned(), verb.to_owned(), (*to).to_owned());
                asked.push(Asked::Relationship { from, verb, to });
            }
        }
    }
    asked
}

fn verb_at(text: &str) -> Option<usize> {
    text.split_whitespace().position(|word| word.split('|').all(|it| VERBS.contains(&it)))
}

/// The names of `a or b`, if that is all there is.
fn names<'a>(words: &[&'a str]) -> Option<Vec<&'a str>> {
    let alternate =
        words.iter().enumerate().all(|(at, it)| if at % 2 == 0 { is_type(it) } else { *it == "or" });
    (words.len() % 2 == 1 && alternate).then(|| words.iter().step_by(2).copied().collect())
}

/// `resource` is a word, not a type: what it stands for has to be said in a correction.
fn is_type(word: &str) -> bool {
    let name = word.strip_suffix('*').unwrap_or(word);
    word != "resource" && name.bytes().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'_')
}

#[cfg(test)]
mod tests {
    use orgraph_model::vocabulary;

    use super::*;

    #[test]
    fn every_line_of_the_mission_is_read() {
        let lines = lines();
        let count = |part| lines.iter().filter(|it| it.part == part).count();

        assert_eq!(count(Part::Entities), 94);
        // 154 lines with a verb, and the sentence about security group rules.
        assert_eq!(count(Part::Basic) + count(Part::Mapped) + count(Part::Advanced), 155);
        for line in &lines {
            assert!(!line.asks.is_empty(), "cannot be read: {}", line.text);
        }
    }

    #[test]
    fn every_correction_is_of_a_line_and_can_be_read() {
        let lines = lines();
        for correction in corrections() {
            let line = lines.iter().find(|it| it.text == correction.line);
            let line = line.unwrap_or_else(|| panic!("no line {:?}", correction.line));
            for reads in &correction.reads {
                assert!(!read(line.part, reads).is_empty(), "cannot be read: {reads}");
            }
        }
    }

    #[test]
    fn every_name_is_in_the_vocabulary_with_its_class() {
        for line in lines() {
            for asked in &line.asks {
                match asked {
                    Asked::Entity { name, class } => {
                        let known = vocabulary::by_name(name).unwrap_or_else(|| panic!("{name}"));
                        let (mut class, mut known) = (class.clone(), known.class.to_vec());
                        class.sort_unstable();
                        known.sort_unstable();
                        assert_eq!(class, known, "{}", line.text);
                    }
                    Asked::Relationship { from, to, .. } => {
                        for name in [from, to].into_iter().filter(|it| !it.ends_with('*')) {
                            assert!(vocabulary::by_name(name).is_some(), "{name} in {}", line.text);
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn or_means_both() {
        let check =
            |text: &str, expected: usize| assert_eq!(read_relationship(text).len(), expected, "{text}");

        check("aws_a HAS aws_b", 1);
        check("aws_a or aws_b HAS aws_c or aws_d", 4);
        check("aws_a ASSIGNED|USES aws_b", 2);
        check("aws_a HAS *", 1);
        check("aws_a PROTECTS resource", 0);
        check("aws_a IS Person See Note 1", 0);
    }
}
