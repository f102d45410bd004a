"""Changes of moto's models."""

import hashlib
import json

from moto.core.config import default_user_config
from moto.iam import models as iam_models
from moto.kms.models import kms_backends
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
    after(rds_models.DBInstance, "__init__", _use_key_of_aws)
    after(rds_models.DBCluster, "__init__", _use_key_of_aws)


def _use_key_of_aws(database: rds_models.DBInstance | rds_models.DBCluster, _made: None) -> None:
    """What is encrypted without a key of its own is under AWS's key for databases, the rest under none."""
    if isinstance(database, rds_models.DBInstanceClustered):
        return  # it is under the key of its cluster
    if database.kms_key_id == "default_kms_key_id":
        database.kms_key_id = key_of_aws(database.account_id, database.region, "rds") if database.storage_encrypted else None


def key_of_aws(account: str, region: str, service: str) -> str:
    """The ARN of the key that AWS makes for a service when it is first needed."""
    kms, purpose = kms_backends[account][region], f"Default key of {service}"
    key = next((key for key in list(kms.keys.values()) if key.description == purpose), None)
    if key is None:
        key = kms.create_key("", "ENCRYPT_DECRYPT", "SYMMETRIC_DEFAULT", purpose, None)
        key.key_manager = "AWS"
    return key.arn
