"""Scores a population with one call, where GAMMA starts one MAESTRO process for each individual.

    python one_batch_call.py [MAESTRO_PROGRAM] [INDIVIDUALS]

Writes every mapping to a file and runs the program on it, as GAMMA does, then evaluates the same
population in one call, checks that the runtimes are equal, and prints the ratio of the times. The
program is MAESTRO's or cugamma-maestro, which takes the same arguments (the default).
"""

import csv
import pathlib
import subprocess
import sys
import tempfile
import time

import numpy as np

import cugamma

LAYER = cugamma.Layer("CONV", K=64, C=3, Y=226, X=226, R=3, S=3)
MACHINE = cugamma.Accelerator(num_pes=168, noc_bw=81920000, offchip_bw=81920000)


def run_process(program: str, folder: pathlib.Path, text: str) -> int:
    """Cycles of one mapping, from a process of its own."""
    (folder / "mapping.csv").unlink(missing_ok=True)
    (folder / "mapping.m").write_text(text)
    arguments = {
        "Mapping_file": "mapping.m",
        "print_res": "false",
        "print_res_csv_file": "true",
        "print_log_file": "false",
        "num_pes": MACHINE.num_pes,
        "noc_bw_cstr": MACHINE.noc_bw,
        "noc_hops": MACHINE.noc_hops,
        "noc_hop_latency": MACHINE.noc_hop_latency,
        "offchip_bw_cstr": MACHINE.offchip_bw,
        "num_simd_lanes": MACHINE.simd_lanes,
    }
    command = [program, *(f"--{name}={value}" for name, value in arguments.items())]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    with open(folder / "mapping.csv", encoding="utf-8") as file:
        row = next(csv.DictReader(file, skipinitialspace=True))
    return int(float(row["Runtime (Cycles)"]))


def main() -> None:
    program = sys.argv[1] if len(sys.argv) > 1 else "cugamma-maestro"
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 100
    population = cugamma.random_mappings(LAYER, MACHINE, count)
    texts = [cugamma.to_mapping(genome, LAYER).to_maestro(LAYER) for genome in population]

    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        by_process = [run_process(program, pathlib.Path(folder), text) for text in texts]
        process_seconds = (time.perf_counter() - start) / count

    many = np.resize(population, 200_000)
    cugamma.evaluate(LAYER, MACHINE, population)
    start = time.perf_counter()
    costs = cugamma.evaluate(LAYER, MACHINE, many)
    batch_seconds = (time.perf_counter() - start) / many.size

    assert costs["runtime_cycles"][:count].tolist() == by_process
    print(f"a process each: {1 / process_seconds:,.0f} mappings/s")
    print(f"one batch call: {1 / batch_seconds:,.0f} mappings/s")
    print(f"ratio: {process_seconds / batch_seconds:,.0f}")


if __name__ == "__main__":
    main()
