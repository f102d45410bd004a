//! From the public surface into memory, in one snapshot of the database.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures_util::TryStreamExt;
use sqlx::Row;
use uuid::Uuid;

use super::PathError;
use super::ahead::{Ahead, Sent};
use super::copy::{CopyReader, Row as CopiedRow, identity, small, text, texts};
use super::flow::FlowTable;
use super::graph::{EntityKind, Flags, Graph, Limits, Link, NewEntity, Place, RelationshipKind, Standing};
use super::walk::{WalkOptions, protects};
use crate::Reader;
use crate::reader::Reading;

const EXPECTED: &str = "SELECT coalesce(sum(c.entities), 0)::bigint AS entities,
  coalesce(sum(c.relationships), 0)::bigint AS relationships, now()
FROM orgraph.coverage AS c";

const KINDS: &str = "SELECT k.rel_type, k._type, k._class, k.from_type, k.to_type
FROM orgraph.relationship_type AS k
ORDER BY k.rel_type";

/// The last column is bits: 1 for a placeholder, 2 for public, 4 for not public. Every column costs time.
macro_rules! entities {
    ($name:literal) => {
        concat!(
            "COPY (
  SELECT e._id, e._type, e._class, e.account_id, e._key, e.display_name, ",
            $name,
            ",
    ((e._source = 'system-mapper')::int
      + CASE e.properties -> 'public' WHEN 'true'::jsonb THEN 2 WHEN 'false'::jsonb THEN 4 ELSE 0 END)::smallint
  FROM orgraph.entity AS e
) TO STDOUT (FORMAT binary)"
        )
    };
}
const ENTITIES: &str = entities!("nullif(e.name, e.display_name)");
/// Nobody is looked for by a name of which access alone is asked.
const ENTITIES_WITHOUT_NAMES: &str = entities!("NULL::text");

/// The last column is the number of the kind times 256, and the bits of [`Flags`].
macro_rules! relationships {
    () => {
        r#"SELECT r.from_id, r.to_id,
    (r.rel_type * 256 + CASE
      WHEN r.properties IS NULL THEN 0
      WHEN r.properties @> '{"ingress": true}' THEN 1
      WHEN r.properties ? 'normalizedActions' THEN
        (r.properties @> '{"admin": true}')::int * 2
        + (r.properties @> '{"read": true}')::int * 4
        + (r.properties @> '{"update": true}')::int * 8
        + (r.properties @> '{"create": true}' OR r.properties @> '{"delete": true}')::int * 16
        + (r.properties @> '{"invoke": true}')::int * 32
        + (r.properties @> '{"hasCondition": true}')::int * 64
      ELSE 0
    END)
  FROM orgraph.step_forward AS r"#
    };
}
const RELATIONSHIPS: &str = relationships!();
const PARTS: &str = concat!(relationships!(), " WHERE r.rel_type = ANY($1) AND r.near_id = ANY($2)");

const MISSING: &str = "SELECT m.number, r.from_key, r.to_key
FROM unnest($1::uuid[], $2::smallint[], $3::uuid[]) WITH ORDINALITY AS m (from_id, rel_type, to_id, number)
CROSS JOIN LATERAL (
  SELECT r.from_key, r.to_key
  FROM orgraph.step AS r
  WHERE r.forward AND r.near_id = m.from_id AND r.rel_type = m.rel_type AND r.far_id = m.to_id
  LIMIT 1
) AS r";
/// How many keys of missing ends are asked for at once.
const MISSING_AT_ONCE: usize = 10_000;

/// Of how many wholes the parts are looked up. Of more, reading all there are in one piece is faster.
const MOST_WHOLES: usize = 1000;

impl Reader {
    /// Loads all that is there now: entities and relationships of one moment. Every statement may take `timeout`.
    ///
    /// Parallel relationships stay apart; an end of a relationship that is not stored becomes an entity of which only
    /// key and type are known.
    ///
    /// # Errors
    ///
    /// [`PathError::TooLarge`] if the limit would be exceeded, before the memory is taken.
    pub async fn load_graph(&self, limits: &Limits, timeout: Duration) -> Result<Graph, PathError> {
        self.load(None, limits, timeout).await
    }

    /// Loads what [`Graph::exposed`] needs to follow access so: all entities that are stored, but for names
    /// that are not shown, and of the relationships
    /// those of a kind that may carry it; those from a service to all that it has only where it is reached. The answer is
    /// that of the whole graph.
    ///
    /// # Errors
    ///
    /// As [`Reader::load_graph`].
    pub async fn load_access(
        &self,
        walk: WalkOptions,
        limits: &Limits,
        timeout: Duration,
    ) -> Result<Graph, PathError> {
        self.load(Some(walk), limits, timeout).await
    }

