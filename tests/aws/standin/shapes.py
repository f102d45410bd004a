"""moto's JSON answers in the shapes of AWS's own models."""

import datetime
import json
from typing import Any

from botocore.model import OperationNotFoundError, Shape

from .call import SESSION, Call, services_known

NOT_IN_BODY = {"header", "headers", "statusCode", "uri", "querystring"}


def shaped(call: Call, body: bytes) -> bytes:
    """The answer without members that its model does not know, and with times as the protocol writes them."""
    shape = output_shape(call)
    if shape is None:
        return body
    try:
        document = json.loads(body)
    except ValueError:
        return body
    return json.dumps(value_of(shape, document)).encode()


def output_shape(call: Call) -> Shape | None:
    """The shape of the whole body, where the body is a structure."""
    if call.service not in services_known():
        return None
    try:
        shape = SESSION.get_service_model(call.service).operation_model(call.action).output_shape
    except OperationNotFoundError:
        return None
    if shape is not None and (payload := shape.serialization.get("payload")):
        shape = shape.members[payload]
    return shape if shape is not None and shape.type_name == "structure" else None


def value_of(shape: Shape, value: Any) -> Any:
    if shape.type_name == "structure" and isinstance(value, dict) and not getattr(shape, "is_document_type", False):
        members = {
            member.serialization.get("name", name): member
            for name, member in shape.members.items()
            if member.serialization.get("location") not in NOT_IN_BODY
        }
        return {name: value_of(members[name], item) for name, item in value.items() if name in members}
    if shape.type_name == "list" and isinstance(value, list):
        return [value_of(shape.member, item) for item in value]
    if shape.type_name == "map" and isinstance(value, dict):
        return {name: value_of(shape.value, item) for name, item in value.items()}
    if shape.type_name == "timestamp" and isinstance(value, str):
        return time_of(shape, value)
    return value


def time_of(shape: Shape, text: str) -> Any:
    """Seconds, where the protocol has them and moto has text."""
    if shape.serialization.get("timestampFormat", "unixTimestamp") != "unixTimestamp":
        return text
    if text.replace(".", "", 1).isdigit():
        return round(float(text), 3)
    time = datetime.datetime.fromisoformat(text)
    return round((time if time.tzinfo else time.replace(tzinfo=datetime.UTC)).timestamp(), 3)
