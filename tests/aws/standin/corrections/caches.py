"""ElastiCache: nodes, security groups, and the clusters behind a replication group."""

from typing import Any

from moto.elasticache import models

PORTS = {"memcached": 11211}
REDIS_PORT = 6379


def correct() -> None:
    models.CacheCluster.cache_nodes = property(nodes_of)
    models.CacheCluster.security_groups = property(groups_of)
    original = models.ElastiCacheBackend.describe_cache_clusters

    def describe(backend: models.ElastiCacheBackend, cache_cluster_id: str | None = None) -> list:
        """The clusters that were made, and the members of replication groups, which moto forgets."""
        members = [member for group in backend.replication_groups.values() for member in members_of(group)]
        named = [member for member in members if member["CacheClusterId"] == cache_cluster_id]
        return named or original(backend, cache_cluster_id) + ([] if cache_cluster_id else members)

    models.ElastiCacheBackend.describe_cache_clusters = describe


def nodes_of(cluster: models.CacheCluster) -> list[dict]:
    zones = cluster.preferred_availability_zones or [cluster.preferred_availability_zone] * cluster.num_cache_nodes
    return [
        node(cluster.cache_cluster_id, cluster.engine, f"{number:04}", zone, cluster.cache_cluster_create_time)
        for number, zone in enumerate(zones, start=1)
    ]


def node(cluster_id: str, engine: str, node_id: str, zone: str | None, created: Any) -> dict:
    return {
        "CacheNodeId": node_id,
        "CacheNodeStatus": "available",
        "CacheNodeCreateTime": created,
        "Endpoint": {"Address": f"{cluster_id}.{node_id}.cache.amazonaws.com", "Port": PORTS.get(engine, REDIS_PORT)},
        "ParameterGroupStatus": "in-sync",
        "CustomerAvailabilityZone": zone,
    }


def groups_of(cached: models.CacheCluster | models.ReplicationGroup) -> list[dict]:
    return [{"SecurityGroupId": group_id, "Status": "active"} for group_id in cached.security_group_ids or []]


def members_of(group: models.ReplicationGroup) -> list[dict]:
    prefix = group.arn.split(":replicationgroup:")[0]
    return [
        {
            "CacheClusterId": member["cache_cluster_id"],
            "ARN": f"{prefix}:cluster:{member['cache_cluster_id']}",
            "ReplicationGroupId": group.replication_group_id,
            "Engine": group.engine,
            "CacheClusterStatus": "available",
            "CacheClusterCreateTime": group.replication_group_create_time,
            "CacheNodeType": group.cache_node_type,
            "NumCacheNodes": 1,
            "PreferredAvailabilityZone": member["preferred_availability_zone"],
            "CacheSubnetGroupName": group.cache_subnet_group_name,
            "SecurityGroups": groups_of(group),
            "AtRestEncryptionEnabled": group.at_rest_encryption_enabled,
            "TransitEncryptionEnabled": group.transit_encryption_enabled,
            "CacheNodes": [
                node(
                    member["cache_cluster_id"],
                    group.engine,
                    member["cache_node_id"],
                    member["preferred_availability_zone"],
                    group.replication_group_create_time,
                )
            ],
        }
        for part in group.node_groups
        for member in part["node_group_members"]
    ]
