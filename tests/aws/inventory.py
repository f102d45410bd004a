#!/usr/bin/env python3
"""Counts what is in the organization, with boto3 and nothing of orgraph: inventory.py --endpoint URL --seed-json FILE

Prints {"counts": {type: {account: {region or "global": count}}}, "keys": {type: [key, ...]}} for every live account and
every seeded region. What counts is what orgraph's contract says: no terminated instances, only what the account owns,
only assigned MFA devices, AWS managed policies only when attached.
"""

import argparse
import json
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from organization.aws import Aws

GLOBAL = "global"


class Inventory:
    """The keys found so far."""

    def __init__(self, aws: Aws) -> None:
        self.aws = aws
        self.found: dict[str, dict[str, dict[str, set[str]]]] = defaultdict(lambda: defaultdict(lambda: defaultdict(set)))

    def add(self, entity_type: str, region: str, keys: Iterable[str]) -> None:
        self.found[entity_type][self.aws.account][region].update(keys)

    def pages(self, service: str, region: str, operation: str, result: str, **arguments: Any) -> list:
        """All items of a listing."""
        client = self.aws.client(service, region)
        if not client.can_paginate(operation):
            return getattr(client, operation)(**arguments)[result]
        return [item for page in client.get_paginator(operation).paginate(**arguments) for item in page.get(result, [])]

    def report(self) -> dict:
        counts = {
            entity_type: {
                account: {region: len(keys) for region, keys in regions.items() if keys} for account, regions in accounts.items()
            }
            for entity_type, accounts in sorted(self.found.items())
        }
        keys = {
            entity_type: sorted(key for regions in accounts.values() for keys in regions.values() for key in keys)
            for entity_type, accounts in sorted(self.found.items())
        }
        return {"counts": counts, "keys": keys}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--endpoint", required=True)
    parser.add_argument("--seed-json", required=True, type=Path, help="what seed.py printed")
    arguments = parser.parse_args()
    seed = json.loads(arguments.seed_json.read_text())
    print(json.dumps(take(Aws(arguments.endpoint), seed), indent=2))


def take(aws: Aws, seed: dict) -> dict:
    inventory = Inventory(aws)
    aws.account = seed["management"]["id"]
    add_organization(inventory)
    for account in live_accounts(aws, seed):
        aws.account = account
        add_identity(inventory)
        add_buckets(inventory)
        for region in seed["regions"]:
            add_network(inventory, region)
            add_compute(inventory, region)
            add_databases(inventory, region)
    return inventory.report()


def live_accounts(aws: Aws, seed: dict) -> list[str]:
    """The accounts that orgraph can collect, as the organization is now."""
    unreadable = {member["id"] for member in seed["members"] if member["state"] in ("skipped", "untrusting")}
    organizations = aws.client("organizations")
    accounts = [item for page in organizations.get_paginator("list_accounts").paginate() for item in page["Accounts"]]
    return [it["Id"] for it in accounts if it["Status"] == "ACTIVE" and it["Id"] not in unreadable]


def add_organization(inventory: Inventory) -> None:
    organizations = inventory.aws.client("organizations")
    inventory.add("aws_organization", GLOBAL, [organizations.describe_organization()["Organization"]["Arn"]])
    accounts = inventory.pages("organizations", "us-east-1", "list_accounts", "Accounts")
    for account in accounts:  # each belongs to itself, whoever lists it
        inventory.found["aws_account"][account["Id"]][GLOBAL].add(f"arn:aws:iam::{account['Id']}:root")
    for kind in ("SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"):
        policies = inventory.pages("organizations", "us-east-1", "list_policies", "Policies", Filter=kind)
        inventory.add("aws_organizations_policy", GLOBAL, [policy["Arn"] for policy in policies])
    waiting = [root["Id"] for root in organizations.list_roots()["Roots"]]
    while waiting:
        units = inventory.pages(
            "organizations", "us-east-1", "list_organizational_units_for_parent", "OrganizationalUnits", ParentId=waiting.pop()
        )
        inventory.add("aws_organizational_unit", GLOBAL, [unit["Arn"] for unit in units])
        waiting += [unit["Id"] for unit in units]


