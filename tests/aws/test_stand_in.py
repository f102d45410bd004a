"""The stand-in refuses, fails and counts as its knobs say, and as AWS does."""

import json
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from organization.aws import Aws
from standin.call import rest_operation
from standin.cbor import decode, encode

IMPATIENT = Config(retries={"max_attempts": 0}, read_timeout=1, s3={"addressing_style": "path"})


def client_with_key(aws: Aws, service: str, key: dict, region: str = "us-east-1") -> Any:
    """A client that is who its access key says, as orgraph's are."""
    return boto3.client(
        service,
        region_name=region,
        endpoint_url=aws.endpoint,
        aws_access_key_id=key["AccessKeyId"],
        aws_secret_access_key=key["SecretAccessKey"],
        aws_session_token=key.get("SessionToken"),
        config=IMPATIENT,
    )


def base_key(seeded: dict) -> dict:
    return {"AccessKeyId": seeded["caller"]["access_key_id"], "SecretAccessKey": seeded["caller"]["secret_access_key"]}


def session(aws: Aws, seeded: dict, number: int = 0, **changes: str) -> dict:
    """The credentials of the reader role in a member account."""
    arguments = {"RoleArn": seeded["members"][number]["role_arn"], "ExternalId": seeded["external_id"], **changes}
    sts = client_with_key(aws, "sts", base_key(seeded))
    return sts.assume_role(RoleSessionName="test", **arguments)["Credentials"]


def code_of(call: Any, **arguments: Any) -> str:
    with pytest.raises(ClientError) as refused:
        call(**arguments)
    return refused.value.response["Error"]["Code"]


def test_a_role_is_assumed_with_its_external_id(aws: Aws, seeded: dict) -> None:
    identity = client_with_key(aws, "sts", session(aws, seeded)).get_caller_identity()

    assert identity["Account"] == seeded["members"][0]["id"]
    assert f"assumed-role/{seeded['role_name']}/test" in identity["Arn"]


@pytest.mark.parametrize("changes", [{"ExternalId": "wrong-id"}, {"RoleArn": "arn:aws:iam::111122223333:role/orgraph-reader"}])
def test_a_role_that_does_not_trust_the_caller_is_refused(aws: Aws, seeded: dict, changes: dict) -> None:
    assert code_of(lambda: session(aws, seeded, **changes)) == "AccessDenied"


@pytest.mark.parametrize(
    ("service", "method", "code"),
    [
        ("sts", "get_caller_identity", "InvalidClientTokenId"),
        ("ec2", "describe_vpcs", "AuthFailure"),
        ("s3", "list_buckets", "InvalidAccessKeyId"),
        ("organizations", "list_accounts", "UnrecognizedClientException"),
        ("lambda", "list_functions", "UnrecognizedClientException"),
    ],
)
def test_an_unknown_access_key_is_refused(aws: Aws, service: str, method: str, code: str) -> None:
    client = client_with_key(aws, service, {"AccessKeyId": "AKIAUNKNOWNUNKNOWN00", "SecretAccessKey": "x"})

    assert code_of(getattr(client, method)) == code


def test_sessions_expire_on_command(aws: Aws, seeded: dict) -> None:
    before = session(aws, seeded)
    aws.post("/orgraph-knobs", {"expire_sessions": True})
    after = session(aws, seeded)

    assert code_of(client_with_key(aws, "iam", before).list_users) == "ExpiredToken"
    assert code_of(client_with_key(aws, "organizations", before).list_accounts) == "ExpiredTokenException"
    assert client_with_key(aws, "iam", after).list_users()["Users"]


def test_a_member_may_not_list_the_organization(aws: Aws, seeded: dict) -> None:
    organizations = client_with_key(aws, "organizations", session(aws, seeded))

    assert organizations.describe_organization()["Organization"]["Id"] == seeded["organization_id"]
    assert code_of(organizations.list_accounts) == "AccessDeniedException"


def test_a_suspended_account_cannot_be_entered(aws: Aws, seeded: dict) -> None:
    aws.account = seeded["management"]["id"]
    organizations = aws.client("organizations")
    created = organizations.create_account(AccountName="short-lived", Email="short-lived@example.com")
    account = created["CreateAccountStatus"]["AccountId"]
    role = f"arn:aws:iam::{account}:role/OrganizationAccountAccessRole"
    session(aws, seeded, RoleArn=role)

    organizations.close_account(AccountId=account)

    assert code_of(lambda: session(aws, seeded, RoleArn=role)) == "AccessDenied"


