"""Keys, tables, file systems, caches, search domains and warehouses of one account in one region."""

from .accounts import policy_document
from .aws import tagged, tags
from .place import Place

OWNER = {"Owner": "data-team"}


def create_keys(place: Place) -> None:
    """A key that rotates, one for signatures, and one that waits for its end."""
    kms = place.client("kms")
    own = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{place.account}:root"}, "Action": "kms:*", "Resource": "*"}
    created = kms.create_key(
        Description="Everything at rest",
        Policy=policy_document(own),
        Tags=[{"TagKey": "Owner", "TagValue": "data-team"}],
    )["KeyMetadata"]
    place.built["key"] = created["Arn"]
    kms.create_alias(AliasName="alias/at-rest", TargetKeyId=created["KeyId"])
    kms.enable_key_rotation(KeyId=created["KeyId"])
    kms.create_key(Description="Signatures", KeyUsage="SIGN_VERIFY", KeySpec="ECC_NIST_P256")
    old = kms.create_key(Description="Old")["KeyMetadata"]["KeyId"]
    kms.schedule_key_deletion(KeyId=old, PendingWindowInDays=30)


def create_stores(place: Place) -> None:
    create_disks(place)
    create_tables(place)
    create_file_system(place)
    create_caches(place)
    create_search(place)
    create_warehouse(place)
    create_encrypted_database(place)


def create_disks(place: Place) -> None:
    """A volume under the key, its snapshot, and a volume made of the snapshot."""
    ec2 = place.client("ec2")
    zone = f"{place.region}a"
    volume_id = ec2.create_volume(
        AvailabilityZone=zone, Size=10, Encrypted=True, KmsKeyId=place.built["key"], **tagged("volume", "ledger")
    )["VolumeId"]
    snapshot_id = ec2.create_snapshot(VolumeId=volume_id, Description="ledger", **tagged("snapshot", "ledger"))["SnapshotId"]
    ec2.create_volume(AvailabilityZone=zone, SnapshotId=snapshot_id, **tagged("volume", "ledger-copy"))


def create_tables(place: Place) -> None:
    dynamodb = place.client("dynamodb")
    key = {"AttributeName": "id", "AttributeType": "S"}
    common = {
        "AttributeDefinitions": [key],
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "BillingMode": "PAY_PER_REQUEST",
    }
    dynamodb.create_table(
        TableName="orders",
        SSESpecification={"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": place.built["key"]},
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"},
        DeletionProtectionEnabled=True,
        Tags=tags(Classification="restricted", **OWNER),
        **common,
    )
    dynamodb.update_continuous_backups(TableName="orders", PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True})
    secret = place.secrets.plant("table item")
    dynamodb.put_item(TableName="orders", Item={"id": {"S": "1"}, "card": {"S": secret}})
    dynamodb.create_table(TableName="sessions", **common)


def create_file_system(place: Place) -> None:
    efs = place.client("efs")
    created = efs.create_file_system(
        CreationToken="shared", Encrypted=True, KmsKeyId=place.built["key"], Tags=tags(Name="shared", **OWNER)
    )
    system_id = created["FileSystemId"]
    mount = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "elasticfilesystem:ClientMount", "Resource": "*"}
    efs.put_file_system_policy(FileSystemId=system_id, Policy=policy_document(mount))
    for subnet_id in place.subnet_ids:
        efs.create_mount_target(FileSystemId=system_id, SubnetId=subnet_id, SecurityGroups=[place.network.database_group_id])
    efs.create_file_system(CreationToken="scratch", Tags=tags(Name="scratch"))


def create_caches(place: Place) -> None:
    elasticache = place.client("elasticache")
    elasticache.create_cache_subnet_group(
        CacheSubnetGroupName="main", CacheSubnetGroupDescription="Main", SubnetIds=place.subnet_ids
    )
    elasticache.create_cache_cluster(
        CacheClusterId="pages",
        Engine="memcached",
        CacheNodeType="cache.t3.micro",
        NumCacheNodes=2,
        CacheSubnetGroupName="main",
        SecurityGroupIds=[place.network.database_group_id],
        Tags=tags(**OWNER),
    )
    elasticache.create_replication_group(
        ReplicationGroupId="sessions",
        ReplicationGroupDescription="Sessions",
        Engine="redis",
        CacheNodeType="cache.t3.micro",
        NumNodeGroups=1,
        ReplicasPerNodeGroup=1,
        AutomaticFailoverEnabled=True,
        MultiAZEnabled=True,
        AtRestEncryptionEnabled=True,
        TransitEncryptionEnabled=True,
        KmsKeyId=place.built["key"],
        CacheSubnetGroupName="main",
        SecurityGroupIds=[place.network.database_group_id],
        Tags=tags(**OWNER),
    )


def create_search(place: Place) -> None:
    read = {
        "Effect": "Allow",
        "Principal": {"AWS": place.role("workload")},
        "Action": "es:ESHttpGet",
        "Resource": f"arn:aws:es:{place.region}:{place.account}:domain/search/*",
    }
    common = {
        "EngineVersion": "OpenSearch_2.19",
        "ClusterConfig": {"InstanceType": "t3.small.search", "InstanceCount": 2},
        "EBSOptions": {"EBSEnabled": True, "VolumeType": "gp3", "VolumeSize": 10},
    }
    opensearch = place.client("opensearch")
    opensearch.create_domain(
        DomainName="search",
        VPCOptions={
            "SubnetIds": [place.network.private_subnet_id],
            "SecurityGroupIds": [place.network.database_group_id],
        },
        EncryptionAtRestOptions={"Enabled": True, "KmsKeyId": place.built["key"]},
        NodeToNodeEncryptionOptions={"Enabled": True},
        DomainEndpointOptions={"EnforceHTTPS": True, "TLSSecurityPolicy": "Policy-Min-TLS-1-2-2019-07"},
        AccessPolicies=policy_document(read),
        TagList=tags(**OWNER),
        **common,
    )
    opensearch.create_domain(DomainName="logs", **common)


def create_warehouse(place: Place) -> None:
    redshift = place.client("redshift")
    redshift.create_cluster_subnet_group(
        ClusterSubnetGroupName="main", Description="Main", SubnetIds=[place.network.private_subnet_id]
    )
    redshift.create_cluster(
        ClusterIdentifier="warehouse",
        NodeType="ra3.xlplus",
        NumberOfNodes=2,
        ClusterType="multi-node",
        DBName="warehouse",
        MasterUsername="admin",
        MasterUserPassword=place.secrets.plant("warehouse password"),
        ClusterSubnetGroupName="main",
        VpcSecurityGroupIds=[place.network.database_group_id],
        Encrypted=True,
        KmsKeyId=place.built["key"],
        PubliclyAccessible=False,
        EnhancedVpcRouting=True,
        Tags=tags(**OWNER),
    )


def create_encrypted_database(place: Place) -> None:
    """A cluster and an instance under the key."""
    rds = place.client("rds")
    common = {
        "VpcSecurityGroupIds": [place.network.database_group_id],
        "DBSubnetGroupName": "main",
        "StorageEncrypted": True,
        "KmsKeyId": place.built["key"],
        "MasterUsername": "admin",
    }
    rds.create_db_cluster(
        DBClusterIdentifier="ledger",
        Engine="aurora-postgresql",
        MasterUserPassword=place.secrets.plant("ledger password"),
        **common,
    )
    rds.create_db_instance(
        DBInstanceIdentifier="archive",
        DBInstanceClass="db.t3.micro",
        Engine="postgres",
        AllocatedStorage=20,
        MasterUserPassword=place.secrets.plant("archive password"),
        **common,
    )
