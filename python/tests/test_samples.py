"""Every command and code sample of README.md, of docs/ and its notebooks, and of the man pages runs."""

import ast
import os
import pathlib
import re
import shlex
import subprocess
import sys
import sysconfig
import textwrap

import pytest

ROOT = pathlib.Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
EXAMPLES = sorted((ROOT / "man").glob("*.examples"))
NOTEBOOKS = sorted((ROOT / "docs" / "notebooks").glob("*.ipynb"))

#: Lines that begin so are commands.
COMMAND = re.compile(r"(\$ )?(cugamma\S*|python\d?|pip|cmake|mpirun|docker|(scripts|python)/\S+)( |$)")
#: Commands that build or test this whole project, which other tests do.
BUILDING = re.compile(r"scripts/|pip install|cmake |docker |python/run_tests")
#: What the commands that README.md names in a sentence leave open.
CONTEXT = {
    "certify --model resnet50 --layer all": "--num-pes 64 --objective latency --time-limit 3s",
    "evaluate best.m --accelerator gamma": "",
    "search --constraint dla --flex OP": "--model alexnet --evaluations 300",
    "search --num-pes search --area-budget 1": "--model alexnet --evaluations 100",
    "search --population 1000000": "--model vgg16 --layer 1 --evaluations 2000000",
}
SENTENCE = re.compile(r"`((?:certify|evaluate|search|models|networks|validate|compare|report) ?[^`]*)`")
#: What takes minutes as a page has it, and what of it is enough to see that it runs.
SHORTER = {"--count 10000": "--count 300", "--seeds 10": "--seeds 2", "--seconds 1 ": "--seconds 0.2 "}
#: On a busy machine a proof may end with a gap.
GAP = 4
#: What the program says where the package was built without pagmo2, which only its algorithms need.
NO_PAGMO = "this build has no pagmo"


def blocks(text):
    """The indented blocks of a page, each with the text before it."""
    before, block = [], []
    for line in [*text.split("\n"), "end"]:
        if line.startswith("    ") or (block and not line.strip()):
            block.append(line)
            continue
        if block:
            yield "\n".join(before), textwrap.dedent("\n".join(block)).strip("\n")
            before, block = [], []
        before.append(line)


def is_code(block):
    starts = re.match(r"(import|from|for|try|print)\b|\w+(, \w+)* = ", block)
    try:
        return bool(starts and ast.parse(block))
    except SyntaxError:
        return False


def commands(block):
    """The commands of a block, without what they print, and without [what may be left out]."""
    lines = re.sub(r"\\\n\s*", "", block).split("\n")
    found = [line.removeprefix("$ ") for line in lines if COMMAND.match(line)]
    return [re.sub(r" \[[^\]]*\]", "", command) for command in found]


def make_model(path, batch, size):
    onnx = pytest.importorskip("onnx")
    make, kind = onnx.helper, onnx.TensorProto.FLOAT
    image = make.make_tensor_value_info("image", kind, [batch, 3, size, size])
    weight = make.make_tensor_value_info("weight", kind, [8, 3, 3, 3])
    out = make.make_tensor_value_info("out", kind, None)
    node = make.make_node("Conv", ["image", "weight"], ["out"], name="stem")
    onnx.save(make.make_model(make.make_graph([node], "net", [image, weight], [out])), path)


def run(command, folder):
    """Runs a command as a user of this installation would."""
    for whole, part in SHORTER.items():
        command = command.replace(whole, part)
    scripts = sysconfig.get_path("scripts")
    path = os.pathsep.join([scripts, os.path.dirname(sys.executable), os.environ["PATH"]])
    done = subprocess.run(
        ["bash", "-c", command], cwd=folder, env={**os.environ, "PATH": path}, capture_output=True, text=True
    )
    if NO_PAGMO in done.stderr:
        return
    is_proof = "--prove" in command or "certify" in command
    assert done.returncode in ((0, GAP) if is_proof else (0,)), f"{command}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"


