"""Listings whose order moto does not know."""

import json

from ..answer import Answer
from .asked import Asked, Handler


def task_definitions(asked: Asked) -> Answer:
    """By family and revision, or the other way round."""
    answer = asked.ask_moto(asked.call)
    if not answer.is_success:
        return answer
    document = json.loads(answer.body)
    document["taskDefinitionArns"].sort(key=family_and_revision, reverse=asked.request.get("sort") == "DESC")
    return asked.success(document)


def family_and_revision(arn: str) -> tuple[str, int]:
    family, revision = arn.rsplit(":", 1)
    return family, int(revision)


HANDLERS: dict[str, Handler] = {"ecs:ListTaskDefinitions": task_definitions}
