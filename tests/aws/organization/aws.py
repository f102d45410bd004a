"""boto3 clients that reach the stand-in as any account."""

import json
import re
import urllib.request
from typing import Any

import boto3
from botocore.config import Config

MANAGEMENT_ID = "123456789012"
HOME_REGION = "us-east-1"
CONFIG = Config(
    retries={"max_attempts": 1},
    request_checksum_calculation="when_required",
    response_checksum_validation="when_required",
    s3={"addressing_style": "path"},
)


class Aws:
    """Clients by service and region. `account` says whose resources the next calls are about."""

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint
        self.account = MANAGEMENT_ID
        self._clients: dict[tuple[str, str], Any] = {}
        self._session = boto3.Session(
            aws_access_key_id="AKIASEEDSEEDSEEDSEED",
            aws_secret_access_key="not-checked",
            region_name=HOME_REGION,
        )
        self._session.events.register("before-sign", self._name_account)

    def client(self, service: str, region: str = HOME_REGION) -> Any:
        key = service, region
        if key not in self._clients:
            self._clients[key] = self._session.client(service, region, endpoint_url=self.endpoint, config=CONFIG)
        return self._clients[key]

    def post(self, path: str, document: dict | None = None) -> None:
        """Posts to the stand-in's own addresses, which are no AWS API."""
        request = urllib.request.Request(
            self.endpoint + path,
            data=json.dumps(document or {}).encode(),
            headers={"Content-Type": "application/json"},
            method="POST",
        )
        with urllib.request.urlopen(request, timeout=30):
            pass

    def _name_account(self, request: Any, **_more: Any) -> None:
        request.headers["x-moto-account-id"] = self.account
        # s3control puts the account ID before the host, a name that does not exist here; the header says the same.
        request.url = re.sub(r"//\d{12}\.", "//", request.url)


def tags(**values: str) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in values.items()]


def tagged(kind: str, name: str, **values: str) -> dict:
    """The argument with which EC2 tags what it creates."""
    all_tags = tags(Name=name, Owner="platform-team", **values)
    return {"TagSpecifications": [{"ResourceType": kind, "Tags": all_tags}]}
