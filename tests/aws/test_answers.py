"""The stand-in's answers are ones that AWS could have sent."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

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


def filled(value: Any, names: dict[str, str]) -> Any:
    return value.format(**names) if isinstance(value, str) else value


@pytest.mark.parametrize(("service", "operation", "arguments"), OPERATIONS, ids=lambda it: it if isinstance(it, str) else "")
def test_an_answer_is_one_that_aws_could_send(aws: Aws, seeded: dict, service: str, operation: str, arguments: dict) -> None:
    member = seeded["members"][0]
    names = {"root": seeded["root_id"], "member": member["id"], "logs": member["buckets"][0], "data": member["buckets"][1]}
    aws.account = seeded["management"]["id"] if service == "organizations" else member["id"]
    client = aws.client(service)
    seen: list[dict] = []
    client.meta.events.register_first("before-parse", lambda response_dict, **_more: seen.append(response_dict), unique_id="seen")
    method = {operation: name for name, operation in client.meta.method_to_api_mapping.items()}[operation]

    try:
        getattr(client, method)(**{name: filled(value, names) for name, value in arguments.items()})
    except ClientError as refused:
        pytest.fail(str(refused))
    finally:
        client.meta.events.unregister("before-parse", unique_id="seen")

    assert problems_in_answer(service, operation, seen[-1]["body"]) == []
    headers = {name.lower() for name in seen[-1]["headers"]}
    assert headers & {"x-amzn-requestid", "x-amz-request-id"}
