"""Small ONNX graphs for the tests of the converter."""

import numpy
from onnx import TensorProto, helper, numpy_helper

from cugamma.from_onnx import convert

FLOAT = TensorProto.FLOAT
MICROSOFT = "com.microsoft"


def value(name, shape, kind=FLOAT):
    """A graph's input or output; a shape of None is not known."""
    return helper.make_tensor_value_info(name, kind, shape)


def weights(name, *shape):
    return numpy_helper.from_array(numpy.zeros(shape, numpy.float32), name)


def integers(name, numbers):
    """A constant of whole numbers: a list, or one for a scalar."""
    return numpy_helper.from_array(numpy.array(numbers, numpy.int64), name)


def node(op, inputs, outputs=("y",), **attributes):
    """A node; inputs and outputs as lists, or as text with blanks between the names."""
    inputs = inputs.split() if isinstance(inputs, str) else inputs
    outputs = outputs.split() if isinstance(outputs, str) else outputs
    # '-' stands for an input that is left out.
    inputs = ["" if name == "-" else name for name in inputs]
    return helper.make_node(op, inputs, list(outputs), **attributes)


def body(nodes, inputs=(), outputs=(), constants=()):
    """A subgraph; inputs and outputs without a shape where they are names alone."""
    inputs = [value(one, None) if isinstance(one, str) else one for one in inputs]
    outputs = [value(one, None) if isinstance(one, str) else one for one in outputs]
    return helper.make_graph(nodes, "body", inputs, outputs, list(constants))


def model(nodes, inputs, constants=(), outputs=("y",), opset=18, functions=(), domains=()):
    """A model; `inputs` are values, or a dictionary of shapes."""
    if isinstance(inputs, dict):
        inputs = [value(name, shape) for name, shape in inputs.items()]
    outputs = [value(one, None) if isinstance(one, str) else one for one in outputs]
    graph = helper.make_graph(list(nodes), "test", list(inputs), outputs, list(constants))
    imports = [helper.make_opsetid("", opset)]
    imports += [helper.make_opsetid(domain, 1) for domain in (MICROSOFT, *domains)]
    made = helper.make_model(graph, opset_imports=imports)
    made.ir_version = 10
    made.functions.extend(functions)
    return made


def rows_of(*arguments, **options):
    return convert(model(*arguments, **options)).rows


def macs_of(*arguments, **options):
    return convert(model(*arguments, **options)).macs
