"""A stand-in with the small sample organization, shared by the tests that only read it."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from organization.aws import Aws

HERE = Path(__file__).resolve().parent


@pytest.fixture(scope="session")
def endpoint() -> Iterator[str]:
    server = subprocess.Popen(
        [sys.executable, HERE / "stand_in.py", "0"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "STAND_IN_STDIN": "1"},
    )
    yield server.stdout.readline().split()[-1]
    server.stdin.close()
    assert server.wait(timeout=10) == 0


@pytest.fixture(scope="session")
def seeded(endpoint: str) -> dict:
    command = [sys.executable, HERE / "seed.py", "--endpoint", endpoint, "--scenario", "small", "--regions", "us-east-1,eu-west-1"]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


@pytest.fixture
def aws(endpoint: str, seeded: dict) -> Iterator[Aws]:
    """Clients for the seeded organization; whatever knobs a test turns are turned back."""
    aws = Aws(endpoint)
    yield aws
    aws.post("/orgraph-knobs", {"deny": [], "deny_scp": [], "fail_with": {}, "throttle": 0, "throttle_rps": 0, "throttle_only": "*"})
