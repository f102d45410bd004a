#!/usr/bin/env python3
"""Builds the sample organization in a running stand-in and prints, as one JSON object, what it built.

The same arguments against a fresh stand-in give the same account IDs and resource IDs.
"""

import argparse
import json

from organization.accounts import create_base_caller, create_organization, create_reader_role
from organization.aws import HOME_REGION, MANAGEMENT_ID, Aws
from organization.complete import create_everything
from organization.compute import create_compute
from organization.data import create_buckets, create_databases
from organization.identity import create_identity, create_role_chain, create_service_roles
from organization.network import create_network
from organization.operations import create_organization_trail
from organization.place import Place
from organization.plan import COMPLETE_REGIONS, Scenario, scenario
from organization.secrets import Secrets

FOREIGN_EXTERNAL_ID = "another-customer-0d9c41e7b2"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--endpoint", required=True, help="where the stand-in listens, for example http://127.0.0.1:5555")
    parser.add_argument("--scenario", choices=["full", "demo", "small"], default="full")
    parser.add_argument("--members", type=int, help="number of member accounts, instead of the scenario's")
    parser.add_argument("--regions", type=lambda text: text.split(","), help="regions with commas, instead of the scenario's")
    parser.add_argument("--external-id", default="orgraph-sample-5f2c8e01d7a34b96")
    parser.add_argument("--role-name", default="orgraph-reader")
    arguments = parser.parse_args()
    aws = Aws(arguments.endpoint)
    print(json.dumps(seed(aws, arguments), indent=2))


def seed(aws: Aws, arguments: argparse.Namespace) -> dict:
    chosen = scenario(arguments.scenario, arguments.members, arguments.regions)
    aws.post("/moto-api/seed?a=42")
    aws.post("/orgraph-knobs", {"regions": sorted({HOME_REGION, *chosen.regions})})
    secrets = Secrets()
    secrets.add(arguments.external_id)
    secrets.add(FOREIGN_EXTERNAL_ID)

    seeded = create_organization(aws, chosen)
    caller = create_base_caller(aws)
    secrets.add(caller["secret_access_key"])
    accounts = [{**seeded["management"], "state": "live"}, *seeded["members"]]
    for number, account in enumerate(accounts):
        external_id = FOREIGN_EXTERNAL_ID if account["state"] == "untrusting" else arguments.external_id
        account["role_arn"] = create_reader_role(aws, account["id"], arguments.role_name, caller["arn"], external_id)
        if account["state"] in ("live", "untrusting"):
            create_identity(aws, secrets, account["id"], account["name"], number)
        if account["state"] == "live":
            account |= create_resources(aws, secrets, account, number, chosen)
            accounts[number] = account
    create_role_chain(aws, [(account["id"], account["name"]) for account in accounts if account["state"] == "live"][:3])
    aws.account = MANAGEMENT_ID
    create_organization_trail(aws, MANAGEMENT_ID, accounts[0]["buckets"][0])
    close_suspended(aws, accounts)
    return {
        "endpoint": aws.endpoint,
        **seeded,
        "management": accounts[0],
        "members": accounts[1:],
        "regions": chosen.regions,
        "external_id": arguments.external_id,
        "role_name": arguments.role_name,
        "caller": caller,
        "secrets": secrets.values,
    }


def create_resources(aws: Aws, secrets: Secrets, account: dict, number: int, chosen: Scenario) -> dict:
    """Everything that lives in regions; what tests want to change later is listed by name."""
    regions = chosen.regions
    is_complete = account["name"] in chosen.complete
    if is_complete:
        create_service_roles(aws)
    buckets = create_buckets(aws, secrets, account["id"], account["name"], regions)
    by_region = {}
    for region in regions:
        network = create_network(aws, region, number, buckets[0])
        created = create_compute(aws, secrets, account["id"], region, network)
        create_databases(aws, secrets, region, network)
        if is_complete and region in regions[:COMPLETE_REGIONS]:
            create_everything(Place(aws, secrets, account["id"], account["name"], region, network, buckets))
        by_region[region] = {
            **created,
            "vpc_id": network.vpc_id,
            "subnet_ids": [network.public_subnet_id, network.private_subnet_id],
            "web_group_id": network.web_group_id,
            "database_group_id": network.database_group_id,
        }
    return {"buckets": buckets, "regions": by_region}


def close_suspended(aws: Aws, accounts: list[dict]) -> None:
    aws.account = MANAGEMENT_ID
    for account in accounts:
        if account["state"] == "suspended":
            aws.client("organizations").close_account(AccountId=account["id"])


if __name__ == "__main__":
    main()
