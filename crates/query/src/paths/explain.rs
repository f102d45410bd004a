//! What the relationships on a path say, read for these alone.

use std::collections::HashMap;
use std::time::Duration;

use serde_json::{Map, Value};
use sqlx::Row;
use uuid::Uuid;

use super::PathError;
use super::graph::Flags;
use super::path::{Fact, Named, Path, Relationship};
use crate::Reader;

const FACTS: &str = "SELECT m.number, r.discriminator, r.properties
FROM unnest($1::uuid[], $2::smallint[], $3::uuid[]) WITH ORDINALITY AS m (from_id, rel_type, to_id, number)
CROSS JOIN LATERAL (
  SELECT r.discriminator, r.properties
  FROM orgraph.step AS r
  WHERE r.forward AND r.near_id = m.from_id AND r.rel_type = m.rel_type AND r.far_id = m.to_id
  ORDER BY r.discriminator
  LIMIT $4
) AS r
ORDER BY m.number, r.discriminator";

/// How many parallel relationships are read, and of how many relationships at once.
const READ: i64 = 1000;
const AT_ONCE: usize = 1000;
/// How many parallel relationships are listed.
const LISTED: usize = 20;

/// The properties that tell which access there is and what rule gives it.
const THAT_MATTER: &[&str] = &[
    "ingress",
    "egress",
    "ipProtocol",
    "portRange",
    "icmpType",
    "icmpCode",
    "cidr",
    "ruleId",
    "actions",
    "notActions",
    "negatedActions",
    "resources",
    "notResources",
    "sids",
    "admin",
    "read",
    "write",
    "hasCondition",
    "conditionKeys",
    "conditionalDeny",
    "partial",
    "collapsed",
    "crossAccount",
    "external",
    "externalIdRequired",
    "mfaRequired",
    "principalOrgId",
    "roleType",
];

impl Reader {
    /// Reads what the relationships on these paths say: ports, actions, conditions, the rule. Reads what is stored now,
    /// which may be newer than the graph in memory: what has gone since has no facts.
    pub async fn explain_paths(
        &self,
        paths: impl IntoIterator<Item = &mut Path>,
        timeout: Duration,
    ) -> Result<(), PathError> {
        let mut relationships: Vec<&mut Relationship> =
            paths.into_iter().flat_map(|it| &mut it.steps).flat_map(|it| &mut it.relationships).collect();
        let mut named: Vec<Named> = relationships.iter().map(|it| it.named).collect();
        named.sort_unstable();
        named.dedup();
        let mut facts: HashMap<Named, Vec<(String, Option<Value>)>> = HashMap::new();
        let mut reading = self.begin(timeout).await?;
        let failed = reading.failing("read what the relationships say");
        for some in named.chunks(AT_ONCE) {
            let of = |it: fn(&Named) -> u128| -> Vec<Uuid> {
                some.iter().map(|named| Uuid::from_u128(it(named))).collect()
            };
            let rows = sqlx::query(FACTS)
                .bind(of(|it| it.0))
                .bind(some.iter().map(|it| it.1).collect::<Vec<_>>())
                .bind(of(|it| it.2))
                .bind(READ)
                .fetch_all(reading.connection())
                .await
                .map_err(&failed)?;
            for row in rows {
                let number: i64 = row.get(0);
                let named = usize::try_from(number - 1).ok().and_then(|it| some.get(it));
                let named =
                    named.ok_or(PathError::Copy("the database numbers rows that were not asked for"))?;
                facts.entry(*named).or_default().push((row.get(1), row.get(2)));
            }
        }
        reading.finish().await?;
        for relationship in &mut relationships {
            let read = facts.get(&relationship.named).map(Vec::as_slice).unwrap_or_default();
            relationship.tell(read);
        }
        Ok(())
    }
}

impl Relationship {
    fn tell(&mut self, read: &[(String, Option<Value>)]) {
        let is_meant = |properties: &Option<Value>| {
            // One pair of groups may let each other in and out.
            self.needs != Flags::INGRESS
                || properties.as_ref().is_some_and(|it| it["ingress"] == Value::Bool(true))
        };
        let facts: Vec<Fact> = read
            .iter()
            .filter(|(_, properties)| is_meant(properties))
            .map(|(discriminator, properties)| fact(discriminator, properties.as_ref()))
            .collect();
        self.more_facts = facts.len().saturating_sub(LISTED);
        self.facts = facts;
        self.facts.truncate(LISTED);
    }
}

