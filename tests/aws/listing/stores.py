"""Keys, tables, file systems, caches, search domains and warehouses."""

from typing import Any

from .inventory import Inventory


def add_stores(inventory: Inventory, region: str) -> None:
    keys = inventory.pages("kms", region, "list_keys", "Keys")
    inventory.add("aws_kms_key", region, [key["KeyArn"] for key in keys])
    add_uses_of_keys(inventory, region)
    add_tables(inventory, region)
    add_file_systems(inventory, region)
    add_caches(inventory, region)
    add_search(inventory, region)
    add_warehouses(inventory, region)


def add_uses_of_keys(inventory: Inventory, region: str) -> None:
    for volume in inventory.pages("ec2", region, "describe_volumes", "Volumes"):
        key = inventory.ec2(region, "volume", volume["VolumeId"])
        inventory.link("aws_ebs_volume", key, "USES", "aws_kms_key", volume.get("KmsKeyId"))
    for entity_type, operation, result, arn in (
        ("aws_rds_cluster", "describe_db_clusters", "DBClusters", "DBClusterArn"),
        ("aws_db_instance", "describe_db_instances", "DBInstances", "DBInstanceArn"),
    ):
        for database in inventory.pages("rds", region, operation, result):
            inventory.link(entity_type, database[arn], "USES", "aws_kms_key", database.get("KmsKeyId"))


def add_tables(inventory: Inventory, region: str) -> None:
    for name in inventory.pages("dynamodb", region, "list_tables", "TableNames"):
        table = inventory.one("dynamodb", region, "describe_table", TableName=name)["Table"]
        inventory.add("aws_dynamodb_table", region, [table["TableArn"]])
        key = table.get("SSEDescription", {}).get("KMSMasterKeyArn")
        inventory.link("aws_dynamodb_table", table["TableArn"], "USES", "aws_kms_key", key)


def add_file_systems(inventory: Inventory, region: str) -> None:
    for system in inventory.pages("efs", region, "describe_file_systems", "FileSystems"):
        arn = system["FileSystemArn"]
        inventory.add("aws_efs_file_system", region, [arn])
        system_id = {"FileSystemId": system["FileSystemId"]}
        for target in inventory.pages("efs", region, "describe_mount_targets", "MountTargets", **system_id):
            key = f"aws_efs_mount_target:{arn}:{target['MountTargetId']}"
            inventory.add("aws_efs_mount_target", region, [key])
            inventory.link("aws_efs_file_system", arn, "HAS", "aws_efs_mount_target", key)
            interface = inventory.ec2(region, "network-interface", target["NetworkInterfaceId"])
            inventory.link("aws_efs_mount_target", key, "USES", "aws_eni", interface)
            subnet = inventory.ec2(region, "subnet", target["SubnetId"])
            inventory.link("aws_subnet", subnet, "HAS", "aws_efs_mount_target", key)
            target_id = {"MountTargetId": target["MountTargetId"]}
            groups = inventory.one("efs", region, "describe_mount_target_security_groups", **target_id)
            inventory.protect(region, "aws_efs_mount_target", key, groups["SecurityGroups"])


def add_caches(inventory: Inventory, region: str) -> None:
    """Clusters of one engine, groups of clusters of the other, and the nodes of both."""
    groups = inventory.pages("elasticache", region, "describe_replication_groups", "ReplicationGroups")
    arns = {group["ReplicationGroupId"]: group["ARN"] for group in groups}
    inventory.add("aws_elasticache_redis_cluster", region, arns.values())
    clusters = inventory.pages("elasticache", region, "describe_cache_clusters", "CacheClusters", ShowCacheNodeInfo=True)
    for cluster in clusters:
        owner = arns.get(cluster.get("ReplicationGroupId"), cluster["ARN"])
        is_memcached = cluster["Engine"] == "memcached"
        entity_type = "aws_elasticache_memcached_cluster" if is_memcached else "aws_elasticache_redis_cluster"
        inventory.add(entity_type, region, [owner])
        protecting = [it["SecurityGroupId"] for it in cluster["SecurityGroups"]]
        inventory.protect(region, entity_type, owner, protecting)
        for node in cluster["CacheNodes"]:
            key = f"aws_elasticache_cluster_node:{cluster['ARN']}:{node['CacheNodeId']}"
            inventory.add("aws_elasticache_cluster_node", region, [key])
            inventory.link(entity_type, owner, "HAS", "aws_elasticache_cluster_node", key)
            inventory.protect(region, "aws_elasticache_cluster_node", key, protecting)


def add_search(inventory: Inventory, region: str) -> None:
    for name in inventory.pages("opensearch", region, "list_domain_names", "DomainNames"):
        domain: dict[str, Any] = inventory.one("opensearch", region, "describe_domain", DomainName=name["DomainName"])
        status = domain["DomainStatus"]
        inventory.add("aws_elasticsearch_domain", region, [status["ARN"]])
        groups = status.get("VPCOptions", {}).get("SecurityGroupIds", [])
        inventory.protect(region, "aws_elasticsearch_domain", status["ARN"], groups)


def add_warehouses(inventory: Inventory, region: str) -> None:
    groups = inventory.pages("redshift", region, "describe_cluster_subnet_groups", "ClusterSubnetGroups")
    vpcs = {it["ClusterSubnetGroupName"]: it["VpcId"] for it in groups}
    for cluster in inventory.pages("redshift", region, "describe_clusters", "Clusters"):
        key = f"arn:aws:redshift:{region}:{inventory.account}:cluster:{cluster['ClusterIdentifier']}"
        inventory.add("aws_redshift_cluster", region, [key])
        vpc = inventory.ec2(region, "vpc", vpcs[cluster["ClusterSubnetGroupName"]])
        inventory.link("aws_vpc", vpc, "HAS", "aws_redshift_cluster", key)
        active = [it["VpcSecurityGroupId"] for it in cluster["VpcSecurityGroups"] if it["Status"] == "active"]
        inventory.protect(region, "aws_redshift_cluster", key, active)
