#![doc = include_str!("../README.md")]

mod coverage;
mod iam;
mod mission;
mod outputs;
mod render;
mod schema;
mod types;

mod contract;

use orgraph_collect::{Collector, Declared, Rel, Scope, Service};
use orgraph_link::roster::{ROSTERS, Roster};
use orgraph_link::{LINKERS, Linker};

pub use coverage::{Progress, progress};
pub use outputs::{Difference, Problem, check, outputs, write};
pub use render::examples::{example_queries, example_questions};
pub use schema::ColumnType;
pub use types::{CollectedType, Property, TypeView, type_views, types};

/// The families, in the order of the data model.
static FAMILIES: &[&[&Collector]] = &[
    orgraph_aws_identity::COLLECTORS,
    orgraph_aws_ec2::COLLECTORS,
    orgraph_aws_compute::COLLECTORS,
    orgraph_aws_edge::COLLECTORS,
    orgraph_aws_data::COLLECTORS,
    orgraph_aws_operations::COLLECTORS,
];

/// Who writes entities or relationships into the graph.
#[derive(Debug, Clone, Copy)]
pub enum Writer {
    /// From the answers of AWS.
    Collector(&'static Collector),
    /// From what is stored.
    Linker(&'static Linker),
    /// From a file of the operator.
    Roster(&'static Roster),
}

impl Writer {
    /// The name of its partition.
    pub fn name(self) -> String {
        match self {
            Self::Collector(it) => it.name.to_owned(),
            Self::Linker(it) => format!("link:{}", it.name),
            Self::Roster(it) => it.name.to_owned(),
        }
    }

    /// Every type it writes.
    pub fn entities(self) -> &'static [Declared] {
        match self {
            Self::Collector(it) => it.entities,
            Self::Linker(it) => it.entities,
            Self::Roster(it) => it.entities,
        }
    }

    /// Every relationship it writes.
    pub fn relationships(self) -> &'static [Rel] {
        match self {
            Self::Collector(it) => it.relationships,
            Self::Linker(it) => it.relationships,
            Self::Roster(_) => &[],
        }
    }

    /// The page of the data model that describes it.
    pub(crate) fn page(self) -> &'static str {
        match self {
            Self::Collector(it) => it.service.name,
            Self::Linker(_) | Self::Roster(_) => "derived",
        }
    }

    /// When it writes.
    pub(crate) fn runs(self) -> &'static str {
        match self {
            Self::Collector(it) => match it.scope {
                Scope::Region => "in every region",
                Scope::Account => "once per account",
                Scope::Organization => "once, in the management account",
            },
            Self::Linker(_) => "after every run of an account",
            Self::Roster(_) => "with every run of the management account",
        }
    }
}

/// Everybody who writes into the graph.
pub fn writers() -> impl Iterator<Item = Writer> {
    let linkers = LINKERS.iter().copied().map(Writer::Linker);
    collectors().map(Writer::Collector).chain(linkers).chain(ROSTERS.iter().copied().map(Writer::Roster))
}

/// Every collector.
pub fn collectors() -> impl Iterator<Item = &'static Collector> {
    FAMILIES.iter().flat_map(|family| family.iter().copied())
}

/// The collector called `name`.
pub fn collector(name: &str) -> Option<&'static Collector> {
    collectors().find(|it| it.name == name)
}

/// Every service that has a collector, in alphabetical order.
pub fn services() -> Vec<Service> {
    let mut services: Vec<Service> = Vec::new();
    for collector in collectors() {
        if !services.contains(&collector.service) {
            services.push(collector.service);
        }
    }
    services.sort_unstable_by_key(|it| it.name);
    services
}

/// The service called `name`, if it has a collector.
pub fn service(name: &str) -> Option<Service> {
    services().into_iter().find(|it| it.name == name)
}

#[cfg(test)]
mod tests {
    use std::collections::{HashMap, HashSet};

    use orgraph_model::{EntityType, vocabulary};

    use super::*;

    /// Operations that read although their name does not say so.
    const READING: &[(&str, &str)] = &[
        // Asks IAM to put together the report that GetCredentialReport returns; changes no resource.
        ("iam", "GenerateCredentialReport"),
    ];