#: A product of a matrix and a vector on a buffer and eight multipliers, in Timeloop's files.
TIMELOOP = {
    "arch": """architecture:
  version: 0.3
  subtree:
  - name: system
    local: [{name: DRAM, class: DRAM, attributes: {width: 64, block-size: 4}}]
    subtree:
    - name: chip
      local:
      - {name: Buffer, class: SRAM, attributes: {depth: 64, width: 16}}
      - {name: 'MAC[0..7]', class: mac}
""",
    "problem": """problem:
  shape:
    dimensions: [M, K]
    data_spaces:
    - {name: A, projection: [[[M]], [[K]]]}
    - {name: B, projection: [[[K]]]}
    - {name: Z, projection: [[[M]]], read_write: true}
  instance: {M: 8, K: 4}
""",
    "mapping": """mapping:
- {target: DRAM, type: temporal, factors: M=1 K=1, permutation: MK}
- {target: Buffer, type: spatial, factors: M=2 K=2, permutation: MK, split: 2}
- {target: Buffer, type: temporal, factors: M=4 K=2, permutation: MK}
""",
    "constraints": """mapspace_constraints:
- {target: DRAM, type: temporal, factors: K=1}
""",
    "mapper": """mapper: {optimization-metrics: [edp], search-size: 500}
""",
}


def prepare(folder):
    """What commands find beside them: the folders of this project that they name, and models."""
    for name in ("bench", "python", "docs"):
        (folder / name).symlink_to(ROOT / name)
    for name, text in TIMELOOP.items():
        (folder / f"{name}.yaml").write_text(text)
    make_model(str(folder / "model.onnx"), 1, 224)
    make_model(str(folder / "any_size.onnx"), "batch", "size")


def run_block(before, block, folder, names):
    saved = re.search(r"[Ss]ave this as\s+`([^`]+)`", before)
    if saved:
        (folder / saved[1]).write_text(block + "\n")
    elif is_code(block):
        exec(compile(block, f"{folder.name}, {block.splitlines()[0]}", "exec"), names)
    else:
        for command in commands(block):
            if not BUILDING.match(command):
                run(command, folder)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_samples_of_a_page_run(page, tmp_path, monkeypatch):
    for missing in ("pandas", "matplotlib"):
        pytest.importorskip(missing)
    prepare(tmp_path)
    monkeypatch.chdir(tmp_path)
    names = {"__name__": "sample"}
    for before, block in blocks(page.read_text()):
        run_block(before, block, tmp_path, names)


def test_the_commands_in_the_readme_s_sentences_run(tmp_path):
    prepare(tmp_path)
    run("cugamma search --model vgg16 --layer 1 --num-pes 168 --evaluations 300 --out .", tmp_path)
    found = [span.replace("\n", " ") for span in SENTENCE.findall((ROOT / "README.md").read_text())]
    spans = [" ".join(span.split()) for span in found]
    assert len(spans) >= 8 and set(CONTEXT) <= set(spans)
    for span in spans:
        if " " in span:
            run(f"cugamma {span} {CONTEXT.get(span, '')}", tmp_path)


@pytest.mark.parametrize("page", EXAMPLES, ids=lambda page: page.stem)
def test_the_examples_of_a_man_page_run(page, tmp_path):
    prepare(tmp_path)
    found = [line.strip() for line in page.read_text().splitlines() if line.startswith("  ")]
    assert found and all(shlex.split(command)[0].startswith("cugamma") for command in found)
    for command in found:
        run(command, tmp_path)


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs(notebook, tmp_path):
    nbformat = pytest.importorskip("nbformat")
    nbclient = pytest.importorskip("nbclient")
    pytest.importorskip("ipykernel")
    for needed in ("pandas", "matplotlib"):
        pytest.importorskip(needed)
    book = nbformat.read(notebook, as_version=4)
    nbformat.validate(book)
    resources = {"metadata": {"path": str(tmp_path)}}
    nbclient.NotebookClient(book, timeout=3600, kernel_name="python3", resources=resources).execute()
    shown = [cell for cell in book.cells if cell.cell_type == "code" and cell.outputs]
    assert len(shown) >= 3


def test_samples_are_found():
    page = "Save this as `net.csv`:\n\n    name,type\n    a,CONV\n\nThen:\n\n    $ cugamma a \\\n      b\n    printed\n\nAnd:\n\n    x = 1\n"
    (before, table), (_, shell), (_, code) = blocks(page)
    assert "`net.csv`" in before and table == "name,type\na,CONV"
    assert commands(shell) == ["cugamma a b"] and not is_code(shell) and not is_code(table)
    assert is_code(code) and not commands(code)
    counts = [sum(is_code(block) or bool(commands(block)) for _, block in blocks(path.read_text())) for path in PAGES]
    assert sum(counts) >= 25