    async fn load(
        &self,
        walk: Option<WalkOptions>,
        limits: &Limits,
        timeout: Duration,
    ) -> Result<Graph, PathError> {
        let mut reading = self.begin(timeout).await?;
        let mut loading = Loading::begin(&mut reading, limits, walk.is_none()).await?;
        let kinds = walk.map(|it| NeededKinds::of(&loading.graph, it));
        let beside = self.beside(&mut reading).await?;
        let statement = relationships(kinds.as_ref().map(|it| it.first.as_slice()));
        let mut relationships = Ahead::begin(beside, statement, timeout);
        loading
            .entities(&mut reading, if walk.is_none() { ENTITIES } else { ENTITIES_WITHOUT_NAMES })
            .await?;
        loading.relationships(&mut relationships, &BTreeSet::new()).await?;
        if let (Some(walk), Some(kinds)) = (walk, kinds) {
            self.load_parts(&mut reading, &mut loading, walk, &kinds.to_parts, timeout).await?;
        }
        loading.keys_of_missing(&mut reading).await?;
        reading.finish().await?;
        Ok(loading.graph)
    }

    /// Relationships of some kinds, from wholes to their parts, of the wholes that are reached, until no more are.
    async fn load_parts(
        &self,
        reading: &mut Reading,
        loading: &mut Loading,
        walk: WalkOptions,
        kinds: &[i16],
        timeout: Duration,
    ) -> Result<(), PathError> {
        let is_one = |it: &&RelationshipKind| kinds.contains(&it.rel_type);
        let types: BTreeSet<Box<str>> =
            loading.graph.relationship_kinds.iter().filter(is_one).map(|it| it.from_type.clone()).collect();
        let mut known: BTreeSet<Place> = BTreeSet::new();
        while !types.is_empty() {
            let mut wholes = loading.graph.reached_of(walk, |it| types.contains(it));
            wholes.retain(|it| !known.contains(it));
            if wholes.is_empty() {
                break;
            }
            if wholes.len() > MOST_WHOLES {
                let beside = self.beside(reading).await?;
                let mut all = Ahead::begin(beside, relationships(Some(kinds)), timeout);
                return loading.relationships(&mut all, &known).await;
            }
            loading.parts(reading, kinds, &wholes).await?;
            known.append(&mut wholes);
        }
        Ok(())
    }
}

/// The statement for relationships of some kinds, by their numbers; none for all.
fn relationships(kinds: Option<&[i16]>) -> String {
    // COPY takes no values; these are numbers that the database gave.
    let condition = kinds.map_or_else(String::new, |kinds| {
        let kinds: Vec<String> = kinds.iter().map(i16::to_string).collect();
        format!(" WHERE r.rel_type = ANY('{{{}}}'::smallint[])", kinds.join(","))
    });
    format!("COPY ({RELATIONSHIPS}{condition}) TO STDOUT (FORMAT binary)")
}

/// The numbers of the kinds that access depends on.
struct NeededKinds {
    first: Vec<i16>,
    /// Those that access only follows from a whole to its parts.
    to_parts: Vec<i16>,
}

impl NeededKinds {
    fn of(graph: &Graph, walk: WalkOptions) -> Self {
        let table = FlowTable::of(graph, walk.lateral);
        let is_known = |type_name: &str| orgraph_model::vocabulary::by_name(type_name).is_some();
        let mut needed = Self { first: Vec::new(), to_parts: Vec::new() };
        for (number, kind) in (0..).zip(&graph.relationship_kinds) {
            let (there, back) = (table.rows(number, false), table.rows(number, true));
            // The classes of a type that the model does not have are not known before the entities are.
            let is_known = is_known(&kind.from_type) && is_known(&kind.to_type);
            if !is_known || protects(kind) || !back.is_empty() || there.iter().any(|it| !it.is_to_parts) {
                needed.first.push(kind.rel_type);
            } else if !there.is_empty() {
                needed.to_parts.push(kind.rel_type);
            }
        }
        needed
    }
}

