//! What the pages of the data model show to be asked: for each type one question in J1QL and one query in SQL, and for
//! each service one query along a relationship.

use orgraph_collect::{Rel, Service};
use orgraph_model::{EntityType, Verb};

use super::data_model::rels;
use crate::types::{CollectedType, Property};
use crate::{ColumnType, collectors, services, types};

/// Every query that the pages of the data model show. Each runs on an empty graph.
pub fn example_queries() -> Vec<String> {
    let mut queries: Vec<String> = types().iter().map(entity_query).collect();
    queries.extend(services().into_iter().filter_map(relationship_query));
    queries
}

/// Every question in J1QL that the pages of the data model show, in the order of the data model.
pub fn example_questions() -> Vec<String> {
    types().iter().map(entity_question).collect()
}

/// Columns that answer a question come first.
const TELLING: [&str; 8] =
    ["public", "encrypted", "active", "state", "status", "instanceType", "CIDR", "createdOn"];

fn telling(collected: &CollectedType) -> Vec<&Property> {
    let scalar = |it: &&Property| it.column != ColumnType::Jsonb && it.name != "id";
    let mut chosen: Vec<&Property> = TELLING
        .iter()
        .filter_map(|name| collected.properties.iter().find(|it| it.name == *name))
        .filter(scalar)
        .take(3)
        .collect();
    if chosen.is_empty() {
        chosen.extend(collected.properties.iter().filter(scalar).take(2));
    }
    chosen
}

pub(super) fn entity_query(collected: &CollectedType) -> String {
    let mut columns = vec!["account_id".to_owned(), "region".to_owned(), "name".to_owned()];
    columns.extend(telling(collected).iter().map(|it| format!("\"{}\"", it.name)));
    format!(
        "SELECT {}\nFROM orgraph.{}\nORDER BY account_id, region, name\nLIMIT 10;",
        columns.join(", "),
        collected.entity_type
    )
}

/// The entities of a type with those at the other end of its most telling relationship.
pub(super) fn entity_question(collected: &CollectedType) -> String {
    let it = collected.entity_type;
    let mut columns = vec!["it.accountId".to_owned(), "it.name".to_owned()];
    columns.extend(telling(collected).iter().map(|property| format!("it.{}", property.name)));
    let way = step(it).map(|it| format!("\n  THAT {} {} {} AS other", it.verb.as_str(), it.arrow, it.other));
    if way.is_some() {
        columns.push("other.name".to_owned());
    }
    format!("FIND {it} AS it{}\nRETURN {}\nLIMIT 10", way.unwrap_or_default(), columns.join(", "))
}

/// A relationship as it is seen from one of its ends.
struct Step {
    verb: Verb,
    arrow: &'static str,
    other: EntityType,
}

/// The first one that is peculiar to the type: service entities have everything of their service, policies allow
/// everything, and rules evaluate everything. What leads away tells more than what leads here.
fn step(entity_type: EntityType) -> Option<Step> {
    let steps: Vec<Step> = rels().into_iter().filter_map(|(rel, _)| seen_from(entity_type, rel)).collect();
    let rank = |it: &Step| {
        let common =
            it.other.class.contains(&"Service") || it.verb == Verb::Allows || it.verb == Verb::Evaluates;
        (common, it.arrow != FORWARD)
    };
    steps.into_iter().min_by_key(rank)
}

const FORWARD: &str = ">>";
const BACKWARD: &str = "<<";

fn seen_from(entity_type: EntityType, rel: Rel) -> Option<Step> {
    if rel.from == entity_type {
        Some(Step { verb: rel.verb, arrow: FORWARD, other: rel.to })
    } else if rel.to == entity_type {
        Some(Step { verb: rel.verb, arrow: BACKWARD, other: rel.from })
    } else {
        None
    }
}

/// The first relationship between two things of a service, rather than from its service entity.
pub(super) fn relationship_query(service: Service) -> Option<String> {
    let own = collectors().filter(|it| it.service == service).flat_map(|it| it.relationships);
    let rel = own.into_iter().find(|it| it.from.class != ["Service"])?;
    let (from, to) = (rel.from, rel.to);
    Some(format!(
        "SELECT from_key, to_key, dangling\nFROM orgraph.relationship\nWHERE from_type = '{from}' AND _class = '{}' AND to_type = '{to}'\nORDER BY from_key, to_key\nLIMIT 10;",
        rel.verb.as_str()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question(name: &str) -> String {
        let collected = types().iter().find(|it| it.entity_type.name == name).unwrap();
        entity_question(collected)
    }

    #[test]
    fn a_question_follows_what_is_peculiar_to_the_type() {
        assert_eq!(
            question("aws_lambda_function"),
            "FIND aws_lambda_function AS it\n  THAT HAS >> aws_iam_role AS other\n\
             RETURN it.accountId, it.name, it.public, it.active, it.state, other.name\nLIMIT 10"
        );
        // Functions, and everything else that a queue is part of, come from elsewhere.
        let queues = question("aws_sqs_queue");
        assert!(
            queues.contains("<<") && !queues.contains("ALLOWS") && !queues.contains("aws_sqs AS"),
            "{queues}"
        );
    }
}
