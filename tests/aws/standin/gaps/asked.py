"""What a gap is asked, and how it answers."""

import io
import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ..answer import Answer, error, success
from ..call import Call
from ..knobs import Control

AskMoto = Callable[[Call], Answer]


@dataclass
class Asked:
    """One call to an operation that moto lacks."""

    control: Control
    call: Call
    ask_moto: AskMoto

    @cached_property
    def request(self) -> dict:
        """The members of the request: its JSON body, or the query of one without a body."""
        return json.loads(self.call.body) if self.call.body else dict(self.call.query)

    def records(self, kind: str) -> list[dict]:
        """The records of the caller's account and region."""
        return self.control.records.of(kind, self.call.account, self.call.region)

    def success(self, document: dict | str) -> Answer:
        return success(self.call, document)

    def refuse(self, code: str, message: str, status: str = "400 Bad Request") -> Answer:
        return error(self.call, status, code, message)

    def page(self, name: str, items: list, limit: str = "maxResults", token: str = "nextToken", default: int = 100) -> Answer:
        """The part of a listing that the caller asked for; its position is the token."""
        start = int(self.request.get(token) or 0)
        end = start + int(self.request.get(limit) or default)
        more = {token: str(end)} if end < len(items) else {}
        return self.success({name: items[start:end], **more})

    def ask_otherwise(self, body: bytes, **environ: str) -> Answer:
        """moto's answer to the same caller with another request."""
        call = self.call
        changed = {**call.environ, **environ, "wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": str(len(body))}
        return self.ask_moto(Call(changed, call.key, call.region, call.service, call.action, body, call.account))


Handler = Callable[[Asked], Answer]


def constant(document: dict | str) -> Handler:
    """The same answer for everybody."""
    return lambda asked: asked.success(document)


def ec2_document(operation: str, members: str) -> str:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<{operation}Response xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">'
        f"<requestId>{uuid.uuid4()}</requestId>{members}</{operation}Response>"
    )


def iam_document(operation: str, members: str) -> str:
    return (
        f'<{operation}Response xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><{operation}Result>{members}</{operation}Result>'
        f"<ResponseMetadata><RequestId>{uuid.uuid4()}</RequestId></ResponseMetadata></{operation}Response>"
    )


def member(document: dict, path: str) -> Any:
    """The value at a dotted path, if it is there."""
    value: Any = document
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def fits(document: dict, wanted: dict[str, list[str]]) -> bool:
    """Whether each member named by a path has one of the values wanted, as text."""
    return all(as_text(member(document, path)) in values for path, values in wanted.items())


def as_text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
