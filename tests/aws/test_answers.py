"""The stand-in's answers are ones that AWS could have sent."""

from typing import Any

import pytest

from fixture_check.documents import problems_in_answer
from organization.aws import Aws

# Operation -> arguments. `{name}` stands for a value out of the seeded organization.
READS: dict[str, list[tuple[str, dict]]] = {
    "organizations": [
        ("DescribeOrganization", {}),
        ("ListAccounts", {}),
        ("ListRoots", {}),
        ("ListAccountsForParent", {"ParentId": "{root}"}),
        ("ListOrganizationalUnitsForParent", {"ParentId": "{root}"}),
        ("ListParents", {"ChildId": "{member}"}),
        ("ListTagsForResource", {"ResourceId": "{member}"}),
        ("ListPolicies", {"Filter": "SERVICE_CONTROL_POLICY"}),
        ("DescribePolicy", {"PolicyId": "p-FullAWSAccess"}),
        ("ListTargetsForPolicy", {"PolicyId": "p-FullAWSAccess"}),
        ("ListDelegatedAdministrators", {}),
    ],
    "account": [
        ("GetContactInformation", {}),
        ("GetAlternateContact", {"AlternateContactType": "SECURITY"}),
        ("ListRegions", {}),
    ],
    "sts": [("GetCallerIdentity", {})],
    "iam": [
        ("GetAccountAuthorizationDetails", {}),
        ("ListUsers", {}),
        ("ListAccessKeys", {"UserName": "alice"}),
        ("ListMFADevices", {"UserName": "alice"}),
        ("ListVirtualMFADevices", {}),
        ("ListAccountAliases", {}),
        ("GetAccountSummary", {}),
        ("GetAccountPasswordPolicy", {}),
        ("GenerateCredentialReport", {}),
        ("GetCredentialReport", {}),
        ("ListSAMLProviders", {}),
        ("GetSAMLProvider", {"SAMLProviderArn": "arn:aws:iam::{member}:saml-provider/corporate"}),
        ("ListOpenIDConnectProviders", {}),
        (
            "GetOpenIDConnectProvider",
            {"OpenIDConnectProviderArn": "arn:aws:iam::{member}:oidc-provider/token.actions.example.com"},
        ),
        ("ListServerCertificates", {}),
        ("ListPolicies", {"Scope": "Local"}),
        ("ListPolicyTags", {"PolicyArn": "arn:aws:iam::{member}:policy/app/read-data"}),
        ("GetPolicyVersion", {"PolicyArn": "arn:aws:iam::{member}:policy/app/read-data", "VersionId": "v2"}),
        ("GetRole", {"RoleName": "app"}),
        ("ListRoles", {}),
        ("ListInstanceProfiles", {}),
    ],
    "ec2": [
        ("DescribeRegions", {}),
        ("DescribeInstances", {}),
        ("DescribeVolumes", {}),
        ("DescribeSnapshots", {"OwnerIds": ["self"]}),
        ("DescribeImages", {"Owners": ["self"]}),
        ("DescribeAddresses", {}),
        ("DescribeInternetGateways", {}),
        ("DescribeNatGateways", {}),
        ("DescribeNetworkAcls", {}),
        ("DescribeNetworkInterfaces", {}),
        ("DescribeKeyPairs", {}),
        ("DescribeRouteTables", {}),
        ("DescribeSecurityGroups", {}),
        ("DescribeSubnets", {}),
        ("DescribeVpcs", {}),
        ("DescribeVpcEndpoints", {}),
        ("DescribeVpcPeeringConnections", {}),
        ("DescribeVpnGateways", {}),
        ("DescribeFlowLogs", {}),
        ("DescribeManagedPrefixLists", {}),
        ("GetEbsEncryptionByDefault", {}),
        ("GetEbsDefaultKmsKeyId", {}),
        ("GetSnapshotBlockPublicAccessState", {}),
        ("GetInstanceMetadataDefaults", {}),
    ],
    "rds": [
        ("DescribeDBInstances", {}),
        ("DescribeDBClusters", {}),
        ("DescribeDBSnapshots", {}),
        ("DescribeDBClusterSnapshots", {}),
        ("DescribeDBSnapshotAttributes", {"DBSnapshotIdentifier": "reports-monthly"}),
        ("DescribeDBClusterSnapshotAttributes", {"DBClusterSnapshotIdentifier": "orders-monthly"}),
    ],
    "lambda": [
        ("ListFunctions", {}),
        ("GetPolicy", {"FunctionName": "thumbnails"}),
        ("ListTags", {"Resource": "arn:aws:lambda:us-east-1:{member}:function:thumbnails"}),
    ],
    "s3": [
        ("ListBuckets", {}),
        ("GetBucketLocation", {"Bucket": "{data}"}),
        ("GetBucketEncryption", {"Bucket": "{data}"}),
        ("GetBucketEncryption", {"Bucket": "{logs}"}),
        ("GetBucketVersioning", {"Bucket": "{data}"}),
        ("GetBucketLogging", {"Bucket": "{data}"}),
        ("GetBucketPolicy", {"Bucket": "{data}"}),
        ("GetBucketPolicyStatus", {"Bucket": "{data}"}),
        ("GetBucketAcl", {"Bucket": "{logs}"}),
        ("GetBucketTagging", {"Bucket": "{data}"}),
        ("GetPublicAccessBlock", {"Bucket": "{data}"}),
        ("GetBucketOwnershipControls", {"Bucket": "{data}"}),
        ("GetBucketLifecycleConfiguration", {"Bucket": "{logs}"}),
    ],
    "s3control": [("GetPublicAccessBlock", {"AccountId": "{member}"})],
}
OPERATIONS = [(service, name, arguments) for service, reads in READS.items() for name, arguments in reads]


