"""Bad calls: what was found and what is allowed, in our words; never the binding's."""

import pytest

import cugamma
from cugamma import Accelerator, CallError, Constraint, CostConstants, InputError, Layer, Mapping, NetworkLayer

LAYER = Layer("CONV", K=16, C=16, Y=18, X=18, R=3, S=3)
MACHINE = Accelerator(num_pes=64)
MAPPING = cugamma.style_mapping("dla", LAYER, MACHINE)[1]
COSTS = cugamma.evaluate(LAYER, MACHINE, MAPPING)
FOUND = cugamma.search(LAYER, MACHINE, evaluations=100)

CALLS = {
    "a layer's name of a size": (lambda: Layer(k=3), "k; did you mean K?"),
    "a layer's size": (lambda: Layer(K="3"), "K: found '3' (str), expected a whole number"),
    "half a size": (lambda: Layer(K=2.5), "K: found 2.5 (float), expected a whole number"),
    "a size beyond": (lambda: Layer(K=2**40), "K: found 1099511627776 (int), expected"),
    "sizes without names": (lambda: Layer("CONV", 64), "2 arguments without a name, expected at most 1"),
    "a type that is none": (lambda: Layer(3), "type: found 3 (int), expected a str"),
    "a machine's figure": (lambda: Accelerator(pes=3), "pes; did you mean num_pes?"),
    "a machine in order": (lambda: Accelerator(3), "1 arguments without a name"),
    "constants": (lambda: Accelerator(constants=3), "constants: found 3 (int)"),
    "a constant's name": (lambda: Accelerator(constants={"mac_energy": 3}), "did you mean mac_energy_nj?"),
    "a constant": (lambda: CostConstants(bus_c0="x"), "bus_c0: found 'x' (str), expected a number"),
    "a constant that is none": (lambda: CostConstants(bus_c0=float("inf")), "constants: found inf"),
    "a path": (lambda: Accelerator.read(3), "path: found 3 (int), expected a path"),
    "a row": (lambda: NetworkLayer("conv", 3), "layer: found 3 (int), expected a Layer"),
    "a count": (lambda: NetworkLayer("conv", LAYER, 0), "count: found 0, expected 1 or more"),
    "a text": (lambda: Mapping.from_maestro(3), "from_maestro: found 3 (int); expected"),
    "a constraint's text": (lambda: Constraint.parse(3), "parse: found 3 (int); expected"),
    "a mapping": (lambda: cugamma.report(LAYER, MACHINE, "x"), "'x' (str); expected report("),
    "nothing": (lambda: cugamma.report(), "found no argument; expected report("),
    "a status": (lambda: cugamma.reasons("x"), "reasons: found 'x' (str)"),
    "mappings": (lambda: cugamma.evaluate(LAYER, MACHINE, 3), "mappings: found 3 (int), expected a Mapping"),
    "a mapping among them": (lambda: cugamma.evaluate(LAYER, MACHINE, [MAPPING, 3]), "mappings: found 3"),
    "a layer": (lambda: cugamma.evaluate("conv", MACHINE, MAPPING), "layer: found 'conv' (str)"),
    "a machine": (lambda: cugamma.evaluate(LAYER, 168, MAPPING), "accelerator: found 168 (int)"),
    "an out": (lambda: cugamma.evaluate(LAYER, MACHINE, MAPPING, out=3), "out: found 3 (int)"),
    "an objective": (lambda: cugamma.objective(3, LAYER, MACHINE, MAPPING, COSTS), "name: found 3"),
    "a number": (lambda: cugamma.random_mappings(LAYER, MACHINE, "3"), "count: found '3' (str)"),
    "a network": (lambda: cugamma.network(3), "network: found 3 (int)"),
    "a constraint": (lambda: cugamma.constraint(3), "constraint: found 3 (int)"),
    "a styled layer": (lambda: cugamma.style_mapping("dla", 3, MACHINE), "layer: found 3 (int)"),
    "a genome": (lambda: cugamma.to_mapping(3, LAYER), "genome: found 3 (int)"),
    "what is searched": (lambda: cugamma.search(3, MACHINE), "search: found 3 (int), expected a network's"),
    "one of them": (lambda: cugamma.search([LAYER, 3], MACHINE), "search: found 3 (int)"),
    "where": (lambda: cugamma.search(LAYER, 168), "accelerator: found 168 (int), expected an Accelerator, a name"),
    "where by name": (lambda: cugamma.search(LAYER, "edgy"), 'unknown accelerator "edgy", did you mean edge?'),
    "objectives": (lambda: cugamma.search(LAYER, MACHINE, 3), "objectives: found 3 (int)"),
    "a named mapping": (lambda: cugamma.NamedMapping("conv", LAYER, 3), "mapping: found 3 (int)"),
    "genomes of what": (lambda: cugamma.to_genomes(MAPPING, 3), "layer: found 3 (int)"),
    "a callback": (lambda: cugamma.search(LAYER, MACHINE, progress=3), "progress: found 3 (int)"),
    "how many": (lambda: cugamma.GeneticSearch(LAYER, MACHINE).ask("5"), "at_most: found '5' (str)"),
    "a search's limits": (lambda: cugamma.GeneticSearch(LAYER, MACHINE, limits=3), "limits: found 3"),
    "a search's reference": (lambda: cugamma.GeneticSearch(LAYER, MACHINE, reference=3), "reference: found 3"),
    "a search's constraint": (lambda: cugamma.GeneticSearch(LAYER, MACHINE, constraint=3), "constraint: found 3"),
    "a folder": (lambda: FOUND.run.write(3), "folder: found 3 (int), expected a path"),
    "a gap": (lambda: FOUND.run.prove(gap="1 %"), "gap: found '1 %' (str), expected a number"),
    "a search's layer": (lambda: cugamma.GeneticSearch(3, MACHINE), "layer: found 3 (int)"),
    "a search's seed": (lambda: cugamma.GeneticSearch(LAYER, MACHINE, seed="1"), "seed: found '1' (str)"),
}

