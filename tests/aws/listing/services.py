"""Service entities, which AWS does not list: an account has each of them once."""

from reads.contract import rows

from .inventory import GLOBAL, Inventory


def service_types(inventory: Inventory) -> list[str]:
    return [row["type"] for row in rows("entities.csv", inventory.contract) if row["key"] == f"{row['type']}:{{acct}}"]


def add_services_of_account(inventory: Inventory) -> None:
    root = f"arn:aws:iam::{inventory.account}:root"
    for entity_type in service_types(inventory):
        key = f"{entity_type}:{inventory.account}"
        inventory.add(entity_type, GLOBAL, [key])
        inventory.link("aws_account", root, "HAS", entity_type, key)


def link_services(inventory: Inventory) -> None:
    """Everything with the service entity of its account."""
    services = set(service_types(inventory))
    for row in rows("relationships.csv", inventory.contract):
        if row["from_type"] in services and row["class"] == "HAS":
            for account, regions in inventory.found.get(row["to_type"], {}).items():
                keys = [key for keys in regions.values() for key in keys]
                inventory.link(row["from_type"], f"{row['from_type']}:{account}", row["class"], row["to_type"], keys)
