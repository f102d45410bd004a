//! Asking: a statement is sent, and its answer is read row by row until its end or the cap.

use std::time::Duration;

use futures_util::TryStreamExt;
use serde_json::value::RawValue;
use sqlx::error::BoxDynError;
use sqlx::postgres::{PgArguments, PgRow, PgValueFormat};
use sqlx::query::Query;
use sqlx::{AssertSqlSafe, Column as _, Executor, PgConnection, Postgres, SqlSafeStr, Statement, ValueRef};

use crate::j1ql::{Column, ColumnKind, Compiled, Shape, bound};
use crate::reader::Reading;
use crate::{AskError, Ended, Header, Reader, Row, Sink};

/// What is asked.
#[derive(Debug, Clone, Copy)]
pub enum Question<'q> {
    /// A compiled question: its text is ours, its values are bound.
    J1ql(&'q Compiled),
    /// SQL as somebody wrote it. One statement that returns rows.
    Sql(&'q str),
}

/// How much of an answer is given.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Rows to pass over, of an answer that is given page by page; the database cuts the page, so that it need not sort
    /// everything. `None` for an answer that is read from its beginning until there are enough rows.
    pub skip: Option<u64>,
    /// Rows to give at most.
    pub rows: u64,
    /// How long it may take.
    pub timeout: Duration,
}

/// How large one row may be.
pub const MAX_ROW_BYTES: usize = 8 * 1024 * 1024;

impl Reader {
    /// Asks, and gives the rows to `sink` as they come.
    pub async fn ask(
        &self,
        question: Question<'_>,
        limits: Limits,
        sink: &mut (dyn Sink + Send),
    ) -> Result<Ended, AskError> {
        match question {
            Question::J1ql(compiled) => self.ask_compiled(compiled, limits, sink).await,
            Question::Sql(text) => self.ask_sql(text, limits, sink).await,
        }
    }

    async fn ask_compiled(
        &self,
        compiled: &Compiled,
        limits: Limits,
        sink: &mut (dyn Sink + Send),
    ) -> Result<Ended, AskError> {
        let mut reading = self.begin(limits.timeout).await?;
        let compiled = self.fitted(compiled, &mut reading).await?;
        sink.header(&Header { columns: compiled.columns.clone(), shape: compiled.shape })?;
        let statement = bound(page(&compiled.sql, limits), &compiled.binds);
        let ended = give(reading.connection(), statement, None, limits, columns_of, sink).await?;
        if !ended.capped {
            reading.finish().await?;
        }
        Ok(ended)
    }

    /// A question as it is asked here: for the kinds of relationship that are stored.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn fit(&self, compiled: &Compiled, timeout: Duration) -> Result<Compiled, AskError> {
        let mut reading = self.begin(timeout).await?;
        let fitted = self.fitted(compiled, &mut reading).await?;
        reading.finish().await?;
        Ok(fitted)
    }

    async fn fitted(&self, compiled: &Compiled, reading: &mut Reading) -> Result<Compiled, AskError> {
        let failed = reading.failing("read the kinds of relationship");
        let kinds = self.kinds.of(reading.connection()).await.map_err(failed)?;
        // What can be compiled without them can be with them.
        Ok(compiled.for_kinds(kinds).unwrap_or_else(|_| compiled.clone()))
    }

    /// The answer is computed before its first row is read, so it is cut in the database.
    async fn ask_sql(
        &self,
        text: &str,
        limits: Limits,
        sink: &mut (dyn Sink + Send),
    ) -> Result<Ended, AskError> {
        let text = one_statement(text);
        if text.contains('\0') {
            return Err(AskError::statement(
                "the statement has a NUL character, which no text in PostgreSQL has",
            ));
        }
        let mut connection = self.caged(limits.timeout).await?;
        sink.header(&described(&mut connection, text, limits.timeout).await?)?;
        let statement =
            sqlx::query("SELECT a.answer FROM pg_temp.ask($1) AS a (answer)").bind(as_text(text, limits));
        give(&mut connection, statement, Some(text), limits, object_of, sink).await
    }

    /// How PostgreSQL would answer, line by line. It does not run the statement.
    pub async fn explain(&self, question: Question<'_>, timeout: Duration) -> Result<Vec<String>, AskError> {
        let failed = |error| AskError::database("explain the question", timeout, None, error);
        let mut reading = self.begin(timeout).await?;
        let fitted;
        let statement = match question {
            Question::J1ql(compiled) => {
                fitted = self.fitted(compiled, &mut reading).await?;
                bound(explained(&fitted.sql), &fitted.binds)
            }
            Question::Sql(text) => {
                let text = one_statement(text);
                described(reading.connection(), text, timeout).await?;
                // As it is run: what questions need is not set for statements that somebody wrote.
                sqlx::raw_sql("SET LOCAL enable_mergejoin TO DEFAULT; SET LOCAL work_mem TO DEFAULT")
                    .execute(reading.connection())
                    .await
                    .map_err(failed)?;
                bound(explained(text), &[])
            }
        };
        let rows = statement.fetch_all(reading.connection()).await.map_err(failed)?;
        reading.finish().await?;
        rows.iter().map(|it| sqlx::Row::try_get(it, 0).map_err(failed)).collect()
    }
}

