"""Where moto answers, but not as AWS would.

`apply` changes moto's models and is called once; `corrected` repairs single answers on their way out.
"""

import json
import re
from collections.abc import Callable
from urllib.parse import quote
from xml.sax.saxutils import unescape

from moto.awslambda import models as lambda_models
from moto.core.config import default_user_config
from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult
from moto.ec2.models import ec2_backends
from moto.ec2.responses.availability_zones_and_regions import AvailabilityZonesAndRegions
from moto.iam import models as iam_models
from moto.moto_api import state_manager
from moto.organizations import models as organizations_models
from moto.organizations.models import organizations_backends
from moto.sts.responses import TokenResponse

from . import call as calls
from .answer import Answer
from .call import Call
from .knobs import Control
from .shapes import shaped

# The AWS managed policies that exist here. AWS has 1 585; parsing all of them costs seconds in every account.
MANAGED_POLICIES = {
    "AdministratorAccess",
    "AmazonEC2ReadOnlyAccess",
    "AmazonS3FullAccess",
    "AmazonS3ReadOnlyAccess",
    "AmazonSSMManagedInstanceCore",
    "AWSLambdaBasicExecutionRole",
    "AWSLambdaVPCAccessExecutionRole",
    "IAMUserChangePassword",
    "PowerUserAccess",
    "ReadOnlyAccess",
    "SecurityAudit",
    "ViewOnlyAccess",
}


def apply(control: Control) -> None:
    """Corrects moto's models in this process."""
    _correct_iam()
    _correct_organizations()
    _correct_lambda()
    _stand_still()
    _correct_regions(control)
    _check_trust(control)


def corrected(call: Call, answer: Answer) -> Answer:
    """The answer as AWS would have sent it."""
    if answer.is_success and (correction := ANSWERS.get(call.name) or ANSWERS.get(call.service)):
        answer.body = correction(answer.body)
    if answer.is_success and call.protocol in ("json", "rest-json"):
        answer.body = shaped(call, answer.body)
    if call.name == "s3:GetBucketEncryption" and b"ServerSideEncryptionConfigurationNotFoundError" in answer.body:
        return Answer("200 OK", ENCRYPTED_BY_S3.encode(), [])
    return answer


# Every bucket has been encrypted by S3 since January 2023.
ENCRYPTED_BY_S3 = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<ServerSideEncryptionConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Rule>'
    "<ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm></ApplyServerSideEncryptionByDefault>"
    "<BucketKeyEnabled>false</BucketKeyEnabled></Rule></ServerSideEncryptionConfiguration>"
)


def _bucket_versioning(body: bytes) -> bytes:
    return body.replace(b"GetBucketVersioningResponse", b"VersioningConfiguration")


def _encoded_policies(body: bytes) -> bytes:
    """IAM sends policies percent-encoded; moto sends most of them as they are."""

    def encoded(match: re.Match) -> str:
        policy = unescape(match[2], {"&quot;": '"', "&apos;": "'"})
        return f"<{match[1]}>{quote(policy, safe='') if policy.startswith('{') else match[2]}</{match[1]}>"

    return re.sub(r"<(AssumeRolePolicyDocument|PolicyDocument|Document)>([^<]*)</\1>", encoded, body.decode()).encode()


def _root_devices(body: bytes) -> bytes:
    return body.replace(b"<rootDeviceType>standard<", b"<rootDeviceType>ebs<")


def _no_empty_choices(body: bytes) -> bytes:
    """moto sends empty elements for choices that were not made."""
    return re.sub(rb"<(Protocol|LogDestinationType)(></\1|\s*/)>", b"", body)


def _distributions(body: bytes) -> bytes:
    return body.replace(b"</DistributionSummary>", b"<Staging>false</Staging></DistributionSummary>")


def _recorder_status(body: bytes) -> bytes:
    return body.replace(b'"PENDING"', b'"Success"')


def _domain_detail(body: bytes) -> bytes:
    return body.replace(b'"UpdateDate"', b'"UpdatedDate"')


ANSWERS: dict[str, Callable[[bytes], bytes]] = {
    "cloudfront:ListDistributions": _distributions,
    "config:DescribeConfigurationRecorderStatus": _recorder_status,
    "elbv2:DescribeListeners": _no_empty_choices,
    "redshift:DescribeLoggingStatus": _no_empty_choices,
    "route53domains:GetDomainDetail": _domain_detail,
    "iam": _encoded_policies,
    "ec2:DescribeImages": _root_devices,
    "s3:GetBucketVersioning": _bucket_versioning,
}


def _correct_iam() -> None:
    wanted = {name: text for name, text in json.loads(iam_models.aws_managed_policies_data).items() if name in MANAGED_POLICIES}
    iam_models.aws_managed_policies_data = json.dumps(wanted)
    iam_models.get_account_id_from = lambda key: calls.owner_of(key) or iam_models.DEFAULT_ACCOUNT_ID

    # GetAccountAuthorizationDetails leaves these two out ...
    iam_models.ManagedPolicy.policy_id = property(lambda policy: policy.id)
    iam_models.ManagedPolicy.policy_name = property(lambda policy: policy.name)

    # ... and lists AWS managed policies that nobody uses.
    original = iam_models.IAMBackend.get_account_authorization_details

    def only_attached(backend: iam_models.IAMBackend, policy_filter: list[str]) -> dict:
        details = original(backend, policy_filter)
        unused = {policy.arn for policy in backend.aws_managed_policies if not policy.attachment_count}
        details["managed_policies"] = [policy for policy in details["managed_policies"] if policy.arn not in unused]
        return details

    iam_models.IAMBackend.get_account_authorization_details = only_attached