def test_a_bucket_answers_in_its_own_region_only(aws: Aws, seeded: dict) -> None:
    site = seeded["members"][0]["buckets"][2]
    key = session(aws, seeded)
    elsewhere = client_with_key(aws, "s3", key, "us-east-1")

    listed = {bucket["Name"]: bucket["BucketRegion"] for bucket in elsewhere.list_buckets()["Buckets"]}

    assert listed[site] == "eu-west-1"
    assert raw_status(aws, f"/{site}?tagging", seeded["members"][0]["id"], "us-east-1") == (301, "eu-west-1")
    assert client_with_key(aws, "s3", key, "eu-west-1").get_bucket_tagging(Bucket=site)["TagSet"]


def raw_status(aws: Aws, path: str, account: str, region: str) -> tuple[int, str | None]:
    """Status and bucket region, without boto3's own redirects."""
    authorization = (
        f"AWS4-HMAC-SHA256 Credential=AKIASEEDSEEDSEEDSEED/20260101/{region}/s3/aws4_request, SignedHeaders=host, Signature=0"
    )
    request = urllib.request.Request(aws.endpoint + path, headers={"Authorization": authorization, "x-moto-account-id": account})
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            return answer.status, answer.headers["x-amz-bucket-region"]
    except urllib.error.HTTPError as refused:
        return refused.code, refused.headers["x-amz-bucket-region"]


def test_buckets_are_listed_in_pages(aws: Aws, seeded: dict) -> None:
    aws.account = seeded["members"][0]["id"]
    pages = aws.client("s3").get_paginator("list_buckets").paginate(PaginationConfig={"PageSize": 3})

    sizes = [len(page["Buckets"]) for page in pages]

    assert sizes == [3, 1]


def test_only_enabled_regions_exist(aws: Aws, seeded: dict) -> None:
    key = session(aws, seeded)
    regions = client_with_key(aws, "ec2", key).describe_regions()["Regions"]

    assert sorted(region["RegionName"] for region in regions) == ["eu-west-1", "us-east-1"]
    assert code_of(client_with_key(aws, "ec2", key, "eu-north-1").describe_vpcs) == "AuthFailure"


def test_denials_name_account_region_and_operation(aws: Aws, seeded: dict) -> None:
    first, second = session(aws, seeded), session(aws, seeded, 1)
    aws.post("/orgraph-knobs", {"deny": [f"{seeded['members'][0]['id']}/eu-west-1/ec2:DescribeVpcs", "s3:GetBucketLifecycle*"]})

    assert code_of(client_with_key(aws, "ec2", first, "eu-west-1").describe_vpcs) == "UnauthorizedOperation"
    assert client_with_key(aws, "ec2", first, "us-east-1").describe_vpcs()["Vpcs"]
    assert client_with_key(aws, "ec2", second, "eu-west-1").describe_vpcs()["Vpcs"]
    logs = seeded["members"][0]["buckets"][0]
    assert code_of(client_with_key(aws, "s3", first).get_bucket_lifecycle_configuration, Bucket=logs) == "AccessDenied"


def test_a_denial_by_service_control_policy_says_so(aws: Aws, seeded: dict) -> None:
    aws.post("/orgraph-knobs", {"deny_scp": "lambda:*"})

    with pytest.raises(ClientError, match="explicit deny in a service control policy"):
        client_with_key(aws, "lambda", session(aws, seeded)).list_functions()


@pytest.mark.parametrize(
    ("service", "method", "code"),
    [
        ("ec2", "describe_vpcs", "RequestLimitExceeded"),
        ("s3", "list_buckets", "SlowDown"),
        ("iam", "list_users", "Throttling"),
        ("lambda", "list_functions", "TooManyRequestsException"),
    ],
)
def test_throttling_speaks_the_service_s_language(aws: Aws, seeded: dict, service: str, method: str, code: str) -> None:
    key, account = session(aws, seeded), seeded["members"][0]["id"]
    other = client_with_key(aws, service, session(aws, seeded, 1))

    aws.post("/orgraph-knobs", {"throttle": 1, "throttle_only": f"{account}/{service}:*"})

    assert code_of(getattr(client_with_key(aws, service, key), method)) == code
    getattr(other, method)()


