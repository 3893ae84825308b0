"""The certificates of `cugamma certify --cost-model timeloop` hold, and altered ones are refused, with the line.

    timeloop_certificate_test.py PROGRAM CHECKER FOLDER

FOLDER: Timeloop's own figures (tests/models/timeloop/golden).
"""

import json
import pathlib
import re
import subprocess
import sys

from certificate_files import Program, entries_of, need_numpy, sealed

need_numpy()

TOOLS = Program(*sys.argv[1:3], [])
GOLDEN = pathlib.Path(sys.argv[3])
expect, check, forge = TOOLS.expect, TOOLS.check, TOOLS.forge
GOALS = ("energy", "edp", "latency")
SMALL = {
    "gemm_small": "{M: 8, N: 6, K: 12}",
    "conv_small": "{R: 3, S: 1, P: 8, Q: 2, C: 4, K: 4, N: 1}",
    "conv_mixed": "{R: 2, S: 2, P: 6, Q: 2, C: 2, K: 4, N: 1, Wstride: 3, Hstride: 1, Wdilation: 1, Hdilation: 2}",
    "dw_s2": "{R: 3, S: 1, P: 4, Q: 2, C: 6, N: 2, Wstride: 2, Hstride: 2}",
    "mttkrp": "{I: 4, J: 2, K: 3, L: 2}",
    "conv1d": "{R: 3, P: 12}",
}
RULES = """mapspace_constraints:
- {target: Glb, type: bypass, bypass: [Weights], keep: [Inputs, Outputs]}
- {target: Glb, type: spatial, factors: P=2, permutation: PK, split: 1}
- {target: Rf, type: temporal, factors: R=3 C<=2, permutation: RC}
- {target: Dram, type: temporal, permutation: K}
"""


def texts(name):
    return json.loads((GOLDEN / name).read_text())


def write_inputs(folder):
    for name, text in texts("archs.json").items():
        (folder / f"{name}.yaml").write_text(text)
    for name, text in texts("problems.json").items():
        (folder / f"real_{name}.yaml").write_text(text)
        if name in SMALL:
            (folder / f"{name}.yaml").write_text(re.sub(r"instance: .*", f"instance: {SMALL[name]}", text))
    optima = texts("optima.json")
    for kind in ("machines", "problems"):
        for name, text in optima[kind].items():
            (folder / f"{name}.yaml").write_text(text)
    (folder / "rules.yaml").write_text(RULES)
    (folder / "nothing.yaml").write_text("mapspace_constraints:\n- {target: Rf, type: temporal, factors: R=3 C=4 K=4 P=8}\n")


def certify(folder, goal, *files, more=()):
    """(exit status, path) of the certificate."""
    out = folder / "_".join([goal, *files, *(word.strip("-") for word in more)])
    options = "--cost-model timeloop --log-level 0 --threads 2 --evaluations 200".split()
    command = [TOOLS.program, "certify", *options, *more, "--objective", goal, "--out", str(out)]
    run = subprocess.run([*command, *(f"{folder / name}.yaml" for name in files)], capture_output=True, text=True)
    if run.returncode not in (0, 3, 4):
        expect(False, f"certify {goal} {files}: {run.stderr}")
    return run.returncode, out / "certificate.jsonl"


def holds(folder, goal, *files, status=0, more=(), sample="6"):
    code, path = certify(folder, goal, *files, more=more)
    expect(code == status, f"certify {goal} {files} {more}: {code}")
    code, output = check(path, "--sample", sample)
    expect(code == 0 and output.startswith(f"holds: {goal} in ["), f"{goal} {files} {more}: {output[-500:]}")
    return output


def test_certificates_hold(folder):
    """Two to five levels, MACs with a fan-out, wires, bypass, rules; windows with steps; three inputs."""
    cases = {
        "trio": ("gemm_small", "conv_small", "conv_mixed", "dw_s2", "mttkrp"),
        "duo": ("gemm_small", "conv1d", "conv_mixed", "mttkrp"),
        "grid": ("gemm_small", "conv1d"),
        "rows": ("conv1d",),
    }
    for machine, problems in cases.items():
        for problem in problems:
            for goal in GOALS:
                holds(folder, goal, machine, problem)
    for goal in GOALS:
        holds(folder, goal, "trio", "conv_small", "rules")
        holds(folder, goal, "three_168", "conv1x1_K256_C64_56", sample="3")
        holds(folder, goal, "trio", "conv_small", more=("--gap", "0.3"))
    for goal in ("energy", "edp"):
        holds(folder, goal, "three_168", "conv3x3_K512_C256_28", status=4, more=("--time-limit", "0.2"), sample="1")
    for files in (("trio", "conv_small", "nothing"), ("lanes", "conv1d")):
        output = holds(folder, "energy", *files, status=3)
        expect("[inf, None]" in output, f"no mapping: {output}")


