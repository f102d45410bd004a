"""Single values."""

import base64
import binascii
import json
import re
from urllib.parse import unquote

from botocore.model import Shape

ISO_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)")
INTEGER = re.compile(r"-?\d+")
NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?")
# IAM sends policies percent-encoded.
ENCODED_POLICY_SHAPES = {"policyDocumentType"}
# Values that AWS sends although its models do not list them.
UNLISTED_VALUES = {
    "AttachmentStatus": {"available"},  # of an internet gateway that is attached
    "State": {"available", "pending", "deleting", "deleted", "rejected", "failed"},  # of a VPC endpoint
}


def text_problem(shape: Shape, text: str) -> str | None:
    """What is wrong with a value written as text."""
    kind = shape.type_name
    if kind in ("integer", "long") and not INTEGER.fullmatch(text):
        return f"{text!r} is no integer"
    if kind in ("float", "double") and not NUMBER.fullmatch(text):
        return f"{text!r} is no number"
    if kind == "boolean" and text not in ("true", "false"):
        return f"{text!r} is neither true nor false"
    if kind == "timestamp" and not ISO_TIME.fullmatch(text):
        return f"{text!r} is no time like 2026-01-31T12:00:00Z"
    if kind == "blob":
        try:
            base64.b64decode(text, validate=True)
        except binascii.Error:
            return "is not base64"
    if kind == "string":
        return string_problem(shape, text)
    return None


def string_problem(shape: Shape, text: str) -> str | None:
    allowed = getattr(shape, "enum", [])
    if allowed and text not in allowed and text not in UNLISTED_VALUES.get(shape.name, ()):
        return f"{text!r} is none of {', '.join(allowed[:8])}{' …' if len(allowed) > 8 else ''}"
    if shape.name in ENCODED_POLICY_SHAPES:
        try:
            json.loads(unquote(text))
        except ValueError:
            return "is no JSON policy"
        if "{" in text:
            return "is a policy that is not percent-encoded"
    return None
