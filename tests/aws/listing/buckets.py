"""Buckets."""

from .inventory import Inventory

KMS = ("aws:kms", "aws:kms:dsse")


def add_buckets(inventory: Inventory) -> None:
    for bucket in inventory.pages("s3", "us-east-1", "list_buckets", "Buckets"):
        arn, name, region = f"arn:aws:s3:::{bucket['Name']}", {"Bucket": bucket["Name"]}, bucket["BucketRegion"]
        inventory.add("aws_s3_bucket", region, [arn])
        if inventory.one("s3", region, "get_bucket_policy", "NoSuchBucketPolicy", **name):
            inventory.add("aws_s3_bucket_policy", region, [f"aws_s3_bucket_policy:{arn}"])
            inventory.link("aws_s3_bucket", arn, "HAS", "aws_s3_bucket_policy", f"aws_s3_bucket_policy:{arn}")
        encryption = inventory.one("s3", region, "get_bucket_encryption", **name)
        for rule in encryption["ServerSideEncryptionConfiguration"]["Rules"]:
            default = rule["ApplyServerSideEncryptionByDefault"]
            if default["SSEAlgorithm"] in KMS:
                inventory.link("aws_s3_bucket", arn, "USES", "aws_kms_key", default.get("KMSMasterKeyID"))
