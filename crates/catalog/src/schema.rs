//! From the JSON Schema of a collector's struct to the properties of a type.

use serde_json::Value;

/// How a property is typed in SQL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnType {
    /// `text`.
    Text,
    /// `bigint`.
    BigInt,
    /// `double precision`.
    Double,
    /// `boolean`.
    Boolean,
    /// `jsonb`: lists, objects and what has more than one type.
    Jsonb,
}

impl ColumnType {
    /// Its name in PostgreSQL.
    pub fn sql(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::BigInt => "bigint",
            Self::Double => "double precision",
            Self::Boolean => "boolean",
            Self::Jsonb => "jsonb",
        }
    }
}

/// One property as a struct declares it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) column: ColumnType,
    /// For people: `text`, `list of text`, `object (a, b)`.
    pub(crate) kind: String,
    pub(crate) description: String,
}

/// The properties of `schema`, in alphabetical order: the order of a JSON object is no promise.
pub(crate) fn fields(schema: &Value) -> Vec<Field> {
    let properties = shape(schema).get("properties").and_then(Value::as_object);
    let mut fields: Vec<Field> = properties
        .into_iter()
        .flatten()
        .map(|(name, property)| Field {
            name: name.clone(),
            column: column(property, schema),
            kind: kind(property, schema),
            description: description(property),
        })
        .collect();
    fields.sort_unstable_by(|a, b| a.name.cmp(&b.name));
    fields
}

/// The schema that has the properties: of a struct itself, or of the one that it wraps.
fn shape(schema: &Value) -> &Value {
    if schema.get("properties").is_some() { schema } else { target(schema, schema).unwrap_or(schema) }
}

fn target<'a>(schema: &Value, root: &'a Value) -> Option<&'a Value> {
    let target = schema.get("$ref")?.as_str()?;
    root.pointer(target.strip_prefix('#')?)
}

/// The doc comment in one line; that of a wrapper before that of what it wraps.
pub(crate) fn description(schema: &Value) -> String {
    let text = schema.get("description").or_else(|| shape(schema).get("description"));
    let text = text.and_then(Value::as_str).unwrap_or_default();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn column(property: &Value, root: &Value) -> ColumnType {
    let mut columns: Vec<ColumnType> = alternatives(property, root).into_iter().map(plain).collect();
    columns.dedup();
    match columns.as_slice() {
        [one] => *one,
        _ => ColumnType::Jsonb,
    }
}

fn plain((name, _): (&str, &Value)) -> ColumnType {
    match name {
        "string" => ColumnType::Text,
        "integer" => ColumnType::BigInt,
        "number" => ColumnType::Double,
        "boolean" => ColumnType::Boolean,
        _ => ColumnType::Jsonb,
    }
}

fn kind(property: &Value, root: &Value) -> String {
    let mut kinds: Vec<String> = alternatives(property, root)
        .into_iter()
        .map(|(name, schema)| match name {
            "string" => "text".to_owned(),
            "array" => match schema.get("items") {
                Some(items) => format!("list of {}", kind(items, root)),
                None => "list".to_owned(),
            },
            "object" => object(schema),
            other => other.to_owned(),
        })
        .collect();
    kinds.dedup();
    if kinds.is_empty() { "any".to_owned() } else { kinds.join(" or ") }
}

fn object(schema: &Value) -> String {
    let members = schema.get("properties").and_then(Value::as_object);
    let mut members: Vec<&str> = members.into_iter().flat_map(|it| it.keys().map(String::as_str)).collect();
    members.sort_unstable();
    if members.is_empty() { "object".to_owned() } else { format!("object ({})", members.join(", ")) }
}

/// The types other than `null` that a value may have, each with the schema that says so.
fn alternatives<'a>(property: &'a Value, root: &'a Value) -> Vec<(&'a str, &'a Value)> {
    if property.get("$ref").is_some() {
        return target(property, root).map(|it| alternatives(it, root)).unwrap_or_default();
    }
    for union in ["anyOf", "oneOf", "allOf"] {
        if let Some(members) = property.get(union).and_then(Value::as_array) {
            return members.iter().flat_map(|it| alternatives(it, root)).collect();
        }
    }
    let named = match property.get("type") {
        Some(Value::String(name)) => vec![name.as_str()],
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
        _ if property.get("const").is_some_and(Value::is_string) || property.get("enum").is_some() => {
            vec!["string"]
        }
        _ => Vec::new(),
    };
    named.into_iter().filter(|it| *it != "null").map(|it| (it, property)).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use schemars::{JsonSchema, schema_for};

    use super::*;

    /// Everything a property can be.
    #[derive(JsonSchema)]
    #[serde(rename_all = "camelCase")]
    #[expect(dead_code, reason = "only its schema is read")]
    struct Everything {
        /// A text
        /// over two lines.
        a_text: String,
        maybe_text: Option<String>,
        whole: i32,
        maybe_whole: Option<i64>,
        real: Option<f64>,
        flag: Option<bool>,
        texts: Vec<String>,
        objects: Vec<Inner>,
        object: Option<Inner>,
        state: State,
        maybe_state: Option<State>,
        free: serde_json::Value,
        map: BTreeMap<String, String>,
        /// What it stands for.
        described: Option<Inner>,
    }

    #[derive(JsonSchema)]
    #[expect(dead_code, reason = "only its schema is read")]
    struct Inner {
        b: u16,
        a: u16,
    }

    /// Something wrapped.
    #[derive(JsonSchema)]
    #[serde(transparent)]
    #[expect(dead_code, reason = "only its schema is read")]
    struct Wrapper(Everything);

    /// A state.
    #[derive(JsonSchema)]
    #[expect(dead_code, reason = "only its schema is read")]
    enum State {
        On,
        /// With a comment of its own.
        Off,
    }

    #[test]
    fn every_kind_of_property_has_a_column() {
        let fields = fields(schema_for!(Everything).as_value());
        let check = |name: &str, column: ColumnType, kind: &str| {
            let field = fields.iter().find(|it| it.name == name).unwrap();
            assert_eq!((field.column, field.kind.as_str()), (column, kind), "{name}");
        };

        check("aText", ColumnType::Text, "text");
        check("maybeText", ColumnType::Text, "text");
        check("whole", ColumnType::BigInt, "integer");
        check("maybeWhole", ColumnType::BigInt, "integer");
        check("real", ColumnType::Double, "number");
        check("flag", ColumnType::Boolean, "boolean");
        check("texts", ColumnType::Jsonb, "list of text");
        check("objects", ColumnType::Jsonb, "list of object (a, b)");
        check("object", ColumnType::Jsonb, "object (a, b)");
        check("state", ColumnType::Text, "text");
        check("maybeState", ColumnType::Text, "text");
        check("free", ColumnType::Jsonb, "any");
        check("map", ColumnType::Jsonb, "object");
    }

    #[test]
    fn a_wrapper_has_the_properties_of_what_it_wraps() {
        let wrapper = schema_for!(Wrapper);
        assert_eq!(fields(wrapper.as_value()), fields(schema_for!(Everything).as_value()));
        assert_eq!(description(wrapper.as_value()), "Something wrapped.");
    }

    #[test]
    fn descriptions_come_from_doc_comments() {
        let fields = fields(schema_for!(Everything).as_value());
        let check = |name: &str, expected: &str| {
            assert_eq!(fields.iter().find(|it| it.name == name).unwrap().description, expected);
        };

        check("aText", "A text over two lines.");
        check("described", "What it stands for.");
        check("whole", "");
    }
}
