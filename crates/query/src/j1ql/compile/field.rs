//! Where the value of a property is.

use super::Sql;

/// What a property's name stands for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Field {
    Id,
    Key,
    Type,
    Class,
    Source,
    Name,
    DisplayName,
    CreatedOn,
    BeginOn,
    Deleted,
    IntegrationType,
    IntegrationName,
    IntegrationInstance,
    FromKey,
    ToKey,
    /// Never has a value on what exists.
    Nothing,
    Tag(String),
    Property(String),
}

impl Field {
    /// The field of an entity; `None` for one that the graph cannot tell.
    pub(super) fn of_entity(name: &str) -> Option<Self> {
        Some(match name {
            "_id" => Self::Id,
            "_source" => Self::Source,
            "name" => Self::Name,
            "displayName" => Self::DisplayName,
            // One of the published queries writes a capital.
            "_integrationType" | "_IntegrationType" => Self::IntegrationType,
            "_integrationName" | "_IntegrationName" => Self::IntegrationName,
            "_integrationInstanceId" | "_IntegrationInstanceId" => Self::IntegrationInstance,
            other => match other.strip_prefix("tag.") {
                Some(tag) => Self::Tag(tag.to_owned()),
                None => return Self::of_both(other),
            },
        })
    }

    /// The field of a relationship; `None` for one that the graph cannot tell.
    pub(super) fn of_relationship(name: &str) -> Option<Self> {
        match name {
            "_fromEntityKey" => Some(Self::FromKey),
            "_toEntityKey" => Some(Self::ToKey),
            other => Self::of_both(other),
        }
    }

    fn of_both(name: &str) -> Option<Self> {
        Some(match name {
            "_key" => Self::Key,
            "_type" => Self::Type,
            "_class" => Self::Class,
            "_createdOn" => Self::CreatedOn,
            "_beginOn" => Self::BeginOn,
            "_endOn" => Self::Nothing,
            "_deleted" => Self::Deleted,
            "_version" => return None,
            other => Self::Property(other.to_owned()),
        })
    }

    /// The column of the entity that holds it as text.
    pub(super) fn text_column(&self) -> Option<&'static str> {
        match self {
            Self::Key => Some("._key"),
            Self::Type => Some("._type"),
            Self::Source => Some("._source"),
            Self::Name => Some(".name"),
            Self::DisplayName => Some(".display_name"),
            _ => None,
        }
    }

    /// The column that holds it as time.
    pub(super) fn time_column(&self) -> Option<&'static str> {
        match self {
            Self::CreatedOn => Some(".first_seen"),
            Self::BeginOn => Some(".valid_from"),
            _ => None,
        }
    }
}

/// Who has the property, in the statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner {
    /// The entity `n…`.
    Entity(usize),
    /// The relationship `s…`.
    Relationship(usize),
    /// Nobody: that part of the way was left out.
    Nobody,
}

/// The value of a field as `jsonb`.
pub(super) fn value(sql: &mut Sql, owner: Owner, field: &Field) {
    match owner {
        Owner::Entity(number) => of_entity(sql, number, field),
        Owner::Relationship(number) => of_relationship(sql, number, field),
        Owner::Nobody => {
            sql.put("NULL::jsonb");
        }
    }
}

fn of_entity(sql: &mut Sql, n: usize, field: &Field) {
    if let Some(column) = field.text_column() {
        sql.numbered("to_jsonb(n", n).put(column).put(")");
        return;
    }
    if let Some(column) = field.time_column() {
        milliseconds(sql, "n", n, column);
        return;
    }
    match field {
        Field::Id => sql.numbered("to_jsonb(n", n).put("._id::text)"),
        Field::Class => sql.numbered("to_jsonb(n", n).put("._class)"),
        Field::Deleted => sql.put("'false'::jsonb"),
        Field::IntegrationType => {
            sql.numbered("CASE WHEN n", n).put("._source = 'integration-managed' THEN '\"aws\"'::jsonb END")
        }
        Field::IntegrationName => sql.numbered("(n", n).put(".tags -> 'AccountName')"),
        Field::IntegrationInstance => sql
            .numbered("CASE WHEN n", n)
            .put("._source = 'integration-managed' THEN to_jsonb(")
            .numbered("n", n)
            .put(".account_id) END"),
        Field::Tag(tag) => sql.numbered("(n", n).put(".tags -> ").text(tag).put(")"),
        Field::Property(name) => sql.numbered("(n", n).put(".properties -> ").text(name).put(")"),
        _ => sql.put("NULL::jsonb"),
    };
}

