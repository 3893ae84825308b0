"""Stops searches at random moments and resumes them; each must end as the one that ran through.

    kill_test.py CUGAMMA [STOPS [SEED]]

Stops by SIGKILL, SIGTERM and Ctrl-C, resumes on other thread counts and back ends.
"""

import json
import pathlib
import random
import signal
import subprocess
import sys
import tempfile

SEARCH = [
    "search", "--model=vgg16", "--layer=2", "--num-pes=168", "--l1-size=512", "--l2-size=108000",
    "--population=50", "--evaluations=20000", "--log-level=0", "--checkpoint-every=0.001",
]  # fmt: skip
KINDS = ([], ["--islands=3", "--migration-interval=4"])
SIGNALS = (signal.SIGKILL, signal.SIGKILL, signal.SIGTERM, signal.SIGINT)
LONGEST_S = 0.25


def outcome(folder):
    """What must not depend on how often a run was stopped."""
    layers = json.loads((folder / "result.json").read_text())["layers"]
    return [{key: value for key, value in layer.items() if key != "seconds"} for layer in layers]


def start(cugamma, words):
    return subprocess.Popen(
        [cugamma, *words], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )


def run_with_stops(cugamma, search, folder, stops_left, draw):
    """One search from its beginning to its end; how often it was stopped."""
    begin = [*search, f"--checkpoint={folder / 'state'}", f"--out={folder / 'out'}"]
    stops = 0
    while True:
        begun = (folder / "state").is_dir() and any((folder / "state").glob("checkpoint*.bin"))
        words = ["search", f"--resume={folder / 'state'}"] if begun else begin
        choice = [
            f"--threads={draw.choice((1, 2))}",
            f"--backend={draw.choice(('cpu', 'reference'))}",
        ]
        process = start(cugamma, [*words, *choice])
        patience = draw.uniform(0, LONGEST_S) if stops < stops_left else None
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            process.send_signal(draw.choice(SIGNALS))
            stops += 1
        said = process.stderr.read()
        process.wait()
        if process.returncode not in (0, -signal.SIGKILL, -signal.SIGTERM, -signal.SIGINT):
            sys.exit(f"ended with {process.returncode}: {said}")
        finished = process.returncode == 0 and (folder / "out" / "result.json").exists()
        if finished and not json.loads((folder / "out" / "result.json").read_text())["interrupted"]:
            return stops


def main():
    cugamma = sys.argv[1]
    wanted = int(sys.argv[2]) if len(sys.argv) > 2 else 50
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else random.randrange(2**32)
    draw = random.Random(seed)
    print(f"seed {seed}", flush=True)
    with tempfile.TemporaryDirectory() as name:
        stops = runs = 0
        for kind, options in enumerate(KINDS):
            folder = pathlib.Path(name) / str(kind)
            search = [*SEARCH, *options]
            subprocess.run(
                [cugamma, *search, f"--out={folder / 'whole'}"],
                check=True,
                stdout=subprocess.DEVNULL,
            )
            expected = outcome(folder / "whole")
            while stops < wanted * (kind + 1) // len(KINDS):
                at_most = min(10, wanted - stops)
                stops += run_with_stops(cugamma, search, folder / str(runs), at_most, draw)
                if outcome(folder / str(runs) / "out") != expected:
                    sys.exit(f"run {runs} differs from the one that was never stopped")
                runs += 1
    print(f"{stops} stops in {runs} runs, all ended alike")


if __name__ == "__main__":
    main()
