#!/usr/bin/env python3
"""Changes the organization in a running stand-in, one thing at a time, and prints as JSON what it changed."""

import argparse
import json
from typing import Any

from organization.accounts import create_reader_role
from organization.aws import HOME_REGION, MANAGEMENT_ID, Aws, tags


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--endpoint", required=True)
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    for name, (change, words) in ACTIONS.items():
        action = actions.add_parser(name, help=change.__doc__)
        for word in words:
            action.add_argument(f"--{word}", required=not word.startswith("trust"))
    arguments = vars(parser.parse_args())
    aws = Aws(arguments.pop("endpoint"))
    change, _ = ACTIONS[arguments.pop("action")]
    aws.account = arguments.get("account") or MANAGEMENT_ID
    print(json.dumps(change(aws, **arguments)))


def terminate_instance(aws: Aws, account: str, region: str, id: str) -> dict:
    """terminate one instance"""
    del account
    terminate(aws.client("ec2", region), [id])
    return {"terminated": [id]}


def terminate_all_instances(aws: Aws, account: str, region: str) -> dict:
    """terminate every instance of an account in a region"""
    del account
    autoscaling = aws.client("autoscaling", region)
    for group in autoscaling.describe_auto_scaling_groups()["AutoScalingGroups"]:  # they would start new ones
        name = group["AutoScalingGroupName"]
        autoscaling.update_auto_scaling_group(AutoScalingGroupName=name, MinSize=0, DesiredCapacity=0)
    ec2 = aws.client("ec2", region)
    ids = [
        instance["InstanceId"]
        for page in ec2.get_paginator("describe_instances").paginate()
        for reservation in page["Reservations"]
        for instance in reservation["Instances"]
        if instance["State"]["Name"] != "terminated"
    ]
    if ids:
        terminate(ec2, ids)
    return {"terminated": ids}


def terminate(ec2: Any, ids: list[str]) -> None:
    """AWS takes the addresses off an instance that is terminated; moto leaves them."""
    for address in ec2.describe_addresses()["Addresses"]:
        if address.get("InstanceId") in ids:
            ec2.disassociate_address(AssociationId=address["AssociationId"])
    ec2.terminate_instances(InstanceIds=ids)


def delete_bucket(aws: Aws, account: str, name: str) -> dict:
    """empty and delete a bucket, wherever it is"""
    del account
    buckets = aws.client("s3").list_buckets()["Buckets"]
    region = next(bucket["BucketRegion"] for bucket in buckets if bucket["Name"] == name)
    s3 = aws.client("s3", region)
    s3.delete_bucket_policy(Bucket=name)
    versions = s3.list_object_versions(Bucket=name)
    for found in versions.get("Versions", []) + versions.get("DeleteMarkers", []):
        s3.delete_object(Bucket=name, Key=found["Key"], VersionId=found["VersionId"])
    s3.delete_bucket(Bucket=name)
    return {"deleted": name, "region": region}


def add_account(aws: Aws, name: str, ou_id: str, role_name: str, trust_caller: str, trust_external_id: str) -> dict:
    """create a member account with the role that orgraph assumes"""
    organizations = aws.client("organizations")
    created = organizations.create_account(AccountName=name, Email=f"aws+{name}@example.com", Tags=tags(Owner="platform-team"))
    account = created["CreateAccountStatus"]["AccountId"]
    root_id = organizations.list_roots()["Roots"][0]["Id"]
    organizations.move_account(AccountId=account, SourceParentId=root_id, DestinationParentId=ou_id)
    role_arn = create_reader_role(aws, account, role_name, trust_caller, trust_external_id)
    return {"id": account, "name": name, "role_arn": role_arn}


def close_account(aws: Aws, account: str) -> dict:
    """close a member account, which is then suspended"""
    aws.account = MANAGEMENT_ID
    aws.client("organizations").close_account(AccountId=account)
    return {"closed": account}


def remove_security_group_rule(aws: Aws, account: str, region: str, id: str) -> dict:
    """revoke the first ingress rule of a security group"""
    del account
    ec2 = aws.client("ec2", region)
    rule = ec2.describe_security_groups(GroupIds=[id])["SecurityGroups"][0]["IpPermissions"][0]
    ec2.revoke_security_group_ingress(GroupId=id, IpPermissions=[rule])
    return {"group": id, "revoked": rule}


def create_user(aws: Aws, account: str, name: str) -> dict:
    """create an IAM user"""
    del account
    return {"arn": aws.client("iam", HOME_REGION).create_user(UserName=name)["User"]["Arn"]}


ACTIONS = {
    "terminate-instance": (terminate_instance, ["account", "region", "id"]),
    "terminate-all-instances": (terminate_all_instances, ["account", "region"]),
    "delete-bucket": (delete_bucket, ["account", "name"]),
    "add-account": (add_account, ["name", "ou-id", "role-name", "trust-caller", "trust-external-id"]),
    "close-account": (close_account, ["account"]),
    "remove-security-group-rule": (remove_security_group_rule, ["account", "region", "id"]),
    "create-user": (create_user, ["account", "name"]),
}


if __name__ == "__main__":
    main()