def _correct_organizations() -> None:
    original = organizations_models.FakeAccount.describe

    def describe(account: organizations_models.FakeAccount) -> dict:
        described = original(account)
        if account.id == account.master_account_id:
            described["JoinedMethod"] = "INVITED"
        return described

    organizations_models.FakeAccount.describe = describe


def _correct_lambda() -> None:
    def vpc_config(function: lambda_models.LambdaFunction) -> dict | None:
        """The VPC of the function's subnets, where moto has one constant for all."""
        if not function._vpc_config:
            return None
        config = dict(function._vpc_config)
        backend = ec2_backends[function.account_id][function.region]
        for subnet_id in config.get("SubnetIds", []):
            if subnet := backend.get_subnet(subnet_id):
                config["VpcId"] = subnet.vpc_id
        return config

    lambda_models.LambdaFunction.vpc_config = property(vpc_config)


def _stand_still() -> None:
    """Tasks stay as they are, however often they are looked at; jobs are done without containers."""
    state_manager.set_transition("ecs::task", {"progression": "manual", "times": 1_000_000})
    default_user_config["batch"] = {"use_docker": False}


def _correct_regions(control: Control) -> None:
    def describe_regions(response: AvailabilityZonesAndRegions) -> ActionResult:
        """Only enabled regions, unless the caller asks for all."""
        enabled = control.knobs.regions
        wants_all = str(response._get_param("AllRegions", False)).lower() == "true"
        names = response._get_param("RegionNames", [])
        regions = [
            {
                "RegionName": region.name,
                "Endpoint": region.endpoint,
                "OptInStatus": "opt-in-not-required" if region.name in enabled else "not-opted-in",
            }
            for region in response.ec2_backend.describe_regions(names)
            if wants_all or region.name in enabled
        ]
        return ActionResult({"Regions": regions})

    AvailabilityZonesAndRegions.describe_regions = describe_regions


class AccessDenied(ServiceException):
    def __init__(self, message: str) -> None:
        super().__init__("AccessDenied", message)
        self.code, self.message = "AccessDenied", message


def _check_trust(control: Control) -> None:
    original = TokenResponse.assume_role

    def assume_role(response: TokenResponse) -> ActionResult:
        if control.knobs.check_trust:
            _refuse_untrusted(response)
        return original(response)

    TokenResponse.assume_role = assume_role


def _refuse_untrusted(response: TokenResponse) -> None:
    """Raises unless the role exists, trusts this caller with this external ID, and its account is active."""
    role_arn, external_id = response._get_param("RoleArn"), response._get_param("ExternalId")
    _, caller_arn, caller_account = response.backend.get_caller_identity(response.get_access_key(), response.region)
    account = role_arn.split(":")[4]
    refused = AccessDenied(f"User: {caller_arn} is not authorized to perform: sts:AssumeRole on resource: {role_arn}")
    roles = iam_models.iam_backends[account]["aws"].roles.values() if account in iam_models.iam_backends else []
    role = next((role for role in list(roles) if role.arn == role_arn), None)
    if role is None or not trusts(json.loads(role.assume_role_policy_document), caller_arn, caller_account, external_id):
        raise refused
    if membership := organizations_backends.master_accounts.get(account):
        management, partition = membership
        members = organizations_backends[management][partition].accounts
        if any(member.id == account and member.status != "ACTIVE" for member in members):
            raise refused


def trusts(policy: dict, caller_arn: str, caller_account: str, external_id: str | None) -> bool:
    """Whether a trust policy lets a caller with this external ID assume its role."""
    names = {caller_account, f"arn:aws:iam::{caller_account}:root", caller_arn, "*"}
    if session := re.match(r"arn:aws:sts::(\d+):assumed-role/([^/]+)/", caller_arn):
        names.add(f"arn:aws:iam::{session[1]}:role/{session[2]}")
    return any(_statement_trusts(statement, names, external_id) for statement in _listed(policy.get("Statement", [])))


def _statement_trusts(statement: dict, names: set[str], external_id: str | None) -> bool:
    if statement.get("Effect") != "Allow" or "sts:AssumeRole" not in _listed(statement.get("Action", [])):
        return False
    principal = statement.get("Principal", {})
    principals = ["*"] if principal == "*" else _listed(principal.get("AWS", []))
    conditions = statement.get("Condition", {})
    wanted = [
        value
        for operator in ("StringEquals", "StringLike")
        for value in _listed(conditions.get(operator, {}).get("sts:ExternalId", []))
    ]
    return bool(names & set(principals)) and (not wanted or external_id in wanted)


def _listed(value: object) -> list:
    return value if isinstance(value, list) else [value]
