//! What the command line and the API have in common when somebody asks: the words of the catalog, and who writes what.

use std::collections::BTreeSet;
use std::sync::LazyLock;
use std::time::Duration;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use orgraph_catalog::Writer;
use orgraph_config::{Config, Interval};
use orgraph_query::j1ql::{self, Compiled, Diagnostic, Options, Words};

use crate::settings;

/// Properties that entities and relationships have besides those of their types.
const COMMON: &[&str] = &[
    "_key",
    "_type",
    "_class",
    "_id",
    "_source",
    "_createdOn",
    "_beginOn",
    "_endOn",
    "_deleted",
    "_version",
    "_fromEntityKey",
    "_toEntityKey",
    "_integrationType",
    "_integrationName",
    "_integrationInstanceId",
    "name",
    "displayName",
    "accountId",
    "region",
    "arn",
    "webLink",
    "classification",
    "owner",
    "placeholder",
];

/// Properties of relationships: what rules of networks, policies and trusts say.
const OF_RELATIONSHIPS: &[&str] = &[
    "actions",
    "admin",
    "cidr",
    "collapsed",
    "conditionKeys",
    "conditions",
    "crossAccount",
    "description",
    "egress",
    "externalIdRequired",
    "fromPort",
    "hasCondition",
    "hasVariables",
    "icmpCode",
    "icmpType",
    "inbound",
    "ingress",
    "ipProtocol",
    "ipVersion",
    "list",
    "normalizedActions",
    "notActions",
    "notResources",
    "outbound",
    "partial",
    "permissionsManagement",
    "portRange",
    "protocol",
    "read",
    "resources",
    "ruleId",
    "sids",
    "stale",
    "subResource",
    "tagging",
    "toPort",
    "update",
    "write",
];

/// The types, classes, verbs and properties of the graph.
static WORDS: LazyLock<Words> = LazyLock::new(|| {
    let of_types = orgraph_catalog::types().iter().flat_map(|it| &it.properties).map(|it| it.name.as_str());
    let names = of_types.chain(COMMON.iter().copied()).chain(OF_RELATIONSHIPS.iter().copied());
    Words::of_the_model().with_properties(names)
});

/// A question in J1QL as a statement. How many rows are given is for who asks to say, not for a default.
pub(crate) fn compile(
    text: &str,
    as_of: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<Compiled, Diagnostic> {
    j1ql::compile(text, &WORDS, &Options { now, as_of, default_limit: None })
}

/// The same with an order among all rows, so that one page follows the other; nothing when the question has no pages.
/// `SKIP` is what brings the order.
pub(crate) fn in_order(text: &str, as_of: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Option<Compiled> {
    let mut query = j1ql::parse(text).ok()?;
    query.skip.get_or_insert_with(|| 0.into());
    compile(&query.to_string(), as_of, now).ok()
}

/// Who writes these types and the relationships between them; `None` stands for everything.
pub(crate) fn collectors(types: Option<&[String]>) -> Option<Vec<String>> {
    let types = types?;
    let is_asked = |name: &str| types.iter().any(|it| it == name);
    let writes = |it: &Writer| {
        it.entities().iter().any(|it| is_asked(it.entity_type.name))
            || it.relationships().iter().any(|it| is_asked(it.from.name) && is_asked(it.to.name))
    };
    Some(orgraph_catalog::writers().filter(writes).map(Writer::name).collect())
}

/// The types that SQL names, as far as that can be told from its words; `None` when it names none, and so may be about
/// any.
pub(crate) fn types_in_sql(sql: &str) -> Option<Vec<String>> {
    let words: BTreeSet<&str> = sql.split(|it: char| !(it.is_alphanumeric() || it == '_')).collect();
    let named: Vec<String> = orgraph_catalog::types()
        .iter()
        .map(|it| it.entity_type.name)
        .filter(|it| words.contains(it))
        .map(str::to_owned)
        .collect();
    (!named.is_empty()).then_some(named)
}

/// A time as answers say it.
pub(crate) fn time(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Micros, true)
}

/// What was last complete before is older than it should be: three intervals, and an hour at least.
pub(crate) fn stale_before(config: &Config, now: DateTime<Utc>) -> DateTime<Utc> {
    let age = match config.polling.interval {
        Interval::Every(interval) => settings::delta(interval * 3).max(TimeDelta::hours(1)),
        Interval::Disabled => settings::delta(UNPOLLED),
    };
    now - age
}

/// How old may be what is read only when somebody asks for it.
const UNPOLLED: Duration = Duration::from_hours(7 * 24);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_writes_a_type_is_found() {
        let of_instances = collectors(Some(&["aws_instance".to_owned()])).unwrap();

        assert!(!of_instances.is_empty());
        assert!(of_instances.len() < orgraph_catalog::writers().count() / 2, "{of_instances:?}");
        assert_eq!(collectors(None), None);
    }

    #[test]
    fn pages_are_of_rows_in_order() {
        let now = DateTime::UNIX_EPOCH;

        let compiled = in_order("FIND aws_instance WITH name = 'a \"b\"' LIMIT 7", None, now).unwrap();

        assert!(compiled.sql.contains("ORDER BY"), "{}", compiled.sql);
        assert!(in_order("FIND", None, now).is_none());
    }

    #[test]
    fn sql_that_names_types_is_about_these() {
        let named = types_in_sql("SELECT 1 FROM orgraph.aws_instance AS i WHERE i._key = 'aws_s3_bucketful'");

        assert_eq!(named, Some(vec!["aws_instance".to_owned()]));
        assert_eq!(types_in_sql("SELECT count(*) FROM orgraph.entity"), None);
    }
}
