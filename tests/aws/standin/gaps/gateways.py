"""Authorizers of HTTP and WebSocket APIs: moto knows each of them, but not their list."""

import json

from moto.apigatewayv2.models import apigatewayv2_backends

from ..answer import Answer
from .asked import Asked, Handler


def authorizers(asked: Asked) -> Answer:
    api_id = asked.call.path.split("/")[3]
    api = apigatewayv2_backends[asked.call.account][asked.call.region].apis.get(api_id)
    if api is None:
        return asked.refuse("NotFoundException", "Invalid API identifier specified", "404 Not Found")
    items = []
    for authorizer_id in list(api.authorizers):
        path = f"/v2/apis/{api_id}/authorizers/{authorizer_id}"
        items.append(json.loads(asked.ask_otherwise(b"", PATH_INFO=path, RAW_URI=path, REQUEST_URI=path).body))
    return asked.success({"items": items})


HANDLERS: dict[str, Handler] = {"apigatewayv2:GetAuthorizers": authorizers}
