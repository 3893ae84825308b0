"""The certificates of `cugamma certify` hold, and altered ones are refused, with the line.

    certificate_test.py PROGRAM CHECKER
"""

import sys

from certificate_files import Program, entries_of, need_numpy, network, sealed

need_numpy()

NETWORK = """name,type,K,C,Y,X,R,S,stride_y,stride_x,groups,count
a,CONV,24,16,16,16,3,3,1,1,1,1
b,DSCONV,1,32,30,30,3,3,1,1,1,1
c,GEMM,96,60,50,1,1,1,1,1,1,1
d,CONV,40,36,14,14,1,1,1,1,1,2
"""
MACHINE = "--accelerator gamma --num-pes 24 --l1-size 256 --l2-size 6000 --cost-model maestro --log-level 0".split()
TOOLS = Program(*sys.argv[1:3], MACHINE)
expect, certify, check, forge = TOOLS.expect, TOOLS.certify, TOOLS.check, TOOLS.forge


def test_certificates_hold(folder):
    for layer in "abcd":
        for goal in ("latency", "energy", "EDP", "maestro-energy", "maestro-EDP"):
            code, path = certify(folder, layer, goal)
            expect(code == 0, f"certify {layer} {goal}: {code}")
            code, output = check(path, "--sample", "1000")
            expect(code == 0 and output.startswith("holds"), f"{layer} {goal}: {output}")
    for layer, goal, width in (("a", "EDP", 4), ("b", "latency", 1), ("c", "latency", 4), ("d", "EDP", 16)):
        code, path = certify(folder, layer, goal, "--noc-bw", str(width))
        expect(code == 0, f"certify {layer} {goal} on a narrow NoC: {code}")
        code, output = check(path, "--sample", "1000")
        expect(code == 0 and output.startswith("holds"), f"{layer} {goal} on a narrow NoC: {output}")
        expect(layer != "b" or "step by step" in output, f"bounds leave nothing for M10: {output}")


def test_damage_is_found(folder):
    _, path = certify(folder, "a", "EDP")
    TOOLS.refuses_damage(path, (1, 2, 3, 50), "subtrees")


def test_forgeries_are_found(folder):
    _, path = certify(folder, "a", "EDP")
    entries = entries_of(path)
    first = next(i for i, e in enumerate(entries) if "bound" in e)
    opened = next(i for i, e in enumerate(entries) if "opened" in e and i > 1)
    wrong = next(i for i, e in enumerate(entries) if "miscounts" in e)

    def lose(e):
        del e[wrong]
        e[0]["lines"] -= 1
        e[0]["subtrees"] -= 1

    forge(path, len(entries) - 1, "is missing", lose)
    forge(path, 21, "has a line already", lambda e: e.__setitem__(20, dict(e[19])))
    forge(path, first + 1, "the bound is", lambda e: e[first].update(bound=1.0))
    forge(path, wrong + 1, "miscounts", lambda e: e[wrong].pop("miscounts"))

    def close(e):
        del e[opened]["opened"]
        e[0]["opened"] -= 1

    forge(path, opened + 1, "does not reach", close)
    forge(path, 2, "upper bound", lambda e: e[1]["best"].update(value=1.0))
    forge(path, 2, "energy_nj", lambda e: e[1]["best"].update(energy_nj=1.0))

    def other_clusters(e):
        e[1]["best"]["mapping"] = e[1]["best"]["mapping"].replace("Cluster(", "Cluster(1")

    forge(path, 2, "", other_clusters)


def test_a_worse_mapping_is_no_optimum(folder):
    """A mapping that is not the best, passed off as the optimum with all bounds made to fit."""
    code, path = certify(folder, "a", "EDP", "--evaluations", "40", "--time-limit", "0")
    expect(code == 4, f"certify without time: {code}")
    code, output = check(path)
    expect(code == 0, f"an open gap: {output}")
    worse = entries_of(path)
    forge(path, 1, "without subtrees", lambda e: e[0].update(lower_bound=e[0]["upper_bound"]))
    _, path = certify(folder, "a", "EDP")
    entries = entries_of(path)
    upper = worse[0]["upper_bound"]
    expect(upper > entries[0]["upper_bound"], "40 evaluations find the optimum")
    entries[1] = worse[1]
    refuses_claim(path, entries, upper)


def test_a_worse_mapping_is_no_optimum_on_a_narrow_noc(folder):
    narrow = ("--noc-bw", "4", "--gap", "0.03")
    _, path = certify(folder, "c", "EDP", *narrow, "--evaluations", "40", "--time-limit", "0")
    worse = entries_of(path)
    _, path = certify(folder, "c", "EDP", *narrow, "--time-limit", "1")
    entries = entries_of(path)
    upper = worse[0]["upper_bound"]
    expect(upper > 1.03 * entries[0]["upper_bound"], "40 evaluations find a good mapping")
    entries[1] = worse[1]
    refuses_claim(path, entries, upper)


def refuses_claim(path, entries, upper):
    """A certificate whose opened subtrees claim to hold nothing below its best mapping."""
    entries[0].update(lower_bound=upper, upper_bound=upper)
    for entry in entries[2:]:
        entry.pop("as", None)
        if entry.get("bound") is not None and entry["bound"] < upper:
            entry["opened"] = {"vectors": 1, "orders": 1, "suspects": 0, "least": upper}
        else:
            entry.pop("opened", None)
    entries[0]["opened"] = sum("opened" in entry for entry in entries[2:])
    altered = path.with_name("altered.jsonl")
    altered.write_text(sealed(entries))
    code, output = check(altered, "--sample", "100000")
    expect(code == 1 and "below the bound" in output, f"no optimum: {code} {output}")


if __name__ == "__main__":
    sys.exit(
        TOOLS.run(
            network(NETWORK),
            test_certificates_hold,
            test_damage_is_found,
            test_forgeries_are_found,
            test_a_worse_mapping_is_no_optimum,
            test_a_worse_mapping_is_no_optimum_on_a_narrow_noc,
        )
    )
