#!/usr/bin/env python3
"""Checks recorded AWS answers against botocore's own models: check_fixtures.py [FIXTURES_FOLDER...]

Looks at `<folder>/<service>/<Operation>[.variant].{json,xml}` and `<Operation>.<ErrorCode>.error.{json,xml}`, by default
in every `crates/*/fixtures`. A fixture that AWS could not have sent is a problem: an unknown or repeated member, a wrong
type or root element, a listing without its list, anything that a client would silently drop. Exits 1 when there is one.
`{{account}}` and `{{region}}` may stand for values.
"""

import re
import sys
from pathlib import Path

from fixture_check.documents import problems_in_answer, problems_in_error

REPOSITORY = Path(__file__).resolve().parents[2]
PLACEHOLDERS = {"{{account}}": "123456789012", "{{region}}": "eu-west-1"}
ERROR_NAME = re.compile(r"(?P<operation>\w+)\.(?P<code>[\w.]+)\.error")
ANSWER_NAME = re.compile(r"(?P<operation>\w+)(\.[\w-]+)?")


def main() -> int:
    folders = [Path(argument) for argument in sys.argv[1:]] or sorted(REPOSITORY.glob("crates/*/fixtures"))
    files = sorted(file for folder in folders for file in folder.rglob("*") if file.suffix in (".json", ".xml"))
    problems = [f"{shown(file)}: {problem}" for file in files for problem in problems_in(file)]
    print("\n".join([*problems, f"{len(files)} fixtures, {len(problems)} problems"]))
    return 1 if problems else 0


def problems_in(file: Path) -> list[str]:
    """What is wrong with one fixture."""
    text = file.read_text()
    for placeholder, value in PLACEHOLDERS.items():
        text = text.replace(placeholder, value)
    if "{{" in text and file.suffix == ".xml":
        return ["only {{account}} and {{region}} may stand for values"]
    service = file.parent.name
    if match := ERROR_NAME.fullmatch(file.stem):
        return problems_in_error(service, match["operation"], match["code"], text.encode(), file.suffix)
    if match := ANSWER_NAME.fullmatch(file.stem):
        return problems_in_answer(service, match["operation"], text.encode(), file.suffix)
    return ["the name is not Operation[.variant] or Operation.ErrorCode.error"]


def shown(file: Path) -> str:
    return str(file.relative_to(REPOSITORY)) if file.is_relative_to(REPOSITORY) else str(file)


if __name__ == "__main__":
    sys.exit(main())
