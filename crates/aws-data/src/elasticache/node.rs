//! Nodes, of Memcached clusters and of Redis clusters.

use aws_sdk_elasticache::types::{CacheCluster, CacheNode, Endpoint};
use orgraph_collect::prelude::*;

use super::groups_of;
use crate::links::link_groups;
use crate::shape::is_available;

/// One machine of a cluster.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "fields are named as the properties are")]
pub(super) struct Node {
    /// The node's ID within its cache cluster, such as `0001`.
    id: String,
    /// The host name to connect to; `null` while the node is being created.
    hostname: Option<String>,
    /// The same host name.
    endpoint: Option<String>,
    /// The port that it listens on.
    port: Option<i32>,
    /// Whether it is encrypted at rest, as its cluster is.
    encrypted: Option<bool>,
    /// The ID of the cache cluster it belongs to. Each member of a Redis cluster is one.
    cache_cluster_id: String,
    /// The ID of the Redis cluster it belongs to; `null` for Memcached and where there is only one node.
    replication_group_id: Option<String>,
    /// The shard it belongs to.
    node_group_id: Option<String>,
    /// `primary` or `replica`; `null` where the shards choose for themselves.
    role: Option<String>,
    /// The availability zone it runs in.
    availability_zone: Option<String>,
    /// The state, such as `available` or `creating`.
    status: Option<String>,
    /// Whether the state is `available`.
    active: Option<bool>,
    /// The security groups in force.
    security_group_ids: Vec<String>,
    /// When it was created, in milliseconds since the epoch.
    created_on: Option<i64>,
}

impl Entity for Node {
    const TYPE: EntityType = AWS_ELASTICACHE_CLUSTER_NODE;
}

/// The place of a node in a Redis cluster, as its replication group tells.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Place<'a> {
    pub(super) node_id: Option<&'a str>,
    pub(super) encrypted: Option<bool>,
    pub(super) group_id: Option<&'a str>,
    pub(super) shard_id: Option<&'a str>,
    pub(super) role: Option<&'a str>,
    pub(super) zone: Option<&'a str>,
    pub(super) endpoint: Option<&'a Endpoint>,
}

/// Adds the node `place` of the cache cluster `cluster_id`, which belongs to `cluster`. What was listed of the cache
/// cluster and of the node may be missing while they are being created.
pub(super) fn node(
    cx: &Cx,
    out: &mut Batch,
    cluster: &Ref,
    cluster_id: &str,
    listed: Option<&CacheCluster>,
    cache_node: Option<&CacheNode>,
    place: &Place<'_>,
) {
    let Some(id) = place.node_id else {
        return out.skip(Some(cluster.key.clone()), "a node without an ID");
    };
    let key = key(cx, cluster_id, id);
    let node = AWS_ELASTICACHE_CLUSTER_NODE.at(&key);
    let security_group_ids = listed.map(groups_of).unwrap_or_default();
    let endpoint = cache_node.and_then(CacheNode::endpoint).or(place.endpoint);
    let hostname = endpoint.and_then(Endpoint::address).map(str::to_owned);
    let zone = cache_node.and_then(CacheNode::customer_availability_zone).or(place.zone);
    let status = cache_node.and_then(CacheNode::cache_node_status);

    out.link(cluster.clone(), Has, node.clone());
    link_groups(cx, out, &node, &security_group_ids);
    out.add(
        &key,
        format!("{cluster_id}-{id}"),
        &Node {
            id: id.to_owned(),
            endpoint: hostname.clone(),
            hostname,
            port: endpoint.and_then(Endpoint::port),
            encrypted: listed.and_then(|it| it.at_rest_encryption_enabled).or(place.encrypted),
            cache_cluster_id: cluster_id.to_owned(),
            replication_group_id: place.group_id.map(str::to_owned),
            node_group_id: place.shard_id.map(str::to_owned),
            role: place.role.map(str::to_owned),
            availability_zone: zone.map(str::to_owned),
            active: is_available(status),
            status: status.map(str::to_owned),
            security_group_ids,
            created_on: cache_node.and_then(|it| it.cache_node_create_time.as_ref()).and_then(millis),
        },
    )
    .web_link(cx.console(link(cx, cluster)));
}

fn key(cx: &Cx, cluster_id: &str, node_id: &str) -> String {
    let cluster = cx.arn("elasticache", format_args!("cluster:{cluster_id}"));
    format!("{AWS_ELASTICACHE_CLUSTER_NODE}:{cluster}:{node_id}")
}

/// The page of its cluster: nodes have none of their own.
fn link(cx: &Cx, cluster: &Ref) -> String {
    let engine = if cluster.entity_type == AWS_ELASTICACHE_MEMCACHED_CLUSTER { "memcached" } else { "redis" };
    let id = cluster.key.as_str().rsplit(':').next().unwrap_or_default();
    format!("elasticache/home?region={}#/{engine}/{id}", cx.region())
}
