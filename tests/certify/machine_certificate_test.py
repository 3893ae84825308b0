"""The certificates of the best accelerator hold, and altered ones are refused, with the line.

    machine_certificate_test.py PROGRAM CHECKER
"""

import itertools
import sys

from certificate_files import Program, entries_of, need_numpy, network, sealed

need_numpy()

NETWORK = """name,type,K,C,Y,X,R,S,stride_y,stride_x,groups,count
conv,CONV,8,6,9,8,3,3,1,1,1,2
deep,DSCONV,1,12,9,9,3,3,2,2,1,1
gemm,GEMM,20,14,12,1,1,1,1,1,1,1
again,CONV,8,6,9,8,3,3,1,1,1,1
"""
MACHINE = "--noc-bw 81920000 --offchip-bw 81920000 --cost-model exact --log-level 0".split()
SEARCHED = "--num-pes search --pe-limit 24".split()
SMALLEST = ("budget-area", ("--limit", "latency=6000"))
FASTEST = ("latency", ("--area-budget", "0.0065"))
NARROW = ("--noc-bw", "4", "--evaluations", "300")  # mappings wait: bounds and a gap
TOOLS = Program(*sys.argv[1:3], MACHINE)
expect, check, forge = TOOLS.expect, TOOLS.check, TOOLS.forge


def certify(folder, question, *more):
    goal, asked = question
    return TOOLS.certify(folder, "all", goal, *([] if "--num-pes" in more else SEARCHED), *asked, *more)


def test_certificates_hold(folder):
    """Of both questions; with buffers that bind, one number of PEs, clusters of a size, a narrow NoC, without time."""
    variants = (
        ((), 0),
        (("--l1-size", "38", "--l2-size", "400"), 0),
        (("--num-pes", "20"), 0),
        (("--cluster-size", "5"), 0),
        (("--constraint", "shidiannao"), 0),
        (("--constraint", "ykp_os", "--limit", "latency=20000"), 0),
        (("--gap", "0.2"), 0),
        (("--l1-size", "37"), 3),  # no layer with a window of 3 x 3 fits
        (("--time-limit", "0"), 4),
        (NARROW, 4),
        ((*NARROW, "--gap", "0.5"), 0),
        ((*NARROW, "--noc-hop-latency", "3", "--cluster-size", "5"), 4),
        ((*NARROW, "--time-limit", "0.05"), 4),
    )
    for question in (SMALLEST, FASTEST):
        for more, expected in variants:
            if question is FASTEST and "--num-pes" in more:
                continue  # that is a question about mappings
            code, path = certify(folder, question, *more)
            expect(code == expected, f"certify {question} {more}: {code}")
            code, output = check(path, "--sample", "1000")
            expect(code == 0 and output.startswith(f"holds: {question[0]} in ["), f"{question} {more}: {output[-500:]}")
    expect(TOOLS.check_apart(path)[0] == 0, "the checker as a program")


def test_damage_is_found(folder):
    for question in (SMALLEST, FASTEST):
        _, path = certify(folder, question)
        TOOLS.refuses_damage(path, (1, 2, 3, 20), "lines")


def test_forged_sizes_are_found(folder):
    for question, more in itertools.product((SMALLEST, FASTEST), ((), NARROW)):
        _, path = certify(folder, question, *more)
        entries = entries_of(path)
        lower = entries[0]["lower_bound"]
        opened = [i for i, e in enumerate(entries) if "opened" in e and i > 1 and e["bound"] < lower]
        closed = [i for i, e in enumerate(entries) if "opened" not in e and i > 1]
        expect(len(opened) > 1 and len(closed) > 5, f"{question}: {len(opened)} opened, {len(closed)} not")
        for at in (closed[0], closed[-1], opened[0]):
            forge(path, at + 1, "the bound is", lambda e, at=at: e[at].update(bound=entries[0]["lower_bound"] * 1.01))
            forge(path, at + 1, "it is of", lambda e, at=at: e[at].update(pes=25))
        forge(path, 1, "numbers of PEs", lambda e: (e.pop(closed[0]), e[0].update(lines=len(e) - 2)))
        forge(path, 1, "opened numbers of PEs", lambda e: e[0].update(opened=77))
        for at in opened:
            found = entries[at]["opened"]
            slower = [None if c is None else c + 9 for c in found["cycles"]]
            forge(path, at + 1, "", lambda e, at=at: e[at]["opened"].update(cycles=[]))
            faster = {"l2_elems": 8, "cycles": [1] * 3}
            forge(path, at + 1, "below the certified bound", lambda e, at=at, f=faster: e[at].update(opened=f))
            if any(c is not None for c in found["cycles"]):
                change = lambda e, at=at, s=slower: e[at]["opened"].update(cycles=s)  # noqa: E731
                forge(path, at + 1, "proved again", change, "--sample", "1000")

        def close(e, at=opened[0]):
            del e[at]["opened"]
            e[0]["opened"] -= 1

        forge(path, opened[0] + 1, "was not opened", close)


def test_forged_accelerators_are_found(folder):
    for question in (SMALLEST, FASTEST):
        _, path = certify(folder, question)
        best = entries_of(path)[1]["best"]
        forge(path, 2, "budget_area_um2 is", lambda e: e[1]["best"].update(l2_size_elems=best["l2_size_elems"] + 2))
        forge(path, 2, "needs L1", lambda e: e[1]["best"].update(l2_size_elems=best["l2_size_elems"] - 2))
        forge(path, 2, "latency_cycles is", lambda e: e[1]["best"].update(latency_cycles=best["latency_cycles"] - 1))
        forge(path, 2, "are not those", lambda e: e[1]["best"].update(num_pes=25))
        forge(path, 2, "has no mapping", lambda e: e[1]["best"]["mappings"].pop())
        forge(path, 2, "upper bound", lambda e: e[1].update(best=None))
        forge(path, 2, "its value", lambda e: e[0].update(upper_bound=e[0]["upper_bound"] - 1))
        forge(path, 2, "keep", lambda e: e[0].update(latency_limit=best["latency_cycles"] - 1))
        forge(path, 2, "keep", lambda e: e[0].update(area_budget_um2=best["budget_area_um2"] - 1))


def test_a_worse_accelerator_is_no_optimum(folder):
    """An accelerator that counts and is not the best, passed off as that."""
    for (goal, asked), more in ((SMALLEST, ["--limit", "latency=5000"]), (FASTEST, ["--area-budget", "0.0055"])):
        _, path = certify(folder, (goal, more))
        worse = entries_of(path)
        _, path = certify(folder, (goal, asked))
        entries = entries_of(path)
        upper = worse[0]["upper_bound"]
        expect(upper > entries[0]["upper_bound"], f"{goal}: {more} is no harder")
        entries[0].update(upper_bound=upper, lower_bound=upper)
        entries[1] = worse[1]
        altered = path.with_name("altered.jsonl")
        altered.write_text(sealed(entries))
        code, output = check(altered, "--sample", "1000")
        expect(code == 1 and "line " in output and "line 2" not in output, f"a worse {goal}: {code} {output}")


if __name__ == "__main__":
    sys.exit(
        TOOLS.run(
            network(NETWORK),
            test_certificates_hold,
            test_damage_is_found,
            test_forged_sizes_are_found,
            test_forged_accelerators_are_found,
            test_a_worse_accelerator_is_no_optimum,
        )
    )
