//! Nothing that somebody writes gets into the text of a statement, and nothing is ever written.

use orgraph_query::j1ql::{Words, compile};
use serde_json::{Value, json};
use sqlx::{Connection, PgConnection};

use super::database::{self, become_reader, options, run};
use super::graph::{Entity, Graph};

/// Text that means something to SQL, to JSON, to a path in JSON, or to a program in C.
const HOSTILE: &[&str] = &[
    "'; DROP TABLE orgraph_internal.entity; --",
    "' OR '1'='1",
    "'' OR ''=''",
    "\\'; DELETE FROM orgraph.entity; --",
    "$1",
    "$$; SELECT pg_sleep(10); $$",
    "%s%n{}{0}",
    "*/ DROP SCHEMA orgraph CASCADE /*",
    "\"; SELECT 1; \"",
    "$[*] ? (@ == 1)",
    "\\",
    "\\\\",
    "a\\u0000b",
    "\u{202e}gnp",
    "名前😀",
    "E'\\x27'",
    "n1._key",
    "line\nbreak\ttab",
    "null",
    "%",
    "_",
    "{\"a\": [1]}",
];

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}

/// A property's name in brackets, where there is a way to write it.
fn bracketed(name: &str) -> Option<String> {
    match (name.contains('\''), name.contains('"')) {
        (false, _) => Some(format!("['{name}']")),
        (true, false) => Some(format!("[\"{name}\"]")),
        (true, true) => None,
    }
}

#[tokio::test]
async fn hostile_values_and_names_find_what_they_are_and_nothing_else() {
    let db = database::empty().await;
    let mut connection = PgConnection::connect(db.url()).await.unwrap();
    let entities = HOSTILE.iter().enumerate().map(|(at, text)| {
        let mut entity = Entity::new(&format!("e-{at}"), "aws_instance");
        entity.properties.insert("value".to_owned(), json!(text));
        entity.properties.insert((*text).to_owned(), json!(format!("value {at}")));
        entity.tags.insert((*text).to_owned(), json!(text));
        entity.display_name = Some((*text).to_owned());
        entity
    });
    Graph { entities: entities.collect(), relationships: Vec::new() }.insert(&mut connection).await;
    become_reader(&mut connection).await;

    for (at, text) in HOSTILE.iter().enumerate() {
        let value = quoted(text);
        let mut questions = vec![
            format!("Find * with value = {value}"),
            format!("Find aws_instance with displayName = {value}"),
            format!("Find aws_instance as i where i.value = {value}"),
            format!("Find aws_instance as i where i.value = i.value and i.value = ({value} and {value})"),
        ];
        if let Some(name) = bracketed(text) {
            questions.push(format!("Find aws_instance with {name} = 'value {at}'"));
            questions.push(format!("Find aws_instance as i where i.{name} = 'value {at}'"));
            questions.push(format!("Find aws_instance with tag.{name} = {value}"));
        }
        for question in questions {
            let (compiled, rows) = database::ask(&mut connection, &question).await;
            assert_eq!(database::keys(&compiled, &rows), [format!("e-{at}")], "{question}");
        }
        for operator in ["~=", "^=", "$="] {
            let (compiled, rows) =
                database::ask(&mut connection, &format!("Find * with value {operator} {value}")).await;
            assert!(database::keys(&compiled, &rows).contains(&format!("e-{at}")), "{operator} {text}");
        }
        let (compiled, rows) = database::ask(&mut connection, &format!("Find {value}")).await;
        assert!(database::keys(&compiled, &rows).contains(&format!("e-{at}")), "{text}");
        let shown = format!(
            "Find aws_instance with value = {value} as i return {value} as {value}, concat({value}, i.value)"
        );
        let (compiled, rows) = database::ask(&mut connection, &shown).await;
        assert_eq!(compiled.columns[0].name, *text);
        assert_eq!(rows, [[Some(json!(text)), Some(json!(format!("{text}{text}")))]]);
    }
    let (_, rows) = database::ask(&mut connection, "Find aws_instance as i return count(i)").await;
    assert_eq!(rows[0][0], Some(Value::from(HOSTILE.len())));
}

#[test]
fn how_a_statement_reads_does_not_depend_on_values_names_or_aliases() {
    let sql = |question: &str| {
        compile(question, &Words::default(), &options()).unwrap_or_else(|it| panic!("{it}")).sql
    };
    let with = |value: &str, name: &str, alias: &str| {
        sql(&format!(
            "Find {value} with {name} = {value} and tag.{name} !~= {value} as {alias} that relates to as r{alias} * \
             where {alias}.{name} = {value} and r{alias}.{name} = {value} \
             return {alias}.{name} as {value}, concat({value}, {alias}.{name}), count({alias}) order by {value}"
        ))
    };
    let plain = with("'plain'", "['plain']", "a");

    for text in HOSTILE {
        let name = bracketed(text).unwrap_or_else(|| "['x']".to_owned());
        assert_eq!(with(&quoted(text), &name, "SELECT"), plain, "{text}");
        assert_eq!(with(&quoted(text), &name, "ünï"), plain, "{text}");
    }
}

#[test]
fn a_name_that_is_no_word_is_refused() {
    let refused = |question: &str| compile(question, &Words::default(), &options()).is_err();

    for text in HOSTILE {
        assert!(refused(&format!("Find {text}")) || text.starts_with(['\'', '"']), "{text}");
        assert!(refused(&format!("Find ({text}|Host)")), "{text}");
        assert!(refused(&format!("Find Host that {text} Host")) || *text == "null", "{text}");
        assert!(refused(&format!("Find Host as i return {text}(i)")), "{text}");
    }
    assert!(refused("Find Host with name = 'a\0b'"));
    assert!(refused("Find Host with ['a\0b'] = 1"));
    assert!(refused("Find Host\0"));
    assert!(refused("Find aws_instance\"; drop table x"));
}

#[tokio::test]
async fn the_reader_writes_nothing_and_sees_no_table() {
    let (_db, mut connection) = database::with_fixed_graph().await;

    for statement in [
        "DELETE FROM orgraph.relationship_type",
        "UPDATE orgraph.relationship_type SET _type = 'x'",
        "UPDATE orgraph.entity SET name = 'x'",
        "SELECT 1 FROM orgraph_internal.entity",
        "SELECT 1 FROM orgraph_internal.relationship",
        "SELECT 1 FROM orgraph_internal.relationship_type",
        "SELECT 1 FROM orgraph_internal.step_version",
        "SELECT 1 FROM orgraph_internal.partition",
        "SELECT 1 FROM orgraph_internal.account",
        "CREATE TABLE orgraph.x (a int)",
        "CREATE TABLE public.x (a int)",
    ] {
        let error = sqlx::raw_sql(statement).execute(&mut connection).await.unwrap_err();
        let code = error.as_database_error().unwrap().code().unwrap().into_owned();
        assert_eq!(code, "42501", "{statement}");
    }
    sqlx::raw_sql("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY")
        .execute(&mut connection)
        .await
        .unwrap();
    let compiled = compile("Find Host that relates to * return tree", &Words::default(), &options()).unwrap();
    run(&mut connection, &compiled).await.unwrap();
}
