"""The organization itself: units, accounts, policies, and the role that orgraph assumes."""

import json

from .aws import HOME_REGION, MANAGEMENT_ID, Aws, tags
from .plan import Member, Scenario

DENY_REGIONS = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "KeepToOurRegions",
            "Effect": "Deny",
            "NotAction": ["iam:*", "organizations:*", "sts:*", "support:*"],
            "Resource": "*",
            "Condition": {"StringNotEquals": {"aws:RequestedRegion": ["us-east-1", "eu-west-1", "ap-southeast-2"]}},
        }
    ],
}
PROTECT_LOGS = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Deny", "Action": ["cloudtrail:StopLogging", "cloudtrail:DeleteTrail"], "Resource": "*"}],
}


def create_organization(aws: Aws, scenario: Scenario) -> dict:
    """Creates the units and accounts; says who is who."""
    aws.account = MANAGEMENT_ID
    organizations = aws.client("organizations")
    organization = organizations.create_organization(FeatureSet="ALL")["Organization"]
    root_id = organizations.list_roots()["Roots"][0]["Id"]
    organizations.enable_policy_type(RootId=root_id, PolicyType="SERVICE_CONTROL_POLICY")
    units: dict[tuple[str, ...], str] = {(): root_id}
    members = [create_member(aws, units, root_id, member) for member in scenario.members]
    create_policies(aws, units, root_id)
    delegate(aws, members)
    return {
        "organization_id": organization["Id"],
        "root_id": root_id,
        "organizational_units": {"/".join(path): unit_id for path, unit_id in units.items() if path},
        "management": {"id": MANAGEMENT_ID, "name": "master"},
        "members": members,
    }


def create_member(aws: Aws, units: dict[tuple[str, ...], str], root_id: str, member: Member) -> dict:
    organizations = aws.client("organizations")
    created = organizations.create_account(
        AccountName=member.name,
        Email=f"aws+{member.name}@example.com",
        Tags=tags(Owner="platform-team", **member.tags),
    )
    account_id = created["CreateAccountStatus"]["AccountId"]
    unit_id = unit(aws, units, member.ou)
    organizations.move_account(AccountId=account_id, SourceParentId=root_id, DestinationParentId=unit_id)
    return {
        "id": account_id,
        "name": member.name,
        "ou": "/".join(member.ou),
        "ou_id": unit_id,
        "state": member.state,
        "tags": member.tags,
    }


def unit(aws: Aws, units: dict[tuple[str, ...], str], path: tuple[str, ...]) -> str:
    """The ID of a unit; creates it and the units above it when they are not there yet."""
    if path not in units:
        parent_id = unit(aws, units, path[:-1])
        created = aws.client("organizations").create_organizational_unit(
            ParentId=parent_id, Name=path[-1], Tags=tags(Owner="platform-team")
        )
        units[path] = created["OrganizationalUnit"]["Id"]
    return units[path]


def create_policies(aws: Aws, units: dict[tuple[str, ...], str], root_id: str) -> None:
    organizations = aws.client("organizations")
    for name, content, target_id in (
        ("keep-to-our-regions", DENY_REGIONS, root_id),
        ("protect-logs", PROTECT_LOGS, units.get(("Infrastructure",), root_id)),
    ):
        policy = organizations.create_policy(
            Name=name, Description=f"Sample: {name}", Type="SERVICE_CONTROL_POLICY", Content=json.dumps(content)
        )
        organizations.attach_policy(PolicyId=policy["Policy"]["PolicySummary"]["Id"], TargetId=target_id)


def delegate(aws: Aws, members: list[dict]) -> None:
    """The log archive looks after everybody's detectors, or who is last where there is no log archive."""
    if members:
        chosen = next((member for member in members if member["name"] == "log-archive"), members[-1])
        aws.client("organizations").register_delegated_administrator(
            AccountId=chosen["id"], ServicePrincipal="guardduty.amazonaws.com"
        )


def create_base_caller(aws: Aws) -> dict:
    """The IAM user whose access key the daemon starts with."""
    aws.account = MANAGEMENT_ID
    iam = aws.client("iam")
    user = iam.create_user(UserName="orgraph", Tags=tags(Owner="platform-team"))["User"]
    statement = {
        "Effect": "Allow",
        "Action": ["sts:AssumeRole", "organizations:Describe*", "organizations:List*"],
        "Resource": "*",
    }
    iam.put_user_policy(UserName="orgraph", PolicyName="assume-readers", PolicyDocument=policy_document(statement))
    key = iam.create_access_key(UserName="orgraph")["AccessKey"]
    return {
        "arn": user["Arn"],
        "access_key_id": key["AccessKeyId"],
        "secret_access_key": key["SecretAccessKey"],
        "region": HOME_REGION,
    }


def create_reader_role(aws: Aws, account_id: str, role_name: str, caller_arn: str, external_id: str) -> str:
    """The role that orgraph assumes in one account."""
    aws.account = account_id
    iam = aws.client("iam")
    trust = {
        "Effect": "Allow",
        "Principal": {"AWS": caller_arn},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"sts:ExternalId": external_id}},
    }
    role = iam.create_role(RoleName=role_name, AssumeRolePolicyDocument=policy_document(trust), Tags=tags(Owner="platform-team"))
    iam.attach_role_policy(RoleName=role_name, PolicyArn="arn:aws:iam::aws:policy/SecurityAudit")
    extra = {"Effect": "Allow", "Action": ["lambda:GetPolicy", "s3:GetBucket*"], "Resource": "*"}
    iam.put_role_policy(RoleName=role_name, PolicyName="orgraph-extra", PolicyDocument=policy_document(extra))
    return role["Role"]["Arn"]


def policy_document(*statements: dict) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
