"""Searches on several processes: one result, one voice, and what is left when a process dies.

    processes_test.py CUGAMMA MPIEXEC
"""

import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

# Ends what hangs; on an idle machine nothing here takes ten seconds.
PATIENCE_S = 1000
# Where more processes run than cores, one that waits lets the others work.
os.environ["OMPI_MCA_mpi_yield_when_idle"] = "1"
CUGAMMA, MPIEXEC = sys.argv[1:3]
MACHINE = ["--num-pes=168", "--l1-size=512", "--l2-size=108000", "--threads=1"]
SEARCH = [
    "search", "--model=vgg16", "--layer=8", "--population=80", "--islands=4", "--seed=7",
    "--migration-interval=3", "--log-level=0", *MACHINE,
]  # fmt: skip


def launcher(count):
    words = [MPIEXEC, "-n", str(count)]
    version = subprocess.run([MPIEXEC, "--version"], capture_output=True, text=True).stdout
    if "Open MPI" in version or "OpenRTE" in version:
        words += ["--oversubscribe", "--bind-to", "none"]
        words += ["--allow-run-as-root"] if os.geteuid() == 0 else []
    return words


def run(count, *words):
    command = [*(launcher(count) if count else []), CUGAMMA, *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S)


def layers_of(result):
    """What must not depend on the number of processes."""
    return [{k: v for k, v in layer.items() if k != "seconds"} for layer in result["layers"]]


def search(count, *words):
    done = run(count, *words, "--format=json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_one_result_on_any_number_of_processes():
    words = [*SEARCH, "--evaluations=6000"]
    alone = search(0, *words)
    for count in (1, 2, 4):
        together = search(count, *words)
        assert layers_of(together) == layers_of(alone), f"{count} processes"
        assert together["evaluations"] == 6000
    other = search(4, *words, "--seed=8")
    assert layers_of(other) != layers_of(alone)


def test_layers_are_spread_too():
    words = ["search", "--model=alexnet", "--evaluations=200", "--islands=1", "--num-pes=168", "--threads=1"]
    assert layers_of(search(3, *words)) == layers_of(search(0, *words))


def test_each_process_has_an_island_unless_told_otherwise():
    words = [word for word in SEARCH if not word.startswith("--islands")]
    assert search(3, *words, "--evaluations=600")["config"]["islands"] == 3


def test_only_the_first_speaks(folder):
    words = [*SEARCH, "--log-level=2", "--generations=4", f"--out={folder}"]
    done = run(4, *words)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("mappings/s") == 1, done.stdout
    assert done.stderr.count("generation 4") == 1, done.stderr
    assert json.loads((folder / "result.json").read_text())["evaluations"] == 400


def test_errors_are_said_once():
    done = run(4, *SEARCH, "--layer=99")
    assert done.returncode == 1, done.returncode
    assert done.stderr.count('cugamma: --layer: found "99"') == 1, done.stderr
    # One process alone has something wrong.
    wrong = [":", "-n", "1", CUGAMMA, *SEARCH, "--layer=99"]
    done = run(1, *SEARCH, "--time-limit=3600", *wrong)
    assert done.returncode != 0
    assert done.stderr.count('cugamma: process 1: --layer: found "99"') == 1, done.stderr
    assert done.stderr.count("cugamma:") == 1, done.stderr


def test_a_checkpoint_knows_its_islands(folder):
    words = [word for word in SEARCH if not word.startswith("--islands")]
    words += ["--evaluations=30000"]
    cut = [f"--checkpoint={folder}", "--checkpoint-every=0.2"]
    whole = search(3, *words, *cut)
    assert layers_of(search(0, "search", f"--resume={folder}")) == layers_of(whole)


def test_nothing_feasible_has_its_exit_status():
    assert run(2, *SEARCH, "--generations=3", "--l1-size=3").returncode == 3


def processes_of(parent):
    """The searches that a launcher runs."""
    found = []
    for entry in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = entry.read_text().rpartition(")")[2].split()
            name = os.readlink(entry.parent / "exe")
        except OSError:
            continue
        if int(fields[1]) == parent and pathlib.Path(name) == pathlib.Path(CUGAMMA).resolve():
            found.append(int(entry.parent.name))
    return sorted(found)


def test_a_process_that_dies_ends_the_run(folder):
    """The search is not near its end when a process is killed, however slow or fast the machine."""
    words = [*SEARCH, "--evaluations=1000000000", f"--checkpoint={folder}", "--checkpoint-every=0.2"]
    process = subprocess.Popen(
        [*launcher(4), CUGAMMA, *words], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    while not (folder / "checkpoint.previous.bin").exists():
        assert process.poll() is None, process.stderr.read()
        time.sleep(0.01)
    os.kill(processes_of(process.pid)[2], signal.SIGKILL)
    said = process.communicate(timeout=PATIENCE_S)[1]
    assert process.returncode != 0
    assert said.count("cugamma:") == 1, said
    assert "is gone" in said and f"--resume {folder} goes on" in said, said
    resume = ["search", f"--resume={folder}", "--checkpoint-every=3600"]
    done = search(0, *resume, "--evaluations=1")["evaluations"]
    wanted = f"--evaluations={done + 8000}"
    assert layers_of(search(2, *resume, wanted)) == layers_of(search(0, *SEARCH, wanted))


def main():
    for name, test in list(globals().items()):
        if not name.startswith("test_"):
            continue
        with tempfile.TemporaryDirectory() as folder:
            test(*([pathlib.Path(folder)] if test.__code__.co_argcount else []))
        print(f"{name}: passed", flush=True)


if __name__ == "__main__":
    main()
