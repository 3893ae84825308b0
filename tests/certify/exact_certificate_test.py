"""The certificates of `cugamma certify --cost-model exact` hold, and altered ones are refused, with the line.

    exact_certificate_test.py PROGRAM CHECKER TABLE
"""

import json
import pathlib
import random
import re
import sys

from certificate_files import Program, entries_of, need_numpy, network, sealed

need_numpy()

NETWORK = """name,type,K,C,Y,X,R,S,stride_y,stride_x,groups,count
conv,CONV,14,10,12,11,3,3,1,1,1,1
deep,DSCONV,1,12,16,15,3,3,1,1,1,1
gemm,GEMM,36,30,22,1,1,1,1,1,1,1
wide,CONV,8,6,17,13,5,3,2,1,1,1
"""
MACHINE = "--num-pes 14 --noc-bw 81920000 --offchip-bw 81920000 --cost-model exact --log-level 0 --threads 2 --evaluations 2000".split()
SMALL = "--l1-size 128 --l2-size 1500".split()
NARROW = [*SMALL, "--noc-bw", "8", "--time-limit", "10"]  # where a gap is left, a search would go on for long
GOALS = ("latency", "energy", "EDP")
TOOLS = Program(*sys.argv[1:3], MACHINE)
TABLE = sys.argv[3]
expect, certify, check, forge = TOOLS.expect, TOOLS.certify, TOOLS.check, TOOLS.forge


def test_certificates_hold(folder):
    """Of each objective; on NoCs that bind, with slow heads and lanes, with few cluster sizes, without limits."""
    seconds = ["--time-limit", "1"]  # where a gap is left, a search would go on for long
    few = ["--l1-size", "20", "--cluster-size", "5", "--noc-bw", "5", "--offchip-bw", "3"]
    machines = {
        "conv": (SMALL, [*SMALL, "--noc-bw", "8", *seconds], [*SMALL, "--gap", "0.2"], [*SMALL, "--time-limit", "0"]),
        "deep": (SMALL,),
        "gemm": (SMALL, [*few, *seconds]),
        "wide": (SMALL, [*SMALL, "--noc-hop-latency", "3", "--simd-lanes", "4", *seconds], ["--noc-bw", "-1"]),
    }
    for layer, variants in machines.items():
        for more in variants:
            for goal in GOALS:
                code, path = certify(folder, layer, goal, *more)
                expect(code in (0, 4), f"certify {layer} {goal} {more}: {code}")
                code, output = check(path, "--sample", "40")
                expect(code == 0 and output.startswith(f"holds: {goal}"), f"{layer} {goal} {more}: {output[-500:]}")
    for style in ("dla", "shidiannao", "ykp_os"):
        for goal in GOALS:
            code, path = certify(folder, "conv", goal, *SMALL, "--num-pes", "64", "--constraint", style)
            expect(code == 0, f"certify {style} {goal}: {code}")
            code, output = check(path)
            expect(code == 0 and output.startswith(f"holds: {goal}"), f"{style} {goal}: {output[-500:]}")
    expect(TOOLS.check_apart(path)[0] == 0, "the checker as a program")


def test_no_mapping_counts(folder):
    for goal in GOALS:
        code, path = certify(folder, "conv", goal, "--l1-size", "10")
        expect(code == 3, f"certify {goal} without a mapping: {code}")
        code, output = check(path)
        expect(code == 0 and "[inf, None]" in output, f"{goal} without a mapping: {output}")


def test_damage_is_found(folder):
    for goal in GOALS:
        _, path = certify(folder, "conv", goal, *SMALL)
        TOOLS.refuses_damage(path, (1, 2, 3, 4, 50), "lines")


def lose(at):
    """Takes a line away, and what the header says of it."""

    def change(entries):
        gone = entries.pop(at)
        entries[0]["lines"] -= 1
        entries[0]["subtrees"] -= 1 if "inner" in gone else 0
        entries[0]["opened"] -= 1 if "inner" in gone and "opened" in gone else 0

    return change


def again(at):
    """Writes a line twice."""

    def change(entries):
        entries.append(dict(entries[at]))
        entries[0]["lines"] += 1
        entries[0]["subtrees"] += 1
        entries[0]["opened"] += "opened" in entries[at]

    return change


