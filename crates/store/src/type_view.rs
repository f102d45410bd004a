//! One view per entity type, with a typed column per property.

use std::fmt::Write;

use sqlx::AssertSqlSafe;

use crate::{Result, Store, StoreError};

/// A view over the entities of one type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypeView {
    /// The entity type, which also names the view.
    pub name: String,
    /// What the view shows, for people.
    pub comment: String,
    /// The properties that become columns, under their own names. Those that the envelope has already are left out.
    pub columns: Vec<(String, PgType)>,
}

/// The type of a column. A value that does not fit shows as `NULL` instead of failing the query; `properties` has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PgType {
    /// `text`; anything but a string shows as its JSON text.
    Text,
    /// `bigint`.
    BigInt,
    /// `double precision`.
    Double,
    /// `boolean`.
    Boolean,
    /// `timestamptz`, stored as milliseconds since 1970.
    Timestamp,
    /// `text[]`.
    TextArray,
    /// `jsonb`.
    Json,
}

/// The columns every type view begins and ends with.
const ENVELOPE: &[&str] = &[
    "_key",
    "_type",
    "_class",
    "_source",
    "account_id",
    "region",
    "name",
    "display_name",
    "properties",
    "tags",
    "first_seen",
    "valid_from",
    "last_seen",
];
const RESERVED: &[&str] =
    &["entity", "relationship", "coverage", "account", "gap", "relationship_type", "step"];

impl Store {
    /// Makes the type views exactly these, all or nothing. Views that are as they should be are not touched.
    ///
    /// Views belong to `orgraph_owner`, so the login role has to be a member of it.
    pub async fn replace_type_views(&self, views: &[TypeView]) -> Result<()> {
        let attempting = || StoreError::attempting("replace the type views");
        if let Some(view) = views.iter().find(|it| !is_name(&it.name)) {
            return Err(StoreError::ViewName { name: view.name.clone() });
        }
        let mut tx = self.pool.begin().await.map_err(attempting())?;
        let stored: Vec<(String, String)> = sqlx::query_as(
            "SELECT v.name, v.definition FROM orgraph_internal.type_view AS v ORDER BY v.name",
        )
        .fetch_all(&mut *tx)
        .await
        .map_err(attempting())?;
        let wanted: Vec<(&str, String)> = views.iter().map(|it| (it.name.as_str(), definition(it))).collect();
        let is_kept =
            |name: &str, definition: &str| wanted.iter().any(|it| it.0 == name && it.1 == definition);
        let is_there =
            |name: &str, definition: &str| stored.iter().any(|it| it.0 == name && it.1 == definition);
        let mut script = String::new();
        for (name, _) in stored.iter().filter(|it| !is_kept(&it.0, &it.1)) {
            let _ = writeln!(script, "DROP VIEW IF EXISTS orgraph.{};", quoted(name));
        }
        for (_, definition) in wanted.iter().filter(|it| !is_there(it.0, &it.1)) {
            script.push_str(definition);
        }
        if script.is_empty() {
            return Ok(());
        }
        sqlx::query("SET LOCAL ROLE orgraph_owner").execute(&mut *tx).await.map_err(attempting())?;
        // Several daemons may start at once; the loser of the race would trip over the views of the winner.
        sqlx::query("LOCK TABLE orgraph_internal.type_view IN EXCLUSIVE MODE")
            .execute(&mut *tx)
            .await
            .map_err(attempting())?;
        let now: Vec<(String, String)> = sqlx::query_as(
            "SELECT v.name, v.definition FROM orgraph_internal.type_view AS v ORDER BY v.name",
        )
        .fetch_all(&mut *tx)
        .await
        .map_err(attempting())?;
        if now != stored {
            drop(tx);
            return Box::pin(self.replace_type_views(views)).await;
        }
        sqlx::raw_sql(AssertSqlSafe(script)).execute(&mut *tx).await.map_err(attempting())?;
        sqlx::query("DELETE FROM orgraph_internal.type_view").execute(&mut *tx).await.map_err(attempting())?;
        sqlx::query(
            "INSERT INTO orgraph_internal.type_view (name, definition) SELECT u.n, u.d FROM unnest($1::text[], $2::text[]) AS u(n, d)",
        )
        .bind(wanted.iter().map(|it| it.0).collect::<Vec<_>>())
        .bind(wanted.iter().map(|it| it.1.as_str()).collect::<Vec<_>>())
        .execute(&mut *tx)
        .await
        .map_err(attempting())?;
        tx.commit().await.map_err(attempting())
    }
}

fn is_name(name: &str) -> bool {
    let is_plain = name.bytes().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'_');
    is_plain
        && name.starts_with(|it: char| it.is_ascii_lowercase())
        && name.len() < 64
        && !RESERVED.contains(&name)
}

fn definition(view: &TypeView) -> String {
    let mut sql = format!("CREATE VIEW orgraph.{} AS\nSELECT\n", quoted(&view.name));
    let (head, tail) = ENVELOPE.split_at(8);
    for column in head {
        let _ = writeln!(sql, "  e.{column},");
    }
    let mut used: Vec<&str> = Vec::new();
    for (property, pg_type) in &view.columns {
        // 63 bytes are the longest name PostgreSQL tells apart.
        if ENVELOPE.contains(&property.as_str()) || used.contains(&property.as_str()) || property.len() > 63 {
            continue;
        }
        used.push(property);
        let value = format!("(e.properties -> {})", literal(property));
        let _ = writeln!(sql, "  {} AS {},", pg_type.expression(&value), quoted(property));
    }
    let last = tail.len() - 1;
    for (at, column) in tail.iter().enumerate() {
        let _ = writeln!(sql, "  e.{column}{}", if at == last { "" } else { "," });
    }
    let _ = writeln!(sql, "FROM orgraph.entity AS e\nWHERE e._type = {};", literal(&view.name));
    let _ = writeln!(sql, "COMMENT ON VIEW orgraph.{} IS {};", quoted(&view.name), literal(&view.comment));
    let _ =
        writeln!(sql, "GRANT SELECT ON orgraph.{} TO orgraph_reader, orgraph_writer;", quoted(&view.name));
    sql
}

impl PgType {
    fn expression(self, value: &str) -> String {
        let when =
            |kind: &str, then: &str| format!("CASE WHEN jsonb_typeof({value}) = '{kind}' THEN {then} END");
        let number = format!("({value} #>> '{{}}')::numeric");
        match self {
            Self::Text => format!("({value} #>> '{{}}')"),
            Self::BigInt => format!(
                "CASE WHEN jsonb_typeof({value}) = 'number' THEN CASE WHEN abs({number}) < 9e18 THEN {number}::bigint END END"
            ),
            Self::Double => when("number", &format!("({value} #>> '{{}}')::double precision")),
            Self::Boolean => when("boolean", &format!("({value} #>> '{{}}')::boolean")),
            Self::Timestamp => format!(
                "CASE WHEN jsonb_typeof({value}) = 'number' THEN CASE WHEN abs({number}) < 1e14 THEN to_timestamp(({number} / 1000)::double precision) END END"
            ),
            Self::TextArray => when("array", &format!("ARRAY(SELECT jsonb_array_elements_text({value}))")),
            Self::Json => value.to_owned(),
        }
    }
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A string constant that means the same whatever `standard_conforming_strings` says.
fn literal(text: &str) -> String {
    format!("E'{}'", text.replace('\\', "\\\\").replace('\'', "''").replace('\0', ""))
}
