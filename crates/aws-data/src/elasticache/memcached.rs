//! Memcached clusters.

use aws_sdk_elasticache::types::CacheCluster;
use orgraph_collect::prelude::*;

use super::{Tags, groups_of, own_nodes};
use crate::links::link_groups;
use crate::shape::is_available;

/// A Memcached cluster.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct MemcachedCluster {
    /// The cluster's ID.
    id: String,
    /// Whether it is encrypted at rest.
    encrypted: Option<bool>,
    /// Whether connections to it are encrypted.
    transit_encryption_enabled: Option<bool>,
    /// The state, such as `available` or `modifying`.
    status: Option<String>,
    /// Whether the state is `available`.
    active: Option<bool>,
    /// `memcached`.
    engine: Option<String>,
    /// The version of the engine.
    engine_version: Option<String>,
    /// The size of each node, such as `cache.t4g.micro`.
    node_type: Option<String>,
    /// How many nodes it has.
    num_nodes: Option<i32>,
    /// The host name by which clients find its nodes.
    endpoint: Option<String>,
    /// The subnets it may be placed in, by the name of their group.
    subnet_group_name: Option<String>,
    /// The security groups in force.
    security_group_ids: Vec<String>,
    /// When it was created, in milliseconds since the epoch.
    created_on: Option<i64>,
}

impl Entity for MemcachedCluster {
    const TYPE: EntityType = AWS_ELASTICACHE_MEMCACHED_CLUSTER;
}

pub(super) fn memcached_cluster(cx: &Cx, out: &mut Batch, listed: CacheCluster, tags: &Tags) {
    let (Some(arn), Some(id)) = (&listed.arn, &listed.cache_cluster_id) else {
        return out.skip(None, "a cache cluster without an ARN or an ID");
    };
    let cluster = AWS_ELASTICACHE_MEMCACHED_CLUSTER.at(arn);
    let security_group_ids = groups_of(&listed);
    link_groups(cx, out, &cluster, &security_group_ids);
    own_nodes(cx, out, &cluster, &listed);

    let link = format!("elasticache/home?region={}#/memcached/{id}", cx.region());
    out.add(
        arn,
        id,
        &MemcachedCluster {
            id: id.clone(),
            encrypted: listed.at_rest_encryption_enabled,
            transit_encryption_enabled: listed.transit_encryption_enabled,
            active: is_available(listed.cache_cluster_status.as_deref()),
            status: listed.cache_cluster_status,
            engine: listed.engine,
            engine_version: listed.engine_version,
            node_type: listed.cache_node_type,
            num_nodes: listed.num_cache_nodes,
            endpoint: listed.configuration_endpoint.and_then(|it| it.address),
            subnet_group_name: listed.cache_subnet_group_name,
            security_group_ids,
            created_on: listed.cache_cluster_create_time.as_ref().and_then(millis),
        },
    )
    .tags(tags.known().cloned().unwrap_or_default())
    .web_link(cx.console(link))
    .unknown(tags, &["tags"]);
}