/// A page and one row more. The only other text around a statement is in [`as_text`] and [`explained`]; the statement is
/// ours or was found to be a single one, and what is added are numbers.
fn page(sql: &str, limits: Limits) -> String {
    let Some(skip) = limits.skip else { return sql.to_owned() };
    format!("SELECT * FROM (\n{sql}\n) AS answer LIMIT {} OFFSET {}", one_more(limits.rows), bigint(skip))
}

/// Each row as an object; nothing in place of one that is too large.
fn as_text(sql: &str, limits: Limits) -> String {
    let (limit, skip) = (one_more(limits.rows), bigint(limits.skip.unwrap_or_default()));
    format!(
        "SELECT CASE WHEN octet_length(rendered.text) <= {MAX_ROW_BYTES} THEN rendered.text END FROM (\
         SELECT row_to_json(answer)::text AS text FROM (\n{sql}\n) AS answer LIMIT {limit} OFFSET {skip}) AS rendered"
    )
}

fn one_more(rows: u64) -> i64 {
    bigint(rows.saturating_add(1))
}

fn bigint(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn explained(sql: &str) -> String {
    format!("EXPLAIN {sql}")
}

/// What a statement that somebody wrote returns, after PostgreSQL has parsed it: it is one statement, without
/// parameters, and has columns.
async fn described(connection: &mut PgConnection, text: &str, timeout: Duration) -> Result<Header, AskError> {
    let statement = connection
        .prepare(AssertSqlSafe(text.to_owned()).into_sql_str())
        .await
        .map_err(|error| AskError::database("read the statement", timeout, Some(text), error))?;
    if statement.columns().is_empty() {
        return Err(AskError::statement("the statement returns no rows: only SELECT can be asked"));
    }
    let parameters = match statement.parameters() {
        Some(sqlx::Either::Left(types)) => types.len(),
        Some(sqlx::Either::Right(number)) => number,
        None => 0,
    };
    if parameters > 0 {
        return Err(AskError::statement("the statement has parameters such as $1: write the values"));
    }
    let column = |name: &str| Column { name: name.to_owned(), kind: ColumnKind::Value };
    let columns = statement.columns().iter().map(|it| column(it.name())).collect();
    Ok(Header { columns, shape: Shape::Rows })
}

/// Without the semicolon at its end, which nothing could follow.
fn one_statement(text: &str) -> &str {
    text.trim().trim_end_matches(|it: char| it == ';' || it.is_whitespace())
}

/// Gives the rows, one by one. `row_of` gives nothing for a row that is too large.
async fn give(
    connection: &mut PgConnection,
    statement: Query<'_, Postgres, PgArguments>,
    written: Option<&str>,
    limits: Limits,
    row_of: fn(&PgRow) -> Result<Option<Row>, BoxDynError>,
    sink: &mut (dyn Sink + Send),
) -> Result<Ended, AskError> {
    let failed = |error| AskError::database("read the answer", limits.timeout, written, error);
    let mut rows = statement.fetch(connection);
    let mut given = 0;
    while let Some(row) = rows.try_next().await.map_err(failed)? {
        if given == limits.rows {
            return Ok(Ended { rows: given, capped: true });
        }
        given += 1;
        let row = row_of(&row).map_err(|error| failed(sqlx::Error::Decode(error)))?;
        let too_large = AskError::RowTooLarge {
            row: limits.skip.unwrap_or_default() + given,
            limit_bytes: MAX_ROW_BYTES,
        };
        sink.row(row.ok_or(too_large)?)?;
    }
    Ok(Ended { rows: given, capped: false })
}

/// The one column is an object whose members are the columns.
fn object_of(row: &PgRow) -> Result<Option<Row>, BoxDynError> {
    let text: Option<&str> = sqlx::Row::try_get(row, 0)?;
    Ok(text.map(Row::of_object).transpose()?)
}

/// Every column is `jsonb`.
fn columns_of(row: &PgRow) -> Result<Option<Row>, BoxDynError> {
    let mut values = Vec::with_capacity(sqlx::Row::len(row));
    for at in 0..sqlx::Row::len(row) {
        let value = sqlx::Row::try_get_raw(row, at)?;
        if value.is_null() {
            values.push(None);
            continue;
        }
        // In the binary format a version goes before the text.
        let ((PgValueFormat::Binary, [1, text @ ..]) | (PgValueFormat::Text, text)) =
            (value.format(), value.as_bytes()?)
        else {
            return Err("jsonb of an unknown version".into());
        };
        values.push(Some(RawValue::from_string(std::str::from_utf8(text)?.to_owned())?));
    }
    let row = Row { values };
    Ok((row.bytes() <= MAX_ROW_BYTES).then_some(row))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_end_of_a_statement_is_cut() {
        assert_eq!(one_statement("  SELECT ';' ; \n"), "SELECT ';'");
        assert_eq!(one_statement("SELECT 1; SELECT 2;"), "SELECT 1; SELECT 2");
    }

    #[test]
    fn a_comment_at_the_end_does_not_hide_what_follows() {
        let limits = |skip| Limits { skip, rows: 10, timeout: Duration::from_secs(1) };

        let text = as_text("SELECT 1 -- one", limits(None));
        assert!(text.contains("-- one\n) AS answer LIMIT 11 OFFSET 0)"), "{text}");
        let text = page("SELECT 1 -- one", limits(Some(5)));
        assert!(text.ends_with("-- one\n) AS answer LIMIT 11 OFFSET 5"), "{text}");
        assert_eq!(page("SELECT 1", limits(None)), "SELECT 1");
    }
}
