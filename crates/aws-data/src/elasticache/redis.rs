//! Redis and Valkey clusters: replication groups, and the few that are one cache cluster without a group.

use std::collections::BTreeSet;

use aws_sdk_elasticache::types::{
    AutomaticFailoverStatus, CacheCluster, Endpoint, MultiAzStatus, NodeGroup, NodeGroupMember,
    ReplicationGroup,
};
use orgraph_collect::prelude::*;

use super::node::{Place, node};
use super::{Tags, cluster_id, groups_of, own_nodes};
use crate::links::link_groups;
use crate::shape::is_available;

/// A Redis or Valkey cluster.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct RedisCluster {
    /// The cluster's ID.
    id: String,
    /// Whether it is encrypted at rest.
    encrypted: Option<bool>,
    /// The key that encrypts it; `null` for a key of AWS.
    kms_key_id: Option<String>,
    /// Whether connections to it are encrypted.
    transit_encryption_enabled: Option<bool>,
    /// Whether clients have to give a password.
    auth_token_enabled: Option<bool>,
    /// The state, such as `available` or `modifying`.
    status: Option<String>,
    /// Whether the state is `available`.
    active: Option<bool>,
    /// `redis` or `valkey`.
    engine: Option<String>,
    /// Whether its data can be spread over several shards.
    cluster_enabled: Option<bool>,
    /// Whether its nodes are in several availability zones.
    #[serde(rename = "multiAZ")]
    multi_az: Option<bool>,
    /// Whether a replica takes over by itself when its primary fails.
    automatic_failover: Option<bool>,
    /// The IDs of the cache clusters that are its members.
    member_clusters: Vec<String>,
    /// The host name to connect to, for writing.
    endpoint: Option<String>,
    /// How long automatic backups are kept, in days; 0 means that there are none.
    snapshot_retention_limit: Option<i32>,
    /// Whether minor versions are installed by themselves.
    auto_minor_version_upgrade: Option<bool>,
    /// The security groups in force on any of its members.
    security_group_ids: Vec<String>,
    /// When it was created, in milliseconds since the epoch.
    created_on: Option<i64>,
}

impl Entity for RedisCluster {
    const TYPE: EntityType = AWS_ELASTICACHE_REDIS_CLUSTER;
}

/// Adds a replication group whose members were listed as `members`.
pub(super) fn redis_cluster(
    cx: &Cx,
    out: &mut Batch,
    listed: ReplicationGroup,
    members: &[CacheCluster],
    tags: &Tags,
) {
    let (Some(arn), Some(id)) = (&listed.arn, &listed.replication_group_id) else {
        return out.skip(None, "a replication group without an ARN or an ID");
    };
    let cluster = AWS_ELASTICACHE_REDIS_CLUSTER.at(arn);
    let groups: BTreeSet<String> = members.iter().flat_map(groups_of).collect();
    let security_group_ids: Vec<String> = groups.into_iter().collect();
    link_groups(cx, out, &cluster, &security_group_ids);
    member_nodes(cx, out, &cluster, &listed, members);

    let link = format!("elasticache/home?region={}#/redis/{id}", cx.region());
    let endpoint = endpoint(&listed).and_then(|it| it.address.clone());
    out.add(
        arn,
        id,
        &RedisCluster {
            id: id.clone(),
            encrypted: listed.at_rest_encryption_enabled,
            kms_key_id: listed.kms_key_id,
            transit_encryption_enabled: listed.transit_encryption_enabled,
            auth_token_enabled: listed.auth_token_enabled,
            active: is_available(listed.status.as_deref()),
            status: listed.status,
            engine: listed.engine,
            cluster_enabled: listed.cluster_enabled,
            multi_az: listed.multi_az.map(|it| it == MultiAzStatus::Enabled),
            automatic_failover: listed.automatic_failover.map(|it| it == AutomaticFailoverStatus::Enabled),
            member_clusters: listed.member_clusters.unwrap_or_default(),
            endpoint,
            snapshot_retention_limit: listed.snapshot_retention_limit,
            auto_minor_version_upgrade: listed.auto_minor_version_upgrade,
            security_group_ids,
            created_on: listed.replication_group_create_time.as_ref().and_then(millis),
        },
    )
    .tags(tags.known().cloned().unwrap_or_default())
    .web_link(cx.console(link))
    .unknown(tags, &["tags"]);
}

