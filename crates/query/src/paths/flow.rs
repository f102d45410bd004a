//! How access flows: which relationships carry it, which way, and what of it arrives. One table.
//!
//! The table errs on the side of too much. It does not decide whether a request would be granted: conditions,
//! permission boundaries, organization policies and resource policies narrow what it finds.

use orgraph_model::vocabulary;
use schemars::JsonSchema;
use serde::Serialize;

use super::graph::{Flags, Graph};

/// What one has of an entity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Access {
    /// Packets and requests from the Internet arrive.
    Outside,
    /// Packets from inside the network arrive.
    Inside,
    /// What is in it can be read or changed.
    Data,
    /// One can act as it, or do with it what one wants.
    Control,
}

impl Access {
    pub(super) const ALL: [Self; 4] = [Self::Outside, Self::Inside, Self::Data, Self::Control];

    /// As it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Outside => "outside",
            Self::Inside => "inside",
            Self::Data => "data",
            Self::Control => "control",
        }
    }
}

/// Which entities stand at an end of a flow.
#[derive(Debug, Clone, Copy)]
pub(super) enum End {
    Any,
    Class(&'static str),
    Types(&'static [&'static str]),
}

/// What has to be so at the entity where access arrives.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Target {
    Any,
    /// It is not known to be private: its property `public` is not false.
    NotPrivate,
}

/// A row of the table: access to one end of a relationship gives access to the other.
#[derive(Debug, Clone, Copy)]
pub struct Flow {
    pub(super) from: End,
    pub(super) verb: &'static str,
    pub(super) to: End,
    /// Whether access goes from the second end to the first.
    pub(super) reversed: bool,
    /// Which access is needed.
    pub(super) with: &'static [Access],
    /// Which access follows; none for the same.
    pub(super) gives: Option<Access>,
    /// One of these bits has to be set on the relationship, if there is one.
    pub(super) needs: Flags,
    pub(super) target: Target,
    /// Whether it is a step from one machine to another inside the network, which is taken on request only.
    pub(super) is_lateral: bool,
    /// Whether it leads from a whole to all of its parts: a third of all relationships, and of few wholes they are needed.
    pub(super) is_to_parts: bool,
    pub(super) because: &'static str,
}

use Access::{Control, Data, Inside, Outside};
use End::{Any, Class, Types};

const LOAD_BALANCERS: &[&str] = &["aws_alb", "aws_nlb", "aws_elb", "aws_lb"];
const MACHINES: &[&str] = &["aws_instance", "aws_workspace", "aws_ecs_service", "aws_transfer_server"];
const NETWORKED_STORES: &[&str] =
    &["aws_db_instance", "aws_rds_cluster", "aws_redshift_cluster", "aws_elasticsearch_domain"];
const INNER_STORES: &[&str] = &[
    "aws_db_instance",
    "aws_rds_cluster",
    "aws_redshift_cluster",
    "aws_elasticsearch_domain",
    "aws_elasticache_memcached_cluster",
    "aws_elasticache_redis_cluster",
    "aws_elasticache_cluster_node",
    "aws_efs_mount_target",
];
const NETWORK_ACTORS: &[&str] = &["aws_instance", "aws_workspace", "aws_ecs_service", "aws_lambda_function"];
const PRINCIPALS: &[&str] = &["aws_iam_user", "aws_iam_role", "aws_iam_group"];
const POLICIES: &[&str] =
    &["aws_iam_policy", "aws_iam_user_policy", "aws_iam_group_policy", "aws_iam_role_policy"];
