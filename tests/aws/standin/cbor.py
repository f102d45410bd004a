"""The part of CBOR that the RPC v2 CBOR protocol uses."""

import struct
from typing import Any

SIMPLE = {20: False, 21: True, 22: None, 23: None}
STREAM_END = 0xFF


def decode(data: bytes) -> Any:
    return Reader(data).value() if data else {}


class Reader:
    def __init__(self, data: bytes) -> None:
        self.data, self.position = data, 0

    def take(self, length: int) -> bytes:
        taken = self.data[self.position : self.position + length]
        self.position += length
        return taken

    def at_end_of_stream(self) -> bool:
        if self.data[self.position] != STREAM_END:
            return False
        self.position += 1
        return True

    def value(self) -> Any:
        first = self.take(1)[0]
        major, detail = first >> 5, first & 31
        if major == 7:
            return self.simple(detail)
        count = self.count(detail)
        if major == 0:
            return count
        if major == 1:
            return -1 - count
        if major in (2, 3):
            return self.text(count, major)
        if major == 4:
            return self.items(count)
        if major == 5:
            return {self.value(): self.value() for _ in range(count)} if count is not None else dict(self.pairs())
        return self.value()  # a tag: the value that follows speaks for itself

    def count(self, detail: int) -> int | None:
        if detail < 24:
            return detail
        if detail == 31:
            return None
        return int.from_bytes(self.take(1 << (detail - 24)), "big")

    def text(self, count: int | None, major: int) -> bytes | str:
        if count is not None:
            return self.take(count) if major == 2 else self.take(count).decode()
        chunks = self.items(None)
        return b"".join(chunks) if major == 2 else "".join(chunks)

    def items(self, count: int | None) -> list:
        if count is not None:
            return [self.value() for _ in range(count)]
        found = []
        while not self.at_end_of_stream():
            found.append(self.value())
        return found

    def pairs(self) -> list[tuple]:
        found = []
        while not self.at_end_of_stream():
            found.append((self.value(), self.value()))
        return found

    def simple(self, detail: int) -> Any:
        if detail in SIMPLE:
            return SIMPLE[detail]
        if detail == 26:
            return struct.unpack(">f", self.take(4))[0]
        if detail == 27:
            return struct.unpack(">d", self.take(8))[0]
        raise ValueError(f"unknown simple value {detail}")


def encode(value: Any, key: str = "") -> bytes:
    """Encodes a JSON-like value; numbers under a key that ends in `Timestamp` become CBOR timestamps."""
    if key.endswith("Timestamp") and isinstance(value, (int, float)) and not isinstance(value, bool):
        return b"\xc1\xfb" + struct.pack(">d", float(value))
    if value is None:
        return b"\xf6"
    if isinstance(value, bool):
        return b"\xf5" if value else b"\xf4"
    if isinstance(value, int):
        return _head(0, value) if value >= 0 else _head(1, -1 - value)
    if isinstance(value, float):
        return b"\xfb" + struct.pack(">d", value)
    if isinstance(value, str):
        text = value.encode()
        return _head(3, len(text)) + text
    if isinstance(value, list):
        return _head(4, len(value)) + b"".join(encode(item, key) for item in value)
    members = {name: item for name, item in value.items() if item is not None}
    return _head(5, len(members)) + b"".join(encode(name) + encode(item, name) for name, item in members.items())


def _head(major: int, count: int) -> bytes:
    if count < 24:
        return bytes([major << 5 | count])
    for detail, length in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if count < 1 << (8 * length):
            return bytes([major << 5 | detail]) + count.to_bytes(length, "big")
    raise ValueError(f"{count} is too large")
