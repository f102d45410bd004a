#!/usr/bin/env python3
"""Calls every operation of the data model in a seeded stand-in: check_answers.py --endpoint URL --seed-json FILE

Prints each answer that AWS could not have sent, and the operations that never answered anything. Exits 1 when there is
something to print.
"""

import argparse
import json
import sys
from pathlib import Path

from organization.aws import Aws
from reads.contract import missing_operations
from reads.table import READS
from reads.walk import walk


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--endpoint", required=True)
    parser.add_argument("--seed-json", required=True, type=Path, help="what seed.py printed")
    arguments = parser.parse_args()
    seed = json.loads(arguments.seed_json.read_text())
    accounts = [seed["management"], *(it for it in seed["members"] if it["state"] == "live")]
    outcomes = list(walk(Aws(arguments.endpoint), [it["id"] for it in accounts], seed["management"]["id"], seed["regions"]))
    problems = [str(outcome) for outcome in outcomes if outcome.problems]
    answered = {outcome.read.name for outcome in outcomes if not outcome.none}
    problems += [f"{read.name} was never answered" for read in READS if read.name not in answered]
    problems += [f"no read covers {missing}" for missing in missing_operations()]
    print("\n".join([*problems, f"{len(outcomes)} calls, {len(problems)} problems"]))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
