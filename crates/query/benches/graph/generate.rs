//! Writes the organization into the tables, by COPY and with the indexes made afterwards.

use std::collections::HashMap;
use std::fmt::Write as _;

use orgraph_model::Key;
use serde_json::Value;
use sqlx::postgres::PgPoolCopyExt;
use sqlx::{AssertSqlSafe, PgPool};

use crate::database::Database;
use crate::organization::{self, ENTITIES, INTERNET, PARTITIONS, account_id, classes};

/// How many rows were written.
pub(crate) struct Rows {
    pub(crate) entities: usize,
    pub(crate) relationships: usize,
}

const TIME: &str = "2026-01-01T00:00:00Z";

/// Keys and indexes of both tables, to be made again as they were.
const INDEXES: &str = "SELECT
  i.indrelid = 'orgraph_internal.entity'::regclass AS is_of_entities,
  CASE WHEN c.conname IS NULL THEN 'DROP INDEX ' || i.indexrelid::regclass
       ELSE 'ALTER TABLE ' || i.indrelid::regclass || ' DROP CONSTRAINT ' || quote_ident(c.conname) END AS dropped,
  CASE WHEN c.conname IS NULL THEN pg_get_indexdef(i.indexrelid)
       ELSE 'ALTER TABLE ' || i.indrelid::regclass || ' ADD ' || pg_get_constraintdef(c.oid) END AS made
FROM pg_index AS i
LEFT JOIN pg_constraint AS c ON c.conindid = i.indexrelid AND c.contype = 'p'
WHERE i.indrelid IN ('orgraph_internal.entity'::regclass, 'orgraph_internal.relationship'::regclass)";

pub(crate) async fn organization(db: &Database, accounts: usize) -> Rows {
    let pool = db.pool.clone();
    let indexes: Vec<(bool, String, String)> = sqlx::query_as(INDEXES).fetch_all(&pool).await.unwrap();
    for (_, dropped, _) in &indexes {
        execute(&pool, dropped).await;
    }
    let make = async |of_entities: bool| {
        for (_, _, made) in indexes.iter().filter(|it| it.0 == of_entities) {
            execute(&pool, &format!("SET maintenance_work_mem = '512MB'; {made}")).await;
        }
    };
    let entities = write_entities(&pool, accounts).await;
    // A relationship that is written looks for its ends.
    make(true).await;
    let relationships = write_relationships(&pool, accounts).await;
    make(false).await;
    execute(
        &pool,
        &format!(
            "INSERT INTO orgraph_internal.partition
               (account_id, region, collector, status, entities, relationships, last_complete_at)
             SELECT '{}', 'eu-west-1', 'generated-' || i, 'complete',
               (SELECT count(*) FROM orgraph_internal.entity AS e WHERE e.partition_id = i OR (i = 1 AND e.partition_id IS NULL)),
               (SELECT count(*) FROM orgraph_internal.relationship AS r WHERE r.partition_id = i), '{TIME}'
             FROM generate_series(1, {PARTITIONS}) AS i",
            account_id(0)
        ),
    )
    .await;
    execute(&pool, "VACUUM ANALYZE orgraph_internal.entity").await;
    execute(&pool, "VACUUM ANALYZE orgraph_internal.relationship").await;
    execute(&pool, "ANALYZE orgraph_internal.relationship_type").await;
    Rows { entities, relationships }
}

async fn execute(pool: &PgPool, statement: &str) {
    sqlx::raw_sql(AssertSqlSafe(statement.to_owned())).execute(pool).await.unwrap();
}

async fn write_entities(pool: &PgPool, accounts: usize) -> usize {
    let statement = "COPY orgraph_internal.entity (id, partition_id, placeholder, type, class, account_id, region, key, name,
      display_name, content_hash, first_seen, valid_from, properties, tags) FROM STDIN";
    let mut copy = pool.copy_in_raw(statement).await.unwrap();
    let mut lines = String::new();
    let line = |placeholder: bool, type_name: &str, account: &str, key: &str, properties: &Value| {
        let id = Key::from(key).id();
        let name = key.rsplit(['/', ':']).next().unwrap_or(key);
        let mut line = String::new();
        let classes = classes(type_name).join(",");
        let partition =
            if placeholder { "\\N".to_owned() } else { organization::partition(type_name).to_string() };
        writeln!(
            line,
            "{id}\t{partition}\t{placeholder}\t{type_name}\t{{{classes}}}\t{account}\teu-west-1\t{key}\t{name}\t{name}\t{id}\t{TIME}\t\
             {TIME}\t{properties}\t{{\"Owner\": \"platform\", \"Stage\": \"prod\"}}"
        )
        .unwrap();
        line
    };
    lines.push_str(&line(true, "internet", "", INTERNET, &Value::Object(serde_json::Map::new())));
    let mut written = 1;
    for account in 0..accounts {
        let id = account_id(account);
        for (type_name, count) in ENTITIES {
            for number in 0..*count {
                let key = organization::key(account, type_name, number);
                let properties = organization::properties(account, type_name, number);
                lines.push_str(&line(false, type_name, &id, &key, &properties));
                written += 1;
            }
        }
        copy.send(std::mem::take(&mut lines).into_bytes()).await.unwrap();
    }
    copy.finish().await.unwrap();
    written
}

async fn write_relationships(pool: &PgPool, accounts: usize) -> usize {
    let kinds = write_kinds(pool).await;
    let statement = "COPY orgraph_internal.relationship (from_id, to_id, rel_type, partition_id, content_hash, first_seen,
      valid_from, discriminator, from_key, to_key, properties) FROM STDIN";
    let mut written = 0;
    for account in 0..accounts {
        let mut lines = String::new();
        organization::relationships(account, |edge| {
            let kind = kinds[&(edge.from.type_name, edge.verb, edge.to.type_name)];
            let (from, to) = (&edge.from.key, &edge.to.key);
            let (from_id, to_id) = (Key::from(from).id(), Key::from(to).id());
            let properties = edge.properties.as_ref().map_or_else(|| "\\N".to_owned(), Value::to_string);
            let (partition, discriminator) = (edge.partition, edge.discriminator);
            writeln!(
                lines,
                "{from_id}\t{to_id}\t{kind}\t{partition}\t{from_id}\t{TIME}\t{TIME}\t{discriminator}\t{from}\t{to}\t\
                 {properties}"
            )
            .unwrap();
            written += 1;
        });
        let mut copy = pool.copy_in_raw(statement).await.unwrap();
        copy.send(lines.into_bytes()).await.unwrap();
        copy.finish().await.unwrap();
    }
    written
}

/// Every account has relationships of all kinds.
async fn write_kinds(pool: &PgPool) -> HashMap<(&'static str, &'static str, &'static str), i16> {
    let mut kinds = HashMap::new();
    organization::relationships(0, |edge| {
        let next = i16::try_from(kinds.len() + 1).unwrap();
        kinds.entry((edge.from.type_name, edge.verb, edge.to.type_name)).or_insert(next);
    });
    for ((from_type, verb, to_type), rel_type) in &kinds {
        let second = to_type.strip_prefix("aws_").unwrap_or(to_type);
        let name = format!("{from_type}_{verb}_{second}").to_lowercase();
        sqlx::query(
            "INSERT INTO orgraph_internal.relationship_type (rel_type, from_type, verb, to_type, name)
             OVERRIDING SYSTEM VALUE VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(rel_type)
        .bind(from_type)
        .bind(verb)
        .bind(to_type)
        .bind(name)
        .execute(pool)
        .await
        .unwrap();
    }
    kinds
}
