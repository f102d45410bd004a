"""Tags of resources named by ARN: moto cuts the answer into pages, for which AWS takes no token then."""

import json
from collections.abc import Callable

from moto.core.resource_tagging import iter_taggable_backends

from ..answer import Answer, error, success
from ..call import Call

AT_ONCE = 100
NOT_WITH_ARNS = {"PaginationToken", "ResourceTypeFilters", "ResourcesPerPage", "TagFilters", "TagsPerPage"}


def resources(call: Call, ask_moto: Callable[[Call], Answer]) -> Answer:
    """GetResources: who has no tags is left out, and who does not exist."""
    request = json.loads(call.body)
    wanted = set(request.get("ResourceARNList") or [])
    if not wanted:
        return ask_moto(call)
    if NOT_WITH_ARNS & request.keys() or len(request["ResourceARNList"]) > AT_ONCE:
        return error(call, "400 Bad Request", "InvalidParameterException", "The request is not valid with ResourceARNList")
    found = [
        {"ResourceARN": it.arn, "Tags": [{"Key": key, "Value": value} for key, value in it.tags.items()]}
        for backend in iter_taggable_backends(call.account, call.region)
        if any(backend.owns_arn(arn) for arn in wanted)
        for it in backend.iter_tagged_resources()
        if it.arn in wanted and it.tags
    ]
    return success(call, {"PaginationToken": "", "ResourceTagMappingList": found})


HANDLERS = {"resourcegroupstaggingapi:GetResources": lambda asked: resources(asked.call, asked.ask_moto)}
