"""Networks of PyTorch modules."""

import pytest

import cugamma
from cugamma import CallError, Layer

torch = pytest.importorskip("torch")
pytest.importorskip("onnx")


class Small(torch.nn.Module):
    """A convolution, a depthwise one of stride 2, and a classifier."""

    def __init__(self):
        super().__init__()
        self.first = torch.nn.Conv2d(3, 8, 3, padding=1)
        self.depthwise = torch.nn.Conv2d(8, 8, 3, stride=2, groups=8)
        self.last = torch.nn.Linear(8, 10)

    def forward(self, image):
        wide = torch.relu(self.depthwise(torch.relu(self.first(image))))
        return self.last(wide.mean((2, 3)))


def test_a_module_becomes_layers_that_can_be_searched():
    layers = cugamma.from_torch(Small(), torch.zeros(1, 3, 32, 32))
    assert [row.layer.type for row in layers] == ["CONV", "DSCONV", "CONV"]
    assert layers[0].layer == Layer("CONV", K=8, C=3, Y=34, X=34, R=3, S=3)
    assert layers[1].layer == Layer("DSCONV", C=8, Y=32, X=32, R=3, S=3, stride_y=2, stride_x=2)
    assert sum(row.layer.macs * row.count for row in layers) == 8 * 3 * 9 * 32 * 32 + 8 * 9 * 15 * 15 + 80
    found = cugamma.search(layers, cugamma.Accelerator(num_pes=64), evaluations=200)
    assert found.totals is not None


def test_several_inputs_and_the_mode_stays():
    module = torch.nn.Bilinear(4, 5, 6).train()
    with pytest.raises(Exception):
        cugamma.from_torch(module, (torch.zeros(1, 4),))  # one input too few
    assert module.training


def test_what_is_no_module_is_told():
    with pytest.raises(CallError, match="module: found 3 .int., expected a torch.nn.Module"):
        cugamma.from_torch(3, None)
