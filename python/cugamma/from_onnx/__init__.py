"""Turn an ONNX network into cuGAMMA's CSV of layers.

    python -m cugamma.from_onnx model.onnx -o net.csv

Every node with multiply-accumulates becomes one row
``name,type,K,C,Y,X,R,S,stride_y,stride_x,groups,count``; Y and X are the padded input. Equal shapes
become one row with a count. How the operators are written:

Conv
    ``CONV`` (K and C of the whole layer, ``groups`` as in ONNX), or ``DSCONV`` with K = 1 where
    every group has one input channel; a channel multiplier m counts m such layers. A batch counts
    repeats. 1-D convolutions have X = S = 1; of 3-D convolutions each output and tap of the first
    axis repeats the layer of the other two.
    Dilation d keeps the R taps and shrinks the input by (R - 1)(d - 1) rows, so that outputs and
    MACs are exact and the input is a lower bound; likewise for columns.
ConvTranspose
    ordinary convolutions of stride 1 that together multiply each input by each tap once: never the
    zeros of an upsampled input, its border, or what the padding cuts off.
DeformConv
    ``GEMM`` of the sampled input and the weights.
Gemm, MatMul, Einsum
    ``GEMM`` with K = N, C = K, Y = M of (M x K) * (K x N); with M = 1 ``FC``. A batch that shares
    its right-hand side goes into M, every other batch counts repeats, as do attention heads. An
    Einsum of several operands is taken two at a time from the left; what one operand alone sums is
    summed before.
Attention
    one product for the scores and one for the values, repeated for every head; also the projections
    where the operator has them. A mask saves nothing.
LSTM, GRU, RNN
    one product for the inputs of all steps, and one for the state that counts the steps.
If, Loop, Scan
    the branch that a constant condition takes, otherwise the one with more MACs, with a note; the
    rows of a body times its turns, which have to be known.

The operators of onnxruntime's domain com.microsoft are read in the same way. Shapes follow from the
inputs and from constants. Nodes without MACs are listed on standard error; a node that has MACs and
cannot be mapped is an error that names it.
"""

import importlib.util

if importlib.util.find_spec("onnx") is None:
    raise ImportError("ONNX models need onnx: pip install cugamma[onnx]")

from cugamma.from_onnx.command_line import main
from cugamma.from_onnx.conversion import convert
from cugamma.from_onnx.errors import ModelError, UnmappableError
from cugamma.from_onnx.rows import HEADER, Network, Row, merge_repeats, write_csv

__all__ = [
    "HEADER",
    "ModelError",
    "Network",
    "Row",
    "UnmappableError",
    "convert",
    "main",
    "merge_repeats",
    "write_csv",
]