def test_forged_bests_are_found(folder):
    for goal in GOALS:
        _, path = certify(folder, "wide", goal, *SMALL)
        best = entries_of(path)[1]["best"]
        for name in ("runtime_cycles", "energy_nj", "l1_size_elems", "l2_size_elems"):
            forge(path, 2, name, lambda e, name=name: e[1]["best"].update({name: best[name] * 0.5}))
        forge(path, 2, "upper bound", lambda e: e[1]["best"].update(value=best["value"] * 0.5))

        def lower(e):
            e[1]["best"].update(value=best["value"] * 0.5)
            e[0].update(upper_bound=best["value"] * 0.5, lower_bound=best["value"] * 0.5)

        forge(path, 2, "value is", lower)
        other = re.sub(r"Cluster\(\d+", "Cluster(25", best["mapping"])
        forge(path, 2, "cluster size", lambda e, other=other: e[1]["best"].update(mapping=other))
        other = re.sub(r"TemporalMap\(\d+,\d+\) K", "TemporalMap(1,1) K", best["mapping"])
        other = re.sub(r"TemporalMap\(\d+,\d+\) C", "TemporalMap(1,1) C", other)
        if other != best["mapping"] and goal != "latency":
            forge(path, 2, "", lambda e, other=other: e[1]["best"].update(mapping=other))
        forge(path, 2, "accelerator has", lambda e: e[0]["accelerator"].update(l2_size_elems=10))


def test_forged_spaces_are_found(folder):
    """A best mapping that is in another space than the header says."""
    for goal in GOALS:
        _, path = certify(folder, "conv", goal, *SMALL, "--num-pes", "64", "--constraint", "shidiannao")
        levels = entries_of(path)[0]["space"]["levels"]
        forge(path, 2, "tile is not in the space", lambda e: e[0]["space"]["levels"][0]["tiles"]["Y"].update(low=3, high=3))
        other = levels[1]["order_begins"][::-1]
        forge(path, 2, "order is not in the space", lambda e: e[0]["space"]["levels"][1].update(order_begins=other))
        forge(path, 2, "parallel dimension is not", lambda e: e[0]["space"]["levels"][0].update(parallel="K"))
        free = lambda e: e[0]["space"]["levels"][0].update(tiles={})  # noqa: E731
        altered = path.with_name("altered.jsonl")
        entries = entries_of(path)
        free(entries)
        altered.write_text(sealed(entries))
        code, output = check(altered, "--sample", "1000")
        expect(code == 1, f"the optimum of a narrowed space as that of a wider one: {goal} {code} {output}")


def test_forged_latency_is_found(folder):
    _, path = certify(folder, "conv", "latency", *SMALL)
    entries = entries_of(path)
    at = next(i for i, e in enumerate(entries) if i > 1 and len(e["opened"]) > 1)
    last = len(entries)
    forge(path, at + 1, "the bound is", lambda e: e[at].update(bound=e[at]["bound"] + 1))
    forge(path, at + 1, "the bound is", lambda e: e[at]["opened"].pop())

    def close(e):
        """An opened tile whose bound is below the lower bound, passed off as settled."""
        e[at].update(bound=e[0]["lower_bound"] - 1, opened=[])

    forge(path, at + 1, "the bound is", close)
    forge(path, at + 1, "below the certified bound", lambda e: e[at]["opened"][0].__setitem__(1, 1.0))
    forge(path, at + 1, "twice", lambda e: e[at]["opened"].append(e[at]["opened"][0]))
    forge(path, at + 1, "not one of the parallel dimension", lambda e: e[at]["opened"][0].__setitem__(0, 9999))
    higher = lambda e: e[at]["opened"][0].__setitem__(1, e[0]["lower_bound"] * 3)  # noqa: E731
    forge(path, at + 1, "opened again", higher, "--sample", "1000")
    forge(path, at + 1, "not a part of the space", lambda e: e[at].update(cluster=23))
    forge(path, last - 1, "is missing", lose(at))
    forge(path, last + 1, "has a line already", again(at))
    forge(path, 1, "other numbers", lambda e: e[0].update(subtrees=7))

    def raise_all(e):
        e[0].update(lower_bound=e[0]["lower_bound"] + 3, upper_bound=e[0]["upper_bound"] + 3)
        e[1]["best"].update(value=e[0]["upper_bound"], runtime_cycles=e[0]["upper_bound"])

    forge(path, 2, "value is", raise_all)


def test_forged_lists_are_found(folder):
    _, path = certify(folder, "conv", "EDP", *SMALL)
    entries = entries_of(path)
    at = max(i for i, e in enumerate(entries) if e.get("vectors", 0) > 5)
    forge(path, at + 1, "vectors is", lambda e: e[at].update(vectors=e[at]["vectors"] + 3))
    forge(path, at + 1, "count is", lambda e: e[at].update(count=1 + e[at]["count"]))
    forge(path, at + 1, "least is", lambda e: e[at].update(least=e[at]["least"] * 1.01))
    forge(path, 3, "were left out", lambda e: e[2].update(below=e[0]["lower_bound"] * 0.9))
    forge(path, at + 1, "have a line already", lambda e: e[at].update(lists=e[at - 1]["lists"]))
    forge(path, len(entries) - 1, "lists of", lose(at))


