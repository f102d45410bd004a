#!/usr/bin/env python3
"""Runs the AWS stand-in: stand_in.py PORT [HOST]

PORT 0 takes a free port. The first line on standard output says where it listens. With STAND_IN_STDIN=1 it ends when
its standard input ends, so that it never outlives the test that started it. Run-time knobs: see standin/knobs.py.
"""

import os
import sys
import threading

# moto reads these when it is imported. Its stock images would give every account 1 301 snapshots of its own, and a
# certificate would be issued while a test compares two readings.
os.environ.setdefault("MOTO_EC2_LOAD_DEFAULT_AMIS", "false")
os.environ["MOTO_ACM_VALIDATION_WAIT"] = "0"
os.environ["MOTO_IAM_LOAD_MANAGED_POLICIES"] = "true"

import logging

from standin.server import serve


def main() -> None:
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 5555
    host = sys.argv[2] if len(sys.argv) > 2 else "127.0.0.1"
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = serve(host, port)
    if os.environ.get("STAND_IN_STDIN") == "1":
        threading.Thread(target=end_with_stdin, daemon=True).start()
    print(f"stand-in on http://{host}:{server.server_port}", flush=True)
    server.serve_forever()


def end_with_stdin() -> None:
    while sys.stdin.buffer.read(4096):
        pass
    os._exit(0)


if __name__ == "__main__":
    main()
