//! The graph as it was.

use chrono::{DateTime, Utc};
use orgraph_query::j1ql::{Bind, Limit, Options, Words, compile};
use sqlx::{Connection, PgConnection};

use super::database::{self, become_reader, now, options, run};
use super::graph::{Entity, Graph, Relationship};

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

#[tokio::test]
async fn a_question_about_the_past_is_answered_from_the_versions_of_then() {
    let db = database::empty().await;
    let mut connection = PgConnection::connect(db.url()).await.unwrap();
    let uses = Relationship {
        from: "i-1".to_owned(),
        verb: "USES".to_owned(),
        to: "vol-1".to_owned(),
        discriminator: String::new(),
        properties: serde_json::Map::new(),
    };
    let entities = vec![Entity::new("i-1", "aws_instance"), Entity::new("vol-1", "aws_ebs_volume")];
    Graph { entities, relationships: vec![uses] }.insert(&mut connection).await;
    let script = "SET orgraph.partition_id = '1'; SET orgraph.ts = '2024-01-01T00:00:00Z';
        UPDATE orgraph_internal.entity SET properties = '{\"state\": \"new\"}', valid_from = '2024-01-01T00:00:00Z' WHERE key = 'i-1';
        DELETE FROM orgraph_internal.relationship;
        DELETE FROM orgraph_internal.entity WHERE key = 'vol-1'";
    sqlx::raw_sql(script).execute(&mut connection).await.unwrap();
    become_reader(&mut connection).await;

    let questions = [
        "Find aws_instance with state = 'new'",
        "Find aws_instance that uses DataStore",
        "Find aws_ebs_volume",
    ];
    for (when, expected) in [
        (None, [vec!["i-1"], vec![], vec![]]),
        (Some("2024-02-01T00:00:00Z"), [vec!["i-1"], vec![], vec![]]),
        (Some("2023-12-01T00:00:00Z"), [vec![], vec!["i-1"], vec!["vol-1"]]),
        (Some("2020-01-01T00:00:00Z"), [vec![], vec![], vec![]]),
    ] {
        let options = Options { as_of: when.map(at), ..options() };
        for (question, expected) in questions.iter().zip(expected) {
            let compiled = compile(question, &Words::default(), &options).unwrap();
            let rows = run(&mut connection, &compiled).await.unwrap();
            assert_eq!(database::keys(&compiled, &rows), expected, "{question} at {when:?}");
        }
        let tree =
            compile("Find aws_instance that uses aws_ebs_volume return tree", &Words::default(), &options)
                .unwrap();
        let parts = run(&mut connection, &tree).await.unwrap().len();
        assert_eq!(parts, if when == Some("2023-12-01T00:00:00Z") { 3 } else { 0 });
    }
}

#[test]
fn a_question_without_limit_has_that_of_jupiterone_and_says_so() {
    let limit = |question: &str| compile(question, &Words::default(), &Options::at(now())).unwrap().limit;

    assert_eq!(limit("Find Host"), Some(Limit { rows: 250, is_given: false }));
    assert_eq!(limit("Find Host limit 3"), Some(Limit { rows: 3, is_given: true }));
    assert_eq!(compile("Find Host", &Words::default(), &options()).unwrap().limit, None);
}

#[test]
fn an_answer_says_what_it_rests_on() {
    let touches = |question: &str| compile(question, &Words::default(), &options()).unwrap().touches;

    let some = touches("Find Disk with accountId = ('1' or '2') and size > 3 that uses aws_instance");
    assert_eq!(some.types.unwrap(), ["aws_ebs_snapshot", "aws_ebs_volume", "aws_instance"]);
    assert_eq!(some.accounts.unwrap(), ["1", "2"]);
    let all = touches("Find aws_instance with accountId = '1' or size > 3 that relates to *");
    assert_eq!((all.types, all.accounts), (None, None));
}

#[test]
fn unknown_properties_are_remarked_on_with_what_may_be_meant() {
    let words = Words::default().with_properties(["state", "encrypted"]);

    let compiled =
        compile("Find Host with encryptd = true and tag.Any = 1 and state = 'x'", &words, &options())
            .unwrap();

    let remarks: Vec<_> = compiled.warnings.iter().map(|it| (it.column, it.did_you_mean.join(" "))).collect();
    assert_eq!(remarks, [(16, "encrypted".to_owned())]);
    assert!(compiled.binds.contains(&Bind::Text("encryptd".to_owned())));
}
