"""Services whose newer clients speak RPC v2 CBOR, where moto speaks JSON."""

import json

from .. import cbor
from ..answer import Answer
from ..call import SESSION
from .asked import Asked


def translated(asked: Asked) -> Answer:
    """moto's answer, translated both ways."""
    metadata = SESSION.get_service_model(asked.call.service).metadata
    content_type = f"application/x-amz-json-{metadata['jsonVersion']}"
    reply = asked.ask_otherwise(
        json.dumps(cbor.decode(asked.call.body)).encode(),
        PATH_INFO="/",
        RAW_URI="/",
        REQUEST_URI="/",
        CONTENT_TYPE=content_type,
        HTTP_CONTENT_TYPE=content_type,
        HTTP_X_AMZ_TARGET=f"{metadata['targetPrefix']}.{asked.call.action}",
    )
    try:
        document = json.loads(reply.body or b"{}")
    except ValueError:
        document = {"__type": "InternalFailure", "message": reply.body[:200].decode("utf8", "replace")}
    return Answer(reply.status, cbor.encode(document), [("smithy-protocol", "rpc-v2-cbor")])
