use std::collections::BTreeMap;

use petgraph::visit::EdgeRef;
use proptest::prelude::*;

use super::{Drawn, told};
use crate::paths::flow::{FlowTable, Target};
use crate::paths::graph::Flags;
use crate::paths::walk::Walk;
use crate::paths::{Access, ExposedOptions, Place, WalkOptions, Way};

const PLAIN: Flags = Flags::NONE;

fn exposed(drawn: &Drawn, walk: WalkOptions) -> Vec<String> {
    let found = drawn.0.exposed(&ExposedOptions { walk, ..ExposedOptions::default() }).unwrap();
    assert_eq!(found.total, found.exposed.len());
    found.exposed.iter().map(|it| format!("{}: {}", it.way.as_str(), told(&it.path))).collect()
}

/// Internet, group, machine, role, policy, bucket.
fn chain(instance: &str, rule: Flags, permission: Flags) -> Drawn {
    Drawn::new(&[
        ("internet", "internet"),
        ("aws_security_group", "group"),
        ("aws_instance", instance),
        ("aws_iam_role", "role"),
        ("aws_iam_role_policy", "policy"),
        ("aws_s3_bucket", "bucket"),
    ])
    .with(&[
        ("internet ALLOWS group", rule),
        ("group PROTECTS instance", PLAIN),
        ("instance USES role", PLAIN),
        ("role HAS policy", PLAIN),
        ("policy ALLOWS bucket", permission),
    ])
}

#[test]
fn the_chain_from_the_internet_to_a_bucket_is_found() {
    let expected =
        "identity: internet ALLOWS> group PROTECTS> instance USES> role HAS> policy ALLOWS> bucket";

    assert_eq!(exposed(&chain("instance", Flags::INGRESS, Flags::READ), WalkOptions::default()), [expected]);
    assert_eq!(
        exposed(&chain("!instance", Flags::INGRESS, Flags::UPDATE), WalkOptions::default()),
        [expected]
    );
}

#[test]
fn a_chain_with_a_link_that_does_not_hold_is_none() {
    let none: [&str; 0] = [];
    let found = |drawn: Drawn, walk: WalkOptions| exposed(&drawn, walk);

    assert_eq!(
        found(chain("?instance", Flags::INGRESS, Flags::READ), WalkOptions::default()),
        none,
        "no public address"
    );
    assert_eq!(
        found(chain("instance", PLAIN, Flags::READ), WalkOptions::default()),
        none,
        "a rule that lets out"
    );
    assert_eq!(
        found(chain("instance", Flags::INGRESS, PLAIN), WalkOptions::default()),
        none,
        "it may list only"
    );
    let conditional = || chain("instance", Flags::INGRESS, Flags::READ.or(Flags::CONDITION));
    assert_eq!(found(conditional(), WalkOptions { unconditional: true, ..WalkOptions::default() }), none);
    assert_eq!(found(conditional(), WalkOptions { max_hops: Some(4), ..WalkOptions::default() }), none);
    let told = conditional().0.exposed(&ExposedOptions::default()).unwrap();
    assert!(told.exposed[0].conditional);
}

#[test]
fn a_private_machine_behind_a_load_balancer_is_reached_through_it() {
    let drawn = Drawn::new(&[
        ("internet", "internet"),
        ("aws_security_group", "front"),
        ("aws_alb", "!alb"),
        ("aws_lb_target_group", "targets"),
        ("aws_instance", "?machine"),
        ("aws_iam_role", "role"),
        ("aws_iam_policy", "policy"),
        ("aws_dynamodb", "tables"),
        ("aws_dynamodb_table", "table"),
    ])
    .with(&[
        ("internet ALLOWS front", Flags::INGRESS),
        ("front PROTECTS alb", PLAIN),
        ("alb CONNECTS targets", PLAIN),
        ("targets HAS machine", PLAIN),
        ("machine USES role", PLAIN),
        ("role HAS policy", PLAIN),
        ("policy ALLOWS tables", Flags::READ),
        ("tables HAS table", PLAIN),
    ]);

    assert_eq!(
        exposed(&drawn, WalkOptions::default()),
        [
            "identity: internet ALLOWS> front PROTECTS> alb CONNECTS> targets HAS> machine USES> role HAS> policy \
          ALLOWS> tables HAS> table"
        ]
    );
}