def mapping_of(text, q):
    """The loops of a mapping file of the golden tables, and which level keeps which tensor."""
    loops = {l.name: {"temporal": [], "columns": [], "rows": []} for l in q.levels}
    for entry in re.split(r"^- ", text, flags=re.MULTILINE)[1:]:
        level = re.search(r"target: (\w+)", entry)[1]
        if "factors" in entry:
            factors = {d: int(n) for d, n in re.findall(r"([A-Z])=(\d+)", entry)}
            order = list(re.search(r"permutation: (\w+)", entry)[1])
            real = [[[d, factors[d]] for d in part if factors[d] > 1] for part in (order, *split(entry, order))]
            if "temporal" in entry:
                loops[level]["temporal"] = real[0]
            else:
                loops[level]["columns"], loops[level]["rows"] = real[1:]
        else:
            kept = re.findall(r"\w+", re.search(r"keep: \[(.*?)\]", entry)[1])
            next(l for l in q.levels if l.name == level).keeps = [t.name in kept for t in q.tensors]
    return [loops[l.name] for l in q.levels]


def split(entry, order):
    found = re.search(r"split: (\d+)", entry)
    at = int(found[1]) if found else len(order)
    return order[:at], order[at:]


def test_prices_are_timeloops(folder):
    """The checker prices mappings as Timeloop itself does."""
    sys.path.insert(0, str(pathlib.Path(TOOLS.checker).parent))
    from certificates.timeloop.mapping import read_loops
    from certificates.timeloop.model import Loops, price
    from certificates.timeloop.question import Question

    priced, headers = 0, {}
    for file in sorted(GOLDEN.glob("*.jsonl")):
        cases = [json.loads(line) for line in file.read_text().splitlines()]
        for case in cases[:: len(cases) // 8]:
            if not case["expect"]["valid"]:
                continue
            pair = case["arch"], f"real_{case['problem']}"
            if pair not in headers:
                _, path = certify(folder, "energy", *pair, more=("--time-limit", "0"))
                headers[pair] = entries_of(path)[0]
            q = Question(headers[pair])
            levels = mapping_of(case["mapping"], q)
            loops = [Loops(*(read_loops(q, l[name]) for name in ("temporal", "columns", "rows"))) for l in levels]
            cycles, energy = price(q, loops)
            wanted = case["expect"]
            is_equal = cycles == wanted["cycles"] and abs(energy - wanted["energy_pj"]) <= 1e-12 * energy
            expect(is_equal, f"{case['id']}: {cycles}, {energy}, not {wanted['cycles']}, {wanted['energy_pj']}")
            priced += 1
    expect(priced > 50, f"{priced} priced")


def test_damage_is_found(folder):
    _, path = certify(folder, "energy", "trio", "conv_small")
    TOOLS.refuses_damage(path, (1, 2, 3, 4, 12), "lines")


def test_forged_bests_are_found(folder):
    for goal in GOALS:
        _, path = certify(folder, goal, "trio", "conv_small")
        best = entries_of(path)[1]["best"]
        for name in ("cycles", "energy_pj"):
            forge(path, 2, f"{name} is", lambda e, name=name: e[1]["best"].update({name: best[name] - 1}))
        forge(path, 2, "upper bound", lambda e: e[1]["best"].update(value=best["value"] * 0.5))
        forge(path, 2, "no best mapping", lambda e: e[1].update(best=None))

        def lower(e):
            e[1]["best"].update(value=best["value"] * 0.5)
            e[0].update(upper_bound=best["value"] * 0.5, lower_bound=best["value"] * 0.5)

        forge(path, 2, "value is", lower)
        outermost = lambda e: e[1]["best"]["mapping"][-1]  # noqa: E731
        forge(path, 2, "factors of", lambda e: outermost(e)["temporal"].append(["K", 2]))
        forge(path, 2, "holds", lambda e: e[0]["architecture"]["levels"][0].update(usable_words=3))
        columns = lambda e: e[1]["best"]["mapping"][0].update(columns=[["K", 1]])  # noqa: E731
        forge(path, 2, "one step", columns)
    _, path = certify(folder, "energy", "trio", "conv_small", "rules")
    rules = lambda e, level: e[0]["space"]["levels"][level]  # noqa: E731
    forge(path, 2, "factor is not in the space", lambda e: rules(e, 0)["temporal"].update(least={"R": 2}, most={"R": 2}))
    forge(path, 2, "split", lambda e: (rules(e, 1).update(split=0), rules(e, 1)["spatial"].update(innermost="")))


def test_forged_subtrees_are_found(folder):
    for goal, problem in (("energy", "conv_small"), ("edp", "conv_small")):
        _, path = certify(folder, goal, "trio", problem)
        entries = entries_of(path)
        cuts = [i for i, e in enumerate(entries) if "cut" in e]
        opened = [i for i, e in enumerate(entries) if "opened" in e]
        if len(opened) < 2 or len(cuts) < 2:
            expect(False, f"{goal} {problem}: {len(cuts)} cut, {len(opened)} opened")
            continue
        lower, bound = entries[0]["lower_bound"], entries[opened[0]]["bound"]
        for at in (cuts[0], cuts[1], opened[0], opened[-1]):
            for other in (1.0, entries[at]["bound"] * 1.01, lower * 1.0001):
                forge(path, at + 1, "the bound is", lambda e, at=at, other=other: e[at].update(bound=other))
        last = opened[-1]
        whole = next(i for i in cuts if entries[i]["splits"] == entries[last]["splits"][:-1])

        def lose(e):
            e.pop(last)
            e[0]["lines"] -= 1

        forge(path, whole + 1, "have no line of their own", lose)

        def close(e):
            """An opened subtree passed off as settled."""
            lose(e)
            e[whole]["cut"]["settled"] += 1

        forge(path, whole + 1, "has the bound", close)

        def again(e):
            e.append(e[last])
            e[0]["lines"] += 1

        forge(path, len(entries) + 1, "has a line already", again)
        forge(path, last + 1, "cannot be split", lambda e: e[last]["splits"][0].__setitem__(0, 7))
        forge(path, last + 1, "does not say", lambda e: e[last].pop("opened"))
        found = lambda e, least: e[last]["opened"].update(least=least)  # noqa: E731
        forge(path, last + 1, "better than the best", lambda e: (e[0].update(lower_bound=1), found(e, lower * 0.99)))
        forge(path, last + 1, "opened again", lambda e: found(e, lower * 1.00001), "--sample", "1000")
        at = max(cuts, key=lambda i: entries[i]["cut"]["settled"])
        cut = entries[at]["cut"]
        forge(path, at + 1, "parts do not fit", lambda e: e[at]["cut"].update(unfit=cut["unfit"] + 1))
        forge(path, at + 1, "parts do not fit", lambda e: e[at]["cut"].update(settled=cut["settled"] - 1))
        forge(path, at + 1, "has the bound", lambda e: e[at]["cut"].update(least=cut["least"] * 2))
        forge(path, at + 1, "below the certified bound", lambda e: e[at]["cut"].update(least=lower * 0.9))
        forge(path, 3, "", lambda e: e[2].update(splits=e[last]["splits"]))
        forge(path, 1, "subtrees", lambda e: e[0].update(subtrees=7))

        def keep(count, *root):
            def change(e):
                e[2:] = [*root, *e[2 + len(root) : 2 + count]]
                e[0].update(lines=count, subtrees=count)

            return change

        whole = {"splits": [], "bound": entries[2]["bound"], "opened": {"least": None}}
        forge(path, 3, "too many", keep(1, whole))
        forge(path, 1, "without subtrees", keep(0))


def test_a_worse_mapping_is_no_optimum(folder):
    """The certificate of rules, whose optimum is worse, passed off as one without rules."""
    for goal in GOALS:
        _, path = certify(folder, goal, "trio", "conv_small", "rules")
        entries = entries_of(path)
        free = {"least": {}, "most": {}, "innermost": "", "outermost": ""}
        for level in entries[0]["space"]["levels"]:
            level.update(temporal=free, spatial=free, split=None)
        altered = path.with_name("altered.jsonl")
        altered.write_text(sealed(entries))
        code, output = check(altered)
        expect(code == 1 and "line " in output and "line 2" not in output, f"a worse {goal}: {code} {output}")


if __name__ == "__main__":
    sys.exit(
        TOOLS.run(
            write_inputs,
            test_certificates_hold,
            test_prices_are_timeloops,
            test_damage_is_found,
            test_forged_bests_are_found,
            test_forged_subtrees_are_found,
            test_a_worse_mapping_is_no_optimum,
        )
    )
