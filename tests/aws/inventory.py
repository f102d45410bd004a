#!/usr/bin/env python3
"""Lists what is in the organization, with boto3 and nothing of orgraph: inventory.py --endpoint URL --seed-json FILE

Prints {"counts": {type: {account: {region or "global": count}}}, "keys": {type: [key, ...]}, "relationships":
{"type VERB type": [[key, key], ...]}} for every live account and every seeded region. What counts is what orgraph's
contract says: its types and relationships, no terminated instances, only what the account owns, only assigned MFA devices,
AWS managed policies only when attached. A relationship is listed when both of its ends are.
"""

import argparse
import json
from pathlib import Path

from listing.balancers import add_balancers
from listing.buckets import add_buckets
from listing.connections import link_infrastructure
from listing.containers import add_containers
from listing.gateways import add_gateways, add_global_edge
from listing.identity import add_identity
from listing.infrastructure import add_compute, add_databases, add_network
from listing.inventory import Inventory
from listing.messaging import add_messaging
from listing.names import link_peerings, link_zones, note_addresses, note_distributions
from listing.operations import add_operations
from listing.organizations import add_organization
from listing.security import add_security
from listing.services import add_services_of_account, link_services
from listing.stores import add_stores
from listing.workplaces import add_workplaces
from organization.aws import Aws
from reads.contract import CONTRACT

OF_ACCOUNTS = [add_identity, add_buckets, add_global_edge, add_services_of_account, note_distributions]
OF_REGIONS = [
    add_network,
    add_compute,
    add_databases,
    link_infrastructure,
    link_peerings,
    note_addresses,
    add_containers,
    add_stores,
    add_messaging,
    add_balancers,
    add_gateways,
    add_operations,
    add_security,
    add_workplaces,
]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--endpoint", required=True)
    parser.add_argument("--seed-json", required=True, type=Path, help="what seed.py printed")
    parser.add_argument("--contract", default=CONTRACT, type=Path, help="the folder of entities.csv and relationships.csv")
    arguments = parser.parse_args()
    seed = json.loads(arguments.seed_json.read_text())
    print(json.dumps(take(Aws(arguments.endpoint), seed, arguments.contract), indent=2))


def take(aws: Aws, seed: dict, contract: Path = CONTRACT) -> dict:
    inventory = Inventory(aws, contract)
    aws.account = seed["management"]["id"]
    add_organization(inventory)
    accounts = live_accounts(aws, seed)
    for account in accounts:
        aws.account = account
        for add in OF_ACCOUNTS:
            add(inventory)
        for region in seed["regions"]:
            for add in OF_REGIONS:
                add(inventory, region)
    for account in accounts:  # once everything is known that may be named
        aws.account = account
        link_zones(inventory)
    link_services(inventory)
    return inventory.report()


def live_accounts(aws: Aws, seed: dict) -> list[str]:
    """The accounts that orgraph can collect, as the organization is now."""
    unreadable = {member["id"] for member in seed["members"] if member["state"] in ("skipped", "untrusting")}
    organizations = aws.client("organizations")
    accounts = [item for page in organizations.get_paginator("list_accounts").paginate() for item in page["Accounts"]]
    return [it["Id"] for it in accounts if it["Status"] == "ACTIVE" and it["Id"] not in unreadable]


if __name__ == "__main__":
    main()
