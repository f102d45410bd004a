"""Good answers made bad on the way, for the `fail_with` knob.

truncate  the first half of the body, closed properly (the length header agrees)
cut       the first half of the body under the full length, then the connection closes
empty     a success without a body
braces    a success whose body is `{}`
html      a success that is a proxy's web page
500       an internal error in the protocol of the service
hang      nothing, until the knob is turned back or two minutes have passed, then a closed connection
"""

import time
from collections.abc import Callable

from .answer import Answer, error, internal_error
from .call import Call
from .knobs import Control

HANG_SECS = 120
PAGE = b"<html><head><title>Sign in</title></head><body>Please sign in to the network.</body></html>"


class ConnectionDroppedError(Exception):
    """The answer ends here."""


def damage_for(control: Control, call: Call) -> str | None:
    return next((damage for pattern, damage in control.knobs.fail_with.items() if call.matches(pattern)), None)


def damaged(control: Control, call: Call, damage: str, answer: Answer) -> Answer:
    if damage not in DAMAGES and damage != "hang":
        return error(call, "400 Bad Request", "UnknownDamage", f"fail_with knows no {damage!r}")
    if damage == "hang":
        deadline = time.monotonic() + HANG_SECS
        while damage_for(control, call) == "hang" and time.monotonic() < deadline:
            time.sleep(0.05)
        raise ConnectionDroppedError
    return DAMAGES[damage](call, answer)


def _truncate(_call: Call, answer: Answer) -> Answer:
    return Answer(answer.status, answer.body[: len(answer.body) // 2], answer.headers)


def _cut(_call: Call, answer: Answer) -> Answer:
    answer.set_header("Content-Length", str(len(answer.body)))
    answer.set_header("Connection", "close")
    return Answer(answer.status, answer.body[: len(answer.body) // 2], answer.headers)


def _empty(_call: Call, answer: Answer) -> Answer:
    return Answer("200 OK", b"", answer.headers)


def _braces(_call: Call, answer: Answer) -> Answer:
    return Answer("200 OK", b"{}", answer.headers)


def _html(_call: Call, _answer: Answer) -> Answer:
    return Answer("200 OK", PAGE, [("Content-Type", "text/html")])


DAMAGES: dict[str, Callable[[Call, Answer], Answer]] = {
    "truncate": _truncate,
    "cut": _cut,
    "empty": _empty,
    "braces": _braces,
    "html": _html,
    "500": lambda call, _answer: internal_error(call),
}
