"""A stand-in with the small sample organization, shared by the tests of a file."""

from collections.abc import Iterator

import pytest

import harness
from organization.aws import Aws

KNOBS_AT_REST = {"deny": [], "deny_scp": [], "fail_with": {}, "throttle": 0, "throttle_rps": 0, "throttle_only": "*"}


@pytest.fixture(scope="session")
def endpoint() -> Iterator[str]:
    with harness.stand_in() as endpoint:
        yield endpoint


@pytest.fixture(scope="session")
def seeded(endpoint: str) -> dict:
    return harness.seed(endpoint)


@pytest.fixture
def aws(endpoint: str, seeded: dict) -> Iterator[Aws]:
    """Clients for the seeded organization; whatever knobs a test turns are turned back."""
    del seeded
    aws = Aws(endpoint)
    yield aws
    aws.post("/orgraph-knobs", KNOBS_AT_REST)