OPTIONS = {
    "evaluatons": (1, "did you mean evaluations?"),
    "eval": (1, "did you mean evaluations?"),
    "objective": ("EDP", "did you mean objectives?"),
    "quick": (True, "expected accelerator, algorithm, "),
    "evaluations": ("1", "evaluations: found '1' (str), expected a whole number"),
    "generations": (1.5, "generations: found 1.5 (float), expected a whole number"),
    "time_limit": ("1 s", "expected a number"),
    "population": ("many", 'expected "auto" or a whole number'),
    "algorithm": (3, "algorithm: found 3 (int), expected a str"),
    "seed": (-1, "seed: found -1 (int), expected a whole number"),
    "strict": ("no", "strict: found 'no' (str), expected True or False"),
    "levels": (3, "levels: found 3 (int), expected (least, most)"),
    "constraint": (3, "constraint: found 3 (int), expected a name, a path or a Constraint"),
    "limits": (3, "limits: found 3 (int), expected a dict or a str"),
    "init": (3, "init: found 3 (int), expected a path or NamedMappings"),
    "initial": (3, "mappings: found 3 (int)"),
    "checkpoint": (3, "checkpoint: found 3 (int), expected a path"),
    "resume": (3, "resume: found 3 (int), expected a path"),
    "area_budget": ("1", "area_budget: found '1' (str), expected a number"),
    "cost_model": (3, "cost_model: found 3 (int), expected a str"),
    "believe": (3, "believe: found 3 (int), expected a str"),
    "pareto": (3, "objectives: found 3 (int)"),
    "selection": (3, "selection: found 3 (int), expected a str"),
}


def refused(call, part):
    with pytest.raises(InputError) as caught:
        call()
    assert part in str(caught.value)
    assert "incompatible" not in str(caught.value) and "_core" not in str(caught.value)
    return caught.value


@pytest.mark.parametrize("what", CALLS)
def test_a_wrong_argument_is_told(what):
    refused(*CALLS[what])


@pytest.mark.parametrize("name", OPTIONS)
@pytest.mark.parametrize("what", [LAYER, "alexnet"], ids=["layer", "network"])
def test_a_wrong_option_is_told(what, name):
    value, part = OPTIONS[name]
    if name == "initial" and what == "alexnet":
        part = "initial: is for one layer"
    refused(lambda: cugamma.search(what, MACHINE, **{name: value}), part)


def test_a_call_error_is_of_python_s_kind_too():
    assert isinstance(refused(lambda: Layer(K="3"), "K"), CallError)
    assert issubclass(CallError, TypeError) and issubclass(CallError, ValueError)


def test_a_message_holds_no_endless_value():
    long = refused(lambda: cugamma.search(LAYER, MACHINE, evaluations="9" * 10000), "evaluations")
    assert len(str(long)) < 200
