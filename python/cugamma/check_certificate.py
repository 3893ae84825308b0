"""Checks a certificate that `cugamma certify --out` wrote, without any code of cuGAMMA.

    cugamma-check-certificate [--sample N] [--seed S] certificate.jsonl

It recomputes everything from the documents (docs/certify.md with docs/model.md, docs/certify-exact.md with
docs/exact-model.md, docs/certify-timeloop.md with docs/timeloop-model.md): that the lines are as they were written,
that the subtrees cover the space, the bound of every subtree, the figures of the best mapping. It opens a sample of the
opened subtrees again, by brute force over their classes. Exit status: 0 the certificate holds, 1 it does not (the
message names the line), 2 it is of a kind that this program does not check.
"""

import argparse
import pathlib
import sys

if not __package__:  # run as a file, not installed
    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
    from certificates.exact.checker import ExactChecker
    from certificates.exact.machine import MachineChecker
    from certificates.lines import NotChecked, Refused, read_lines
    from certificates.maestro import MaestroChecker
    from certificates.timeloop.checker import TimeloopChecker
else:
    from .certificates.exact.checker import ExactChecker
    from .certificates.exact.machine import MachineChecker
    from .certificates.lines import NotChecked, Refused, read_lines
    from .certificates.maestro import MaestroChecker
    from .certificates.timeloop.checker import TimeloopChecker

CHECKERS = {"exact": ExactChecker, "maestro": MaestroChecker, "timeloop": TimeloopChecker}


def checker_of(entries, sample, seed):
    header = entries[0]
    if header.get("certificate") not in ("cugamma", "cugamma machine") or header.get("version") != 1:
        raise Refused(1, "it is no header of a certificate of version 1")
    if header.get("cost_model") not in CHECKERS:
        raise NotChecked(f"cost model {header.get('cost_model')}; {', '.join(CHECKERS)} are checked")
    is_of_machine = header["certificate"] == "cugamma machine"
    try:
        return (MachineChecker if is_of_machine else CHECKERS[header["cost_model"]])(entries, sample, seed)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Refused(1, f"the header says too little: {type(error).__name__} {error}") from error


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="cugamma-check-certificate", description=__doc__.split("\n")[0])
    parser.add_argument("file")
    parser.add_argument("--sample", type=int, default=20, help="opened subtrees to open again (default 20)")
    parser.add_argument("--seed", type=int, default=1, help="which ones")
    given = parser.parse_args(arguments)
    try:
        checker = checker_of(read_lines(given.file), given.sample, given.seed)
        again = checker.run()
    except Refused as error:
        print(f"{given.file}: {error}", file=sys.stderr)
        return 1
    except NotChecked as error:
        print(f"{given.file}: not checked: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"{given.file}: {error.strerror}", file=sys.stderr)
        return 1
    for note in checker.notes:
        print(f"note: {note}")
    print(f"holds: {checker.goal} in [{checker.lower}, {checker.header['upper_bound']}], {', '.join(again)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
