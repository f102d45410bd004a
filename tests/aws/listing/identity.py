"""IAM."""

from typing import Any

from .inventory import GLOBAL, Inventory


def add_identity(inventory: Inventory) -> None:
    iam, account = inventory.aws.client("iam"), inventory.account

    def listed(operation: str, result: str, **arguments: Any) -> list:
        return inventory.pages("iam", "us-east-1", operation, result, **arguments)

    inventory.add("aws_iam_account_password_policy", GLOBAL, [f"aws_iam_account_password_policy:{account}"])
    for kind, operation, result, name in (
        ("user", "list_users", "Users", "UserName"),
        ("group", "list_groups", "Groups", "GroupName"),
        ("role", "list_roles", "Roles", "RoleName"),
    ):
        for principal in listed(operation, result):
            arn = principal["Arn"]
            asked = {name: principal[name]}
            inventory.add(f"aws_iam_{kind}", GLOBAL, [arn])
            policies = [f"aws_iam_{kind}_policy:{arn}:{it}" for it in listed(f"list_{kind}_policies", "PolicyNames", **asked)]
            inventory.add(f"aws_iam_{kind}_policy", GLOBAL, policies)
            inventory.link(f"aws_iam_{kind}", arn, "HAS", f"aws_iam_{kind}_policy", policies)
            attached = listed(f"list_attached_{kind}_policies", "AttachedPolicies", **asked)
            keys = [policy_key(account, it["PolicyArn"]) for it in attached]
            inventory.link(f"aws_iam_{kind}", arn, "HAS", "aws_iam_policy", keys)
            if kind == "user":
                add_credentials(inventory, arn, principal[name])
    local = [policy["Arn"] for policy in listed("list_policies", "Policies", Scope="Local")]
    managed = [it["Arn"] for it in listed("list_policies", "Policies", Scope="AWS") if it["AttachmentCount"]]
    inventory.add("aws_iam_policy", GLOBAL, local + [policy_key(account, arn) for arn in managed])
    inventory.add("aws_iam_saml_provider", GLOBAL, [it["Arn"] for it in iam.list_saml_providers()["SAMLProviderList"]])
    providers = iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]
    inventory.add("aws_iam_oidc_provider", GLOBAL, [it["Arn"] for it in providers])
    certificates = listed("list_server_certificates", "ServerCertificateMetadataList")
    inventory.add("aws_iam_server_certificate", GLOBAL, [it["Arn"] for it in certificates])


def policy_key(account: str, arn: str) -> str:
    """Policies of AWS have the same ARN in all accounts."""
    return f"aws_iam_policy:{account}:{arn}" if arn.startswith("arn:aws:iam::aws:") else arn


def add_credentials(inventory: Inventory, user: str, name: str) -> None:
    def listed(operation: str, result: str) -> list[dict]:
        return inventory.pages("iam", "us-east-1", operation, result, UserName=name)

    secrets = listed("list_access_keys", "AccessKeyMetadata")
    keys = [f"aws_iam_access_key:{inventory.account}:{it['AccessKeyId']}" for it in secrets]
    inventory.add("aws_iam_access_key", GLOBAL, keys)
    inventory.link("aws_iam_user", user, "HAS", "aws_iam_access_key", keys)
    devices = [device["SerialNumber"] for device in listed("list_mfa_devices", "MFADevices")]
    inventory.add("mfa_device", GLOBAL, devices)
    inventory.link("aws_iam_user", user, "ASSIGNED", "mfa_device", devices)
    groups = [group["Arn"] for group in listed("list_groups_for_user", "Groups")]
    inventory.link_from("aws_iam_group", groups, "CONTAINS", "aws_iam_user", user)