def add_identity(inventory: Inventory) -> None:
    iam, account = inventory.aws.client("iam"), inventory.aws.account

    def listed(operation: str, result: str, **arguments: Any) -> list:
        return inventory.pages("iam", "us-east-1", operation, result, **arguments)

    inventory.add("aws_iam_account_password_policy", GLOBAL, [f"aws_iam_account_password_policy:{account}"])
    for kind, operation, result, name in (
        ("user", "list_users", "Users", "UserName"),
        ("group", "list_groups", "Groups", "GroupName"),
        ("role", "list_roles", "Roles", "RoleName"),
    ):
        for principal in listed(operation, result):
            inventory.add(f"aws_iam_{kind}", GLOBAL, [principal["Arn"]])
            policies = listed(f"list_{kind}_policies", "PolicyNames", **{name: principal[name]})
            inventory.add(f"aws_iam_{kind}_policy", GLOBAL, [f"aws_iam_{kind}_policy:{principal['Arn']}:{it}" for it in policies])
            if kind == "user":
                keys = listed("list_access_keys", "AccessKeyMetadata", UserName=principal[name])
                inventory.add("aws_iam_access_key", GLOBAL, [f"aws_iam_access_key:{account}:{it['AccessKeyId']}" for it in keys])
                devices = listed("list_mfa_devices", "MFADevices", UserName=principal[name])
                inventory.add("mfa_device", GLOBAL, [device["SerialNumber"] for device in devices])
    local = [policy["Arn"] for policy in listed("list_policies", "Policies", Scope="Local")]
    managed = [it["Arn"] for it in listed("list_policies", "Policies", Scope="AWS") if it["AttachmentCount"]]
    inventory.add("aws_iam_policy", GLOBAL, local + [f"aws_iam_policy:{account}:{arn}" for arn in managed])
    inventory.add("aws_iam_saml_provider", GLOBAL, [it["Arn"] for it in iam.list_saml_providers()["SAMLProviderList"]])
    providers = iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]
    inventory.add("aws_iam_oidc_provider", GLOBAL, [it["Arn"] for it in providers])
    certificates = listed("list_server_certificates", "ServerCertificateMetadataList")
    inventory.add("aws_iam_server_certificate", GLOBAL, [it["Arn"] for it in certificates])


def add_buckets(inventory: Inventory) -> None:
    for bucket in inventory.aws.client("s3").list_buckets()["Buckets"]:
        arn = f"arn:aws:s3:::{bucket['Name']}"
        inventory.add("aws_s3_bucket", bucket["BucketRegion"], [arn])
        s3 = inventory.aws.client("s3", bucket["BucketRegion"])
        try:
            s3.get_bucket_policy(Bucket=bucket["Name"])
        except s3.exceptions.ClientError as refused:
            if refused.response["Error"]["Code"] != "NoSuchBucketPolicy":
                raise
        else:
            inventory.add("aws_s3_bucket_policy", bucket["BucketRegion"], [f"aws_s3_bucket_policy:{arn}"])


