"""The keys and relationships found so far."""

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from organization.aws import Aws
from reads.contract import rows

GLOBAL = "global"
Cells = dict[str, dict[str, dict[str, set[str]]]]


class Inventory:
    """Everything listed, by type, account and region, and what connects it."""

    def __init__(self, aws: Aws, contract: Path) -> None:
        self.aws, self.contract = aws, contract
        self.found: Cells = defaultdict(lambda: defaultdict(lambda: defaultdict(set)))
        self.links: dict[tuple[str, str, str], set[tuple[str, str]]] = defaultdict(set)
        #: Who is known by a name or a public address, and by a private address in a VPC: types and keys.
        self.names: dict[str, list[tuple[str, str]]] = {}
        self.private_addresses: dict[tuple[str, str], list[tuple[str, str]]] = {}
        self._listed: dict[tuple, list] = {}

    @property
    def account(self) -> str:
        return self.aws.account

    def add(self, entity_type: str, region: str, keys: Iterable[str]) -> None:
        self.found[entity_type][self.account][region].update(keys)

    def link(self, from_type: str, from_key: str, verb: str, to_type: str, to_keys: str | Iterable[str] | None) -> None:
        """Connects one entity with others, if there are any."""
        keys = [to_keys] if isinstance(to_keys, str) else to_keys or []
        self.links[from_type, verb, to_type].update((from_key, key) for key in keys if key)

    def link_from(self, from_type: str, from_keys: Iterable[str], verb: str, to_type: str, to_key: str) -> None:
        """The same the other way round."""
        for key in from_keys:
            self.link(from_type, key, verb, to_type, to_key)

    def protect(self, region: str, entity_type: str, key: str, group_ids: Iterable[str], has: bool = True) -> None:
        """The security groups of something, in both directions."""
        groups = [self.ec2(region, "security-group", group_id) for group_id in group_ids if group_id]
        self.link_from("aws_security_group", groups, "PROTECTS", entity_type, key)
        if has:
            self.link(entity_type, key, "HAS", "aws_security_group", groups)

    def ec2(self, region: str, kind: str, resource_id: str) -> str:
        return f"arn:aws:ec2:{region}:{self.account}:{kind}/{resource_id}"

    def pages(self, service: str, region: str, operation: str, result: str, **arguments: Any) -> list:
        """All items of a listing, which is asked for once."""
        asked = (self.account, service, region, operation, result, repr(arguments))
        if asked not in self._listed:
            self._listed[asked] = self._all_pages(service, region, operation, result, **arguments)
        return self._listed[asked]

    def _all_pages(self, service: str, region: str, operation: str, result: str, **arguments: Any) -> list:
        client = self.aws.client(service, region)
        if not client.can_paginate(operation):
            return getattr(client, operation)(**arguments).get(result, [])
        return [item for page in client.get_paginator(operation).paginate(**arguments) for item in page.get(result, [])]

    def one(self, service: str, region: str, operation: str, none: str = "", **arguments: Any) -> dict | None:
        """One answer, or nothing when AWS says with this error that there is none."""
        try:
            return getattr(self.aws.client(service, region), operation)(**arguments)
        except ClientError as refused:
            if refused.response["Error"]["Code"] != none:
                raise
            return None

    def report(self) -> dict:
        """What was found of the types and relationships of the contract."""
        types = [it["type"] for it in rows("entities.csv", self.contract) if it["type"] in self.found]
        counts = {
            entity_type: {
                account: {region: len(keys) for region, keys in regions.items() if keys} for account, regions in accounts.items()
            }
            for entity_type, accounts in ((it, self.found[it]) for it in sorted(types))
        }
        keys = {entity_type: sorted(self.keys(entity_type)) for entity_type in sorted(types)}
        return {"counts": counts, "keys": keys, "relationships": self.relationships()}

    def keys(self, entity_type: str) -> set[str]:
        accounts = self.found.get(entity_type, {})
        return {key for regions in accounts.values() for keys in regions.values() for key in keys}

    def relationships(self) -> dict[str, list[list[str]]]:
        """The connections of which both ends were listed."""
        known = {entity_type: self.keys(entity_type) for entity_type in list(self.found)}
        wanted = {(it["from_type"], it["class"], it["to_type"]) for it in rows("relationships.csv", self.contract)}
        return {
            f"{from_type} {verb} {to_type}": sorted(
                [start, end] for start, end in ends if start in known.get(from_type, ()) and end in known.get(to_type, ())
            )
            for (from_type, verb, to_type), ends in sorted(self.links.items())
            if (from_type, verb, to_type) in wanted
        }
