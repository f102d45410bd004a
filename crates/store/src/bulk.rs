//! Loading a partition that was never seen, with COPY in text format.

use chrono::{DateTime, SecondsFormat, Utc};
use orgraph_model::Properties;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::prepare::Prepared;
use crate::relationship_type::Numbers;
use crate::{Result, StoreError};

/// How much is collected before it is sent.
const BUFFER_BYTES: usize = 256 * 1024;

pub(crate) async fn copy_entities(
    tx: &mut PgConnection,
    partition_id: i32,
    ts: DateTime<Utc>,
    prepared: &Prepared<'_>,
) -> Result<()> {
    let ts = timestamp(ts);
    let mut json = Vec::new();
    let mut copy = tx
        .copy_in_raw(include_str!("../queries/copy_entities.sql"))
        .await
        .map_err(StoreError::attempting("copy entities"))?;
    let mut buffer = Vec::with_capacity(BUFFER_BYTES + 4096);
    for mark in &prepared.marks.own {
        let entity = prepared.rows().entity(mark.place)?;
        let mut line = Line::new(&mut buffer);
        line.uuid(&mark.id);
        line.number(partition_id);
        line.plain("f");
        line.text(entity.entity_type.name);
        line.array(entity.entity_type.class);
        line.text(entity.account.as_str());
        line.text(entity.region.as_str());
        line.text(entity.key.as_str());
        line.optional(entity.name.as_deref());
        line.optional(entity.display_name.as_deref());
        line.uuid(&mark.hash);
        line.plain(&ts);
        line.plain(&ts);
        line.json(&entity.properties, &mut json)?;
        line.json(&entity.tags, &mut json)?;
        line.end();
        if buffer.len() >= BUFFER_BYTES {
            copy.send(std::mem::take(&mut buffer)).await.map_err(StoreError::attempting("copy entities"))?;
        }
    }
    copy.send(buffer).await.map_err(StoreError::attempting("copy entities"))?;
    copy.finish().await.map_err(StoreError::attempting("copy entities"))?;
    Ok(())
}

pub(crate) async fn copy_relationships(
    tx: &mut PgConnection,
    partition_id: i32,
    ts: DateTime<Utc>,
    prepared: &Prepared<'_>,
    numbers: &Numbers,
) -> Result<()> {
    let ts = timestamp(ts);
    let mut json = Vec::new();
    let mut copy = tx
        .copy_in_raw(include_str!("../queries/copy_relationships.sql"))
        .await
        .map_err(StoreError::attempting("copy relationships"))?;
    let mut buffer = Vec::with_capacity(BUFFER_BYTES + 4096);
    for mark in &prepared.marks.relationships {
        let relationship = prepared.rows().relationship(mark.place)?;
        let mut line = Line::new(&mut buffer);
        line.uuid(&relationship.from.key.id());
        line.uuid(&relationship.to.key.id());
        line.number(i32::from(numbers.of(&relationship)?));
        line.number(partition_id);
        line.uuid(&mark.hash);
        line.plain(&ts);
        line.plain(&ts);
        line.text(&relationship.discriminator);
        line.text(relationship.from.key.as_str());
        line.text(relationship.to.key.as_str());
        if relationship.properties.is_empty() {
            line.optional(None);
        } else {
            line.json(&relationship.properties, &mut json)?;
        }
        line.end();
        if buffer.len() >= BUFFER_BYTES {
            copy.send(std::mem::take(&mut buffer))
                .await
                .map_err(StoreError::attempting("copy relationships"))?;
        }
    }
    copy.send(buffer).await.map_err(StoreError::attempting("copy relationships"))?;
    copy.finish().await.map_err(StoreError::attempting("copy relationships"))?;
    Ok(())
}

fn timestamp(ts: DateTime<Utc>) -> String {
    ts.to_rfc3339_opts(SecondsFormat::Micros, true)
}

/// One row in the text format of COPY.
struct Line<'a> {
    buffer: &'a mut Vec<u8>,
    is_first: bool,
}

impl<'a> Line<'a> {
    fn new(buffer: &'a mut Vec<u8>) -> Self {
        Self { buffer, is_first: true }
    }

    fn next(&mut self) {
        if !std::mem::take(&mut self.is_first) {
            self.buffer.push(b'\t');
        }
    }

    /// What needs no escaping.
    fn plain(&mut self, value: &str) {
        self.next();
        self.buffer.extend_from_slice(value.as_bytes());
    }

    fn number(&mut self, value: i32) {
        self.plain(&value.to_string());
    }

    fn uuid(&mut self, value: &Uuid) {
        let mut text = Uuid::encode_buffer();
        self.plain(value.as_hyphenated().encode_lower(&mut text));
    }

    fn text(&mut self, value: &str) {
        self.next();
        escape(self.buffer, value.as_bytes());
    }

    fn optional(&mut self, value: Option<&str>) {
        match value {
            Some(value) => self.text(value),
            None => self.plain("\\N"),
        }
    }

    /// Names that need no escaping, as an array.
    fn array(&mut self, names: &[&str]) {
        self.plain("{");
        for (at, name) in names.iter().enumerate() {
            if at > 0 {
                self.buffer.push(b',');
            }
            self.buffer.extend_from_slice(name.as_bytes());
        }
        self.buffer.push(b'}');
    }

    /// `scratch` is memory to be used again.
    fn json(&mut self, value: &Properties, scratch: &mut Vec<u8>) -> Result<()> {
        self.next();
        scratch.clear();
        serde_json::to_writer(&mut *scratch, value).map_err(|error| StoreError::Database {
            attempted: "encode properties",
            source: sqlx::Error::Encode(Box::new(error)),
        })?;
        // JSON has escaped everything but the backslashes it escapes with, and most has none of them.
        if scratch.contains(&b'\\') {
            escape(self.buffer, scratch);
        } else {
            self.buffer.extend_from_slice(scratch);
        }
        Ok(())
    }

    fn end(self) {
        self.buffer.push(b'\n');
    }
}

fn escape(buffer: &mut Vec<u8>, bytes: &[u8]) {
    let mut rest = bytes;
    while let Some(at) = rest.iter().position(|it| matches!(it, b'\\' | b'\t' | b'\n' | b'\r')) {
        buffer.extend_from_slice(&rest[..at]);
        buffer.push(b'\\');
        buffer.push(match rest[at] {
            b'\t' => b't',
            b'\n' => b'n',
            b'\r' => b'r',
            other => other,
        });
        rest = &rest[at + 1..];
    }
    buffer.extend_from_slice(rest);
}

#[cfg(test)]
mod tests {
    use super::escape;

    #[test]
    fn what_separates_columns_and_rows_is_escaped() {
        let mut buffer = Vec::new();

        escape(&mut buffer, "a\tb\\N\nc\r\u{1F600}".as_bytes());

        assert_eq!(String::from_utf8(buffer).unwrap(), "a\\tb\\\\N\\nc\\r\u{1F600}");
    }
}
