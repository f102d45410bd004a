"""HTTP answers as AWS shapes them: an error in each protocol's own document, a request ID on everything."""

import json
import sys
import uuid
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

from .call import Call
from .cbor import encode

CONTENT_TYPES = {
    "ec2": "text/xml;charset=UTF-8",
    "query": "text/xml",
    "json": "application/x-amz-json-1.1",
    "rest-json": "application/json",
    "rest-xml": "application/xml",
    "smithy-rpc-v2-cbor": "application/cbor",
}


@dataclass
class Answer:
    status: str
    body: bytes
    headers: list[tuple[str, str]] = field(default_factory=list)

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    def set_header(self, name: str, value: str) -> None:
        self.headers = [(key, old) for key, old in self.headers if key.lower() != name.lower()]
        self.headers.append((name, value))

    @property
    def is_success(self) -> bool:
        return self.status.startswith("2")


def success(call: Call, document: dict | str | bytes) -> Answer:
    """A 200 with a JSON object or a ready XML document."""
    if call.protocol == "smithy-rpc-v2-cbor" and isinstance(document, dict):
        body = encode(document)
    else:
        body = json.dumps(document).encode() if isinstance(document, dict) else document
    body = body.encode() if isinstance(body, str) else body
    return Answer("200 OK", body, [("Content-Type", CONTENT_TYPES[call.protocol])])


def error(call: Call, status: str, code: str, message: str) -> Answer:
    """An error in the protocol of the call."""
    request_id = str(uuid.uuid4())
    details = f"<Code>{code}</Code><Message>{escape(message)}</Message>"
    headers = [("Content-Type", CONTENT_TYPES[call.protocol]), ("x-amzn-requestid", request_id)]
    if call.protocol == "ec2":
        text = f"<Response><Errors><Error>{details}</Error></Errors><RequestID>{request_id}</RequestID></Response>"
    elif call.service == "s3":
        text = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error>{details}<RequestId>{request_id}</RequestId></Error>'
        headers[1] = ("x-amz-request-id", request_id)
    elif call.protocol in ("query", "rest-xml"):
        text = f"<ErrorResponse><Error><Type>Sender</Type>{details}</Error><RequestId>{request_id}</RequestId></ErrorResponse>"
    elif call.protocol == "smithy-rpc-v2-cbor":
        headers.append(("smithy-protocol", "rpc-v2-cbor"))
        return Answer(status, encode({"__type": code, "message": message}), headers)
    else:
        text = json.dumps({"__type": code, "message": message, "Message": message})
        headers.append(("x-amzn-errortype", code))
    return Answer(status, text.encode(), headers)


def denied(call: Call, reason: str) -> Answer:
    """The answer of a service that does not let the caller do this."""
    message = f"User: arn:aws:sts::{call.account}:assumed-role/caller is not authorized to perform: {call.name} {reason}"
    if call.protocol == "ec2":
        return error(
            call, "403 Forbidden", "UnauthorizedOperation", f"You are not authorized to perform this operation. {message}"
        )
    if call.protocol in ("query", "rest-xml"):
        return error(call, "403 Forbidden", "AccessDenied", message)
    return error(call, "400 Bad Request" if call.protocol == "json" else "403 Forbidden", "AccessDeniedException", message)


def throttled(call: Call) -> Answer:
    """The answer of a service that is asked too often."""
    if call.protocol == "ec2":
        return error(call, "503 Service Unavailable", "RequestLimitExceeded", "Request limit exceeded.")
    if call.service in ("s3", "s3control"):
        return error(call, "503 Slow Down", "SlowDown", "Please reduce your request rate.")
    if call.protocol in ("query", "rest-xml"):
        return error(call, "400 Bad Request", "Throttling", "Rate exceeded")
    if call.service == "organizations":
        return error(
            call, "400 Bad Request", "TooManyRequestsException", "AWS Organizations can't complete your request at this time."
        )
    if call.protocol == "rest-json":
        return error(call, "429 Too Many Requests", "TooManyRequestsException", "Rate exceeded")
    return error(call, "400 Bad Request", "ThrottlingException", "Rate exceeded")


def bad_key(call: Call) -> Answer:
    """The answer to a credential that no account knows, or in a region that the account has not enabled."""
    if call.protocol == "ec2":
        return error(call, "401 Unauthorized", "AuthFailure", "AWS was not able to validate the provided access credentials")
    if call.service == "s3":
        return error(
            call, "403 Forbidden", "InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records."
        )
    message = "The security token included in the request is invalid."
    if call.protocol in ("query", "rest-xml"):
        return error(call, "403 Forbidden", "InvalidClientTokenId", message)
    return error(call, "400 Bad Request" if call.protocol == "json" else "403 Forbidden", "UnrecognizedClientException", message)


def expired(call: Call) -> Answer:
    """The answer to a session that has ended."""
    message = "The security token included in the request is expired"
    if call.protocol == "ec2":
        return error(call, "400 Bad Request", "RequestExpired", "Request has expired.")
    if call.service == "s3":
        return error(call, "400 Bad Request", "ExpiredToken", "The provided token has expired.")
    if call.protocol in ("query", "rest-xml"):
        return error(call, "403 Forbidden", "ExpiredToken", message)
    return error(call, "400 Bad Request" if call.protocol == "json" else "403 Forbidden", "ExpiredTokenException", message)


def internal_error(call: Call) -> Answer:
    code = "InternalError" if call.protocol in ("ec2", "rest-xml") else "InternalFailure"
    return error(call, "500 Internal Server Error", code, "We encountered an internal error. Please try again.")


def unknown_operation(call: Call) -> Answer:
    """The answer to an operation that the service does not have. Unlike moto's own it is not worth a retry."""
    print(f"stand-in: {call.name} is not implemented", file=sys.stderr, flush=True)
    code = "InvalidAction" if call.protocol in ("ec2", "query", "rest-xml") else "UnknownOperationException"
    return error(call, "400 Bad Request", code, f"the stand-in does not implement {call.name}")


def complete_headers(call: Call, answer: Answer) -> None:
    """Adds what AWS always sends and moto sometimes does not: a request ID and the protocol's content type."""
    if call.service == "s3":
        if not answer.header("x-amz-request-id"):
            answer.set_header("x-amz-request-id", uuid.uuid4().hex[:16].upper())
    elif not answer.header("x-amzn-requestid") and not answer.header("x-amz-request-id"):
        answer.set_header("x-amzn-requestid", str(uuid.uuid4()))
    content_type = CONTENT_TYPES[call.protocol]
    if call.service == "s3":
        content_type = "application/xml" if answer.body.lstrip().startswith(b"<") else answer.header("Content-Type")
    if answer.body and content_type:
        answer.set_header("Content-Type", content_type)
