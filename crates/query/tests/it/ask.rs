//! Asking in SQL: what a reader may, what it may not whatever it writes, and how much of an answer is given.

use std::io;
use std::time::Duration;

use orgraph_query::{
    AskError, Ended, Header, Limits, MAX_ROW_BYTES, Question, Reader, ReaderSettings, Row, Sink,
};
use orgraph_testkit::TestDb;
use sqlx::migrate::Migrator;
use sqlx::{AssertSqlSafe, Connection, PgConnection};

static MIGRATOR: Migrator = sqlx::migrate!("../../migrations");

struct Asked {
    db: TestDb,
    reader: Reader,
}

/// An answer in memory.
#[derive(Debug, Default)]
struct Collected {
    columns: Vec<String>,
    rows: Vec<String>,
}

impl Sink for Collected {
    fn header(&mut self, header: &Header) -> io::Result<()> {
        self.columns = header.columns.iter().map(|it| it.name.clone()).collect();
        Ok(())
    }

    fn row(&mut self, row: Row) -> io::Result<()> {
        let values: Vec<&str> = row.values.iter().map(|it| it.as_ref().map_or("", |it| it.get())).collect();
        self.rows.push(values.join(" "));
        Ok(())
    }
}

impl Asked {
    async fn new() -> Self {
        let db = orgraph_testkit::db_with("ask", async |url| {
            let mut connection = PgConnection::connect(&url).await?;
            let prepare = include_str!("../../../store/queries/prepare_database.sql");
            for script in [prepare, "SET ROLE orgraph_owner; SET search_path = orgraph_internal"] {
                sqlx::raw_sql(AssertSqlSafe(script)).execute(&mut connection).await?;
            }
            MIGRATOR.run_direct(None, &mut connection, false).await?;
            Ok(())
        })
        .await;
        let reader = Reader::connect(db.url(), &ReaderSettings::default()).await.unwrap();
        Self { db, reader }
    }

    async fn sql(&self, text: &str) -> Result<(Collected, Ended), AskError> {
        self.limited(text, Limits { skip: None, rows: 100, timeout: Duration::from_secs(20) }).await
    }

    async fn limited(&self, text: &str, limits: Limits) -> Result<(Collected, Ended), AskError> {
        let mut collected = Collected::default();
        let ended = self.reader.ask(Question::Sql(text), limits, &mut collected).await?;
        Ok((collected, ended))
    }

    async fn refused(&self, text: &str) -> String {
        match self.sql(text).await {
            Ok((collected, _)) => panic!("{text} was answered: {collected:?}"),
            Err(error) => {
                assert!(error.is_about_the_question(), "{text}: {error:?}");
                error.to_string()
            }
        }
    }
}

#[tokio::test]
async fn columns_and_values_come_as_they_are() {
    let asked = Asked::new().await;

    let (answer, ended) = asked
        .sql("SELECT 1 AS a, 'é\"\n' AS a, 12345678901234567890.5::numeric AS \"B c\", NULL AS d, now() > '2000-01-01', ARRAY[1,2] -- end")
        .await
        .unwrap();

    assert_eq!(answer.columns, ["a", "a", "B c", "d", "?column?", "array"]);
    assert_eq!(answer.rows, ["1 \"é\\\"\\n\" 12345678901234567890.5 null true [1,2]"]);
    assert_eq!(ended, Ended { rows: 1, capped: false });
}

#[tokio::test]
async fn an_answer_is_cut_and_says_so() {
    let asked = Asked::new().await;
    let numbers = "SELECT n FROM generate_series(1, 10) AS n ORDER BY n DESC;";
    let limits = |skip, rows| Limits { skip: Some(skip), rows, timeout: Duration::from_secs(20) };

    let (first, cut) = asked.limited(numbers, limits(0, 3)).await.unwrap();
    let (rest, whole) = asked.limited(numbers, limits(7, 3)).await.unwrap();

    assert_eq!((first.rows.join(" "), cut), ("10 9 8".to_owned(), Ended { rows: 3, capped: true }));
    assert_eq!((rest.rows.join(" "), whole), ("3 2 1".to_owned(), Ended { rows: 3, capped: false }));
}

