"""The fixture check finds what AWS could not have sent."""

import json
from pathlib import Path

import pytest

from check_fixtures import problems_in

EC2 = 'xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"'
IAM = 'xmlns="https://iam.amazonaws.com/doc/2010-05-08/"'
REQUEST = "<requestId>5e1f</requestId>"
METADATA = "<ResponseMetadata><RequestId>5e1f</RequestId></ResponseMetadata>"


def vpcs(members: str, envelope: str = REQUEST) -> str:
    return f"<DescribeVpcsResponse {EC2}>{envelope}{members}</DescribeVpcsResponse>"


def users(members: str, metadata: str = METADATA) -> str:
    return f"<ListUsersResponse {IAM}><ListUsersResult>{members}</ListUsersResult>{metadata}</ListUsersResponse>"


def versioning(root: str, members: str) -> str:
    return f'<{root} xmlns="http://s3.amazonaws.com/doc/2006-03-01/">{members}</{root}>'


USER = (
    "<Path>/</Path><UserName>alice</UserName><UserId>AIDA1234567890123456</UserId>"
    "<Arn>arn:aws:iam::{{account}}:user/alice</Arn><CreateDate>2026-01-31T12:00:00Z</CreateDate>"
)
ACCOUNT = {"Id": "{{account}}", "Name": "web", "JoinedMethod": "CREATED", "JoinedTimestamp": 1767225600.5}
# Of a service that speaks CBOR.
ALARM = {"AlarmName": "a", "ActionsEnabled": True, "Period": 60, "Threshold": 1.5, "StateUpdatedTimestamp": 1767225600.5}


def alarms(**members: object) -> str:
    return json.dumps({"MetricAlarms": [{**ALARM, **members}], "CompositeAlarms": []})


GOOD = {
    "ec2/DescribeVpcs.xml": vpcs(
        "<vpcSet><item><vpcId>vpc-1</vpcId><isDefault>true</isDefault><ownerId>{{account}}</ownerId></item></vpcSet>"
    ),
    "ec2/DescribeVpcs.2.xml": vpcs("<vpcSet/>"),
    "ec2/DescribeVpcs.UnauthorizedOperation.error.xml": (
        "<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>no</Message></Error></Errors><RequestID>1</RequestID></Response>"
    ),
    "iam/ListUsers.xml": users(f"<IsTruncated>false</IsTruncated><Users><member>{USER}</member></Users>"),
    "iam/GetPolicyVersion.xml": (
        f"<GetPolicyVersionResponse {IAM}><GetPolicyVersionResult><PolicyVersion><Document>%7B%7D</Document>"
        f"<VersionId>v1</VersionId></PolicyVersion></GetPolicyVersionResult>{METADATA}</GetPolicyVersionResponse>"
    ),
    "iam/GetAccountPasswordPolicy.NoSuchEntity.error.xml": (
        f"<ErrorResponse {IAM}><Error><Type>Sender</Type><Code>NoSuchEntity</Code><Message>none</Message></Error>"
        "<RequestId>1</RequestId></ErrorResponse>"
    ),
    "s3/GetBucketVersioning.xml": versioning("VersioningConfiguration", "<Status>Enabled</Status>"),
    "s3/GetBucketLocation.xml": versioning("LocationConstraint", "eu-west-1"),
    "s3/GetBucketTagging.xml": versioning("Tagging", "<TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet>"),
    "s3/GetBucketPolicy.json": '{"Version": "2012-10-17", "Statement": []}',
    "s3/GetBucketPolicy.NoSuchBucketPolicy.error.xml": "<Error><Code>NoSuchBucketPolicy</Code><Message>none</Message></Error>",
    "organizations/ListAccounts.json": json.dumps({"Accounts": [ACCOUNT], "NextToken": None}),
    "organizations/ListAccounts.AccessDeniedException.error.json": '{"__type": "AccessDeniedException", "Message": "no"}',
    "lambda/ListFunctions.json": '{"Functions": [{"FunctionName": "f", "Timeout": 3, "Environment": {"Variables": {"A": "b"}}}]}',
    "lambda/GetPolicy.ResourceNotFoundException.error.json": '{"Type": "User", "Message": "none"}',
    "cloudwatch/DescribeAlarms.json": alarms(),
    "cloudwatch/DescribeAlarms.InvalidNextToken.error.json": '{"__type": "InvalidNextToken", "message": "no"}',
}

