"""One account in one region: what everything that is built there needs to know."""

import uuid
from dataclasses import dataclass, field
from typing import Any

from .aws import HOME_REGION, Aws
from .network import Network
from .secrets import Secrets


@dataclass
class Place:
    aws: Aws
    secrets: Secrets
    account: str
    name: str
    region: str
    network: Network
    #: Logs, data, site and plain.
    buckets: list[str]
    #: What was built before and others refer to, by what it is: an ARN or an ID.
    built: dict[str, str] = field(default_factory=dict)

    @property
    def is_home(self) -> bool:
        """Whether this is the region in which global services are built."""
        return self.region == HOME_REGION

    @property
    def subnet_ids(self) -> list[str]:
        return [self.network.public_subnet_id, self.network.private_subnet_id]

    def client(self, service: str) -> Any:
        return self.aws.client(service, self.region)

    def role(self, name: str) -> str:
        return f"arn:aws:iam::{self.account}:role/{name}"

    def unique_id(self, purpose: str) -> str:
        """A UUID that is the same in every run."""
        return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{self.account} {self.region} {purpose}"))

    def put(self, kind: str, document: dict) -> None:
        """Puts a document that no AWS API creates, such as a finding, into the stand-in."""
        record = {"account": self.account, "region": self.region, "kind": kind, "document": document}
        self.aws.post("/orgraph-records", record)