/// What one acts as after one may change it.
const CHANGEABLE: &[&str] = &[
    "aws_instance",
    "aws_lambda_function",
    "aws_ecs_service",
    "aws_ecs_task_definition",
    "aws_batch_compute_environment",
    "aws_autoscaling_group",
    "aws_iam_user",
    "aws_iam_group",
    "aws_iam_policy",
];
/// Services whose reading and changing actions concern contents, and not only settings.
const SERVICES_OF_CONTENTS: &[&str] = &[
    "aws_s3",
    "aws_dynamodb",
    "aws_sqs",
    "aws_sns",
    "aws_ecr",
    "aws_cloudwatch_logs",
    "aws_kms",
    "aws_efs",
    "aws_elasticsearch",
];

const USE: Flags = Flags::READ.or(Flags::UPDATE).or(Flags::CHANGE).or(Flags::INVOKE).or(Flags::ADMIN);

const fn flow(
    (from, verb, to): (End, &'static str, End),
    with: &'static [Access],
    gives: Option<Access>,
    because: &'static str,
) -> Flow {
    Flow {
        from,
        verb,
        to,
        reversed: false,
        with,
        gives,
        needs: Flags::NONE,
        target: Target::Any,
        is_lateral: false,
        is_to_parts: false,
        because,
    }
}

impl Flow {
    const fn reversed(self) -> Self {
        Self { reversed: true, ..self }
    }
    const fn needs(self, needs: Flags) -> Self {
        Self { needs, ..self }
    }
    const fn unless_private(self) -> Self {
        Self { target: Target::NotPrivate, ..self }
    }
    const fn lateral(self) -> Self {
        Self { is_lateral: true, ..self }
    }
    const fn to_parts(self) -> Self {
        Self { is_to_parts: true, ..self }
    }
}

const INTERNET: End = Types(&["internet", "network", "host"]);
const GROUP: End = Types(&["aws_security_group"]);
const FUNCTION: End = Types(&["aws_lambda_function"]);
const ROLE: End = Types(&["aws_iam_role"]);

/// The table. The first row that applies explains a step, so what says more stands first.
#[rustfmt::skip]
static FLOWS: &[Flow] = &[
    // Through the network, from outside.
    flow((INTERNET, "ALLOWS", GROUP), &[Outside], None, "a rule lets it in").needs(Flags::INGRESS),
    flow((GROUP, "PROTECTS", Types(LOAD_BALANCERS)), &[Outside], None, "the group lets it through to the load balancer").unless_private(),
    flow((GROUP, "PROTECTS", Types(MACHINES)), &[Outside], Some(Control), "the group lets it through to the machine, which may be taken over").unless_private(),
    flow((GROUP, "PROTECTS", Types(NETWORKED_STORES)), &[Outside], Some(Data), "the group lets it through to the data store").unless_private(),
    flow((GROUP, "PROTECTS", Types(&["aws_eni"])), &[Outside], None, "the group lets it through to the interface").unless_private(),
    flow((Types(&["aws_instance"]), "USES", Types(&["aws_eni"])), &[Outside], Some(Control), "it is an interface of the machine, which may be taken over").reversed(),
    flow((Types(LOAD_BALANCERS), "CONNECTS", Types(&["aws_lb_target_group"])), &[Outside, Inside], None, "the load balancer passes it on"),
    flow((Types(LOAD_BALANCERS), "CONNECTS", Types(&["aws_instance"])), &[Outside, Inside], Some(Control), "the load balancer passes it on to the machine, which may be taken over"),
    flow((Types(&["aws_lb_target_group"]), "HAS", Types(&["aws_alb", "aws_eni"])), &[Outside, Inside], None, "it is a target"),
    flow((Types(&["aws_lb_target_group"]), "HAS", Types(&["aws_instance", "aws_lambda_function"])), &[Outside, Inside], Some(Control), "it is a target, which may be taken over"),
    flow((Types(&["aws_api_gateway_v2_api"]), "HAS", Types(&["aws_api_gateway_v2_route"])), &[Outside], None, "it is a route of the API"),
    flow((Types(&["aws_api_gateway_v2_route"]), "HAS", Types(&["aws_api_gateway_v2_integration"])), &[Outside], None, "the route leads there"),
    flow((Types(&["aws_api_gateway_v2_integration"]), "CONNECTS", Types(&["aws_lambda_function", "aws_instance"])), &[Outside], Some(Control), "the API passes it on, and what answers may be taken over"),
    flow((Types(&["aws_api_gateway_v2_integration"]), "CONNECTS", Types(&["aws_sqs_queue"])), &[Outside], Some(Data), "the API writes to the queue"),
    flow((Types(&["aws_api_gateway_v2_integration"]), "CONNECTS", Any), &[Outside], None, "the API passes it on"),
    flow((Types(&["aws_api_gateway_rest_api", "aws_cloudfront_distribution"]), "TRIGGERS", FUNCTION), &[Outside], Some(Control), "it calls the function, which may be taken over"),
    flow((Types(&["aws_cloudfront_distribution"]), "CONNECTS", Types(&["aws_s3_bucket"])), &[Outside], Some(Data), "the distribution shows what is in the bucket"),
    flow((Types(&["aws_cloudfront_distribution"]), "CONNECTS", Any), &[Outside], None, "the distribution passes it on"),
    flow((Types(&["aws_s3_bucket"]), "ALLOWS", Types(&["everyone"])), &[Outside], Some(Data), "the bucket lets everyone in").reversed(),
    flow((ROLE, "TRUSTS", Types(&["everyone"])), &[Outside], Some(Control), "the role trusts everyone").reversed(),

    // Inside the network, on request.
    flow((GROUP, "PROTECTS", Types(NETWORK_ACTORS)), &[Control], Some(Inside), "it sends from behind the group").reversed().lateral(),
    flow((Types(&["aws_subnet"]), "HAS", Types(NETWORK_ACTORS)), &[Control], Some(Inside), "it sends from the subnet").reversed().lateral(),
    flow((Types(&["aws_vpc"]), "CONTAINS", Types(&["aws_subnet"])), &[Inside], None, "the subnet is in the network").reversed().lateral(),
    flow((Types(&["aws_security_group", "aws_subnet", "aws_vpc"]), "ALLOWS", GROUP), &[Inside], None, "a rule lets it in").needs(Flags::INGRESS).lateral(),
    flow((GROUP, "PROTECTS", Types(INNER_STORES)), &[Inside], Some(Data), "the group lets it through to the data store").lateral(),
    flow((GROUP, "PROTECTS", Types(MACHINES)), &[Inside], Some(Control), "the group lets it through to the machine, which may be taken over").lateral(),
    flow((GROUP, "PROTECTS", Types(LOAD_BALANCERS)), &[Inside], None, "the group lets it through to the load balancer").lateral(),
    flow((Types(&["aws_efs_file_system"]), "HAS", Types(&["aws_efs_mount_target"])), &[Data], None, "the file system is mounted there").reversed(),

    // From what computes to what it acts as.
    flow((Types(&["aws_instance", "aws_batch_compute_environment"]), "USES", ROLE), &[Control], None, "the machine acts as the role"),
    flow((FUNCTION, "HAS", ROLE), &[Control], None, "the function acts as the role"),
    flow((Types(&["aws_ecs_task_definition", "aws_batch_compute_environment"]), "ASSIGNED", ROLE), &[Control], None, "the task acts as the role"),
    flow((Types(&["aws_ecs_task_definition"]), "DEFINES", Types(&["aws_ecs_service", "aws_ecs_task"])), &[Control], None, "it is defined so").reversed(),
    flow((Types(&["aws_ecs_service"]), "TRIGGERS", Types(&["aws_ecs_task"])), &[Control], None, "the service starts the task"),
    flow((Types(&["aws_instance", "aws_ecs_container_instance"]), "RUNS", Any), &[Control], None, "it runs there"),
    flow((Types(&["aws_autoscaling_group"]), "HAS", Types(&["aws_instance"])), &[Control], None, "the group starts the machine"),
    flow((Types(&["aws_instance"]), "USES", Types(&["aws_ebs_volume"])), &[Control], Some(Data), "the volume is attached"),

    // Through identity.
    flow((Types(PRINCIPALS), "HAS", Types(POLICIES)), &[Control], None, "the policy applies to it"),
    flow((Types(&["aws_iam_group"]), "CONTAINS", Types(&["aws_iam_user"])), &[Control], None, "the user is in the group").reversed(),
    flow((Types(&["aws_iam_user"]), "HAS", Types(&["aws_iam_access_key"])), &[Control], None, "the key is the user's").reversed(),
    flow((Types(&["aws_iam_user"]), "IS", Types(&["person"])), &[Control], None, "it is the user of the person").reversed(),
    flow((ROLE, "TRUSTS", Types(&["aws_iam_user", "aws_iam_role", "aws_account", "aws_iam_saml_provider", "aws_iam_oidc_provider"])), &[Control], None, "the role trusts it").reversed(),
    flow((Types(POLICIES), "ALLOWS", ROLE), &[Control], None, "the policy lets it act as the role, or change it").needs(Flags::INVOKE.or(Flags::UPDATE).or(Flags::ADMIN)),
    flow((Types(POLICIES), "ALLOWS", Types(CHANGEABLE)), &[Control], None, "the policy lets it change this, and so act as it").needs(Flags::UPDATE.or(Flags::ADMIN)),
    flow((Types(POLICIES), "ALLOWS", Types(&["aws_account"])), &[Control], None, "the policy allows everything").needs(Flags::ADMIN),
    flow((Types(POLICIES), "ALLOWS", Class("Service")), &[Control], None, "the policy allows everything of the service").needs(Flags::ADMIN),
    flow((Types(POLICIES), "ALLOWS", Any), &[Control], Some(Data), "the policy allows to use it").needs(USE),

    // From the whole to its parts.
    flow((Types(&["aws_account"]), "HAS", Class("Service")), &[Control], None, "it is a service of the account"),
    flow((Class("Service"), "HAS", Any), &[Control], None, "it is of the service").to_parts(),
    flow((Types(SERVICES_OF_CONTENTS), "HAS", Any), &[Data], None, "it is of the service").to_parts(),
    flow((Types(&["aws_rds_cluster"]), "CONTAINS", Types(&["aws_db_instance"])), &[Data, Control], None, "it is of the cluster"),
    flow((Types(&["aws_elasticache_memcached_cluster", "aws_elasticache_redis_cluster"]), "HAS", Types(&["aws_elasticache_cluster_node"])), &[Data, Control], None, "it is of the cluster"),
];

/// What the Internet reaches because of what the entity says of itself: its property `public` is true.
#[derive(Debug, Clone, Copy)]
pub(super) struct Public {
    pub(super) types: &'static [&'static str],
    pub(super) gives: Access,
    /// Whether a security group in front of it decides instead, where there is one.
    pub(super) unless_protected: bool,
    pub(super) because: &'static str,
}