def test_forged_ranges_are_found(folder):
    for layer, goal in (("conv", "EDP"), ("wide", "energy")):
        _, path = certify(folder, layer, goal, *SMALL)
        entries = entries_of(path)
        ranges = [i for i, e in enumerate(entries) if "inner" in e]
        opened = [i for i in ranges if "opened" in entries[i]]
        closed = [i for i in ranges if "opened" not in entries[i] and entries[i]["low"] != entries[i]["high"]]
        last = len(entries)
        pick = random.Random(1)
        for at in pick.sample(ranges, 3):
            bound = entries[at]["bound"]
            for other in (1.0, (bound or 7.0) * 1.01, entries[0]["lower_bound"] * 1.0001):
                forge(path, at + 1, "the bound is", lambda e, at=at, other=other: e[at].update(bound=other))
            forge(path, last - 1, "is missing", lose(at))
            forge(path, last + 1, "lies in that of line", again(at))
        for at in pick.sample(closed, 3):
            wider = [t + 100 * (d == 0) for d, t in enumerate(entries[at]["high"])]
            forge(path, at + 1, "none that halving makes", lambda e, at=at, wider=wider: e[at].update(high=wider))
            least = {"vectors": 1, "mappings": 1, "least": entries[0]["upper_bound"]}
            forge(path, at + 1, "more than one tile", lambda e, at=at, least=least: e[at].update(opened=least))
        at = min(opened, key=lambda i: entries[i]["bound"])

        def close(e, at=at):
            del e[at]["opened"]
            e[0]["opened"] -= 1

        forge(path, at + 1, "was not opened", close)
        low = {"vectors": 1, "mappings": 1, "least": entries[0]["lower_bound"] * 0.99}
        forge(path, at + 1, "below the certified bound", lambda e, at=at, low=low: e[at].update(opened=low))
        none = {"vectors": 1, "mappings": 0, "least": entries[0]["upper_bound"]}
        forge(path, at + 1, "does not fit together", lambda e, at=at, none=none: e[at].update(opened=none))


def test_forged_waiting_is_found(folder):
    """Of EDP on a narrow NoC, where the vectors of level 0 settle ranges that the bounds of these do not."""
    for layer, gap in (("conv", "0"), ("gemm", "0.01")):
        _, path = certify(folder, layer, "EDP", *NARROW, "--gap", gap)
        entries = entries_of(path)
        by_vectors = [i for i, e in enumerate(entries) if "by_vectors" in e]
        expect(len(by_vectors) > 1, f"{layer}: {len(by_vectors)} ranges are settled by vectors")
        for at in (by_vectors[0], by_vectors[-1]):
            forge(path, at + 1, "was not opened", lambda e, at=at: e[at].pop("by_vectors"))
            forge(path, at + 1, "was not opened", lambda e, at=at: e[at].update(by_vectors=1))
            forge(path, at + 1, "the bound is", lambda e, at=at: e[at].update(bound=e[0]["lower_bound"]))
        at = max(i for i, e in enumerate(entries) if e.get("vectors", 0) > 5)
        forge(path, at + 1, "vectors is", lambda e, at=at: e[at].update(vectors=e[at]["vectors"] + 3))
        if gap != "0":
            continue
        opened = [i for i, e in enumerate(entries) if "inner" in e and e.get("opened", {}).get("vectors")]
        at = min(opened, key=lambda i: entries[i]["opened"]["least"] or 1e300)

        def close(e, at=at):
            """An opened range passed off as settled by its vectors."""
            del e[at]["opened"]
            e[at]["by_vectors"] = True
            e[0]["opened"] -= 1

        forge(path, at + 1, "looked through again", close, "--sample", "10000")
        least = entries[at]["opened"]["least"]
        higher = lambda e, at=at, least=least: e[at]["opened"].update(least=least * (1 + 1e-6))  # noqa: E731
        forge(path, at + 1, "opened again", higher, "--sample", "10000")


