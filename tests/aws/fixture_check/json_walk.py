"""A JSON document beside the shape it should have."""

from typing import Any

from botocore.model import Shape

from .absent import LEFT_OUT
from .scalars import text_problem

NOT_IN_BODY = {"header", "headers", "statusCode", "uri", "querystring"}


class JsonWalk:
    def __init__(self) -> None:
        self.problems: list[str] = []
        self.scalars = 0

    def value(self, shape: Shape, value: Any, path: str) -> None:
        kind = shape.type_name
        if value is None:
            return  # some services send null for what is not there
        if kind == "structure":
            self.structure(shape, value, path)
        elif kind == "list":
            if self.expect(value, list, path):
                for index, item in enumerate(value):
                    self.value(shape.member, item, f"{path}[{index}]")
        elif kind == "map":
            if self.expect(value, dict, path):
                for key, item in value.items():
                    self.value(shape.value, item, f"{path}.{key}")
        else:
            self.scalar(shape, value, path)

    def structure(self, shape: Shape, value: Any, path: str) -> None:
        if not self.expect(value, dict, path):
            return
        if getattr(shape, "is_document_type", False):
            return
        members = {
            member.serialization.get("name", name): member
            for name, member in shape.members.items()
            if member.serialization.get("location") not in NOT_IN_BODY
        }
        for key, item in value.items():
            if key in members:
                self.value(members[key], item, f"{path}.{key}")
            else:
                self.problems.append(f"{path}.{key} does not exist")
        for name in shape.required_members:
            member = shape.members[name]
            wire_name = member.serialization.get("name", name)
            if wire_name in members and wire_name not in value and (shape.name, name) not in LEFT_OUT:
                self.problems.append(f"{path}.{wire_name} is missing")
        if getattr(shape, "is_tagged_union", False) and len(value) != 1:
            self.problems.append(f"{path} holds not exactly one variant")

    def scalar(self, shape: Shape, value: Any, path: str) -> None:
        self.scalars += 1
        kind = shape.type_name
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if kind in ("integer", "long"):
            fits = isinstance(value, int) and not isinstance(value, bool)
        elif kind in ("float", "double"):
            fits = is_number
        elif kind == "boolean":
            fits = isinstance(value, bool)
        elif kind == "timestamp" and shape.serialization.get("timestampFormat", "unixTimestamp") == "unixTimestamp":
            fits = is_number
        else:
            fits = isinstance(value, str)
            if fits and (problem := text_problem(shape, value)):
                self.problems.append(f"{path} {problem}")
        if not fits:
            self.problems.append(f"{path} is {type(value).__name__}, not {kind}")

    def expect(self, value: Any, kind: type, path: str) -> bool:
        if isinstance(value, kind):
            return True
        self.problems.append(f"{path} is {type(value).__name__}, not {'an object' if kind is dict else 'a list'}")
        return False