#[rustfmt::skip]
pub(super) static PUBLIC: &[Public] = &[
    Public {
        types: &["aws_s3_bucket", "aws_ebs_snapshot", "aws_db_snapshot", "aws_db_cluster_snapshot", "aws_ami", "aws_sns_topic", "aws_sqs_queue", "aws_ecr_repository"],
        gives: Data, unless_protected: false, because: "it is public",
    },
    Public { types: &["aws_elasticsearch_domain"], gives: Data, unless_protected: true, because: "it is public" },
    Public { types: &["aws_lambda_function"], gives: Control, unless_protected: false, because: "everyone may call it" },
    Public {
        types: &["aws_api_gateway_rest_api", "aws_api_gateway_v2_api", "aws_cloudfront_distribution"],
        gives: Outside, unless_protected: false, because: "it is public",
    },
    Public { types: &["aws_nlb", "aws_lb"], gives: Outside, unless_protected: true, because: "it is public and no group protects it" },
];

/// Every row of the table of access, for those who want to show it.
pub fn flows() -> impl Iterator<Item = &'static Flow> {
    FLOWS.iter()
}

impl Flow {
    /// The row as it stands in the documentation.
    pub fn to_markdown(&self) -> String {
        let end = |it: End| match it {
            Any => "anything".to_owned(),
            Class(class) => format!("class `{class}`"),
            Types(types) => types.iter().map(|it| format!("`{it}`")).collect::<Vec<_>>().join(", "),
        };
        let with: Vec<&str> = self.with.iter().map(|it| it.as_str()).collect();
        let when = match self.target {
            Target::NotPrivate => "`public` is not false".to_owned(),
            Target::Any => self.needs.names().join(" or "),
        };
        format!(
            "| {} | {} {} | {} | {} | {} | {when} | {} |",
            end(self.from),
            if self.reversed { "←" } else { "→" },
            self.verb,
            end(self.to),
            with.join(" or "),
            self.gives.map_or("the same", Access::as_str),
            if self.is_lateral { "`--lateral`" } else { "" },
        )
    }
}