BAD = {
    "ec2/DescribeVpcs.xml": [
        (vpcs("<vpcSet/>", envelope=""), "requestId"),
        (vpcs("<vpcSet><item><vpcID>vpc-1</vpcID></item></vpcSet>"), "vpcID does not exist"),
        (vpcs("<vpcSet><member><vpcId>vpc-1</vpcId></member></vpcSet>"), "should be <item>"),
        (vpcs("<vpcSet><item><isDefault>yes</isDefault></item></vpcSet>"), "neither true nor false"),
        (vpcs("<vpcSet><item><state>alive</state></item></vpcSet>"), "'alive' is none of"),
        (vpcs("<vpcSet><item><vpcId>a</vpcId><vpcId>b</vpcId></item></vpcSet>"), "2 times"),
        (vpcs("<vpcSet>text</vpcSet>"), "text between"),
        (vpcs(""), "has no vpcSet"),
        (vpcs("<vpcSet>"), "cannot be parsed"),
        (f"<DescribeVpcsResult {EC2}>{REQUEST}<vpcSet/></DescribeVpcsResult>", "root element"),
        (f'<DescribeVpcsResponse xmlns="http://example.com/">{REQUEST}<vpcSet/></DescribeVpcsResponse>', "namespace"),
        (vpcs("<vpcSet><item><vpcId>{{vpc}}</vpcId></item></vpcSet>"), "may stand for values"),
    ],
    "ec2/DescribeVpc.xml": [(vpcs("<vpcSet/>"), "no operation")],
    "ec2/DescribeVpcs.json": [("{}", "speaks ec2")],
    "ec2/DescribeVpcs.Other.error.xml": [(GOOD["ec2/DescribeVpcs.UnauthorizedOperation.error.xml"], "file name says 'Other'")],
    "nowhere/List.json": [("{}", "no SDK knows")],
    "iam/ListUsers.xml": [
        (users(f"<Users><member>{USER}</member></Users>", metadata=""), "RequestId"),
        (users("<Users><member><UserName>alice</UserName></member></Users>"), "Path is missing"),
        (users(f"<Users><member>{USER.replace('T12:00:00Z', '')}</member></Users>"), "is no time"),
        (f"<ListUsersResponse {IAM}>{METADATA}</ListUsersResponse>", "has no <ListUsersResult>"),
    ],
    "iam/GetPolicyVersion.xml": [(GOOD["iam/GetPolicyVersion.xml"].replace("%7B%7D", '{"Version": "1"}'), "percent-encoded")],
    "iam/GetCredentialReport.xml": [
        (
            f"<GetCredentialReportResponse {IAM}><GetCredentialReportResult><Content>a,b</Content></GetCredentialReportResult>"
            f"{METADATA}</GetCredentialReportResponse>",
            "base64",
        )
    ],
    "s3/GetBucketVersioning.xml": [
        (versioning("GetBucketVersioningResponse", "<Status>Enabled</Status>"), "root element"),
        (versioning("VersioningConfiguration", "<State>Enabled</State>"), "State does not exist"),
    ],
    "s3/GetBucketTagging.xml": [(versioning("Tagging", "<Tag><Key>a</Key><Value>b</Value></Tag>"), "Tag does not exist")],
    "s3/GetBucketPolicy.json": [("{", "cannot be parsed")],
    "organizations/ListAccounts.json": [
        ("{}", "has no Accounts"),
        ("[]", "not an object"),
        (json.dumps({"accounts": []}), "accounts does not exist"),
        (json.dumps({"Accounts": {}}), "not a list"),
        (json.dumps({"Accounts": [{"Id": 123456789012}]}), "is int, not string"),
        (json.dumps({"Accounts": [{"JoinedTimestamp": "2026-01-31T12:00:00Z"}]}), "is str, not timestamp"),
    ],
    "organizations/ListAccounts.AccessDeniedException.error.json": [
        ('{"Message": "no"}', "the code is"),
        ('{"__type": "AccessDeniedException"}', "message"),
    ],
    "lambda/ListFunctions.json": [
        ('{"Functions": [{"Timeout": "3"}]}', "is str, not integer"),
        ('{"Functions": [{"Timeout": true}]}', "is bool"),
    ],
    "cloudwatch/ListDashboards.json": [('{"DashboardEntries": [{"LastModified": 1767225600}]}', "would be sent as a number")],
    "cloudwatch/DescribeAlarms.xml": [("<DescribeAlarmsResponse/>", "speaks smithy-rpc-v2-cbor")],
    "cloudwatch/DescribeAlarms.json": [
        ("{", "cannot be parsed"),
        ('{"CompositeAlarms": []}', "has no MetricAlarms"),
        (alarms(Name="a"), "Name does not exist"),
        (alarms(Period="60"), "is str, not integer"),
        (alarms(StateUpdatedTimestamp="2026-01-31T12:00:00Z"), "is str, not timestamp"),
    ],
}


def written(folder: Path, name: str, text: str) -> Path:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return file


@pytest.mark.parametrize("name", GOOD)
def test_a_good_fixture_passes(tmp_path: Path, name: str) -> None:
    assert problems_in(written(tmp_path, name, GOOD[name])) == []


@pytest.mark.parametrize(
    ("name", "text", "problem"), [(name, text, problem) for name, cases in BAD.items() for text, problem in cases]
)
def test_a_bad_fixture_is_found(tmp_path: Path, name: str, text: str, problem: str) -> None:
    found = problems_in(written(tmp_path, name, text))

    assert any(problem in line for line in found), found