/// With several shards there is one endpoint for all, with one shard it is the shard's.
fn endpoint(listed: &ReplicationGroup) -> Option<&Endpoint> {
    let of_shards = || listed.node_groups().iter().find_map(NodeGroup::primary_endpoint);
    listed.configuration_endpoint().or_else(of_shards)
}

/// Adds the nodes that the shards name, with what was listed of their cache clusters.
fn member_nodes(
    cx: &Cx,
    out: &mut Batch,
    cluster: &Ref,
    listed: &ReplicationGroup,
    members: &[CacheCluster],
) {
    for shard in listed.node_groups() {
        for member in shard.node_group_members() {
            let Some(member_id) = member.cache_cluster_id() else {
                out.skip(Some(cluster.key.clone()), "a member without an ID");
                continue;
            };
            let cache_cluster = members.iter().find(|it| cluster_id(it) == member_id);
            let nodes = cache_cluster.map(CacheCluster::cache_nodes).unwrap_or_default();
            let cache_node = nodes.iter().find(|it| it.cache_node_id == member.cache_node_id);
            let place = place(listed, shard, member);
            node(cx, out, cluster, member_id, cache_cluster, cache_node, &place);
        }
    }
}

fn place<'a>(listed: &'a ReplicationGroup, shard: &'a NodeGroup, member: &'a NodeGroupMember) -> Place<'a> {
    Place {
        node_id: member.cache_node_id(),
        encrypted: listed.at_rest_encryption_enabled,
        group_id: listed.replication_group_id(),
        shard_id: shard.node_group_id(),
        role: member.current_role(),
        zone: member.preferred_availability_zone(),
        endpoint: member.read_endpoint(),
    }
}

/// Adds a cache cluster of Redis that is in no replication group: one node, and the cluster by itself.
pub(super) fn single_cluster(cx: &Cx, out: &mut Batch, listed: &CacheCluster, tags: &Tags) {
    let (Some(arn), Some(id)) = (&listed.arn, &listed.cache_cluster_id) else {
        return out.skip(None, "a cache cluster without an ARN or an ID");
    };
    let cluster = AWS_ELASTICACHE_REDIS_CLUSTER.at(arn);
    let security_group_ids = groups_of(listed);
    link_groups(cx, out, &cluster, &security_group_ids);
    own_nodes(cx, out, &cluster, listed);

    let link = format!("elasticache/home?region={}#/redis/{id}", cx.region());
    let first = listed.cache_nodes().first().and_then(|it| it.endpoint.as_ref());
    out.add(
        arn,
        id,
        &RedisCluster {
            id: id.clone(),
            encrypted: listed.at_rest_encryption_enabled,
            kms_key_id: None,
            transit_encryption_enabled: listed.transit_encryption_enabled,
            auth_token_enabled: listed.auth_token_enabled,
            active: is_available(listed.cache_cluster_status.as_deref()),
            status: listed.cache_cluster_status.clone(),
            engine: listed.engine.clone(),
            cluster_enabled: Some(false),
            multi_az: Some(false),
            automatic_failover: Some(false),
            member_clusters: vec![id.clone()],
            endpoint: first.and_then(Endpoint::address).map(str::to_owned),
            snapshot_retention_limit: listed.snapshot_retention_limit,
            auto_minor_version_upgrade: listed.auto_minor_version_upgrade,
            security_group_ids,
            created_on: listed.cache_cluster_create_time.as_ref().and_then(millis),
        },
    )
    .tags(tags.known().cloned().unwrap_or_default())
    .web_link(cx.console(link))
    .unknown(tags, &["tags"]);
}