#[tokio::test]
async fn nothing_can_be_written_whatever_is_written() {
    let asked = Asked::new().await;

    for (statement, because) in [
        ("DELETE FROM orgraph.entity", "returns no rows"),
        ("DELETE FROM orgraph.entity RETURNING 1", "syntax error"),
        ("WITH gone AS (DELETE FROM orgraph.entity RETURNING 1) SELECT 1", "data-modifying"),
        ("SELECT 1; DELETE FROM orgraph.entity", "multiple commands"),
        ("SELECT 1) AS a; DROP SCHEMA orgraph CASCADE; SELECT * FROM (SELECT 2", "syntax error"),
        ("RESET ROLE", "returns no rows"),
        ("SHOW role", "syntax error"),
        ("SELECT $1::text", "has parameters"),
        ("SELECT nextval('orgraph_internal.partition_partition_id_seq')", "permission denied"),
        ("", "returns no rows"),
        ("SELECT '\0'", "NUL"),
    ] {
        let error = asked.refused(statement).await;
        assert!(error.contains(because), "{statement}: {error}");
    }
    // Older servers let a read-only transaction make a large object. It goes with the transaction.
    drop(asked.sql("SELECT lo_create(0)").await);
    let left: i64 = sqlx::query_scalar("SELECT count(*) FROM pg_largeobject_metadata")
        .fetch_one(&asked.db.pool())
        .await
        .unwrap();
    assert_eq!(left, 0);
}

#[tokio::test]
async fn a_statement_cannot_become_more_than_a_reader() {
    let asked = Asked::new().await;
    let internal = "SELECT count(*) FROM orgraph_internal.account_lease";

    for statement in [
        internal.to_owned(),
        "SELECT set_config('role', 'none', false)".to_owned(),
        "SELECT set_config('session_authorization', 'default', true)".to_owned(),
        // What would come next if one of these had an effect: the same role is asked again by a function.
        format!("SELECT set_config('role', 'none', false), query_to_xml('{internal}', true, false, '')"),
        format!("SELECT query_to_xml('{internal}', true, false, '')"),
        "SELECT query_to_xml('RESET ROLE', true, false, '')".to_owned(),
        "SELECT * FROM pg_temp.ask('SELECT set_config(''role'', ''none'', false)') AS a (b)".to_owned(),
        "SELECT set_config('transaction_read_only', 'off', false)".to_owned(),
        "SELECT pg_read_file('/etc/passwd')".to_owned(),
    ] {
        let error = asked.refused(&statement).await;
        let is_refused = ["permission denied", "security-definer", "read-only", "read-write", "not allowed"];
        assert!(is_refused.iter().any(|it| error.contains(it)), "{statement}: {error}");
    }
    let (who, _) = asked.sql("SELECT current_user").await.unwrap();
    assert_eq!(who.rows, ["\"orgraph_reader\""]);
}

#[tokio::test]
async fn a_mistake_is_shown_where_it_is() {
    let asked = Asked::new().await;

    let error = asked.refused("SELECT e._key\nFROM orgraph.entitee AS e").await;

    assert!(error.contains("relation \"orgraph.entitee\" does not exist"), "{error}");
    assert!(error.contains("--> line 2, column 6"), "{error}");
}

#[tokio::test]
async fn a_question_ends_when_its_time_is_over() {
    let asked = Asked::new().await;
    let limits = Limits { skip: None, rows: 1, timeout: Duration::from_millis(100) };

    let ended = asked.limited("SELECT pg_sleep(600)", limits).await;

    assert!(matches!(ended, Err(AskError::Timeout { .. })), "{ended:?}");
    // And nothing of it is left on the server.
    let left: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%pg_temp.ask%'
           AND state = 'active' AND pid <> pg_backend_pid()",
    )
    .fetch_one(&asked.db.pool())
    .await
    .unwrap();
    assert_eq!(left, 0);
}

#[tokio::test]
async fn a_row_that_is_too_large_is_not_sent() {
    let asked = Asked::new().await;

    let error = asked.refused(&format!("SELECT repeat('x', {MAX_ROW_BYTES})")).await;

    assert!(error.contains("row 1 of the answer is larger than"), "{error}");
}

#[tokio::test]
async fn an_answer_larger_than_the_cap_leaves_the_reader_usable() {
    let asked = Asked::new().await;
    let limits = Limits { skip: None, rows: 5, timeout: Duration::from_secs(20) };

    for _ in 0..6 {
        let (answer, ended) =
            asked.limited("SELECT n FROM generate_series(1, 1000000) AS n", limits).await.unwrap();
        assert_eq!((answer.rows.len(), ended.capped), (5, true));
    }
}

#[tokio::test]
async fn a_plan_is_shown_without_running_anything() {
    let asked = Asked::new().await;

    let plan =
        asked.reader.explain(Question::Sql("SELECT pg_sleep(600)"), Duration::from_secs(20)).await.unwrap();

    assert!(plan[0].starts_with("Result"), "{plan:?}");
    let analyze = Question::Sql("ANALYZE SELECT pg_sleep(600)");
    assert!(asked.reader.explain(analyze, Duration::from_secs(20)).await.is_err());
}