# Type, operation, list, key: `{...}` are members of the item, the account and the region.
NETWORK = [
    ("aws_vpc", "describe_vpcs", "Vpcs", "arn:aws:ec2:{region}:{OwnerId}:vpc/{VpcId}"),
    ("aws_subnet", "describe_subnets", "Subnets", "{SubnetArn}"),
    ("aws_route_table", "describe_route_tables", "RouteTables", "arn:aws:ec2:{region}:{OwnerId}:route-table/{RouteTableId}"),
    ("aws_network_acl", "describe_network_acls", "NetworkAcls", "arn:aws:ec2:{region}:{OwnerId}:network-acl/{NetworkAclId}"),
    (
        "aws_security_group",
        "describe_security_groups",
        "SecurityGroups",
        "arn:aws:ec2:{region}:{OwnerId}:security-group/{GroupId}",
    ),
    (
        "aws_internet_gateway",
        "describe_internet_gateways",
        "InternetGateways",
        "arn:aws:ec2:{region}:{OwnerId}:internet-gateway/{InternetGatewayId}",
    ),
    ("aws_nat_gateway", "describe_nat_gateways", "NatGateways", "arn:aws:ec2:{region}:{account}:natgateway/{NatGatewayId}"),
    ("aws_vpn_gateway", "describe_vpn_gateways", "VpnGateways", "arn:aws:ec2:{region}:{account}:vpn-gateway/{VpnGatewayId}"),
    ("aws_eip", "describe_addresses", "Addresses", "arn:aws:ec2:{region}:{account}:elastic-ip/{AllocationId}"),
    (
        "aws_eni",
        "describe_network_interfaces",
        "NetworkInterfaces",
        "arn:aws:ec2:{region}:{OwnerId}:network-interface/{NetworkInterfaceId}",
    ),
]
COMPUTE = [
    ("aws_key_pair", "describe_key_pairs", "KeyPairs", "arn:aws:ec2:{region}:{account}:key-pair/{KeyName}"),
    ("aws_ebs_volume", "describe_volumes", "Volumes", "arn:aws:ec2:{region}:{account}:volume/{VolumeId}"),
    ("aws_ebs_snapshot", "describe_snapshots", "Snapshots", "arn:aws:ec2:{region}::snapshot/{SnapshotId}"),
    ("aws_ami", "describe_images", "Images", "arn:aws:ec2:{region}::image/{ImageId}"),
]
OWNED = {"describe_snapshots": {"OwnerIds": ["self"]}, "describe_images": {"Owners": ["self"]}}


def add_network(inventory: Inventory, region: str) -> None:
    add_listed(inventory, region, NETWORK)


def add_compute(inventory: Inventory, region: str) -> None:
    add_listed(inventory, region, COMPUTE)
    for reservation in inventory.pages("ec2", region, "describe_instances", "Reservations"):
        owner = reservation["OwnerId"]
        live = [it for it in reservation["Instances"] if it["State"]["Name"] != "terminated"]
        inventory.add("aws_instance", region, [f"arn:aws:ec2:{region}:{owner}:instance/{it['InstanceId']}" for it in live])
    functions = inventory.pages("lambda", region, "list_functions", "Functions")
    inventory.add("aws_lambda_function", region, [function["FunctionArn"] for function in functions])
    inventory.add("aws_ec2_settings", region, [f"aws_ec2_settings:{inventory.aws.account}:{region}"])


def add_listed(inventory: Inventory, region: str, listings: list[tuple[str, str, str, str]]) -> None:
    account = inventory.aws.account
    for entity_type, operation, result, key in listings:
        for item in inventory.pages("ec2", region, operation, result, **OWNED.get(operation, {})):
            is_foreign = item.get("OwnerId", account) != account
            if not is_foreign and item.get("State") != "deleted":
                inventory.add(entity_type, region, [key.format(**{"region": region, "account": account, **item})])


def add_databases(inventory: Inventory, region: str) -> None:
    for entity_type, operation, result, key in (
        ("aws_rds_cluster", "describe_db_clusters", "DBClusters", "DBClusterArn"),
        ("aws_db_instance", "describe_db_instances", "DBInstances", "DBInstanceArn"),
        ("aws_db_snapshot", "describe_db_snapshots", "DBSnapshots", "DBSnapshotArn"),
        ("aws_db_cluster_snapshot", "describe_db_cluster_snapshots", "DBClusterSnapshots", "DBClusterSnapshotArn"),
    ):
        inventory.add(entity_type, region, [item[key] for item in inventory.pages("rds", region, operation, result)])


if __name__ == "__main__":
    main()
