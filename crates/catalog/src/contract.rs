//! The contract: every entity type and every relationship, as tables.

use std::collections::BTreeMap;

static ENTITIES: &str = include_str!("../contract/entities.csv");
static RELATIONSHIPS: &str = include_str!("../contract/relationships.csv");

/// The cells of one line, by the name of their column.
pub(crate) type Cells = BTreeMap<String, String>;

/// One line per entity type.
pub(crate) fn entities() -> Vec<Cells> {
    rows(ENTITIES)
}

/// One line per relationship.
pub(crate) fn relationships() -> Vec<Cells> {
    rows(RELATIONSHIPS)
}

fn rows(text: &'static str) -> Vec<Cells> {
    let rows = csv::Reader::from_reader(text.as_bytes()).into_deserialize();
    rows.collect::<Result<_, _>>().expect("the tables are read by a test")
}

#[cfg(test)]
mod tests {
    //! Every type has what the contract lists: properties, operations, permissions, relationships.

    use std::collections::BTreeSet;

    use super::*;
    use crate::coverage::deviations;
    use crate::{collectors, iam, types, writers};

    /// What the kit adds to every entity, and what comes from tags.
    const ADDED: [&str; 8] =
        ["accountId", "classification", "displayName", "name", "owner", "region", "tag.*", "webLink"];

    #[test]
    fn every_core_type_has_what_the_contract_lists() {
        let found = differences();
        let known: BTreeMap<&str, &str> =
            deviations().iter().map(|it| (it.row.as_str(), it.reason.as_str())).collect();

        let unknown: Vec<&String> = found.iter().filter(|it| !known.contains_key(it.as_str())).collect();
        let settled: Vec<&&str> = known.keys().filter(|it| !found.contains(**it)).collect();

        assert!(unknown.is_empty(), "{} differences from the contract:\n{unknown:#?}", unknown.len());
        assert!(settled.is_empty(), "listed as deviations and none: {settled:#?}");
        assert!(known.values().all(|it| !it.trim().is_empty()), "a deviation has no reason");
    }

    fn differences() -> BTreeSet<String> {
        let types = types();
        let operations: BTreeSet<&str> =
            collectors().flat_map(|it| it.calls.iter().map(|call| call.operation)).collect();
        let actions: BTreeSet<String> =
            iam::reader_actions().into_keys().chain(iam::organization_actions().into_keys()).collect();
        let relationships: BTreeSet<(&str, &str, &str)> = writers()
            .flat_map(|it| it.relationships().iter())
            .map(|it| (it.from.name, it.verb.as_str(), it.to.name))
            .collect();

        let mut found = BTreeSet::new();
        for row in entities() {
            let name = row["type"].as_str();
            for operation in list(&row["operations"]) {
                let operation = operation.trim_end_matches('*');
                if !operations.contains(operation) {
                    found.insert(format!("{name} operation {operation}"));
                }
            }
            for action in list(&row["iam_actions"]).filter(|it| !actions.contains(*it)) {
                found.insert(format!("{name} action {action}"));
            }
            let Some(collected) = types.iter().find(|it| it.entity_type.name == name) else {
                found.insert(format!("{name} is not collected"));
                continue;
            };
            let class = list(&row["class"]).collect::<Vec<_>>();
            if collected.entity_type.class != class {
                found.insert(format!("{name} class {}", class.join(";")));
            }
            // The kit adds `arn` where the key is one; a key made up here begins with its type.
            let has_arn_key = !row["key"].starts_with(name);
            for property in list(&row["properties"]) {
                let added = ADDED.contains(&property) || (property == "arn" && has_arn_key);
                if !added && !collected.properties.iter().any(|it| it.name == property) {
                    found.insert(format!("{name} property {property}"));
                }
            }
        }
        for row in super::relationships() {
            let (from, verb, to) =
                (row["from_type"].as_str(), row["class"].as_str(), row["to_type"].as_str());
            if !relationships.contains(&(from, verb, to)) {
                found.insert(format!("{from} {verb} {to}"));
            }
        }
        found
    }

    fn list(cell: &str) -> impl Iterator<Item = &str> {
        cell.split(';').filter(|it| !it.is_empty())
    }
}
