"""Timeloop's model: against its golden tables, and as pytimeloop's callers use it."""

import json
import math
import pathlib

import pytest

from cugamma import InputError, timeloop

GOLDEN = pathlib.Path(__file__).parents[2] / "tests" / "models" / "timeloop" / "golden"
ARCHITECTURES = json.loads((GOLDEN / "archs.json").read_text())
PROBLEMS = json.loads((GOLDEN / "problems.json").read_text())

CONFIG = {
    "architecture": {
        "version": 0.2,
        "subtree": [
            {
                "name": "System",
                "local": [{"name": "Main", "class": "DRAM", "attributes": {"width": 64, "word-bits": 16}}],
                "subtree": [
                    {
                        "name": "Chip",
                        "local": [
                            {
                                "name": "Buffer",
                                "class": "SRAM",
                                "attributes": {"depth": 1024, "width": 64, "block-size": 4},
                            },
                            {"name": "MACC[0..7]", "class": "intmac", "attributes": {"datawidth": 16}},
                        ],
                    }
                ],
            }
        ],
    },
    "problem": {"shape": "gemm_ABZ", "instance": {"M": 8, "N": 4, "K": 6}},
    "mapping": [
        {"target": "Main", "type": "temporal", "factors": "M=2 N=4 K=1", "permutation": "KMN"},
        {"target": "Buffer", "type": "temporal", "factors": "M=1 N=1 K=3", "permutation": "KMN"},
        {"target": "Buffer", "type": "spatial", "factors": "M=4 N=1 K=2", "permutation": "KMN"},
    ],
}


def write_case(case, folder):
    texts = (ARCHITECTURES[case["arch"]], PROBLEMS[case["problem"]], case["mapping"])
    paths = [folder / name for name in ("arch.yaml", "problem.yaml", "mapping.yaml")]
    for path, text in zip(paths, texts):
        path.write_text(text)
    return paths


@pytest.mark.parametrize("table", ("duo", "grid", "lanes", "plain", "rows", "tight", "trio"))
def test_figures_equal_timeloops(table, tmp_path):
    for line in (GOLDEN / f"{table}.jsonl").read_text().splitlines()[::40]:
        case = json.loads(line)
        result = timeloop.evaluate(*write_case(case, tmp_path))
        expected = case["expect"]
        assert result.valid and result.cycles == expected["cycles"], case["id"]
        assert math.isclose(result.energy, expected["energy_pj"], rel_tol=1e-12), case["id"]
        assert result.figures.keys() == expected.keys()


def test_rejections_have_a_reason(tmp_path):
    case = json.loads((GOLDEN / "invalid.jsonl").read_text().splitlines()[0])
    result = timeloop.evaluate(*write_case(case, tmp_path))
    assert not result.valid
    assert result.figures["reason"] == case["expect"]["reason"]
    assert case["expect"]["at"] in result.reason
    with pytest.raises(InputError, match="is rejected"):
        result.write(tmp_path)


def test_the_files_of_timeloop_model_are_written_and_read_back(tmp_path):
    result = timeloop.evaluate(CONFIG)
    result.write(tmp_path)
    assert "Summary Stats" in (tmp_path / "timeloop-model.stats.txt").read_text()
    rest = {key: value for key, value in CONFIG.items() if key != "mapping"}
    again = timeloop.evaluate(rest, tmp_path / "timeloop-model.map.yaml")
    assert again.figures == result.figures


def test_a_model_runs_as_pytimeloops(tmp_path):
    """As Gamma-Timeloop does: first for the tables of energies, then with them."""
    model = timeloop.Model(timeloop.ConfigDict(CONFIG), str(tmp_path))
    stats = model.run()
    assert stats.cycles == 2 * 4 * 3 and stats.algorithmic_compute == 8 * 4 * 6
    tables = [tmp_path / f"timeloop-model.{name}.yaml" for name in ("ERT", "ART")]
    assert timeloop.evaluate(CONFIG, *tables).figures == stats.figures


def test_a_rejected_mapping_raises(tmp_path):
    config = dict(CONFIG, mapping=CONFIG["mapping"][:1])
    with pytest.raises(InputError, match="factors of M multiply to 2, its size is 8"):
        timeloop.Model(config, tmp_path).run()


def test_mistakes_name_the_place(tmp_path):
    with pytest.raises(InputError, match="mapping"):
        timeloop.evaluate({key: CONFIG[key] for key in ("architecture", "problem")})
    with pytest.raises(InputError, match="sparse_optimizations"):
        timeloop.evaluate(CONFIG, {"sparse_optimizations": {}})
    bad = tmp_path / "bad.yaml"
    bad.write_text("mapping: [\n")
    with pytest.raises(InputError, match="bad.yaml:2:1"):
        timeloop.evaluate(CONFIG, bad)
    with pytest.raises(FileNotFoundError):
        timeloop.evaluate("nowhere.yaml")