/// Gives every row of a statement to `each`. After an error the rest is not read: the connection is closed with the
/// reading.
async fn copy<const COLUMNS: usize>(
    reading: &mut Reading,
    statement: &'static str,
    attempted: &'static str,
    mut each: impl FnMut(CopiedRow<'_, COLUMNS>) -> Result<(), PathError>,
) -> Result<(), PathError> {
    let failed = reading.failing(attempted);
    let mut reader = CopyReader::new();
    let mut pieces = reading.connection().copy_out_raw(statement).await.map_err(&failed)?;
    while let Some(piece) = pieces.try_next().await.map_err(&failed)? {
        reader.read(&piece, &mut each)?;
    }
    reader.finish()
}

struct Loading {
    graph: Graph,
    /// By the bytes that the database sent: the type, and the list of classes.
    numbers_of_kinds: HashMap<Box<[u8]>, u16>,
    /// By the number in the database.
    numbers_of_relationship_kinds: HashMap<i16, u16>,
    /// Each with a relationship that leads there or comes from there.
    missing: Vec<Missing>,
}

struct Missing {
    place: Place,
    from: u128,
    rel_type: i16,
    to: u128,
    is_from: bool,
}

impl Loading {
    async fn begin(reading: &mut Reading, limits: &Limits, is_whole: bool) -> Result<Self, PathError> {
        let mut graph = Graph::empty(limits);
        let failed = reading.failing("read the coverage");
        let expected: (i64, i64, DateTime<Utc>) =
            sqlx::query_as(EXPECTED).fetch_one(reading.connection()).await.map_err(failed)?;
        let count = |it: i64| usize::try_from(it).unwrap_or_default();
        graph.as_of = expected.2;
        graph.reserve(count(expected.0), if is_whole { count(expected.1) } else { 0 })?;
        let failed = reading.failing("read the kinds of relationship");
        let kinds: Vec<(i16, String, String, String, String)> =
            sqlx::query_as(KINDS).fetch_all(reading.connection()).await.map_err(failed)?;
        let mut numbers_of_relationship_kinds = HashMap::new();
        for (number, (rel_type, type_name, verb, from_type, to_type)) in (0..).zip(kinds) {
            numbers_of_relationship_kinds.insert(rel_type, number);
            graph.relationship_kinds.push(RelationshipKind {
                rel_type,
                type_name: type_name.into(),
                verb: verb.into(),
                from_type: from_type.into(),
                to_type: to_type.into(),
            });
        }
        Ok(Self {
            graph,
            numbers_of_kinds: HashMap::new(),
            numbers_of_relationship_kinds,
            missing: Vec::new(),
        })
    }

    async fn entities(&mut self, reading: &mut Reading, statement: &'static str) -> Result<(), PathError> {
        let attempted = "read the entities";
        copy(reading, statement, attempted, |row: CopiedRow<'_, 8>| {
            let [id, type_name, class, account, key, display_name, name, bits] = row;
            let kind = self.kind(type_name, class)?;
            let bits = small(bits)?;
            self.graph.add_entity(&NewEntity {
                identity: identity(id)?,
                key: text(key)?,
                display_name: text(display_name)?,
                name: text(name)?,
                account: text(account)?,
                kind,
                standing: if bits & 1 == 0 { Standing::Read } else { Standing::Placeholder },
                public: (bits & 6 != 0).then_some(bits & 2 != 0),
            })?;
            Ok(())
        })
        .await
    }

    /// Adds what is read, but for what begins at some entities, because that is there.
    async fn relationships(&mut self, ahead: &mut Ahead, known: &BTreeSet<Place>) -> Result<(), PathError> {
        // Many follow each other that begin at the same entity.
        let mut last = None;
        while let Some(piece) = ahead.next().await? {
            for it in piece {
                self.relationship(it, &mut last, known)?;
            }
        }
        Ok(())
    }

    /// Adds the relationships of some kinds that begin at these.
    async fn parts(
        &mut self,
        reading: &mut Reading,
        kinds: &[i16],
        wholes: &BTreeSet<Place>,
    ) -> Result<(), PathError> {
        let failed = reading.failing("read the relationships of what is reached");
        let identities: Vec<Uuid> =
            wholes.iter().map(|it| Uuid::from_u128(self.graph.identity(*it))).collect();
        let mut rows = sqlx::query_as::<_, (Uuid, Uuid, i32)>(PARTS)
            .bind(kinds)
            .bind(identities)
            .fetch(reading.connection());
        let mut last = None;
        while let Some((from, to, kind_and_flags)) = rows.try_next().await.map_err(&failed)? {
            let kind_and_flags = kind_and_flags.cast_unsigned();
            let sent = Sent { from: from.into_bytes(), to: to.into_bytes(), kind_and_flags };
            self.relationship(sent, &mut last, &BTreeSet::new())?;
        }
        Ok(())
    }

    /// Adds one; `last` is where the one before began.
    fn relationship(
        &mut self,
        it: Sent,
        last: &mut Option<(u128, Place)>,
        known: &BTreeSet<Place>,
    ) -> Result<(), PathError> {
        let (from, to) = (u128::from_be_bytes(it.from), u128::from_be_bytes(it.to));
        let [kind @ .., flags] = it.kind_and_flags.to_be_bytes();
        let kind = i16::try_from(u32::from_be_bytes([0, kind[0], kind[1], kind[2]])).ok();
        let kind = kind.and_then(|it| self.numbers_of_relationship_kinds.get(&it).copied());
        let kind = kind.ok_or(PathError::Copy("a relationship is of no known kind"))?;
        let from_place = match *last {
            Some((identity, place)) if identity == from => place,
            _ => self.end(from, to, kind, true)?,
        };
        *last = Some((from, from_place));
        if known.contains(&from_place) {
            return Ok(());
        }
        let to_place = self.end(from, to, kind, false)?;
        self.graph.add_relationship(from_place, to_place, Link { kind, flags: Flags(flags.into()) })
    }

    /// One end of a relationship, which is added if it is not stored.
    fn end(&mut self, from: u128, to: u128, kind: u16, is_from: bool) -> Result<Place, PathError> {
        let identity = if is_from { from } else { to };
        if let Some(place) = self.graph.place(identity) {
            return Ok(place);
        }
        let relationship = &self.graph.relationship_kinds[usize::from(kind)];
        let rel_type = relationship.rel_type;
        let type_name = if is_from { relationship.from_type.clone() } else { relationship.to_type.clone() };
        let kind = self.kind(Some(type_name.as_bytes()), None)?;
        let place = self.graph.add_entity(&NewEntity {
            identity,
            key: "",
            display_name: "",
            name: "",
            account: "",
            kind,
            standing: Standing::Missing,
            public: None,
        })?;
        self.missing.push(Missing { place, from, rel_type, to, is_from });
        Ok(place)
    }

    async fn keys_of_missing(&mut self, reading: &mut Reading) -> Result<(), PathError> {
        let failed = reading.failing("read the keys of what is not stored");
        for some in std::mem::take(&mut self.missing).chunks(MISSING_AT_ONCE) {
            let of = |it: fn(&Missing) -> u128| -> Vec<Uuid> {
                some.iter().map(|missing| Uuid::from_u128(it(missing))).collect()
            };
            let rows = sqlx::query(MISSING)
                .bind(of(|it| it.from))
                .bind(some.iter().map(|it| it.rel_type).collect::<Vec<_>>())
                .bind(of(|it| it.to))
                .fetch_all(reading.connection())
                .await
                .map_err(&failed)?;
            for row in rows {
                let number: i64 = row.get(0);
                let missing = usize::try_from(number - 1).ok().and_then(|it| some.get(it));
                let missing =
                    missing.ok_or(PathError::Copy("the database numbers rows that were not asked for"))?;
                self.graph.name_missing(missing.place, row.get(if missing.is_from { 1 } else { 2 }))?;
            }
        }
        Ok(())
    }

    /// The number of a type with its classes.
    fn kind(&mut self, type_name: Option<&[u8]>, class: Option<&[u8]>) -> Result<u16, PathError> {
        let type_bytes = type_name.unwrap_or_default();
        let mut bytes = [0; 256];
        let class_bytes = class.unwrap_or_default();
        let whole: std::borrow::Cow<'_, [u8]> = if type_bytes.len() + class_bytes.len() <= bytes.len() {
            bytes[..type_bytes.len()].copy_from_slice(type_bytes);
            bytes[type_bytes.len()..type_bytes.len() + class_bytes.len()].copy_from_slice(class_bytes);
            (&bytes[..type_bytes.len() + class_bytes.len()]).into()
        } else {
            [type_bytes, class_bytes].concat().into()
        };
        if let Some(number) = self.numbers_of_kinds.get(&*whole) {
            return Ok(*number);
        }
        let number = u16::try_from(self.graph.entity_kinds.len())
            .map_err(|_| PathError::Copy("there are too many types of entity"))?;
        let type_name = text(type_name)?;
        let mut classes: Vec<Box<str>> = texts(class)?.into_iter().map(Into::into).collect();
        if class.is_none()
            && let Some(known) = orgraph_model::vocabulary::by_name(type_name)
        {
            classes = known.class.iter().map(|it| (*it).into()).collect();
        }
        self.graph.entity_kinds.push(EntityKind { type_name: type_name.into(), classes });
        self.numbers_of_kinds.insert(whole.into_owned().into(), number);
        Ok(number)
    }
}
