"""Whole answers: the envelope of each protocol, and the comparison with what botocore's parser reads."""

import functools
import json
from typing import Any
from xml.etree import ElementTree

import botocore.session
from botocore.exceptions import DataNotFoundError, UnknownServiceError
from botocore.model import OperationModel, OperationNotFoundError
from botocore.parsers import create_parser

from standin.cbor import encode

from .cbor_walk import CborWalk
from .json_walk import JsonWalk
from .xml_walk import XmlWalk, local_name

SESSION = botocore.session.get_session()

# CBOR is written down as JSON.
CBOR = "smithy-rpc-v2-cbor"
WRITTEN_AS_JSON = ("json", "rest-json", CBOR)
# Services whose Rust SDK still speaks JSON where botocore's model prefers CBOR.
STILL_JSON = {"cloudhsmv2", "resourcegroupstaggingapi", "route53domains", "workspaces"}

# S3's root elements, where the model does not tell them.
ROOTS = {
    ("s3", "ListBuckets"): "ListAllMyBucketsResult",
    ("s3", "GetBucketAcl"): "AccessControlPolicy",
    ("s3", "GetBucketLifecycleConfiguration"): "LifecycleConfiguration",
    ("s3", "GetBucketLocation"): "LocationConstraint",
    ("s3", "GetBucketLogging"): "BucketLoggingStatus",
    ("s3", "GetBucketNotificationConfiguration"): "NotificationConfiguration",
    ("s3", "GetBucketTagging"): "Tagging",
    ("s3", "GetBucketVersioning"): "VersioningConfiguration",
    ("s3", "GetBucketWebsite"): "WebsiteConfiguration",
    ("s3", "GetBucketCors"): "CORSConfiguration",
}
# Listings that AWS sends without their list when it is empty.
MAY_LACK_LIST = {("s3", "ListObjectsV2"), ("sqs", "ListQueues")}


def problems_in_answer(service: str, operation_name: str, body: bytes, suffix: str | None = None) -> list[str]:
    """What is wrong with a success. `suffix` is the file's, when it comes from a file."""
    operation = operation_of(service, operation_name)
    if isinstance(operation, str):
        return [operation]
    if operation.output_shape is None:
        return ["the operation answers nothing"] if body.strip() else []
    protocol = protocol_of(operation)
    payload = operation.output_shape.serialization.get("payload")
    if payload and operation.output_shape.members[payload].type_name in ("string", "blob"):
        return raw_problems(body, suffix)
    is_json = protocol in WRITTEN_AS_JSON
    if suffix not in (None, ".json" if is_json else ".xml"):
        return [f"{service} speaks {protocol}: the file cannot be {suffix}"]
    walk = json_answer(operation, body) if is_json else xml_answer(service, operation, body)
    if isinstance(walk, str):
        return [walk]
    if not walk.problems and (service, operation_name) != ("s3", "GetBucketLocation"):
        walk.problems += dropped(operation, protocol, body, walk.scalars)
    return walk.problems


def problems_in_error(service: str, operation_name: str, code: str, body: bytes, suffix: str | None = None) -> list[str]:
    """What is wrong with a refusal that should carry this code."""
    operation = operation_of(service, operation_name)
    if isinstance(operation, str):
        return [operation]
    protocol = protocol_of(operation)
    is_json = protocol in WRITTEN_AS_JSON
    if suffix not in (None, ".json" if is_json else ".xml"):
        return [f"{service} speaks {protocol}: the file cannot be {suffix}"]
    try:
        root = json.loads(body) if is_json else local_name(ElementTree.fromstring(body))
    except (ValueError, ElementTree.ParseError) as problem:
        return [f"cannot be parsed: {problem}"]
    if is_json and not isinstance(root, dict):
        return ["an error is a JSON object"]
    wanted_root = {"ec2": "Response"}.get(protocol, "Error" if service == "s3" else "ErrorResponse")
    if not is_json and root != wanted_root:
        return [f"the root of an error is <{wanted_root}>, not <{root}>"]
    # REST JSON services say the code in a header, so that the body may be without it.
    headers = {"x-amzn-errortype": code} if protocol == "rest-json" and "__type" not in root else {}
    answer = {"headers": headers, "status_code": 400, "body": on_the_wire(protocol, body)}
    read = create_parser(protocol).parse(answer, operation.output_shape)
    found = read.get("Error", {})
    problems = [] if found.get("Code") == code else [f"the code is {found.get('Code')!r}, the file name says {code!r}"]
    return problems + ([] if found.get("Message") else ["has no message"])


@functools.cache
def operation_of(service: str, name: str) -> OperationModel | str:
    try:
        model = SESSION.get_service_model(service)
        return model.operation_model(name)
    except (UnknownServiceError, DataNotFoundError):
        return f"no SDK knows a service {service!r}"
    except OperationNotFoundError:
        return f"{service} has no operation {name!r}"


def protocol_of(operation: OperationModel) -> str:
    """How the Rust SDK speaks with the service."""
    model = operation.service_model
    return "json" if model.service_name in STILL_JSON else model.metadata["protocol"]


def raw_problems(body: bytes, suffix: str | None) -> list[str]:
    if suffix != ".xml":
        try:
            json.loads(body)
        except ValueError as problem:
            return [f"cannot be parsed: {problem}"]
    return []


