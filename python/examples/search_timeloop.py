"""Searches a mapping from Timeloop's files, in place of a call of timeloop-mapper.

    python search_timeloop.py arch.yaml problem.yaml [constraints.yaml mapper.yaml ...] [FOLDER]

What was

    subprocess.run(["timeloop-mapper", *files, "-o", folder], check=True)

and the reading of timeloop-mapper.stats.txt is one call, whose figures need no parsing. The files
that timeloop-mapper writes are written too, if the last argument is a folder.
"""

import pathlib
import sys

from cugamma import timeloop


def main() -> int:
    files = [pathlib.Path(argument) for argument in sys.argv[1:]]
    folder = files.pop() if files and files[-1].is_dir() else None
    found = timeloop.search(*files, explore_bypass=True)
    best = found.best
    if best is None:
        print("no valid mapping was found", file=sys.stderr)
        return 1
    layer = found.layers[0]
    print(f"{layer.evaluations} valid mappings scored in {layer.seconds:.2f} s")
    print(f"cycles {best.cycles}, energy {best.energy:.6g} pJ, utilization {best.utilization:.2%}")
    for level in best.figures["levels"]:
        energy = sum(counts[-1] for counts in level["tensors"].values())
        print(f"  {level['name']}: {energy / best.energy:.1%} of the energy")
    if folder is not None:
        best.write(folder, prefix="timeloop-mapper")
    return 0


if __name__ == "__main__":
    sys.exit(main())
