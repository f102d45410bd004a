//! Amazon RDS, and with it Aurora, Neptune and DocumentDB, which share its API.

pub(crate) mod cluster_snapshots;
pub(crate) mod clusters;
pub(crate) mod instances;
mod snapshot;
pub(crate) mod snapshots;

use aws_sdk_rds::types::{Tag, VpcSecurityGroupMembership};
use orgraph_collect::tags;

use crate::links::active_groups;

/// The security groups in force.
fn groups_of(memberships: Option<Vec<VpcSecurityGroupMembership>>) -> Vec<String> {
    let memberships = memberships.unwrap_or_default().into_iter();
    active_groups(memberships.map(|it| (it.vpc_security_group_id, it.status)))
}

fn tag_pairs(list: Option<Vec<Tag>>) -> Vec<(String, String)> {
    tags(list.unwrap_or_default().into_iter().map(|it| (it.key, it.value)))
}
