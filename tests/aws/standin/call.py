"""What one HTTP request asks for, in AWS's own words: account, region, service and operation."""

import functools
import io
import re
from dataclasses import dataclass
from urllib.parse import parse_qsl

import botocore.session
from moto.core import DEFAULT_ACCOUNT_ID
from moto.iam import models as iam_models

CREDENTIAL = re.compile(r"Credential=([^/]+)/\d+/([^/]+)/([^/]+)/aws4_request")

# Signing names that are not the name of one SDK; the candidates in the order in which a REST request is tried.
SDK_NAMES = {
    "access-analyzer": ("accessanalyzer",),
    "apigateway": ("apigatewayv2", "apigateway"),
    "cloudhsm": ("cloudhsmv2",),
    "elasticfilesystem": ("efs",),
    "elasticloadbalancing": ("elbv2",),
    "es": ("es", "opensearch"),
    "monitoring": ("cloudwatch",),
    "s3": ("s3control", "s3"),
    "tagging": ("resourcegroupstaggingapi",),
}
SESSION = botocore.session.get_session()
KEY_OWNERS: dict[str, str] = {}


@dataclass
class Call:
    """One signed request."""

    environ: dict
    key: str
    region: str
    service: str
    action: str
    body: bytes
    account: str | None

    @property
    def name(self) -> str:
        return f"{self.service}:{self.action}"

    @property
    def protocol(self) -> str:
        """The wire protocol of this call: some services speak both CBOR and JSON, as their clients like it."""
        declared = protocol(self.service)
        is_older = declared == "smithy-rpc-v2-cbor" and not self.path.startswith("/service/")
        return "json" if is_older else declared

    @property
    def path(self) -> str:
        return self.environ.get("PATH_INFO", "")

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(self.environ.get("QUERY_STRING", ""), keep_blank_values=True))

    def matches(self, pattern: str) -> bool:
        """Whether `[account/[region/]]service:Action` names this call; `*` at the end stands for any ending."""
        *place, name = pattern.strip().split("/")
        for wanted, actual in zip(place, (self.account, self.region), strict=False):
            if wanted not in ("*", actual):
                return False
        return name == self.name or (name.endswith("*") and self.name.startswith(name[:-1]))


def call_of(environ: dict, base_keys: list[str]) -> Call | None:
    """The call in a WSGI request, or nothing when it is not signed."""
    credential = CREDENTIAL.search(environ.get("HTTP_AUTHORIZATION", ""))
    if not credential:
        return None
    key, region, signing_name = credential.groups()
    length = int(environ.get("CONTENT_LENGTH") or 0)
    body = environ["wsgi.input"].read(length) if length else b""
    environ["wsgi.input"] = io.BytesIO(body)
    service, action = operation(environ, signing_name, body)
    account = environ.get("HTTP_X_MOTO_ACCOUNT_ID") or owner_of(key)
    if account is None and key in base_keys:
        account = DEFAULT_ACCOUNT_ID
    return Call(environ, key, region, service, action, body, account)


def owner_of(key: str) -> str | None:
    """The account that an access key belongs to."""
    account = KEY_OWNERS.get(key)
    if account in iam_models.iam_backends and _knows(account, key):
        return account
    for account in list(iam_models.iam_backends):
        if _knows(account, key):
            KEY_OWNERS[key] = account
            return account
    return None


def _knows(account: str, key: str) -> bool:
    backends = iam_models.iam_backends[account]
    return any(key in backend.access_keys for backend in list(backends.values()))


def operation(environ: dict, signing_name: str, body: bytes) -> tuple[str, str]:
    """The SDK's name of the service and of the operation."""
    services = SDK_NAMES.get(signing_name, (signing_name,))
    if target := environ.get("HTTP_X_AMZ_TARGET"):
        return services[0], target.rsplit(".", 1)[-1]
    path, query = environ.get("PATH_INFO", ""), environ.get("QUERY_STRING", "")
    if path.startswith("/service/"):
        return services[0], path.rsplit("/", 1)[1]
    if signing_name == "elasticloadbalancing" and b"Version=2012-06-01" in body:
        services = ("elb",)
    if action := re.search(rb"(?:^|&)Action=([A-Za-z]+)", body) or re.search(rb"(?:^|&)Action=([A-Za-z]+)", query.encode()):
        return services[0], action[1].decode()
    method = environ["REQUEST_METHOD"]
    for service in services:
        if name := rest_operation(service, method, path, query):
            return service, name
    return services[-1], f"{method} {path}"


def rest_operation(service: str, method: str, path: str, query: str) -> str | None:
    """The REST operation whose address fits best: most literal query words, then path segments."""
    words = set(query.split("&")) | {word.split("=")[0] for word in query.split("&")}
    fitting = [
        (-len(needed), -literals, name)
        for needed, literals, pattern, name in rest_operations(service).get(method, ())
        if needed <= words and pattern.fullmatch(path)
    ]
    return min(fitting)[2] if fitting else None


@functools.cache
def rest_operations(service: str) -> dict[str, list]:
    """Per method: (query words needed, literal path segments, pattern of the path, operation)."""
    found: dict[str, list] = {}
    if service not in services_known():
        return found
    model = SESSION.get_service_model(service)
    for name in model.operation_names:
        operation_model = model.operation_model(name)
        if operation_model.deprecated:
            continue  # GetBucketLifecycle and the like share the address of what replaced them
        http = operation_model.http
        path, _, query = http["requestUri"].partition("?")
        needed = frozenset(word for word in query.split("&") if word)
        segments = [segment for segment in path.split("/") if segment]
        literals = sum(1 for segment in segments if "{" not in segment)
        pattern = re.sub(r"\\\{[^}]*?(\\\+)?\\\}", lambda it: ".+" if it[1] else "[^/]+", re.escape(path.rstrip("/")))
        found.setdefault(http["method"], []).append((needed, literals, re.compile(pattern + "/?"), name))
    return found


@functools.cache
def services_known() -> frozenset[str]:
    return frozenset(SESSION.get_available_services())


@functools.cache
def protocol(service: str) -> str:
    """The wire protocol that a service speaks first."""
    if service not in services_known():
        return "json"
    return SESSION.get_service_model(service).metadata["protocol"]