fn fact(discriminator: &str, properties: Option<&Value>) -> Fact {
    let none = Map::new();
    let properties = properties.and_then(Value::as_object).unwrap_or(&none);
    let mattering: Map<String, Value> = properties
        .iter()
        .filter(|(name, value)| THAT_MATTER.contains(&name.as_str()) && !is_nothing(value))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    Fact { summary: summary(properties), discriminator: discriminator.to_owned(), properties: mattering }
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Array(members) => members.is_empty(),
        _ => false,
    }
}

/// `tcp 443 from 0.0.0.0/0 (sgr-1)`, or `s3:GetObject, s3:PutObject on arn:aws:s3:::b/* under conditions`.
fn summary(properties: &Map<String, Value>) -> Option<String> {
    let text = |name: &str| properties.get(name).and_then(Value::as_str);
    let is = |name: &str| properties.get(name) == Some(&Value::Bool(true));
    let mut words = Vec::new();
    if let Some(protocol) = text("ipProtocol") {
        words.push(if protocol == "*" { "any protocol".to_owned() } else { protocol.to_owned() });
        words.extend(text("portRange").filter(|it| *it != "*").map(str::to_owned));
        let preposition = if is("ingress") { "from" } else { "to" };
        words.extend(text("cidr").map(|it| format!("{preposition} {it}")));
        words.extend(text("ruleId").map(|it| format!("({it})")));
    } else {
        let some = |name: &str| few(properties.get(name));
        words.push(some("actions").or_else(|| some("notActions").map(|it| format!("all but {it}")))?);
        words.extend(some("resources").map(|it| format!("on {it}")));
        words.extend(is("hasCondition").then(|| "under conditions".to_owned()));
        words.extend(is("mfaRequired").then(|| "with MFA".to_owned()));
        words.extend(is("externalIdRequired").then(|| "with an external ID".to_owned()));
    }
    Some(words.join(" "))
}

/// The first members of a list, and how many more there are.
fn few(value: Option<&Value>) -> Option<String> {
    const FEW: usize = 4;
    let members: Vec<&str> = value?.as_array()?.iter().filter_map(Value::as_str).collect();
    let more = members.len().saturating_sub(FEW);
    let shown = members[..members.len() - more].join(", ");
    match (members.len(), more) {
        (0, _) => None,
        (_, 0) => Some(shown),
        _ => Some(format!("{shown} and {more} more")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(properties: &Value, expected: Option<&str>) {
        assert_eq!(summary(properties.as_object().unwrap()).as_deref(), expected);
    }

    #[test]
    fn what_a_relationship_says_fits_into_a_line() {
        check(&json!({}), None);
        check(
            &json!({"ingress": true, "ipProtocol": "tcp", "portRange": "443", "cidr": "0.0.0.0/0", "ruleId": "sgr-1"}),
            Some("tcp 443 from 0.0.0.0/0 (sgr-1)"),
        );
        check(
            &json!({"ingress": false, "ipProtocol": "*", "portRange": "*", "cidr": "::/0"}),
            Some("any protocol to ::/0"),
        );
        check(
            &json!({"actions": ["a", "b", "c", "d", "e", "f"], "resources": ["*"], "hasCondition": true}),
            Some("a, b, c, d and 2 more on * under conditions"),
        );
        check(
            &json!({"actions": ["sts:AssumeRole"], "mfaRequired": true, "externalIdRequired": true}),
            Some("sts:AssumeRole with MFA with an external ID"),
        );
        check(&json!({"actions": [], "notActions": ["iam:*"]}), Some("all but iam:*"));
    }

    #[test]
    fn only_the_rules_that_let_in_are_facts_of_a_step_inwards() {
        let rule =
            |ingress: bool, name: &str| (name.to_owned(), Some(json!({"ingress": ingress, "tail": 1})));
        let mut relationship = Relationship {
            type_name: String::new(),
            verb: "ALLOWS".to_owned(),
            reversed: false,
            conditional: false,
            facts: Vec::new(),
            more_facts: 0,
            named: (1, 1, 1),
            needs: Flags::INGRESS,
        };
        let rules: Vec<_> = (0..25).map(|it| rule(it != 3, &it.to_string())).collect();

        relationship.tell(&rules);

        assert_eq!((relationship.facts.len(), relationship.more_facts), (20, 4));
        assert!(relationship.facts.iter().all(|it| it.discriminator != "3"));
        assert_eq!(Value::Object(relationship.facts[0].properties.clone()), json!({"ingress": true}));
    }
}