@pytest.mark.parametrize("damage", ["truncate", "cut", "empty", "braces", "html", "500", "hang"])
def test_answers_are_damaged_on_command(aws: Aws, seeded: dict, damage: str) -> None:
    client = client_with_key(aws, "iam", session(aws, seeded))
    whole = client.list_users()["Users"]
    aws.post("/orgraph-knobs", {"fail_with": {"iam:ListUsers": damage}})

    try:
        received = client.list_users().get("Users", [])
    except (BotoCoreError, ClientError, ResponseParserError, KeyError):
        received = []

    assert received != whole
    assert client.list_groups()["Groups"]


def test_every_call_is_counted_by_account_and_region(aws: Aws, seeded: dict) -> None:
    ec2 = client_with_key(aws, "ec2", session(aws, seeded), "eu-west-1")
    aws.post("/orgraph-knobs", {"reset": True, "deny": "ec2:DescribeSubnets"})

    ec2.describe_vpcs()
    ec2.describe_vpcs()
    code_of(ec2.describe_subnets)

    with urllib.request.urlopen(f"{aws.endpoint}/orgraph-knobs", timeout=5) as answer:
        report = json.load(answer)
    place = {"account": seeded["members"][0]["id"], "region": "eu-west-1", "service": "ec2"}
    assert report["calls"] == {"ec2:DescribeVpcs": 2, "ec2:DescribeSubnets": 1}
    assert {**place, "action": "DescribeVpcs", "count": 2, "refused": 0} in report["requests"]
    assert {**place, "action": "DescribeSubnets", "count": 1, "refused": 1} in report["requests"]


def test_a_knob_that_does_not_exist_is_an_error(aws: Aws) -> None:
    with pytest.raises(urllib.error.HTTPError):
        aws.post("/orgraph-knobs", {"denny": ["ec2:*"]})


def test_what_moto_lacks_is_refused_as_aws_refuses_it(aws: Aws, seeded: dict) -> None:
    ec2 = client_with_key(aws, "ec2", session(aws, seeded))

    assert code_of(ec2.describe_fast_launch_images) == "InvalidAction"


@pytest.mark.parametrize(
    ("address", "operation"),
    [
        (("s3", "GET", "/", ""), "ListBuckets"),
        (("s3", "GET", "/bucket", "versioning"), "GetBucketVersioning"),
        (("s3", "GET", "/bucket", "lifecycle"), "GetBucketLifecycleConfiguration"),
        (("s3", "GET", "/bucket/", "list-type=2&prefix=a"), "ListObjectsV2"),
        (("s3", "GET", "/bucket/some/key", ""), "GetObject"),
        (("s3control", "GET", "/v20180820/configuration/publicAccessBlock", ""), "GetPublicAccessBlock"),
        (("lambda", "GET", "/2015-03-31/functions/", "Marker=x"), "ListFunctions"),
        (("lambda", "GET", "/2015-03-31/functions/name/policy", ""), "GetPolicy"),
        (("account", "POST", "/getContactInformation", ""), "GetContactInformation"),
        (("lambda", "GET", "/nowhere", ""), None),
    ],
)
def test_rest_addresses_are_known_by_operation(address: tuple[str, str, str, str], operation: str | None) -> None:
    assert rest_operation(*address) == operation


def test_cbor_survives_the_round_trip() -> None:
    value = {"text": "ä", "list": [1, -1, 300, 70_000, 1.5, True, False], "nested": {"n": 2**40}}

    assert decode(encode(value)) == value


def test_s3control_answers_at_the_plain_host(aws: Aws, seeded: dict) -> None:
    member = seeded["members"][0]
    s3control = client_with_key(aws, "s3control", session(aws, seeded))

    def without_account_in_host(request: Any, **_more: Any) -> None:
        request.url = request.url.replace(f"//{member['id']}.", "//")

    s3control.meta.events.register("before-sign", without_account_in_host)

    block = s3control.get_public_access_block(AccountId=member["id"])["PublicAccessBlockConfiguration"]

    assert block == {"BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": True, "RestrictPublicBuckets": False}


def test_clients_are_served_at_the_same_time(aws: Aws, seeded: dict) -> None:
    """Each thread enters an account of its own and must see only that account."""

    def owners(number: int) -> set[str]:
        ec2 = client_with_key(aws, "ec2", session(aws, seeded, number % 2), "eu-west-1")
        return {vpc["OwnerId"] for _ in range(10) for vpc in ec2.describe_vpcs()["Vpcs"]}

    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(owners, range(8)))

    assert found == [{seeded["members"][number % 2]["id"]} for number in range(8)]
