//! Questions that JupiterOne has published compile as they are, and run.

use orgraph_query::j1ql::{Words, compile, parse};
use serde::Deserialize;

use super::conformance::folder;
use super::database::{self, options};

#[derive(Deserialize)]
struct Published {
    question: Vec<Question>,
}

#[derive(Deserialize)]
struct Question {
    page: String,
    text: String,
    /// Why it is refused, if it is: the message.
    refused: Option<String>,
}

fn published() -> Vec<Question> {
    let text = std::fs::read_to_string(folder().join("published.toml")).unwrap();
    toml::from_str::<Published>(&text).unwrap().question
}

#[tokio::test]
async fn published_questions_run_as_they_are() {
    let (_db, mut connection) = database::with_fixed_graph().await;
    let mut wrong = Vec::new();
    for question in published() {
        let place = format!("{}\n{}", question.page, question.text);
        match (compile(&question.text, &Words::default(), &options()), question.refused) {
            (Ok(compiled), None) => {
                if let Err(error) = database::run(&mut connection, &compiled).await {
                    wrong.push(format!("{place}{error}"));
                }
            }
            (Err(error), Some(refused)) if error.message == refused => {}
            (Ok(_), Some(_)) => wrong.push(format!("{place}is not refused")),
            (Err(error), _) => wrong.push(format!("{place}{error}")),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn a_printed_question_is_the_same_question() {
    for question in published().into_iter().filter(|it| it.refused.is_none()) {
        let tree = parse(&question.text).unwrap();

        let printed = tree.to_string();

        assert_eq!(parse(&printed).unwrap_or_else(|error| panic!("{printed}\n{error}")), tree);
    }
}
