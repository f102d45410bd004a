//! Every query that a document shows can be asked by a reader.

use chrono::{DateTime, Utc};
use orgraph_catalog::ColumnType;
use orgraph_query::j1ql::{Options, compile};
use orgraph_store::{ConnectSettings, PgType, Store, TypeView};
use sqlx::{AssertSqlSafe, Connection, PgConnection};

use super::{assert_none, files};
use crate::questions::words;

#[tokio::test]
async fn every_query_in_a_document_runs() {
    let db = orgraph_testkit::db().await;
    orgraph_store::migrate(db.url()).await.unwrap();
    let store = Store::connect(db.url(), &ConnectSettings::default()).await.unwrap();
    let views: Vec<TypeView> = orgraph_catalog::type_views().into_iter().map(type_view).collect();
    store.replace_type_views(&views).await.unwrap();
    store.close().await;

    let mut reader = PgConnection::connect(db.url()).await.unwrap();
    sqlx::query("SET ROLE orgraph_reader").execute(&mut reader).await.unwrap();
    let mut wrong = Vec::new();
    let mut asked = 0;
    for document in files(&[".md"]) {
        for query in queries(&document.text) {
            asked += 1;
            if let Err(error) = sqlx::query(AssertSqlSafe(query)).fetch_all(&mut reader).await {
                wrong.push(format!("{}: {error}:\n{query}", document.path));
            }
        }
    }

    assert_none("queries that do not run", &wrong);
    assert!(asked > orgraph_catalog::example_queries().len(), "only {asked} queries were found");
}

#[tokio::test]
async fn every_question_of_the_data_model_runs() {
    let db = orgraph_testkit::db().await;
    orgraph_store::migrate(db.url()).await.unwrap();
    let mut reader = PgConnection::connect(db.url()).await.unwrap();
    sqlx::query("SET ROLE orgraph_reader").execute(&mut reader).await.unwrap();
    let now: DateTime<Utc> =
        sqlx::query_scalar("SELECT clock_timestamp()").fetch_one(&mut reader).await.unwrap();
    let words = words();

    let mut wrong = Vec::new();
    for question in orgraph_catalog::example_questions() {
        match compile(&question, &words, &Options::at(now)) {
            Err(error) => wrong.push(error.to_string()),
            Ok(compiled) => {
                wrong.extend(compiled.warnings.iter().map(ToString::to_string));
                let answer = compiled.statement().fetch_all(&mut reader).await;
                wrong.extend(answer.err().map(|error| format!("{question}: {error}")));
            }
        }
    }
    assert_none("questions that do not run", &wrong);
}

/// The statements in blocks of SQL that ask; what administers is left out.
pub(crate) fn queries(text: &str) -> Vec<&str> {
    let blocks = text.split("```sql\n").skip(1).filter_map(|it| it.split("```").next());
    let statements = blocks.flat_map(|it| it.split_terminator(";\n")).map(str::trim);
    let asks = |it: &&str| {
        let mut lines = it.lines().filter(|line| !line.trim_start().starts_with("--"));
        lines
            .find(|line| !line.is_empty())
            .is_some_and(|line| line.starts_with("SELECT") || line.starts_with("WITH"))
    };
    statements.filter(asks).collect()
}

fn type_view(view: orgraph_catalog::TypeView) -> TypeView {
    let pg_type = |it| match it {
        ColumnType::Text => PgType::Text,
        ColumnType::BigInt => PgType::BigInt,
        ColumnType::Double => PgType::Double,
        ColumnType::Boolean => PgType::Boolean,
        ColumnType::Jsonb => PgType::Json,
    };
    let columns = view.columns.into_iter().map(|(name, column)| (name, pg_type(column))).collect();
    TypeView { name: view.name, comment: String::new(), columns }
}

#[test]
fn statements_that_ask_are_found() {
    let text =
        "a\n```sql\n-- Why?\nSELECT 1\nFROM b;\n\nGRANT a TO b;\n\nSELECT 2;\n```\n```sh\nSELECT 3;\n```\n";
    assert_eq!(queries(text), ["-- Why?\nSELECT 1\nFROM b", "SELECT 2"]);
}
