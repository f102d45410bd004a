"""Operations that moto cannot answer: documents made from records or from moto's state.

`Control.static` comes first: a test registers `{"service", "action", "body"}` and optionally `account`, `region`,
`contains` (a part of the request body) and `status`.
"""

from ..answer import Answer, success
from ..call import Call
from ..knobs import Control
from . import (
    accounts,
    analyzers,
    assessments,
    buckets,
    configuration,
    containers,
    detectors,
    domains,
    firewalls,
    gateways,
    settings,
    tagged,
    transfer,
    translation,
    workspaces,
)
from .asked import Asked, AskMoto, Handler

HANDLERS: dict[str, Handler] = {
    name: handler
    for module in (
        accounts,
        analyzers,
        assessments,
        buckets,
        configuration,
        containers,
        detectors,
        domains,
        firewalls,
        gateways,
        settings,
        tagged,
        transfer,
        workspaces,
    )
    for name, handler in module.HANDLERS.items()
}


def answer(control: Control, call: Call, ask_moto: AskMoto) -> Answer | None:
    """The answer to an operation that moto lacks."""
    for canned in control.static:
        if is_for(canned, call):
            return Answer(canned.get("status", "200 OK"), success(call, canned["body"]).body, [])
    asked = Asked(control, call, ask_moto)
    if call.name in HANDLERS:
        return HANDLERS[call.name](asked)
    if call.protocol == "smithy-rpc-v2-cbor":
        return translation.translated(asked)
    return None


def is_for(canned: dict, call: Call) -> bool:
    return (
        (canned["service"], canned["action"]) == (call.service, call.action)
        and canned.get("account", "*") in ("*", call.account)
        and canned.get("region", "*") in ("*", call.region)
        and canned.get("contains", "").encode() in call.body
    )
