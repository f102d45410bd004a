use std::collections::BTreeSet;

use petgraph::graph::NodeIndex;
use petgraph::visit::EdgeRef;
use proptest::prelude::*;

use super::{Drawn, told};
use crate::paths::{Direction, Filter, Graph, Place};

fn paths(drawn: &Drawn, from: &str, to: &str, filter: &Filter, count: usize) -> Vec<String> {
    let found = drawn.0.shortest(drawn.at(from), drawn.at(to), filter, count).unwrap();
    found.iter().map(told).collect()
}

fn network() -> Drawn {
    Drawn::new(&[
        ("aws_vpc", "vpc"),
        ("aws_subnet", "subnet"),
        ("aws_instance", "instance"),
        ("aws_security_group", "group"),
        ("aws_iam_role", "role"),
        ("aws_eni", "lonely"),
    ])
    .plain(&[
        "vpc CONTAINS subnet",
        "subnet HAS instance",
        "vpc HAS group",
        "group PROTECTS instance",
        "instance HAS group",
        "instance USES role",
    ])
}

#[test]
fn the_shortest_come_first_and_the_number_is_kept() {
    let all = paths(&network(), "vpc", "role", &Filter::default(), 10);

    assert_eq!(all.len(), 2);
    assert!(all.contains(&"vpc CONTAINS> subnet HAS> instance USES> role".to_owned()), "{all:?}");
    assert!(all.contains(&"vpc HAS> group PROTECTS>,<HAS instance USES> role".to_owned()), "{all:?}");
    assert_eq!(paths(&network(), "vpc", "role", &Filter::default(), 1), all[..1]);
    assert!(paths(&network(), "vpc", "role", &Filter::default(), 0).is_empty());
}

#[test]
fn a_search_that_nobody_waits_for_any_more_ends() {
    let drawn = network();
    let left = std::cell::Cell::new(0_usize);
    let goes_on = || left.replace(left.get().saturating_sub(1)) > 0;
    let found = |searches: usize| {
        left.set(searches);
        let found =
            drawn.0.shortest_while(drawn.at("vpc"), drawn.at("role"), &Filter::default(), 10, &goes_on);
        found.unwrap().len()
    };

    assert_eq!(found(0), 1, "the first is found by the search that is always made");
    assert_eq!(found(100), 2);
}

#[test]
fn filters_narrow_what_a_path_may_use() {
    let check = |filter: Filter, expected: &[&str]| {
        assert_eq!(paths(&network(), "vpc", "role", &filter, 9), expected, "{filter:?}");
    };
    let words = |it: &str| vec![it.to_owned()];
    let through_subnet = "vpc CONTAINS> subnet HAS> instance USES> role";
    let through_group = "vpc HAS> group PROTECTS> instance USES> role";

    check(Filter { not_verbs: words("HAS"), ..Filter::default() }, &[]);
    check(
        Filter {
            not_types: words("aws_subnet"),
            not_verbs: words("CONTAINS"),
            direction: Direction::Directed,
            ..Filter::default()
        },
        &[through_group],
    );
    check(Filter { not_types: words("aws_security_group"), ..Filter::default() }, &[through_subnet]);
    check(
        Filter { classes: words("Network"), types: words("aws_instance"), ..Filter::default() },
        &[through_subnet],
    );
    check(Filter { max_hops: 2, ..Filter::default() }, &[]);
    check(
        Filter {
            verbs: vec!["CONTAINS".into(), "HAS".into(), "USES".into()],
            direction: Direction::Directed,
            ..Filter::default()
        },
        &[through_subnet],
    );
}

#[test]
fn direction_matters_only_when_asked() {
    let directed = Filter { direction: Direction::Directed, ..Filter::default() };

    assert!(paths(&network(), "role", "vpc", &directed, 9).is_empty());
    assert_eq!(paths(&network(), "role", "vpc", &Filter::default(), 9).len(), 2);
}

#[test]
fn an_entity_is_no_step_from_itself_and_far_from_what_stands_alone() {
    assert_eq!(paths(&network(), "vpc", "vpc", &Filter::default(), 3), ["vpc"]);
    assert!(paths(&network(), "vpc", "lonely", &Filter::default(), 3).is_empty());
}

const KEYS: [&str; 7] = ["a", "b", "c", "d", "e", "f", "g"];
const TYPES: [&str; 2] = ["aws_instance", "aws_subnet"];
const VERBS: [&str; 3] = ["HAS", "USES", "ALLOWS"];

