"""What a test can ask of the stand-in at run time, and what it can read back.

`POST /orgraph-knobs` with a JSON object sets any of the fields of `Knobs`; `GET` shows them with the counters.
Four more keys act at once: `reset` (counters), `static` (more canned answers), `static_reset`, `expire_sessions`.

A pattern is `[account/[region/]]service:Action`, for example `123456789012/ec2:DescribeVpcs`,
`*/eu-west-1/rds:*` or `s3:GetBucketPolicy`. Services and operations are spelled as the SDKs spell them.
"""

import collections
import dataclasses
import json
import threading
import time
from dataclasses import dataclass, field

from moto.iam import models as iam_models

from .call import Call
from .records import Records

STANDARD_REGIONS = [
    *("ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-southeast-1", "ap-southeast-2"),
    *("ca-central-1", "eu-central-1", "eu-north-1", "eu-west-1", "eu-west-2", "eu-west-3"),
    *("sa-east-1", "us-east-1", "us-east-2", "us-west-1", "us-west-2"),
]


@dataclass
class Knobs:
    """The settings, with what they mean."""

    #: AssumeRole needs a role whose trust policy names the caller and the external ID, in an account that is not suspended.
    check_trust: bool = True
    #: Access keys that no account knows are refused.
    check_keys: bool = True
    #: Unknown access keys that are the management account all the same.
    base_keys: list[str] = field(default_factory=list)
    #: The regions that every account has enabled.
    regions: list[str] = field(default_factory=lambda: list(STANDARD_REGIONS))
    #: Patterns that the caller's IAM policies do not allow (a list, or one text with commas).
    deny: list[str] | str = field(default_factory=list)
    #: Patterns that a service control policy denies.
    deny_scp: list[str] | str = field(default_factory=list)
    #: Part of the calls (0 to 1) that are throttled.
    throttle: float = 0.0
    #: Calls per second per access key, region and service, with a burst of twice as many; 0 is no limit.
    throttle_rps: float = 0.0
    #: Throttle only the calls that this pattern matches.
    throttle_only: str = "*"
    #: Milliseconds that every call takes longer.
    latency_ms: float = 0.0
    #: Pattern -> how its answers are spoiled: see `damage.py`.
    fail_with: dict[str, str] = field(default_factory=dict)


class Control:
    """The knobs, the canned answers, the records and the request log of one server."""

    def __init__(self) -> None:
        self.knobs = Knobs()
        self.static: list[dict] = []
        self.records = Records()
        self.expired_keys: set[str] = set()
        self._requests: collections.Counter = collections.Counter()
        self._refused: collections.Counter = collections.Counter()
        self._buckets: dict[tuple, tuple[float, float]] = {}
        self._lock = threading.Lock()

    def turn(self, settings: dict) -> None:
        """Applies one POST. A name that does not exist is an error, so that no test turns a knob that is not there."""
        settings = dict(settings)
        if settings.pop("reset", False):
            with self._lock:
                self._requests.clear()
                self._refused.clear()
                self._buckets.clear()
        if settings.pop("static_reset", False):
            self.static.clear()
        self.static.extend(settings.pop("static", []))
        if settings.pop("expire_sessions", False):
            self.expired_keys |= session_keys()
        self.knobs = dataclasses.replace(self.knobs, **settings)

    def report(self) -> bytes:
        with self._lock:
            requests = [
                {
                    "account": account,
                    "region": region,
                    "service": service,
                    "action": action,
                    "count": count,
                    "refused": self._refused[key],
                }
                for key, count in sorted(self._requests.items(), key=str)
                for account, region, service, action in [key]
            ]
            calls: collections.Counter = collections.Counter()
            for (_, _, service, action), count in self._requests.items():
                calls[f"{service}:{action}"] += count
        return json.dumps({"knobs": dataclasses.asdict(self.knobs), "calls": calls, "requests": requests}).encode()

    def count(self, call: Call) -> None:
        with self._lock:
            self._requests[call.account, call.region, call.service, call.action] += 1

    def count_refused(self, call: Call) -> None:
        with self._lock:
            self._refused[call.account, call.region, call.service, call.action] += 1

    def is_over_rate(self, call: Call) -> bool:
        """Takes one token from the bucket of this key, region and service; whether there was none."""
        rate, now = self.knobs.throttle_rps, time.monotonic()
        bucket = call.key, call.region, call.service
        with self._lock:
            tokens, then = self._buckets.get(bucket, (2 * rate, now))
            tokens = min(2 * rate, tokens + (now - then) * rate)
            self._buckets[bucket] = (tokens - 1 if tokens >= 1 else tokens, now)
        return tokens < 1


def patterns(setting: list[str] | str) -> list[str]:
    items = setting.split(",") if isinstance(setting, str) else setting
    return [item.strip() for item in items if item.strip()]


def session_keys() -> set[str]:
    """The access keys of every session that sts has handed out."""
    return {
        key
        for partitions in list(iam_models.iam_backends.values())
        for backend in list(partitions.values())
        for key in list(backend.access_keys)
        if key.startswith("ASIA")
    }
