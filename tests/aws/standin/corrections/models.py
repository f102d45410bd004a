"""Changes of moto's models."""

import hashlib
import json

from moto.core.config import default_user_config
from moto.iam import models as iam_models
from moto.moto_api import state_manager
from moto.organizations import models as organizations_models
from moto.rds import models as rds_models

from .. import call as calls
from .wrapping import after

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


def correct() -> None:
    _correct_iam()
    _correct_organizations()
    _correct_databases()
    _stand_still()


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


def _stand_still() -> None:
    """Tasks stay as they are, however often they are looked at; jobs are done without containers."""
    state_manager.set_transition("ecs::task", {"progression": "manual", "times": 1_000_000})
    default_user_config["batch"] = {"use_docker": False}


def _correct_databases() -> None:
    """Every instance has a resource ID of its own, where moto has one for all."""

    def name(instance: rds_models.DBInstance, _made: None) -> None:
        digest = hashlib.sha256(instance.db_instance_arn.encode()).hexdigest()
        instance.dbi_resource_id = f"db-{digest[:26].upper()}"

    after(rds_models.DBInstance, "__init__", name)