#[test]
fn what_is_public_by_itself_needs_no_way_there() {
    let drawn = Drawn::new(&[
        ("everyone", "everyone"),
        ("aws_s3_bucket", "!open"),
        ("aws_s3_bucket", "granted"),
        ("aws_s3_bucket", "?closed"),
        ("aws_s3_bucket", "unknown"),
        ("aws_db_instance", "!addressed"),
        ("aws_elasticsearch_domain", "!guarded"),
        ("aws_security_group", "group"),
    ])
    .plain(&["granted ALLOWS everyone", "group PROTECTS guarded"]);

    let mut found = exposed(&drawn, WalkOptions::default());
    found.sort();
    assert_eq!(found, ["public: everyone <ALLOWS granted", "public: global:internet public open"]);
    let told = drawn.0.exposed(&ExposedOptions::default()).unwrap();
    assert_eq!(told.data_stores, 6);
    assert!(told.exposed.iter().all(|it| it.way == Way::Public));
}

#[test]
fn going_on_inside_the_network_is_asked_for() {
    let drawn = Drawn::new(&[
        ("internet", "internet"),
        ("aws_security_group", "front"),
        ("aws_security_group", "back"),
        ("aws_instance", "!web"),
        ("aws_db_instance", "?db"),
    ])
    .with(&[
        ("internet ALLOWS front", Flags::INGRESS),
        ("front PROTECTS web", PLAIN),
        ("front ALLOWS back", Flags::INGRESS),
        ("back PROTECTS db", PLAIN),
    ]);

    assert!(exposed(&drawn, WalkOptions::default()).is_empty());
    assert_eq!(
        exposed(&drawn, WalkOptions { lateral: true, ..WalkOptions::default() }),
        ["network: internet ALLOWS> front PROTECTS> web <PROTECTS front ALLOWS> back PROTECTS> db"]
    );
}

#[test]
fn a_blast_radius_is_told_by_type_with_distances() {
    let drawn = Drawn::new(&[
        ("aws_lambda_function", "function"),
        ("aws_iam_role", "role"),
        ("aws_iam_role", "other"),
        ("aws_iam_role", "unrelated"),
        ("aws_iam_policy", "policy"),
        ("aws_s3_bucket", "b2"),
        ("aws_s3_bucket", "b1"),
        ("aws_instance", "machine"),
    ])
    .with(&[
        ("function HAS role", PLAIN),
        ("role HAS policy", PLAIN),
        ("other TRUSTS role", PLAIN),
        ("role TRUSTS unrelated", PLAIN),
        ("policy ALLOWS b1", Flags::READ),
        ("policy ALLOWS b2", Flags::UPDATE),
        ("policy ALLOWS machine", Flags::READ),
    ]);

    let found = drawn.0.blast_radius(drawn.at("function"), WalkOptions::default(), 1);

    let groups: Vec<String> = found
        .groups
        .iter()
        .map(|it| {
            let first = &it.entities[0];
            format!(
                "{} {} {}: {} {}",
                it.type_name,
                it.total,
                it.nearest,
                first.node.key,
                first.access.as_str()
            )
        })
        .collect();
    assert_eq!(
        groups,
        [
            "aws_iam_policy 1 2: policy control",
            "aws_iam_role 2 1: role control",
            "aws_instance 1 3: machine data",
            "aws_s3_bucket 2 3: b1 data",
        ]
    );
    assert_eq!(found.total, 6);
    assert_eq!(told(&found.groups[2].entities[0].path), "function HAS> role HAS> policy ALLOWS> machine");
    assert_eq!(found.groups[2].entities[0].path.steps[0].because, Some("the function acts as the role"));
}

#[test]
fn who_may_do_everything_in_an_account_reaches_what_is_in_it() {
    let drawn = Drawn::new(&[
        ("aws_iam_user", "admin"),
        ("aws_iam_policy", "everything"),
        ("aws_iam_policy", "most"),
        ("aws_account", "account"),
        ("aws_account", "member"),
        ("aws_s3", "s3"),
        ("aws_s3_bucket", "bucket"),
        ("aws_iam_user", "reader"),
    ])
    .with(&[
        ("admin HAS everything", PLAIN),
        ("reader HAS most", PLAIN),
        ("everything ALLOWS account", Flags::ADMIN),
        ("most ALLOWS account", Flags::READ),
        ("account HAS s3", PLAIN),
        ("account HAS member", PLAIN),
        ("s3 HAS bucket", PLAIN),
    ]);
    let keys = |of: &str| {
        let found = drawn.0.blast_radius(drawn.at(of), WalkOptions::default(), 9);
        let mut keys: Vec<String> =
            found.groups.iter().flat_map(|it| &it.entities).map(|it| it.node.key.clone()).collect();
        keys.sort();
        keys
    };

    assert_eq!(keys("admin"), ["account", "bucket", "everything", "s3"]);
    assert_eq!(keys("reader"), ["account", "most"]);
}

