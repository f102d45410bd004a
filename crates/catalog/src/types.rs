//! What is known about each type that is collected, from all collectors that declare it.

use std::sync::LazyLock;

use orgraph_model::EntityType;

use crate::schema::{self, ColumnType};
use crate::{Writer, writers};

/// A type of entity with everything its collectors declare about it.
#[derive(Debug, Clone)]
pub struct CollectedType {
    /// The type.
    pub entity_type: EntityType,
    /// Who writes it: one, or for a shared type everyone who contributes.
    pub writers: Vec<Writer>,
    /// What it is, in one sentence.
    pub description: String,
    /// Its own properties, in alphabetical order; not those that every entity has.
    pub properties: Vec<Property>,
}

/// One property of a type.
#[derive(Debug, Clone)]
pub struct Property {
    /// Its name.
    pub name: String,
    /// How it is typed in SQL.
    pub column: ColumnType,
    /// How it is typed, for people.
    pub kind: String,
    /// What it means.
    pub description: String,
    /// Whether a change of it alone makes no new version.
    pub volatile: bool,
    /// Who writes it.
    pub writers: Vec<Writer>,
}

/// The columns of the SQL view of one type, beyond those that every view has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypeView {
    /// The type, which is the name of the view.
    pub name: String,
    /// Property names with their types, in alphabetical order. The names are quoted identifiers.
    pub columns: Vec<(String, ColumnType)>,
}

static TYPES: LazyLock<Vec<CollectedType>> = LazyLock::new(|| types_of(writers()));

/// Every type that is collected, in the order of the data model.
pub fn types() -> &'static [CollectedType] {
    &TYPES
}

/// One view per type that is collected, in the order of the data model.
pub fn type_views() -> Vec<TypeView> {
    let columns = |it: &CollectedType| it.properties.iter().map(|it| (it.name.clone(), it.column)).collect();
    let types = types().iter();
    types.map(|it| TypeView { name: it.entity_type.name.to_owned(), columns: columns(it) }).collect()
}

fn types_of(writers: impl Iterator<Item = Writer>) -> Vec<CollectedType> {
    let mut types: Vec<CollectedType> = Vec::new();
    for writer in writers {
        for declared in writer.entities() {
            let schema = (declared.schema)();
            let at = types.iter().position(|it| it.entity_type == declared.entity_type);
            let at = at.unwrap_or_else(|| {
                types.push(CollectedType {
                    entity_type: declared.entity_type,
                    writers: Vec::new(),
                    description: schema::description(schema.as_value()),
                    properties: Vec::new(),
                });
                types.len() - 1
            });
            let merged = &mut types[at];
            merged.writers.push(writer);
            for field in schema::fields(schema.as_value()) {
                merge(&mut merged.properties, field, declared.volatile, writer);
            }
        }
    }
    for it in &mut types {
        it.properties.sort_unstable_by(|a, b| a.name.cmp(&b.name));
    }
    let order =
        |it: &CollectedType| orgraph_model::vocabulary::ALL.iter().position(|other| *other == it.entity_type);
    types.sort_by_key(order);
    types
}

/// Two collectors that disagree about a property leave it untyped.
fn merge(properties: &mut Vec<Property>, field: schema::Field, volatile: &[&str], writer: Writer) {
    let volatile = volatile.contains(&field.name.as_str());
    match properties.iter_mut().find(|it| it.name == field.name) {
        Some(known) => {
            if known.column != field.column {
                known.column = ColumnType::Jsonb;
            }
            known.volatile &= volatile;
            known.writers.push(writer);
        }
        None => properties.push(Property {
            name: field.name,
            column: field.column,
            kind: field.kind,
            description: field.description,
            volatile,
            writers: vec![writer],
        }),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;
    use crate::schema::fields;

    /// What the kit adds to every entity.
    const ADDED: [&str; 5] = ["accountId", "displayName", "name", "region", "webLink"];

    /// The longest identifier of PostgreSQL.
    const LONGEST_NAME: usize = 63;

    #[test]
    fn every_property_is_documented_and_fits_a_column() {
        for it in types() {
            assert!(!it.description.is_empty(), "{} has no description", it.entity_type);
            for property in &it.properties {
                let name = format!("{}.{}", it.entity_type, property.name);
                assert!(!property.description.is_empty(), "{name} has no description");
                assert!(property.name.len() <= LONGEST_NAME, "{name} is too long for a column");
                assert!(!ADDED.contains(&property.name.as_str()), "{name} is added by the kit");
            }
        }
    }

    #[test]
    fn collectors_of_a_shared_type_agree_about_its_properties() {
        let mut known: HashMap<(&str, String), (String, ColumnType)> = HashMap::new();
        for writer in writers() {
            for declared in writer.entities() {
                for field in fields((declared.schema)().as_value()) {
                    let name = (declared.entity_type.name, field.name);
                    let other = known.insert(name.clone(), (writer.name(), field.column));
                    if let Some((other, column)) = other {
                        assert_eq!(field.column, column, "{name:?} of {other} and {}", writer.name());
                    }
                }
            }
        }
    }

    #[test]
    fn volatile_properties_exist() {
        for writer in writers() {
            for declared in writer.entities() {
                let fields = fields((declared.schema)().as_value());
                for name in declared.volatile {
                    assert!(fields.iter().any(|it| it.name == *name), "{}: {name}", declared.entity_type);
                }
            }
        }
    }

    #[test]
    fn a_view_has_a_column_per_property() {
        let views = type_views();
        let functions = views.iter().find(|it| it.name == "aws_lambda_function").unwrap();
        let column = |name: &str| functions.columns.iter().find(|it| it.0 == name).unwrap().1;

        assert_eq!(column("runtime"), ColumnType::Text);
        assert_eq!(column("timeout"), ColumnType::BigInt);
        assert_eq!(column("public"), ColumnType::Boolean);
        assert_eq!(column("subnetIds"), ColumnType::Jsonb);
    }

    #[test]
    fn no_integer_is_larger_than_a_column() {
        for writer in writers() {
            for declared in writer.entities() {
                let schema = (declared.schema)().as_value().to_string();
                let wide = ["\"uint64\"", "\"uint128\"", "\"int128\""].iter().any(|it| schema.contains(it));
                assert!(!wide, "{} has an integer that bigint cannot hold", declared.entity_type);
            }
        }
    }
}