EMPTY_ACCOUNT = "210987654321"
# What an account without anything answers with an error, and what only the management account may ask.
NOT_IN_EMPTY_ACCOUNT = {"GetAlternateContact", "GetAccountPasswordPolicy", "GetCredentialReport"}
LISTINGS = [it for it in OPERATIONS if not it[2] and it[0] != "organizations" and it[1] not in NOT_IN_EMPTY_ACCOUNT]


def raw_answer(client: Any, operation: str, arguments: dict) -> dict:
    """The HTTP answer to one call, before boto3 reads it."""
    seen: list[dict] = []
    client.meta.events.register_first("before-parse", lambda response_dict, **_more: seen.append(response_dict), unique_id="seen")
    method = {operation: name for name, operation in client.meta.method_to_api_mapping.items()}[operation]
    try:
        getattr(client, method)(**arguments)
    finally:
        client.meta.events.unregister("before-parse", unique_id="seen")
    return seen[-1]


def filled(value: Any, names: dict[str, str]) -> Any:
    return value.format(**names) if isinstance(value, str) else value


@pytest.mark.parametrize(("service", "operation", "arguments"), OPERATIONS, ids=lambda it: it if isinstance(it, str) else "")
def test_an_answer_is_one_that_aws_could_send(aws: Aws, seeded: dict, service: str, operation: str, arguments: dict) -> None:
    member = seeded["members"][0]
    names = {"root": seeded["root_id"], "member": member["id"], "logs": member["buckets"][0], "data": member["buckets"][1]}
    aws.account = seeded["management"]["id"] if service == "organizations" else member["id"]

    answer = raw_answer(aws.client(service), operation, {name: filled(value, names) for name, value in arguments.items()})

    assert problems_in_answer(service, operation, answer["body"]) == []
    headers = {name.lower() for name in answer["headers"]}
    assert headers & {"x-amzn-requestid", "x-amz-request-id"}


@pytest.mark.parametrize(("service", "operation", "arguments"), LISTINGS, ids=lambda it: it if isinstance(it, str) else "")
def test_an_empty_listing_is_one_that_aws_could_send(aws: Aws, service: str, operation: str, arguments: dict) -> None:
    aws.account = EMPTY_ACCOUNT

    answer = raw_answer(aws.client(service), operation, arguments)

    assert problems_in_answer(service, operation, answer["body"]) == []


def test_details_of_single_resources_are_ones_that_aws_could_send(aws: Aws, seeded: dict) -> None:
    aws.account = seeded["members"][0]["id"]
    ec2 = aws.client("ec2")
    snapshots = ec2.describe_snapshots(OwnerIds=["self"], Filters=[{"Name": "description", "Values": ["shared"]}])["Snapshots"]
    lists = ec2.describe_managed_prefix_lists(Filters=[{"Name": "prefix-list-name", "Values": ["offices"]}])["PrefixLists"]
    shared = {"SnapshotId": snapshots[0]["SnapshotId"], "Attribute": "createVolumePermission"}
    offices = {"PrefixListId": next(it["PrefixListId"] for it in lists if it["PrefixListName"] == "offices")}

    for operation, arguments in (("DescribeSnapshotAttribute", shared), ("GetManagedPrefixListEntries", offices)):
        assert problems_in_answer("ec2", operation, raw_answer(ec2, operation, arguments)["body"]) == []
    assert ec2.describe_snapshot_attribute(**shared)["CreateVolumePermissions"] == [{"Group": "all"}]

    aws.account = seeded["management"]["id"]
    features = raw_answer(aws.client("iam"), "ListOrganizationsFeatures", {})
    assert problems_in_answer("iam", "ListOrganizationsFeatures", features["body"]) == []
