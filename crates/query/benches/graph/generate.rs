//! Writes the organization into the tables, by COPY and with the indexes made afterwards.

use std::collections::HashMap;
use std::fmt::Write as _;

use orgraph_model::Key;
use serde_json::Value;
use sqlx::postgres::PgPoolCopyExt;
use sqlx::{AssertSqlSafe, PgPool};

use crate::database::Database;
use crate::organization::{self, ENTITIES, End, INTERNET, account_id, classes};

/// How many rows were written.
pub(crate) struct Rows {
    pub(crate) entities: usize,
    pub(crate) relationships: usize,
}

const TIME: &str = "2026-01-01T00:00:00Z";

/// Keys and indexes of both tables, to be made again as they were.
const INDEXES: &str = "SELECT
  CASE WHEN c.conname IS NULL THEN 'DROP INDEX ' || i.indexrelid::regclass
       ELSE 'ALTER TABLE ' || i.indrelid::regclass || ' DROP CONSTRAINT ' || quote_ident(c.conname) END AS dropped,
  CASE WHEN c.conname IS NULL THEN pg_get_indexdef(i.indexrelid)
       ELSE 'ALTER TABLE ' || i.indrelid::regclass || ' ADD ' || pg_get_constraintdef(c.oid) END AS made
FROM pg_index AS i
LEFT JOIN pg_constraint AS c ON c.conindid = i.indexrelid AND c.contype = 'p'
WHERE i.indrelid IN ('orgraph_internal.entity'::regclass, 'orgraph_internal.relationship'::regclass)";

pub(crate) async fn organization(db: &Database, accounts: usize) -> Rows {
    let pool = db.pool.clone();
    let indexes: Vec<(String, String)> = sqlx::query_as(INDEXES).fetch_all(&pool).await.unwrap();
    for (dropped, _) in &indexes {
        execute(&pool, dropped).await;
    }
    let entities = write_entities(&pool, accounts).await;
    let relationships = write_relationships(&pool, accounts).await;
    for (_, made) in &indexes {
        execute(&pool, &format!("SET maintenance_work_mem = '512MB'; {made}")).await;
    }
    execute(
        &pool,
        &format!(
            "INSERT INTO orgraph_internal.partition
               (account_id, region, collector, status, entities, relationships, last_complete_at)
             SELECT '{}', 'eu-west-1', 'generated', 'complete', {entities}, {relationships}, '{TIME}'",
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
        writeln!(
            line,
            "{id}\t1\t{placeholder}\t{type_name}\t{{{classes}}}\t{account}\teu-west-1\t{key}\t{name}\t{name}\t{id}\t{TIME}\t\
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
    let statement = "COPY orgraph_internal.relationship (from_id, to_id, rel_type, partition_id, content_hash, first_seen,
      valid_from, discriminator, from_key, to_key, properties) FROM STDIN";
    let mut copy = pool.copy_in_raw(statement).await.unwrap();
    let mut kinds: HashMap<(&'static str, String, &'static str), i16> = HashMap::new();
    let mut written = 0;
    for account in 0..accounts {
        let mut lines = String::new();
        organization::relationships(account, |from: &End, verb, to: &End, discriminator, properties| {
            let next = i16::try_from(kinds.len() + 1).unwrap();
            let kind = *kinds.entry((from.type_name, verb.to_owned(), to.type_name)).or_insert(next);
            let (from_id, to_id) = (Key::from(&from.key).id(), Key::from(&to.key).id());
            let properties = properties.map_or_else(|| "\\N".to_owned(), |it| it.to_string());
            writeln!(
                lines,
                "{from_id}\t{to_id}\t{kind}\t1\t{from_id}\t{TIME}\t{TIME}\t{discriminator}\t{}\t{}\t{properties}",
                from.key, to.key
            )
            .unwrap();
            written += 1;
        });
        copy.send(lines.into_bytes()).await.unwrap();
    }
    copy.finish().await.unwrap();
    for ((from_type, verb, to_type), rel_type) in kinds {
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
    written
}