    /// Written by the collector of networks where the network belongs to another account, whose number only that
    /// listing has; and by the collector of the other end where the network is the account's own. No single one is
    /// written by both.
    const IN_FOREIGN_NETWORKS: [&str; 5] = [
        "aws_lambda_function HAS aws_vpc",
        "aws_subnet HAS aws_instance",
        "aws_subnet HAS aws_workspace",
        "aws_vpc HAS aws_nat_gateway",
        "aws_vpc HAS aws_security_group",
    ];

    /// Collected in parts: what is global apart from the rest, or each service that has it by itself. The same type, no
    /// key twice.
    const IN_PARTS: [&str; 4] =
        ["aws_inspector_assessment", "aws_inspector_finding", "aws_waf_v2_web_acl", "aws_waf_web_acl"];

    /// Which part a collector reads of a type that is collected in parts.
    fn part(of: EntityType, collector: &Collector) -> Option<(Scope, &'static str)> {
        IN_PARTS.contains(&of.name).then_some((collector.scope, collector.service.name))
    }

    #[test]
    fn names_are_unique_and_in_snake_case() {
        let mut seen = HashSet::new();
        for collector in collectors() {
            assert!(seen.insert(collector.name), "{} is there twice", collector.name);
            let is_snake = |it: u8| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'_';
            assert!(collector.name.bytes().all(is_snake), "{} is not snake_case", collector.name);
        }
    }

    #[test]
    fn both_ends_of_every_relationship_are_in_the_vocabulary() {
        for writer in writers() {
            let types = writer.entities().iter().map(|it| it.entity_type);
            let ends = writer.relationships().iter().flat_map(|it| [it.from, it.to]);
            for entity_type in types.chain(ends) {
                let known = vocabulary::by_name(entity_type.name);
                assert_eq!(known, Some(entity_type), "{}: {entity_type}", writer.name());
            }
        }
    }

    #[test]
    fn a_type_that_is_not_shared_is_collected_once() {
        let mut owners: HashMap<(&str, Option<_>), &str> = HashMap::new();
        for collector in collectors() {
            for declared in collector.entities.iter().filter(|it| !it.entity_type.shared) {
                let part = part(declared.entity_type, collector);
                let other = owners.insert((declared.entity_type.name, part), collector.name);
                assert_eq!(other, None, "{} is also collected by {}", declared.entity_type, collector.name);
            }
        }
    }

    #[test]
    fn a_relationship_is_written_by_one_collector() {
        let mut owners: HashMap<_, &str> = HashMap::new();
        let mut twice = HashSet::new();
        for collector in collectors() {
            for rel in collector.relationships {
                let line = format!("{} {} {}", rel.from, rel.verb, rel.to);
                let part = part(rel.to, collector);
                if let Some(other) = owners.insert((line.clone(), part), collector.name) {
                    let is_known = IN_FOREIGN_NETWORKS.contains(&line.as_str());
                    assert!(is_known, "{line} is written by {other} and {}", collector.name);
                    twice.insert(line);
                }
            }
        }
        assert_eq!(twice.len(), IN_FOREIGN_NETWORKS.len(), "only {twice:?} is written twice");
    }

    #[test]
    fn every_operation_reads() {
        const VERBS: [&str; 6] = ["List", "Get", "Describe", "BatchGet", "Lookup", "Search"];
        for collector in collectors() {
            for call in collector.calls {
                let service = call.service.unwrap_or(collector.service).name;
                let reads = VERBS.iter().any(|it| call.operation.starts_with(it))
                    || READING.contains(&(service, call.operation));
                assert!(reads, "{} declares {service}:{}", collector.name, call.operation);
            }
        }
    }

    #[test]
    fn a_service_is_found_by_its_name() {
        let lambda = service("lambda").unwrap();
        assert_eq!(lambda.name, "lambda");
        assert!(service("no-such-service").is_none());
        assert!(collector("lambda_functions").is_some_and(|it| it.scope == Scope::Region));
    }
}
