"""Who may assume a role: moto asks nobody."""

import json
import re

from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult
from moto.iam import models as iam_models
from moto.organizations.models import organizations_backends
from moto.sts.responses import TokenResponse

from ..knobs import Control


class AccessDenied(ServiceException):
    def __init__(self, message: str) -> None:
        super().__init__("AccessDenied", message)
        self.code, self.message = "AccessDenied", message


def correct(control: Control) -> None:
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
