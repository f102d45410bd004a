//! The page about J1QL says nothing that is not so.

use std::path::Path;

use orgraph_query::j1ql::{Words, compile};

use super::database::{self, options};

fn page() -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/J1QL.md")).unwrap()
}

/// The blocks of one language.
fn blocks(page: &str, language: &str) -> Vec<String> {
    let begins = format!("```{language}\n");
    page.split(&begins).skip(1).map(|it| it.split("```").next().unwrap().trim().to_owned()).collect()
}

#[tokio::test]
async fn every_question_on_the_page_runs() {
    let (_db, mut connection) = database::with_fixed_graph().await;
    let questions = blocks(&page(), "j1ql");
    assert!(questions.len() >= 10);

    let mut without_rows = Vec::new();
    for question in questions {
        let (compiled, rows) = database::ask(&mut connection, &question).await;
        assert_eq!(compiled.warnings, [], "{question}");
        if rows.is_empty() {
            without_rows.push(question);
        }
    }

    assert_eq!(without_rows, Vec::<String>::new());
}

#[test]
fn the_message_on_the_page_is_the_one_that_is_printed() {
    let error = compile("find aws_instnace", &Words::default(), &options()).unwrap_err();

    assert_eq!(blocks(&page(), "text"), [error.to_string()]);
}

#[test]
fn everything_the_page_says_is_refused_is_refused() {
    for question in [
        "Find Host with state = ${param.x}",
        "Find Host with state = {{x}}",
        "Find Host with _version = 1",
        "Find Host as h return count(*)",
        "Find Host that uses{1,3} DataStore",
        "Find Host that !uses aws_ebs_volume as v return v.*",
        "Find Host (that !uses DataStore)?",
        "Find Host that !uses DataStore (that uses aws_kms_key)?",
        "Find Host return tree order by Host.name",
        "Find unique Host as h return h.name order by h.state",
    ] {
        assert!(compile(question, &Words::default(), &options()).is_err(), "{question}");
    }
}