def test_forged_prices_are_found(folder):
    """Of mappings on a narrow NoC that no bound settles, and that were priced."""
    slow = [*SMALL, "--noc-bw", "3", "--simd-lanes", "4", "--noc-hop-latency", "3", "--time-limit", "20", "--gap", "0.02"]
    for goal in ("latency", "EDP"):
        _, path = certify(folder, "deep", goal, *slow)
        code, output = check(path)
        expect(code == 0 and "mappings walked of" in output, f"{goal}: {output[-500:]}")
        entries = entries_of(path)
        priced = [i for i, e in enumerate(entries) if "inner" in e and e.get("opened", {}).get("priced")]
        at = min(priced, key=lambda i: entries[i]["opened"]["least"])
        forge(path, at + 1, "below the certified bound", lambda e, at=at: e[at]["opened"].pop("priced"))


def test_a_worse_mapping_is_no_optimum(folder):
    """A mapping that is not the best, passed off as the optimum with all lines made to fit."""
    cases = (("conv", "EDP", SMALL), ("wide", "energy", SMALL), ("gemm", "latency", SMALL))
    for layer, goal, machine in cases:
        code, path = certify(folder, layer, goal, *machine, "--evaluations", "40", "--time-limit", "0")
        expect(code == 4, f"certify {layer} {goal} without time: {code}")
        worse = entries_of(path)
        code, path = certify(folder, layer, goal, *machine)
        entries = entries_of(path)
        upper = worse[0]["upper_bound"]
        expect(upper > entries[0]["upper_bound"], f"40 evaluations find the optimum of {layer} {goal}")
        entries[0].update(lower_bound=upper, upper_bound=upper)
        entries[1] = worse[1]
        for entry in entries[2:]:
            if "lists" in entry:
                entry["below"] = max(upper, entry["below"])
            elif "cluster" in entry:
                entry["opened"] = [[tile, max(cycles, upper)] for tile, cycles in entry["opened"]]
            elif "opened" in entry:
                entry["opened"]["least"] = max(upper, entry["opened"]["least"] or 0)
                entry["opened"]["mappings"] = max(1, entry["opened"]["mappings"])
        altered = path.with_name("altered.jsonl")
        altered.write_text(sealed(entries))
        code, output = check(altered, "--sample", "100000")
        expect(code == 1 and "line " in output, f"a worse mapping of {layer} {goal}: {code} {output}")


def test_the_walk(table):
    """The figures of the best mapping are walked: as another program walked those of two levels of the golden table."""
    sys.path.insert(0, str(pathlib.Path(TOOLS.checker).parent))
    from certificates.exact.question import Question
    from certificates.exact.walk import Mapping, Walk

    walked = 0
    for line in pathlib.Path(table).read_text().splitlines():
        case = json.loads(line)
        level = {"parallel": "KCYX", "order_begins": "", "cluster_low": 1, "cluster_high": 65535, "tiles": {}}
        given = case["layer"]
        size = {d: given.get(d, 1) for d in "KCYXRS"}
        if given["type"] == "GEMM":
            size.update(K=given["N"], C=given["K"], Y=given["M"])
        header = {
            "layer": {"type": given["type"], "size": size, **{s: given.get(s, 1) for s in ("stride_y", "stride_x")}},
            "accelerator": {
                **case["hw"],
                "l1_size_elems": -1,
                "l2_size_elems": -1,
                "constants": {
                    "mac_energy_nj": 0.00023,
                    "l1_energy_macs": 1.68,
                    "l2_energy_macs": 18.61,
                    "cluster_energy_macs": 1.68,
                },
            },
            "space": {"levels": [level, level], "factors_only": False},
            "objective": "EDP",
        }
        question = Question(header)
        try:
            walk = Walk(question, Mapping(question, case["mapping"]))
        except ValueError:
            continue  # other than two levels, R or S cut or parallel: not the space of a certificate
        expected = case["expect"]
        figures = walk.runtime, walk.l1_size, walk.l2_size
        wanted = expected["runtime_cycles"], expected["l1_size"], expected["l2_size"]
        is_equal = figures == wanted and abs(walk.energy - expected["energy_nj"]) <= 1e-12 * walk.energy
        expect(is_equal, f"{case['id']}: walked {figures} {walk.energy}, not {wanted} {expected['energy_nj']}")
        walked += 1
    expect(walked >= 50, f"only {walked} mappings of the table could be walked")


if __name__ == "__main__":
    sys.exit(
        TOOLS.run(
            network(NETWORK),
            lambda _: test_the_walk(TABLE),
            test_certificates_hold,
            test_no_mapping_counts,
            test_damage_is_found,
            test_forged_bests_are_found,
            test_forged_spaces_are_found,
            test_forged_latency_is_found,
            test_forged_lists_are_found,
            test_forged_ranges_are_found,
            test_forged_waiting_is_found,
            test_forged_prices_are_found,
            test_a_worse_mapping_is_no_optimum,
        )
    )
