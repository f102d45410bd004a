//! Questions with the answers they have on the fixed graph, in `tests/j1ql/*.cases`.
//!
//! A case is a question, which may go over several lines, and a line that says what comes of it:
//!
//! * `=> a b c`: these entities, in this order if the question has `ORDER BY`
//! * `=> rows [["x", 1], …]`: these rows; a value that is not there is `"-"`
//! * `=> tree a b | c d`: these entities and relationships
//! * `=> error 1:7 message`: a refusal with its line, column and message, and behind ` ~ ` what could be meant instead
//!
//! Lines that begin with `#` are remarks. The rows of cases whose words mean what they say are held against the reference
//! too; `=> synonym …` exempts one.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use orgraph_query::j1ql::{Compiled, Shape, Words, compile, parse};
use serde_json::{Value, json};

use super::database::{self, Rows, options};
use super::graph::Graph;
use crate::reference::Reference;

struct Case {
    place: String,
    question: String,
    expected: String,
}

pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/j1ql")
}

fn cases() -> Vec<Case> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder()).unwrap().map(|it| it.unwrap().path()).collect();
    files.retain(|it| it.extension().is_some_and(|it| it == "cases"));
    files.sort();
    let mut cases = Vec::new();
    for file in files {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        let mut question: Vec<&str> = Vec::new();
        let text = std::fs::read_to_string(&file).unwrap();
        for (at, line) in text.lines().enumerate() {
            if let Some(expected) = line.strip_prefix("=>") {
                let place = format!("{name}:{}", at + 1);
                let expected = expected.trim().to_owned();
                cases.push(Case { place, question: question.join("\n"), expected });
                question.clear();
            } else if !line.is_empty() && !line.starts_with('#') {
                question.push(line);
            }
        }
        assert!(question.is_empty(), "{name} ends without an answer");
    }
    cases
}

/// What came of a question, as it would stand in a case.
pub(crate) fn shown(compiled: &Compiled, mut rows: Rows, is_ordered: bool) -> String {
    match compiled.shape {
        Shape::Entities => {
            let mut keys = database::keys(compiled, &rows);
            if !is_ordered {
                keys.sort();
            }
            keys.join(" ")
        }
        Shape::Tree => {
            let mut parts: BTreeMap<String, Vec<String>> = BTreeMap::new();
            for row in &rows {
                let kind = row[0].as_ref().unwrap().as_str().unwrap().to_owned();
                let key = row[1].as_ref().unwrap()["_key"].as_str().unwrap().to_owned();
                parts.entry(kind).or_default().push(key);
            }
            for keys in parts.values_mut() {
                keys.sort();
            }
            let of = |kind: &str| parts.get(kind).map(|it| it.join(" ")).unwrap_or_default();
            format!("tree {} | {}", of("entity"), of("relationship")).trim_end().to_owned()
        }
        Shape::Rows => {
            for row in &mut rows {
                for value in row.iter_mut() {
                    *value = Some(value.take().map_or(json!("-"), plain));
                }
            }
            if !is_ordered {
                rows.sort_by_key(|it| json!(it).to_string());
            }
            format!("rows {}", json!(rows))
        }
    }
}

/// Whole entities and relationships by their key, numbers without a needless fraction.
fn plain(value: Value) -> Value {
    match &value {
        Value::Object(it) if it.contains_key("_key") => json!(format!("({})", it["_key"].as_str().unwrap())),
        Value::Number(it) => {
            let float = it.as_f64().unwrap();
            let rounded = format!("{float:.6}");
            json!(rounded.trim_end_matches('0').trim_end_matches('.').parse::<f64>().unwrap())
        }
        Value::Array(items) => items.iter().cloned().map(plain).collect(),
        _ => value,
    }
}

fn is_ordered(question: &str) -> bool {
    question.to_lowercase().contains("order")
}

fn refusal(error: &orgraph_query::j1ql::Diagnostic) -> String {
    let mut shown = format!("error {}:{} {}", error.line, error.column, error.message);
    if !error.did_you_mean.is_empty() {
        shown = format!("{shown} ~ {}", error.did_you_mean.join(", "));
    }
    shown
}

#[tokio::test]
async fn questions_have_the_answers_that_are_written_beside_them() {
    let (_db, mut connection) = database::with_fixed_graph().await;
    let graph = Graph::fixed();
    let cases = cases();
    let mut wrong = Vec::new();
    for case in &cases {
        let (actual, reference) = match compile(&case.question, &Words::default(), &options()) {
            Err(error) => (refusal(&error), None),
            Ok(compiled) => {
                let rows = database::run(&mut connection, &compiled)
                    .await
                    .unwrap_or_else(|error| panic!("{}\n{}\n{error}", case.place, compiled.sql));
                let query = parse(&case.question).unwrap();
                let reference = Reference::new(&graph, database::now()).answer(&query);
                let is_ordered = is_ordered(&case.question);
                (shown(&compiled, rows, is_ordered), Some(shown(&compiled, reference, is_ordered)))
            }
        };
        let (expected, is_synonym) = match case.expected.strip_prefix("synonym") {
            Some(expected) => (expected.trim_start(), true),
            None => (case.expected.as_str(), false),
        };
        if actual != expected {
            wrong.push(format!("{}\n{}\n  wanted {expected}\n  got    {actual}", case.place, case.question));
        }
        if let Some(reference) = reference
            && reference != actual
            && !is_synonym
        {
            wrong.push(format!(
                "{}\n{}\n  reference {reference}\n  got       {actual}",
                case.place, case.question
            ));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), cases.len(), wrong.join("\n\n"));
    assert!(cases.len() >= 250, "only {} cases", cases.len());
}