impl End {
    fn holds(self, type_name: &str, classes: &[&str]) -> bool {
        match self {
            Any => true,
            Class(class) => classes.contains(&class),
            Types(types) => types.contains(&type_name),
        }
    }
}

/// The rows that apply to each kind of relationship of a graph, forwards and backwards.
pub(super) struct FlowTable {
    forwards: Vec<Vec<&'static Flow>>,
    backwards: Vec<Vec<&'static Flow>>,
}

impl FlowTable {
    pub(super) fn of(graph: &Graph, with_lateral: bool) -> Self {
        let classes = |type_name: &str| -> Vec<&str> {
            let known = vocabulary::by_name(type_name).map(|it| it.class.to_vec());
            let kind = || graph.entity_kinds.iter().find(|it| *it.type_name == *type_name);
            known.or_else(|| kind().map(|it| it.classes.iter().map(|it| &**it).collect())).unwrap_or_default()
        };
        let rows = |reversed: bool| {
            let of_kind = graph.relationship_kinds.iter().map(|kind| {
                let (from, to) = (classes(&kind.from_type), classes(&kind.to_type));
                FLOWS
                    .iter()
                    .filter(|it| it.reversed == reversed && *it.verb == *kind.verb)
                    .filter(|it| with_lateral || !it.is_lateral)
                    .filter(|it| it.from.holds(&kind.from_type, &from) && it.to.holds(&kind.to_type, &to))
                    .collect()
            });
            of_kind.collect()
        };
        Self { forwards: rows(false), backwards: rows(true) }
    }

    /// The rows for a kind of relationship that is followed its way, or against it.
    pub(super) fn rows(&self, kind: u16, is_reversed: bool) -> &[&'static Flow] {
        let rows = if is_reversed { &self.backwards } else { &self.forwards };
        &rows[usize::from(kind)]
    }
}

#[cfg(test)]
mod tests {
    use orgraph_model::Verb;

    use super::*;

    #[test]
    fn the_table_names_only_what_the_data_model_has() {
        let known = |it: &str| assert!(vocabulary::by_name(it).is_some(), "there is no type {it}");
        for flow in FLOWS {
            assert!(Verb::by_name(flow.verb).is_some(), "there is no verb {}", flow.verb);
            assert!(!flow.with.is_empty(), "{flow:?}");
            for end in [flow.from, flow.to] {
                match end {
                    Any => {}
                    Class(class) => {
                        assert!(vocabulary::ALL.iter().any(|it| it.class.contains(&class)), "{class}");
                    }
                    Types(types) => types.iter().for_each(|it| known(it)),
                }
            }
        }
        PUBLIC.iter().flat_map(|it| it.types).for_each(|it| known(it));
    }
}
