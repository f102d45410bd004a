//! Random questions to random graphs: the database answers what the reference answers.

mod question;

use orgraph_query::j1ql::{Kind, Kinds, Shape, Words, compile, parse};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use serde_json::{Value, json};
use sqlx::{Connection, PgConnection};

use super::database::{self, Rows, become_reader, options, run};
use super::graph::{Entity, Graph, Relationship};
use crate::reference::{Reference, normal};

/// How many graphs, and how many questions to each: of any form, and for what can be reached.
const GRAPHS: u32 = 200;
const QUESTIONS: usize = 10;
const REACHING: usize = 10;

/// Numbers to decide by, one after the other; zero when there are no more. Fewer and smaller ones make a simpler case.
pub(super) struct Tape {
    numbers: std::vec::IntoIter<u16>,
}

impl Tape {
    /// A number below `count`.
    pub(super) fn below(&mut self, count: usize) -> usize {
        usize::from(self.numbers.next().unwrap_or(0)) % count
    }

    pub(super) fn one<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }

    /// One time in `count`, and never at the end of the tape.
    pub(super) fn rarely(&mut self, count: usize) -> bool {
        self.below(count) == count - 1
    }
}

pub(super) const TYPES: [&str; 6] =
    ["aws_instance", "aws_ebs_volume", "aws_s3_bucket", "aws_security_group", "internet", "network"];
pub(super) const VERBS: [&str; 4] = ["USES", "PROTECTS", "ALLOWS", "CONNECTS"];
pub(super) const PROPERTIES: [&str; 4] = ["p", "q", "r", "x y"];
pub(super) const TAGS: [&str; 2] = ["Owner", "Production"];

pub(super) fn value(tape: &mut Tape) -> Value {
    match tape.below(9) {
        0 | 1 => json!(tape.below(4)),
        2 | 3 => json!(*tape.one(&["a", "b", "ab", "A", "true", ""])),
        4 => json!(tape.below(2) == 0),
        5 => Value::Null,
        6 => json!([value_in_list(tape), value_in_list(tape)]),
        7 => json!([]),
        _ => json!(1.5),
    }
}

fn value_in_list(tape: &mut Tape) -> Value {
    match tape.below(3) {
        0 => json!(tape.below(4)),
        1 => json!(*tape.one(&["a", "b", "ab"])),
        _ => json!(tape.below(2) == 0),
    }
}

fn graph(tape: &mut Tape) -> Graph {
    let mut entities = Vec::new();
    for at in 0..2 + tape.below(6) {
        let entity_type = *tape.one(&TYPES);
        // There is one Internet.
        let key = if entity_type == "internet" { "global:internet".to_owned() } else { format!("e{at}") };
        if entities.iter().any(|it: &Entity| it.key == key) {
            continue;
        }
        let mut entity = Entity::new(&key, entity_type);
        entity.placeholder = tape.rarely(5);
        for name in PROPERTIES {
            if tape.below(3) > 0 {
                entity.properties.insert(name.to_owned(), value(tape));
            }
        }
        for name in TAGS {
            if tape.below(2) > 0 {
                let tag =
                    tape.one(&[json!("true"), json!(true), json!("a"), json!(false), json!("false")]).clone();
                entity.tags.insert(name.to_owned(), tag);
            }
        }
        entities.push(entity);
    }
    let mut relationships: Vec<Relationship> = Vec::new();
    for _ in 0..tape.below(12) {
        let mut relationship = Relationship {
            // One end in ten is not stored.
            from: if tape.rarely(10) { "gone".to_owned() } else { tape.one(&entities).key.clone() },
            to: if tape.rarely(10) { "gone".to_owned() } else { tape.one(&entities).key.clone() },
            verb: (*tape.one(&VERBS)).to_owned(),
            discriminator: (*tape.one(&["", "x"])).to_owned(),
            properties: serde_json::Map::new(),
        };
        if tape.below(2) > 0 {
            relationship.properties.insert("p".to_owned(), value(tape));
        }
        let same = |it: &Relationship| {
            (&it.from, &it.to, &it.verb, &it.discriminator)
                == (&relationship.from, &relationship.to, &relationship.verb, &relationship.discriminator)
        };
        if !relationships.iter().any(same) {
            relationships.push(relationship);
        }
    }
    Graph { entities, relationships }
}