#[test]
fn the_documentation_has_the_table_of_access() {
    let page = include_str!("../../../../../docs/PATHS.md");

    let missing: Vec<String> =
        crate::paths::flows().map(crate::paths::Flow::to_markdown).filter(|it| !page.contains(it)).collect();

    assert!(missing.is_empty(), "docs/PATHS.md lacks\n{}", missing.join("\n"));
}

const ENTITIES: [(&str, &str); 10] = [
    ("internet", "internet"),
    ("aws_security_group", "g1"),
    ("aws_security_group", "g2"),
    ("aws_instance", "!i1"),
    ("aws_instance", "?i2"),
    ("aws_iam_role", "r1"),
    ("aws_iam_role", "r2"),
    ("aws_iam_policy", "p1"),
    ("aws_s3_bucket", "b1"),
    ("aws_s3", "s3"),
];
const VERBS: [&str; 5] = ["ALLOWS", "PROTECTS", "USES", "HAS", "TRUSTS"];

proptest! {
    #[test]
    fn access_is_that_of_a_naive_search(
        drawn in proptest::collection::vec((0..10_usize, 0..5_usize, 0..10_usize, 0_u16..128), 0..60),
        lateral: bool,
        unconditional: bool,
    ) {
        let name = |it: usize| ENTITIES[it].1.trim_start_matches(['!', '?']);
        let texts: Vec<(String, Flags)> = drawn
            .iter()
            .map(|(from, verb, to, flags)| (format!("{} {} {}", name(*from), VERBS[*verb], name(*to)), Flags(*flags)))
            .collect();
        let texts: Vec<_> = texts.iter().map(|(text, flags)| (text.as_str(), *flags)).collect();
        let drawn = Drawn::new(&ENTITIES).with(&texts);
        let options = WalkOptions { lateral, unconditional, max_hops: None };

        let walk = Walk::from(&drawn.0, &[(drawn.at("internet"), Access::Outside)], options);

        let found: BTreeMap<(Place, Access), u16> =
            walk.reached().map(|(place, access, hops)| ((place, access), hops)).collect();
        prop_assert_eq!(&found, &naive(&drawn, options));
        for ((place, access), hops) in found {
            let path = walk.path(place, access);
            prop_assert_eq!((path.hops, &path.end().key[..]), (usize::from(hops), drawn.0.key(place)));
            prop_assert!(path.steps.iter().all(|it| it.because.is_some() && it.relationships.len() == 1));
        }
    }
}

/// Goes over all relationships again and again until nothing is nearer than before.
fn naive(drawn: &Drawn, options: WalkOptions) -> BTreeMap<(Place, Access), u16> {
    let (graph, table) = (&drawn.0, FlowTable::of(&drawn.0, options.lateral));
    let mut found = BTreeMap::from([((drawn.at("internet"), Access::Outside), 0)]);
    loop {
        let before = found.clone();
        for edge in graph.net.edge_references() {
            let flags = edge.weight().flags;
            if options.unconditional && flags.has_any(Flags::CONDITION) {
                continue;
            }
            for (from, to, is_reversed) in
                [(edge.source(), edge.target(), false), (edge.target(), edge.source(), true)]
            {
                for flow in table.rows(edge.weight().kind, is_reversed) {
                    let is_open = flow.needs == Flags::NONE || flags.has_any(flow.needs);
                    let is_private = flow.target == Target::NotPrivate && graph.net[to].public == Some(false);
                    for access in flow.with {
                        let Some(hops) = before.get(&(Place(from), *access)) else { continue };
                        if is_open && !is_private {
                            let at =
                                found.entry((Place(to), flow.gives.unwrap_or(*access))).or_insert(u16::MAX);
                            *at = (*at).min(hops + 1);
                        }
                    }
                }
            }
        }
        if found == before {
            return found;
        }
    }
}