/// Ends and verb of each relationship.
fn relationships() -> impl Strategy<Value = Vec<(usize, usize, usize)>> {
    proptest::collection::vec((0..KEYS.len(), 0..VERBS.len(), 0..KEYS.len()), 0..22)
}

fn random(order: &[usize], relationships: &[(usize, usize, usize)]) -> Drawn {
    let entities: Vec<_> = order.iter().map(|it| (TYPES[it % 2], KEYS[*it])).collect();
    let texts: Vec<String> = relationships
        .iter()
        .map(|(from, verb, to)| format!("{} {} {}", KEYS[*from], VERBS[*verb], KEYS[*to]))
        .collect();
    Drawn::new(&entities).plain(&texts.iter().map(String::as_str).collect::<Vec<_>>())
}

/// Every path without a repeated entity.
fn naive(graph: &Graph, from: Place, to: Place, filter: &Filter) -> BTreeSet<Vec<String>> {
    fn go(
        graph: &Graph,
        path: &mut Vec<NodeIndex<u32>>,
        to: NodeIndex<u32>,
        filter: &Filter,
        found: &mut BTreeSet<Vec<String>>,
    ) {
        let last = *path.last().unwrap();
        if last == to {
            found.insert(path.iter().map(|it| graph.key(Place(*it)).to_owned()).collect());
            return;
        }
        if path.len() > usize::from(filter.max_hops) {
            return;
        }
        for edge in graph.net.edge_references() {
            let verb = graph.relationship_kind(edge.id()).verb.to_string();
            if filter.not_verbs.contains(&verb) {
                continue;
            }
            let next = match (edge.source() == last, edge.target() == last) {
                (true, _) => edge.target(),
                (_, true) if filter.direction == Direction::Undirected => edge.source(),
                _ => continue,
            };
            let type_name = graph.type_name(Place(next)).to_owned();
            if path.contains(&next) || (next != to && filter.not_types.contains(&type_name)) {
                continue;
            }
            path.push(next);
            go(graph, path, to, filter, found);
            path.pop();
        }
    }
    let mut found = BTreeSet::new();
    go(graph, &mut vec![from.0], to.0, filter, &mut found);
    found
}

proptest! {
    #[test]
    fn the_shortest_paths_are_those_of_a_naive_search(
        relationships in relationships(),
        order in Just((0..KEYS.len()).collect::<Vec<_>>()).prop_shuffle(),
        max_hops in 0_u8..7,
        count in 1_usize..12,
        is_directed: bool,
        without_subnets: bool,
        without_uses: bool,
    ) {
        let filter = Filter {
            max_hops,
            direction: if is_directed { Direction::Directed } else { Direction::Undirected },
            not_types: if without_subnets { vec!["aws_subnet".to_owned()] } else { Vec::new() },
            not_verbs: if without_uses { vec!["USES".to_owned()] } else { Vec::new() },
            ..Filter::default()
        };
        let drawn = random(&(0..KEYS.len()).collect::<Vec<_>>(), &relationships);
        let expected = naive(&drawn.0, drawn.at("a"), drawn.at("b"), &filter);
        let mut lengths: Vec<usize> = expected.iter().map(|it| it.len() - 1).collect();
        lengths.sort_unstable();
        lengths.truncate(count);

        let found = drawn.0.shortest(drawn.at("a"), drawn.at("b"), &filter, count).unwrap();

        let keys: Vec<Vec<String>> = found.iter().map(|it| it.nodes().map(|node| node.key.clone()).collect()).collect();
        prop_assert_eq!(found.iter().map(|it| it.hops).collect::<Vec<_>>(), lengths);
        prop_assert!(keys.iter().all(|it| expected.contains(it)), "{:?}", keys);
        prop_assert_eq!(keys.iter().collect::<BTreeSet<_>>().len(), keys.len());
        for step in found.iter().flat_map(|it| &it.steps) {
            prop_assert!(!step.relationships.is_empty());
            prop_assert!(step.relationships.iter().all(|it| !(without_uses && it.verb == "USES")));
        }

        let other = random(&order, &relationships);
        let again = other.0.shortest(other.at("a"), other.at("b"), &filter, count).unwrap();
        prop_assert_eq!(again.iter().map(told).collect::<Vec<_>>(), found.iter().map(told).collect::<Vec<_>>());
    }
}
