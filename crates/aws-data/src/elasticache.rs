//! Amazon ElastiCache: Memcached clusters, Redis and Valkey clusters, and the nodes of both. What they cache is never
//! read.
//!
//! A Redis cluster is a replication group, and each of its members is listed among the Memcached clusters: only there
//! stand the security groups. So both listings are one collector.

mod memcached;
mod node;
mod redis;

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_elasticache::Client;
use aws_sdk_elasticache::types::{CacheCluster, ReplicationGroup};
use orgraph_collect::prelude::*;

use self::memcached::{MemcachedCluster, memcached_cluster};
use self::node::{Node, Place, node};
use self::redis::{RedisCluster, redis_cluster, single_cluster};
use crate::links::active_groups;

pub(crate) static CLUSTERS: Collector = Collector {
    name: "elasticache_clusters",
    service: Service::ELASTICACHE,
    scope: Scope::Region,
    calls: &[call("DescribeCacheClusters"), call("DescribeReplicationGroups"), call("ListTagsForResource")],
    entities: &[entity::<MemcachedCluster>(), entity::<RedisCluster>(), entity::<Node>()],
    relationships: &[
        rel(AWS_ELASTICACHE, Has, AWS_ELASTICACHE_MEMCACHED_CLUSTER),
        rel(AWS_ELASTICACHE, Has, AWS_ELASTICACHE_REDIS_CLUSTER),
        rel(AWS_ELASTICACHE_MEMCACHED_CLUSTER, Has, AWS_ELASTICACHE_CLUSTER_NODE),
        rel(AWS_ELASTICACHE_REDIS_CLUSTER, Has, AWS_ELASTICACHE_CLUSTER_NODE),
        rel(AWS_ELASTICACHE_MEMCACHED_CLUSTER, Has, AWS_SECURITY_GROUP),
        rel(AWS_ELASTICACHE_REDIS_CLUSTER, Has, AWS_SECURITY_GROUP),
        rel(AWS_ELASTICACHE_CLUSTER_NODE, Has, AWS_SECURITY_GROUP),
        rel(AWS_SECURITY_GROUP, Protects, AWS_ELASTICACHE_MEMCACHED_CLUSTER),
        rel(AWS_SECURITY_GROUP, Protects, AWS_ELASTICACHE_REDIS_CLUSTER),
        rel(AWS_SECURITY_GROUP, Protects, AWS_ELASTICACHE_CLUSTER_NODE),
    ],
    collect: |cx, out| Box::pin(clusters(cx, out)),
};

/// The tags of one cluster.
type Tags = Detail<Vec<(String, String)>>;

async fn clusters(cx: &Cx, out: &mut Batch) -> Result<(), CollectError> {
    let elasticache = client!(aws_sdk_elasticache, ELASTICACHE, cx);
    let request = elasticache.describe_cache_clusters().show_cache_node_info(true);
    let clusters = pages!(cx, request, marker).all(|it| it.cache_clusters).await?;
    // The members of each replication group; what has no group stands alone.
    let mut members: BTreeMap<String, Vec<CacheCluster>> = BTreeMap::new();
    let mut alone = Vec::new();
    for cluster in clusters {
        match cluster.replication_group_id.clone().filter(|it| !it.is_empty()) {
            Some(group) => members.entry(group).or_default().push(cluster),
            None => alone.push(cluster),
        }
    }

    let request = elasticache.describe_replication_groups();
    let groups = pages!(cx, request, marker).all(|it| it.replication_groups).await?;
    let details = |group: ReplicationGroup| async {
        let tags = tags_of(&elasticache, group.arn.as_deref()).await?;
        Ok::<_, CollectError>((group, tags))
    };
    let mut listed = BTreeSet::new();
    for detailed in cx.concurrently(groups, details).await {
        let (group, tags) = detailed?;
        let id = group.replication_group_id.clone().unwrap_or_default();
        let of_group = members.get(&id).map(Vec::as_slice).unwrap_or_default();
        redis_cluster(cx, out, group, of_group, &tags);
        listed.insert(id);
    }
    // A group that appeared between the two listings is read whole the next time.
    for group in members.keys().filter(|it| !listed.contains(*it)) {
        out.skip(None, format!("members of the replication group {group}, which is not listed"));
    }

    let details = |cluster: CacheCluster| async {
        let tags = tags_of(&elasticache, cluster.arn.as_deref()).await?;
        Ok::<_, CollectError>((cluster, tags))
    };
    for detailed in cx.concurrently(alone, details).await {
        let (cluster, tags) = detailed?;
        match cluster.engine() {
            Some("memcached") => memcached_cluster(cx, out, cluster, &tags),
            _ => single_cluster(cx, out, &cluster, &tags),
        }
    }
    Ok(())
}

async fn tags_of(elasticache: &Client, arn: Option<&str>) -> Result<Tags, CollectError> {
    let Some(arn) = arn else {
        return Ok(Detail::Known(Vec::new()));
    };
    let answer = detail(elasticache.list_tags_for_resource().resource_name(arn).send().await)?;
    Ok(answer.map(|it| {
        let pairs = it.and_then(|it| it.tag_list).unwrap_or_default();
        tags(pairs.into_iter().map(|it| (it.key, it.value)))
    }))
}

fn cluster_id(cluster: &CacheCluster) -> &str {
    cluster.cache_cluster_id().unwrap_or_default()
}

/// The security groups in force.
fn groups_of(cluster: &CacheCluster) -> Vec<String> {
    active_groups(
        cluster.security_groups().iter().map(|it| (it.security_group_id.clone(), it.status.clone())),
    )
}

/// Adds the nodes of a cluster that stands alone.
fn own_nodes(cx: &Cx, out: &mut Batch, cluster: &Ref, listed: &CacheCluster) {
    for cache_node in listed.cache_nodes() {
        let place = Place { node_id: cache_node.cache_node_id(), ..Place::default() };
        node(cx, out, cluster, cluster_id(listed), Some(listed), Some(cache_node), &place);
    }
}
