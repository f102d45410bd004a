//! The kinds of relationship that a database stores, read once and looked at again before every question.

use std::sync::{Arc, Mutex, PoisonError};

use sqlx::PgConnection;

use crate::j1ql::{Kind, Kinds};

/// Kinds are added and never changed or removed, and their loose ends too, so that their number tells whether there are
/// others.
const VERSION: &str = "SELECT count(*), coalesce(max(k.rel_type)::int, 0), (SELECT count(*) FROM orgraph.loose_end) FROM orgraph.relationship_type AS k";

const KINDS: &str = "SELECT
  k.rel_type, k._type, k._class, k.from_type, k.to_type,
  NOT EXISTS (SELECT FROM orgraph.loose_end AS l WHERE l.rel_type = k.rel_type AND l.is_from),
  NOT EXISTS (SELECT FROM orgraph.loose_end AS l WHERE l.rel_type = k.rel_type AND NOT l.is_from)
FROM orgraph.relationship_type AS k
ORDER BY k.rel_type";

/// What the database said the last time. Clones share it.
#[derive(Debug, Clone, Default)]
pub(crate) struct StoredKinds {
    last: Arc<Mutex<Option<(Version, Kinds)>>>,
}

/// How many there are, the greatest number, and how many loose ends.
type Version = (i64, i32, i64);

impl StoredKinds {
    /// The kinds that the transaction of the connection sees.
    pub(crate) async fn of(&self, connection: &mut PgConnection) -> Result<Kinds, sqlx::Error> {
        let version: Version = sqlx::query_as(VERSION).fetch_one(&mut *connection).await?;
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((_, kinds)) = last.filter(|it| it.0 == version) {
            return Ok(kinds);
        }
        let kinds = kinds(connection).await?;
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some((version, kinds.clone()));
        Ok(kinds)
    }
}

/// The kinds of relationship that are stored, for [`crate::j1ql::Compiled::for_kinds`]. A [`crate::Reader`] does this by
/// itself.
///
/// # Errors
/// Those of the database.
pub async fn kinds(connection: &mut PgConnection) -> Result<Kinds, sqlx::Error> {
    let rows: Vec<(i16, String, String, String, String, bool, bool)> =
        sqlx::query_as(KINDS).fetch_all(connection).await?;
    let kind = |(number, name, verb, from_type, to_type, from_is_stored, to_is_stored)| Kind {
        number,
        name,
        verb,
        from_type,
        to_type,
        from_is_stored,
        to_is_stored,
    };
    Ok(Kinds::new(rows.into_iter().map(kind)))
}
