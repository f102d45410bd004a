"""Starts stand-ins and seeds them, for the tests in this folder."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).resolve().parent


@contextmanager
def stand_in() -> Iterator[str]:
    """A stand-in on a free port; its address."""
    server = subprocess.Popen(
        [sys.executable, HERE / "stand_in.py", "0"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "STAND_IN_STDIN": "1"},
    )
    try:
        yield server.stdout.readline().split()[-1]
    finally:
        server.stdin.close()
        assert server.wait(timeout=10) == 0


def run_script(name: str, endpoint: str, *arguments: str) -> dict:
    """What a script of this folder prints."""
    command = [sys.executable, HERE / name, "--endpoint", endpoint, *arguments]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)


def seed(endpoint: str) -> dict:
    return run_script("seed.py", endpoint, "--scenario", "small", "--regions", "us-east-1,eu-west-1")
