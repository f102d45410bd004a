"""The organization: its units, accounts and policies."""

from .inventory import GLOBAL, Inventory


def add_organization(inventory: Inventory) -> None:
    organization = inventory.one("organizations", "us-east-1", "describe_organization")["Organization"]["Arn"]
    inventory.add("aws_organization", GLOBAL, [organization])
    accounts = inventory.pages("organizations", "us-east-1", "list_accounts", "Accounts")
    for account in accounts:  # each belongs to itself, whoever lists it
        inventory.found["aws_account"][account["Id"]][GLOBAL].add(root_of(account["Id"]))
    members = [root_of(account["Id"]) for account in accounts if account["Id"] != inventory.account]
    inventory.link("aws_account", root_of(inventory.account), "HAS", "aws_account", members)
    add_units(inventory, organization)
    add_policies(inventory, organization)


def root_of(account: str) -> str:
    return f"arn:aws:iam::{account}:root"


def add_units(inventory: Inventory, organization: str) -> None:
    """The units and who is in them; what is in the root is in the organization."""
    roots = inventory.pages("organizations", "us-east-1", "list_roots", "Roots")
    waiting = [("aws_organization", organization, root["Id"]) for root in roots]
    while waiting:
        kind, key, parent = waiting.pop()
        asked = {"ParentId": parent}
        units = inventory.pages(
            "organizations", "us-east-1", "list_organizational_units_for_parent", "OrganizationalUnits", **asked
        )
        accounts = inventory.pages("organizations", "us-east-1", "list_accounts_for_parent", "Accounts", **asked)
        inventory.add("aws_organizational_unit", GLOBAL, [unit["Arn"] for unit in units])
        inventory.link(kind, key, "HAS", "aws_organizational_unit", [unit["Arn"] for unit in units])
        inventory.link(kind, key, "HAS", "aws_account", [root_of(account["Id"]) for account in accounts])
        waiting += [("aws_organizational_unit", unit["Arn"], unit["Id"]) for unit in units]


def add_policies(inventory: Inventory, organization: str) -> None:
    for kind in ("SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"):
        for policy in inventory.pages("organizations", "us-east-1", "list_policies", "Policies", Filter=kind):
            arn = policy["Arn"]
            inventory.add("aws_organizations_policy", GLOBAL, [arn])
            targets = inventory.pages("organizations", "us-east-1", "list_targets_for_policy", "Targets", PolicyId=policy["Id"])
            for target in targets:
                entity_type, key = {
                    "ROOT": ("aws_organization", organization),
                    "ORGANIZATIONAL_UNIT": ("aws_organizational_unit", target["Arn"]),
                    "ACCOUNT": ("aws_account", root_of(target["TargetId"])),
                }[target["Type"]]
                inventory.link("aws_organizations_policy", arn, "RESTRICTS", entity_type, key)
