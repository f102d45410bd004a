"""Buckets of one account, and databases of one account in one region."""

import json

from .aws import HOME_REGION, Aws, tags
from .network import Network
from .secrets import Secrets

OPEN = {"BlockPublicAcls": False, "IgnorePublicAcls": False, "BlockPublicPolicy": False, "RestrictPublicBuckets": False}
CLOSED = dict.fromkeys(OPEN, True)


def create_buckets(aws: Aws, secrets: Secrets, account_id: str, name: str, regions: list[str]) -> list[str]:
    """Buckets with every kind of setting, in several regions. The first one takes logs."""
    logs, data, site, plain = (f"orgraph-{name}-{kind}" for kind in ("logs", "data", "site", "plain"))
    first, second, last = regions[0], regions[min(1, len(regions) - 1)], regions[-1]
    for bucket, region in ((logs, first), (data, first), (site, second), (plain, last)):
        s3 = aws.client("s3", region)
        place = {} if region == HOME_REGION else {"CreateBucketConfiguration": {"LocationConstraint": region}}
        s3.create_bucket(
            Bucket=bucket, ObjectOwnership="BucketOwnerPreferred", ObjectLockEnabledForBucket=bucket == plain, **place
        )

    s3 = aws.client("s3", first)
    s3.put_public_access_block(Bucket=logs, PublicAccessBlockConfiguration=CLOSED)
    s3.put_bucket_lifecycle_configuration(
        Bucket=logs,
        LifecycleConfiguration={
            "Rules": [{"ID": "old", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 365}}]
        },
    )
    s3.put_object(Bucket=data, Key="customers.csv", Body=secrets.plant("object contents").encode())
    secure_data(aws, account_id, first, data, logs)
    rule = {"ID": "all", "Status": "Enabled", "Prefix": "", "Destination": {"Bucket": f"arn:aws:s3:::{plain}"}}
    s3.put_bucket_replication(
        Bucket=data,
        ReplicationConfiguration={"Role": f"arn:aws:iam::{account_id}:role/app/app", "Rules": [rule]},
    )
    publish(aws, second, site)
    return [logs, data, site, plain]


def secure_data(aws: Aws, account_id: str, region: str, bucket: str, log_bucket: str) -> None:
    s3, kms = aws.client("s3", region), aws.client("kms", region)
    key = kms.create_key(Description="data")["KeyMetadata"]["Arn"]
    s3.put_bucket_encryption(
        Bucket=bucket,
        ServerSideEncryptionConfiguration={
            "Rules": [
                {
                    "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key},
                    "BucketKeyEnabled": True,
                }
            ]
        },
    )
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    s3.put_bucket_acl(
        Bucket=log_bucket,
        AccessControlPolicy={
            "Owner": {"ID": "bcaf1ffd86f41161ca5fb16fd081034f"},
            "Grants": [
                {"Grantee": {"Type": "Group", "URI": "http://acs.amazonaws.com/groups/s3/LogDelivery"}, "Permission": permission}
                for permission in ("WRITE", "READ_ACP")
            ],
        },
    )
    s3.put_bucket_logging(
        Bucket=bucket, BucketLoggingStatus={"LoggingEnabled": {"TargetBucket": log_bucket, "TargetPrefix": f"{bucket}/"}}
    )
    s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=CLOSED)
    s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": tags(Owner="data-team", Classification="restricted")})
    deny_plain_http = {
        "Sid": "SecureTransport",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    s3.put_bucket_policy(
        Bucket=bucket,
        Policy=json.dumps({"Version": "2012-10-17", "Statement": [deny_plain_http]}),
        ExpectedBucketOwner=account_id,
    )


def publish(aws: Aws, region: str, bucket: str) -> None:
    s3 = aws.client("s3", region)
    s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=OPEN)
    s3.put_bucket_acl(Bucket=bucket, ACL="public-read")
    everybody = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{bucket}/*"}
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [everybody]}))
    s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": tags(Owner="web-team", Classification="public")})


def create_databases(aws: Aws, secrets: Secrets, region: str, network: Network) -> None:
    """A cluster with one instance, an instance of its own, and a manual snapshot of each."""
    rds = aws.client("rds", region)
    rds.create_db_subnet_group(
        DBSubnetGroupName="main",
        DBSubnetGroupDescription="Main",
        SubnetIds=[network.public_subnet_id, network.private_subnet_id],
    )
    common = {"VpcSecurityGroupIds": [network.database_group_id], "DBSubnetGroupName": "main"}
    rds.create_db_cluster(
        DBClusterIdentifier="orders",
        Engine="aurora-mysql",
        MasterUsername="admin",
        MasterUserPassword=secrets.plant("cluster password"),
        StorageEncrypted=True,
        DeletionProtection=True,
        Tags=tags(Owner="data-team", Classification="restricted"),
        **common,
    )
    rds.create_db_instance(
        DBInstanceIdentifier="orders-1", DBClusterIdentifier="orders", DBInstanceClass="db.r6g.large", Engine="aurora-mysql"
    )
    rds.create_db_instance(
        DBInstanceIdentifier="reports",
        DBInstanceClass="db.t3.micro",
        Engine="postgres",
        AllocatedStorage=20,
        MasterUsername="admin",
        MasterUserPassword=secrets.plant("database password"),
        PubliclyAccessible=True,
        Tags=tags(Owner="data-team"),
        **common,
    )
    rds.create_db_snapshot(DBInstanceIdentifier="reports", DBSnapshotIdentifier="reports-monthly", Tags=tags(Owner="data-team"))
    rds.create_db_cluster_snapshot(DBClusterIdentifier="orders", DBClusterSnapshotIdentifier="orders-monthly")
    rds.modify_db_cluster_snapshot_attribute(
        DBClusterSnapshotIdentifier="orders-monthly", AttributeName="restore", ValuesToAdd=["all"]
    )
