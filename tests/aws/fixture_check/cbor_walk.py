"""A JSON document beside the shape that its CBOR should have."""

from typing import Any

from botocore.model import Shape

from .json_walk import JsonWalk


class CborWalk(JsonWalk):
    """JSON has no times: a number is sent as one when its name ends with `Timestamp`, and only then."""

    def scalar(self, shape: Shape, value: Any, path: str) -> None:
        super().scalar(shape, value, path)
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
        sent_as_time = is_number and path.endswith("Timestamp")
        if sent_as_time != (is_number and shape.type_name == "timestamp"):
            sent = "a time" if sent_as_time else "a number"
            self.problems.append(f"{path} is {shape.type_name}, but would be sent as {sent}")