fn of_relationship(sql: &mut Sql, n: usize, field: &Field) {
    if let Some(column) = field.time_column() {
        milliseconds(sql, "s", n, column);
        return;
    }
    match field {
        Field::Key | Field::Id => {
            sql.put("to_jsonb(");
            relationship_key(sql, n);
            sql.put(")")
        }
        Field::Type => sql
            .put("(SELECT to_jsonb(t._type) FROM orgraph.relationship_type AS t WHERE t.rel_type = ")
            .numbered("s", n)
            .put(".rel_type)"),
        Field::Class => sql
            .put("(SELECT to_jsonb(t._class) FROM orgraph.relationship_type AS t WHERE t.rel_type = ")
            .numbered("s", n)
            .put(".rel_type)"),
        Field::FromKey => sql.numbered("to_jsonb(s", n).put(".from_key)"),
        Field::ToKey => sql.numbered("to_jsonb(s", n).put(".to_key)"),
        Field::Deleted => sql.put("'false'::jsonb"),
        Field::Property(name) => sql.numbered("(s", n).put(".properties -> ").text(name).put(")"),
        _ => sql.put("NULL::jsonb"),
    };
}

fn relationship_key(sql: &mut Sql, n: usize) {
    sql.numbered("s", n)
        .put(".from_key || (SELECT '|' || t._class || '|' FROM orgraph.relationship_type AS t WHERE t.rel_type = ")
        .numbered("s", n)
        .put(".rel_type) || ")
        .numbered("s", n)
        .put(".to_key || CASE WHEN ")
        .numbered("s", n)
        .put(".discriminator = '' THEN '' ELSE '|' || ")
        .numbered("s", n)
        .put(".discriminator END");
}

fn milliseconds(sql: &mut Sql, prefix: &'static str, n: usize, column: &'static str) {
    sql.put("to_jsonb(floor(extract(epoch FROM ").numbered(prefix, n).put(column).put(") * 1000)::bigint)");
}

/// The whole entity as one flat object. What the envelope says wins over a property of the same name.
pub(super) fn entity_object(sql: &mut Sql, n: usize) {
    sql.numbered("(n", n)
        .put(".properties || coalesce((SELECT jsonb_object_agg('tag.' || t.key, t.value) FROM jsonb_each(")
        .numbered("n", n)
        .put(".tags) AS t), '{}'::jsonb) || jsonb_strip_nulls(jsonb_build_object('_id', ")
        .numbered("n", n)
        .put("._id, '_key', ")
        .numbered("n", n)
        .put("._key, '_type', ")
        .numbered("n", n)
        .put("._type, '_class', ")
        .numbered("n", n)
        .put("._class, '_source', ")
        .numbered("n", n)
        .put("._source, '_createdOn', ");
    milliseconds(sql, "n", n, ".first_seen");
    sql.put(", '_beginOn', ");
    milliseconds(sql, "n", n, ".valid_from");
    sql.put(", 'name', ")
        .numbered("n", n)
        .put(".name, 'displayName', ")
        .numbered("n", n)
        .put(".display_name)))");
}

/// The whole relationship as one flat object.
pub(super) fn relationship_object(sql: &mut Sql, n: usize) {
    sql.numbered("(coalesce(s", n).put(".properties, '{}'::jsonb) || jsonb_build_object('_key', ");
    relationship_key(sql, n);
    for (name, field) in [
        (", '_type', ", Field::Type),
        (", '_class', ", Field::Class),
        (", '_fromEntityKey', ", Field::FromKey),
        (", '_toEntityKey', ", Field::ToKey),
        (", '_createdOn', ", Field::CreatedOn),
        (", '_beginOn', ", Field::BeginOn),
    ] {
        sql.put(name);
        of_relationship(sql, n, &field);
    }
    sql.put("))");
}
