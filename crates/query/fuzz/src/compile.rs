//! Any text at all: it is refused with a message or compiled to a statement that PostgreSQL runs as the reader, in a
//! transaction that cannot write; and so is the statement for the kinds of relationship that are stored. What a tree
//! prints as is the tree again.
#![no_main]

use std::cell::RefCell;

use libfuzzer_sys::fuzz_target;
use orgraph_query::j1ql::{Kinds, Options, Words, compile, parse};
use orgraph_testkit::TestDb;
use sqlx::{Connection, PgConnection};
use tokio::runtime::Runtime;

#[path = "../../tests/it/j1ql/graph.rs"]
#[expect(dead_code, reason = "tests use the rest")]
mod graph;

struct Database {
    runtime: Runtime,
    connection: PgConnection,
    kinds: Kinds,
    _db: TestDb,
}

thread_local! {
    static DATABASE: RefCell<Database> = RefCell::new(database());
}

fn database() -> Database {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime starts");
    let (connection, kinds, db) = runtime.block_on(async {
        let db = orgraph_testkit::db_with("fuzz", async |url| Ok(orgraph_store::migrate(&url).await?)).await;
        let mut connection = PgConnection::connect(db.url()).await.expect("the database answers");
        graph::Graph::fixed().insert(&mut connection).await;
        let settings = "SET ROLE orgraph_reader; SET statement_timeout = '2s';
                        SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY";
        sqlx::raw_sql(settings).execute(&mut connection).await.expect("the role is there");
        let kinds = orgraph_query::kinds(&mut connection).await.expect("the reader sees the kinds");
        (connection, kinds, db)
    });
    Database { runtime, connection, kinds, _db: db }
}

/// What PostgreSQL may say to a statement that is as it should be: numbers out of range, time over, too complex.
fn is_expected(code: &str) -> bool {
    code.starts_with("22") || code == "57014" || code.starts_with("54")
}

fuzz_target!(|text: &str| {
    let words = Words::default();
    let options = Options::at(chrono::DateTime::from_timestamp(1_718_452_800, 0).expect("a time"));
    let Ok(tree) = parse(text) else {
        let refusal = parse(text).expect_err("it is refused twice");
        assert!(!refusal.to_string().is_empty());
        return;
    };
    let printed = tree.to_string();
    let again = parse(&printed).unwrap_or_else(|refusal| panic!("{printed}\n{refusal}"));
    assert_eq!(again, tree, "{printed}");
    let compiled = match compile(text, &words, &options) {
        Ok(compiled) => compiled,
        Err(refusal) => {
            assert!(!refusal.to_string().is_empty());
            return;
        }
    };
    DATABASE.with_borrow_mut(|it| {
        let Database { runtime, connection, kinds, .. } = it;
        let fitted = compiled.for_kinds(kinds.clone()).expect("what was compiled once is compiled again");
        for compiled in [compiled, fitted] {
            assert!(compiled.sql.is_ascii(), "{}", compiled.sql);
            let result = runtime.block_on(compiled.statement().fetch_all(&mut *connection));
            if let Err(error) = result {
                let code = error.as_database_error().and_then(|it| it.code().map(|it| it.into_owned()));
                assert!(code.as_deref().is_some_and(is_expected), "{text}\n{}\n{error}", compiled.sql);
            }
        }
    });
});
