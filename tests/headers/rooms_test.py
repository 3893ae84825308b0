"""The rooms of include/ and src/ keep their order.

    rooms_test.py SOURCE_FOLDER

No two rooms include each other, directly or by way of others; no public header includes a private one, every quoted include is of
a file in the tree, and no folder but src/kernels holds more than 18 files directly.
"""

import graphlib
import pathlib
import re
import sys

MOST_FILES = 18
SOURCES = (".hpp", ".cpp", ".cu", ".cuh")
INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"]+)"', re.MULTILINE)


def room_of(path):
    """include/cugamma/mapping/genome.hpp and src/host/mapping/*: mapping; src/kernels/*: kernels."""
    parts = path.parts
    if parts[:2] == ("src", "kernels"):
        return "kernels"
    return parts[2] if len(parts) > 3 else None


def included_file(tree, file, name):
    """The file that a quoted include names, relative to the tree; None if there is none."""
    folders = (file.parent, pathlib.Path("include"), pathlib.Path("src/host"), pathlib.Path("src/kernels"))
    for folder in folders:
        if (tree / folder / name).is_file():
            return folder / name
    return None


def includes_of(tree):
    """Every quoted include: the file, the name in its line, the included file."""
    for top in ("include", "src"):
        for path in sorted((tree / top).rglob("*")):
            if path.suffix not in SOURCES:
                continue
            file = path.relative_to(tree)
            for name in INCLUDE.findall(path.read_text()):
                yield file, name, included_file(tree, file, name)


def problems_of_includes(includes):
    examples = {}  # one include for each pair of rooms
    for file, name, target in includes:
        if target is None:
            yield f'{file} includes "{name}", which is not in the tree'
            continue
        if file.parts[0] == "include" and target.parts[0] != "include":
            yield f"{file} is public and includes {target}, which is not"
        rooms = room_of(file), room_of(target)
        if None not in rooms and rooms[0] != rooms[1]:
            examples.setdefault(rooms, f"{file} includes {target}")
    arrows = graphlib.TopologicalSorter()
    for here, there in examples:
        arrows.add(here, there)
    try:
        arrows.prepare()
    except graphlib.CycleError as error:
        circle = error.args[1][::-1]
        steps = "; ".join(examples[arrow] for arrow in zip(circle, circle[1:]))
        yield f"rooms include each other: {' > '.join(circle)}: {steps}"


def problems_of_folders(tree):
    for top in ("include", "src"):
        folders = [tree / top, *(path for path in (tree / top).rglob("*") if path.is_dir())]
        for folder in sorted(folders):
            name = folder.relative_to(tree)
            count = sum(entry.is_file() for entry in folder.iterdir())
            if count > MOST_FILES and name != pathlib.Path("src/kernels"):
                yield f"{name} holds {count} files, at most {MOST_FILES} are allowed"


def main():
    tree = pathlib.Path(sys.argv[1])
    includes = list(includes_of(tree))
    problems = [*problems_of_includes(includes), *problems_of_folders(tree)]
    for problem in problems:
        print(problem)
    print(f"{len(includes)} includes, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
