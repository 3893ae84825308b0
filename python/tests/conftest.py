"""What several tests share."""

import json
import os
import pathlib
import shutil

import pytest

ROOT = pathlib.Path(__file__).parents[2]
GOLDEN = ROOT / "tests" / "models" / "maestro" / "golden"


def golden_cases(table, step=1):
    """Every step-th case of a golden table."""
    with open(GOLDEN / f"{table}.jsonl", encoding="utf-8") as file:
        return [json.loads(line) for number, line in enumerate(file) if number % step == 0]


@pytest.fixture(scope="session")
def columns():
    text = (GOLDEN / "columns.json").read_text(encoding="utf-8")
    return json.loads(text)["columns"]


@pytest.fixture(scope="session")
def program():
    """The command line: $CUGAMMA_PROGRAM, or the one in a build folder or on the path."""
    built = sorted(ROOT.glob("build/**/bin/cugamma"), key=os.path.getmtime)
    found = os.environ.get("CUGAMMA_PROGRAM") or (built[-1] if built else shutil.which("cugamma"))
    if not found:
        pytest.skip("the program cugamma is not built")
    return str(found)
