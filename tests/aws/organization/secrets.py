"""Secret values planted in the organization, which must turn up nowhere in orgraph's output."""

import hashlib


class Secrets:
    def __init__(self) -> None:
        self.values: list[str] = []

    def plant(self, purpose: str) -> str:
        """A new secret value that looks like nothing else."""
        digest = hashlib.sha256(f"{purpose} {len(self.values)}".encode()).hexdigest()[:20]
        return self.add(f"Planted1-{digest}!")

    def add(self, value: str) -> str:
        self.values.append(value)
        return value