def json_answer(operation: OperationModel, body: bytes) -> JsonWalk | str:
    try:
        document = json.loads(body)
    except ValueError as problem:
        return f"cannot be parsed: {problem}"
    walk = CborWalk() if protocol_of(operation) == CBOR else JsonWalk()
    payload = operation.output_shape.serialization.get("payload")
    walk.value(operation.output_shape.members[payload] if payload else operation.output_shape, document, "$")
    if isinstance(document, dict):
        walk.problems += missing_list(operation, dict.fromkeys(document, True))
    return walk


def xml_answer(service: str, operation: OperationModel, body: bytes) -> XmlWalk | str:
    try:
        root = ElementTree.fromstring(body)
    except ElementTree.ParseError as problem:
        return f"cannot be parsed: {problem}"
    wanted = root_name(service, operation)
    if wanted is None:
        return f"the root element of {operation.name} is not known: add it to ROOTS"
    if local_name(root) != wanted:
        return f"the root element is <{wanted}>, not <{local_name(root)}>"
    walk = XmlWalk()
    walk.problems += wrong_namespace(operation, root)
    if (service, operation.name) == ("s3", "GetBucketLocation"):
        return "a location is plain text" if len(root) else walk
    protocol = protocol_of(operation)
    content, shape = root, operation.output_shape
    if protocol == "ec2":
        content = walk.without_child(root, "requestId", "RequestId")
    elif protocol == "query":
        content = query_content(walk, operation, root)
    elif payload := shape.serialization.get("payload"):
        shape = shape.members[payload]
    if content is not None:
        walk.structure(shape, content, wanted)
        if "payload" not in operation.output_shape.serialization:
            walk.problems += missing_list(operation, {local_name(child): True for child in content})
    return walk


def root_name(service: str, operation: OperationModel) -> str | None:
    if protocol_of(operation) in ("ec2", "query"):
        return f"{operation.name}Response"
    if payload := operation.output_shape.serialization.get("payload"):
        member = operation.output_shape.members[payload]
        return member.serialization.get("name", payload)
    if service != "s3":
        return f"{operation.name}Response"
    return ROOTS.get((service, operation.name))


def wrong_namespace(operation: OperationModel, root: ElementTree.Element) -> list[str]:
    def bare(address: str) -> str:
        return address.split("://")[-1].rstrip("/")

    metadata = operation.service_model.metadata
    wanted = metadata.get("xmlNamespace") or f"http://ec2.amazonaws.com/doc/{metadata['apiVersion']}"
    given = root.tag[1:].split("}")[0] if root.tag.startswith("{") else None
    if given is None or metadata["protocol"] == "rest-xml" or bare(given) == bare(wanted):
        return []
    return [f"the namespace is {wanted}, not {given}"]


def query_content(walk: XmlWalk, operation: OperationModel, root: ElementTree.Element) -> ElementTree.Element | None:
    """The element that holds the result of a query operation."""
    wrapper = operation.output_shape.serialization.get("resultWrapper", f"{operation.name}Result")
    children = {local_name(child): child for child in root}
    walk.problems += [f"<{name}> does not belong there" for name in children if name not in (wrapper, "ResponseMetadata")]
    metadata = children.get("ResponseMetadata")
    if metadata is None or not any(local_name(child) == "RequestId" and child.text for child in metadata):
        walk.problems.append("has no <ResponseMetadata> with a <RequestId>")
    if wrapper not in children:
        walk.problems.append(f"has no <{wrapper}>")
    return children.get(wrapper)


def missing_list(operation: OperationModel, present: dict[str, bool]) -> list[str]:
    """AWS sends the list of a listing even when it is empty."""
    service = operation.service_model.service_name
    try:
        pages = SESSION.get_paginator_model(service).get_paginator(operation.name)
    except (ValueError, UnknownServiceError, DataNotFoundError):
        return []
    keys = pages["result_key"] if isinstance(pages["result_key"], list) else [pages["result_key"]]
    name = keys[0].split(".")[0]
    member = operation.output_shape.members.get(name)
    if member is None or (service, operation.name) in MAY_LACK_LIST:
        return []
    wire_name = member.serialization.get("name", name)
    return [] if wire_name in present else [f"the listing has no {wire_name}"]


def dropped(operation: OperationModel, protocol: str, body: bytes, scalars: int) -> list[str]:
    """botocore must read exactly the values that the document holds."""
    answer = {"headers": {}, "status_code": 200, "body": on_the_wire(protocol, body)}
    try:
        read = create_parser(protocol).parse(answer, operation.output_shape)
    except Exception as problem:  # noqa: BLE001 - whatever botocore cannot read is the finding
        return [f"botocore cannot read it: {problem}"]
    read.pop("ResponseMetadata", None)
    if operation.output_shape.serialization.get("payload") is None or isinstance(read, dict):
        found = count_scalars(read)
        return [] if found == scalars else [f"holds {scalars} values, of which botocore reads {found}"]
    return []


def on_the_wire(protocol: str, body: bytes) -> bytes:
    """What AWS sends for what is written down."""
    return encode(json.loads(body)) if protocol == CBOR else body


def count_scalars(value: Any) -> int:
    if isinstance(value, dict):
        return sum(count_scalars(item) for item in value.values())
    if isinstance(value, list):
        return sum(count_scalars(item) for item in value)
    return 1