/// Rows in a form in which equal answers are equal: without order, rounding errors, and identities of the database.
fn comparable(rows: Rows) -> Vec<String> {
    let plain = |value: Value| match value {
        Value::Object(mut object) if object.contains_key("_key") => {
            object.remove("_id");
            normal(Value::Object(object))
        }
        other => normal(other),
    };
    let mut rows: Vec<String> = rows
        .into_iter()
        .map(|row| format!("{:?}", row.into_iter().map(|it| it.map(plain)).collect::<Vec<_>>()))
        .collect();
    rows.sort();
    rows
}

/// How many answers had rows.
#[derive(Default)]
struct Seen {
    rows: usize,
    /// Of those, how many were found by what can be reached.
    reached: usize,
    /// And how many without looking up everything in between.
    spared: usize,
}

async fn check(connection: &mut PgConnection, numbers: Vec<u16>) -> Result<Seen, TestCaseError> {
    let mut tape = Tape { numbers: numbers.into_iter() };
    let graph = graph(&mut tape);
    let reference = Reference::new(&graph, database::now());
    let mut transaction = connection.begin().await.unwrap();
    graph.insert(&mut transaction).await;
    become_reader(&mut transaction).await;
    let mut seen = Seen::default();
    for number in 0..REACHING + QUESTIONS {
        let tree = if number < REACHING {
            question::reaching(&mut tape, &graph)
        } else {
            question::question(&mut tape)
        };
        let text = tree.to_string();
        let parsed = parse(&text).map_err(|error| TestCaseError::fail(format!("{text}\n{error}")))?;
        prop_assert_eq!(&parsed, &tree, "{}", text);
        let compiled = compile(&text, &Words::default(), &options())
            .map_err(|error| TestCaseError::fail(format!("{text}\n{error}")))?;
        let actual = run(&mut transaction, &compiled)
            .await
            .map_err(|error| TestCaseError::fail(format!("{text}\n{}\n{error}", compiled.sql)))?;
        let expected = reference.answer(&tree);
        if !expected.is_empty() {
            seen.rows += 1;
            let kinds = orgraph_query::kinds(&mut transaction).await.unwrap();
            let doubted = Kinds::new(kinds.iter().cloned().map(|it| Kind {
                from_is_stored: false,
                to_is_stored: false,
                ..it
            }));
            let fitted = compiled.for_kinds(kinds).unwrap();
            seen.reached += usize::from(fitted.sql.contains("_id IN (SELECT DISTINCT s"));
            seen.spared += usize::from(fitted.sql != compiled.for_kinds(doubted).unwrap().sql);
        }
        prop_assert!(compiled.shape != Shape::Tree || tree.to_string().ends_with("TREE"));
        prop_assert_eq!(comparable(actual), comparable(expected), "{}\n{}\n{:#?}", text, compiled.sql, graph);
    }
    transaction.rollback().await.unwrap();
    Ok(seen)
}

#[test]
fn random_questions_to_random_graphs_have_the_answers_of_the_reference() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let db = runtime.block_on(database::empty());
    let mut connection = runtime.block_on(PgConnection::connect(db.url())).unwrap();
    let config =
        Config { cases: GRAPHS, failure_persistence: None, max_shrink_iters: 400, ..Config::default() };
    let mut all = Seen::default();
    let connection = std::cell::RefCell::new(&mut connection);
    let counted = std::cell::RefCell::new(&mut all);

    let result = TestRunner::new(config).run(&prop::collection::vec(any::<u16>(), 0..1600), |numbers| {
        let mut connection = connection.borrow_mut();
        let outcome = runtime.block_on(check(&mut connection, numbers));
        if outcome.is_err() {
            runtime.block_on(async { sqlx::raw_sql("ROLLBACK").execute(&mut **connection).await }).unwrap();
        }
        let (seen, mut all) = (outcome?, counted.borrow_mut());
        all.rows += seen.rows;
        all.reached += seen.reached;
        all.spared += seen.spared;
        Ok(())
    });

    if let Err(error) = result {
        panic!("{error}");
    }
    // A comparison of nothing with nothing would prove little.
    assert!(all.rows > 500, "only {} answers had rows", all.rows);
    assert!(all.reached > 150, "only {} answers with rows were found by what can be reached", all.reached);
    assert!(all.spared > 60, "only {} answers with rows did not look up everything", all.spared);
    runtime.block_on(async { drop(db) });
}
