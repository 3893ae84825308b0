"""Every kind of search writes a result.json that docs/result.schema.json describes, and the schema refuses others.

    result_schema_test.py PROGRAM SOURCE_FOLDER
"""

import copy
import json
import pathlib
import re
import subprocess
import sys

try:
    import jsonschema
except ImportError:
    print("skipped: no jsonschema (Debian's python3-jsonschema)")
    sys.exit(77)

SEARCHES = (
    "--layer 1 --evaluations 500",
    "--layer all --evaluations 200 --objective EDP",
    "--layer 1 --evaluations 500 --cost-model maestro --believe maestro",
    "--layer 2 --evaluations 500 --num-pes 16 --l1-size 1",
    "--layer 1 --evaluations 600 --pareto latency,energy",
    "--layer 1,2 --evaluations 600 --pareto latency,energy,budget-area",
    "--layer 1 --evaluations 500 --num-pes search --area-budget 1",
    "--layer 1,2 --evaluations 200 --num-pes search --area-budget 1",
    "--layer 1,2 --evaluations 200 --num-pes search --objective budget-area --limit latency=4e7",
    "--layer 1,2 --evaluations 200 --num-pes search --pe-limit 32 --pareto latency,energy,budget-area",
    "--layer 1 --generations 3 --objective latency --prove --time-limit 1 --accelerator gamma",
    "--layer 1 --evaluations 500 --accelerator eyeriss --constraint dla",
)


def refuse_constant(name):
    raise ValueError(f"{name} is no JSON")


def search(program, options):
    line = [program, "search", "--model", "vgg16", "--format", "json", "--log-level", "0", *options.split()]
    out = subprocess.run(line, capture_output=True, text=True, check=False)
    assert out.stdout, f"{options}: {out.stderr}"
    return json.loads(out.stdout, parse_constant=refuse_constant)


def spoilt(result):
    """Results that a reader of the schema could not use."""
    for change in (
        lambda r: r.pop("schema_version"),
        lambda r: r.update(schema_version=99),
        lambda r: r["config"].update(time_limit_seconds="inf"),
        lambda r: r["accelerator"].update(l2_size_elems=-1),
        lambda r: r["layers"][0].update(history=[{"generation": 0, "evaluations": 1, "best": None}]),
        lambda r: r["layers"][0]["best"]["metrics"].update(energy_nj="nan"),
        lambda r: r["totals"].update(budget_area_mm2=1),
    ):
        other = copy.deepcopy(result)
        change(other)
        yield other


def keys_of(schema):
    """The names of all properties that a schema describes."""
    for name, value in schema.items() if isinstance(schema, dict) else ():
        if name == "properties":
            yield from value
        for inner in value if isinstance(value, list) else [value]:
            yield from keys_of(inner)


def check_page(schema, page):
    """That the page on result.json names every key."""
    named = set(re.findall(r"`([a-z0-9_]+)`", page))
    missing = sorted(set(keys_of(schema)) - named)
    assert not missing, f"docs/reference/result-json.md does not name {missing}"


def main(program, source):
    schema = json.loads((pathlib.Path(source) / "docs" / "result.schema.json").read_text())
    jsonschema.Draft7Validator.check_schema(schema)
    check_page(schema, (pathlib.Path(source) / "docs" / "reference" / "result-json.md").read_text())
    validator = jsonschema.Draft7Validator(schema)
    for options in SEARCHES:
        problems = [f"{list(e.absolute_path)}: {e.message[:200]}" for e in validator.iter_errors(search(program, options))]
        assert not problems, f"{options}: {problems}"
    result = search(program, SEARCHES[0])
    for other in spoilt(result):
        assert not validator.is_valid(other), "the schema takes anything"
    history = [entry["best"] for entry in result["layers"][0]["history"]]
    assert history == sorted(history, reverse=True) and len(history) == len({tuple(b) for b in history}), history


if __name__ == "__main__":
    main(*sys.argv[1:])
