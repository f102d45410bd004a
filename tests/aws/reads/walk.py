"""Calls every operation and holds each answer against botocore's models."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import jmespath
from botocore.exceptions import ClientError

from fixture_check.documents import problems_in_answer
from organization.aws import HOME_REGION, Aws

from .table import ACCOUNT, MANAGEMENT, READS, Read

EARLIER = re.compile(r"(?P<operation>\w+)(\((?P<kept>\w+)\))?: (?P<path>.+)")


@dataclass
class Outcome:
    """One call: what is wrong with its answer, or the error that means none."""

    read: Read
    account: str
    region: str
    arguments: dict
    problems: list[str] = field(default_factory=list)
    none: str | None = None

    def __str__(self) -> str:
        asked = json.dumps(self.arguments, default=str)
        return f"{self.read.name} {asked} in {self.account} {self.region}: {'; '.join(self.problems) or self.none or 'fine'}"


class Walk:
    """The answers of one account in one region, from which later operations take their arguments."""

    def __init__(self, aws: Aws, region: str) -> None:
        self.aws, self.region = aws, region
        self.answers: dict[str, list[tuple[dict, dict]]] = {}

    def outcomes(self, reads: list[Read]) -> Iterator[Outcome]:
        for read in reads:
            for arguments in self.arguments(read):
                yield self.ask(read, arguments)

    def arguments(self, read: Read) -> list[dict]:
        fixed = {name: filled(value, self.aws.account) for name, value in read.arguments.items()}
        if read.each is None:
            return [fixed]
        earlier = EARLIER.fullmatch(read.each)
        kept = earlier["kept"]
        found = [
            {**item, **({kept: asked[kept]} if kept else {})}
            for asked, answer in self.answers.get(f"{read.service}:{earlier['operation']}", [])
            for item in jmespath.search(earlier["path"], answer) or []
        ]
        return [{**item, **fixed} for item in found if all(item.values())]

    def ask(self, read: Read, arguments: dict) -> Outcome:
        region = arguments.pop("region", self.region)
        outcome = Outcome(read, self.aws.account, region, arguments)
        client = self.aws.client(read.service, region)
        try:
            raw, answer = raw_answer(client, read.operation, arguments)
        except ClientError as refused:
            code = refused.response["Error"]["Code"]
            if code in read.none:
                outcome.none = code
            else:
                outcome.problems.append(f"{code}: {refused}")
            return outcome
        self.answers.setdefault(read.name, []).append((arguments, answer))
        outcome.problems += problems_in_answer(read.service, read.operation, raw["body"])
        if not {name.lower() for name in raw["headers"]} & {"x-amzn-requestid", "x-amz-request-id"}:
            outcome.problems.append("has no request ID")
        return outcome


def walk(aws: Aws, accounts: list[str], management: str, regions: list[str]) -> Iterator[Outcome]:
    """Every operation in every account and region that it is for."""
    aws.account = management
    yield from Walk(aws, HOME_REGION).outcomes([it for it in READS if it.scope == MANAGEMENT])
    for account in accounts:
        aws.account = account
        yield from Walk(aws, HOME_REGION).outcomes([it for it in READS if it.scope == ACCOUNT])
        for region in regions:
            yield from Walk(aws, region).outcomes([it for it in READS if it.scope not in (ACCOUNT, MANAGEMENT)])


def raw_answer(client: Any, operation: str, arguments: dict) -> tuple[dict, dict]:
    """The HTTP answer to one call, and what boto3 makes of it."""
    seen: list[dict] = []
    client.meta.events.register_first("before-parse", lambda response_dict, **_more: seen.append(response_dict), unique_id="seen")
    method = {operation: name for name, operation in client.meta.method_to_api_mapping.items()}[operation]
    try:
        answer = getattr(client, method)(**arguments)
    finally:
        client.meta.events.unregister("before-parse", unique_id="seen")
    return seen[-1], answer


def filled(value: Any, account: str) -> Any:
    return value.replace("{account}", account) if isinstance(value, str) else value
