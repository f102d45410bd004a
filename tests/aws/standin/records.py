"""Documents that no AWS API creates, such as findings, and that moto has no model for.

`POST /orgraph-records` with `{"account", "region", "kind", "document"}` adds one. `KINDS` says what there is; where a
kind is answered from is in `gaps/`.
"""

import json
from collections import Counter
from dataclasses import dataclass

KINDS = {
    "accessanalyzer:analyzer",
    "accessanalyzer:finding",  # with the member `analyzer`
    "accessanalyzer:finding-v2",  # with the member `analyzer`
    "config:evaluation",  # `rule`, `type`, `id`, `compliance`
    "guardduty:finding",
    "inspector:finding",
    "inspector:run",
    "inspector2:finding",
    "waf-regional:web-acl",
    "waf:web-acl",
    "workspaces:bundle",
}


@dataclass(frozen=True)
class Record:
    account: str
    region: str
    kind: str
    document: dict

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"there is no kind {self.kind!r}")


class Records:
    """All records of one server, in the order in which they came."""

    def __init__(self) -> None:
        self._records: list[Record] = []

    def add(self, settings: dict) -> None:
        self._records.append(Record(**settings))

    def of(self, kind: str, account: str | None, region: str | None = None) -> list[dict]:
        """The documents of one account, in one region or in all."""
        return [
            record.document
            for record in list(self._records)
            if (record.kind, record.account) == (kind, account) and region in (None, record.region)
        ]

    def report(self) -> bytes:
        return json.dumps(Counter(record.kind for record in list(self._records))).encode()
