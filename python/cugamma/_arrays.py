"""Populations as numpy arrays: the packed records, and columns for those who make their own."""

from __future__ import annotations

from typing import Iterable, Union

import numpy as np

from cugamma import _core
from cugamma._calls import expect, listed
from cugamma._core import InputError, Layer, Mapping

#: A mapping, packed into the 64 bytes that every back end reads
#: (include/cugamma/mapping/genome.hpp). `pack` and `unpack` translate; where in these bytes a tile,
#: a loop order or another field lies, tells include/cugamma/mapping/genome_fields.hpp.
genome_dtype = np.dtype(_core._genome_members())

#: Of each field of a genome word, shift and width, the words being of 64 bits. The last axis holds
#: the three; those before it are the level (of cluster_size from level 1 on) and the dimension or
#: the position.
_FIELDS = {name: np.array(places) for name, places in _core._genome_fields().items()}

#: The figures of a mapping (include/cugamma/models/cost.hpp). An illegal one has only its status; 0 means
#: legal, plausible and within the buffers, `reasons(status)` spells out the bits.
cost_dtype = np.dtype(
    [
        ("runtime_cycles", "<i8"),
        ("num_macs", "<i8"),
        ("energy_nj", "<f8"),
        ("second_energy_nj", "<f8"),
        ("l1_size_elems", "<i8"),
        ("l2_size_elems", "<i8"),
        ("cluster_buffer_elems", "<i8"),
        ("status", "<u4"),
        ("doubt", "<f4"),
    ]
)
assert genome_dtype.itemsize == 64 and cost_dtype.itemsize == 64

#: In `second_parallel`: the level has one parallel dimension.
NO_DIMENSION = (1 << int(_FIELDS["second_parallel"][0, 2])) - 1
MAX_LEVELS = len(_FIELDS["parallel"])
DIMENSIONS = "KCYXRS"

#: What functions that take mappings accept: packed genomes, one Mapping or several.
Mappings = Union[np.ndarray, Mapping, Iterable[Mapping]]


def rows(records: np.ndarray, dtype: np.dtype = genome_dtype, what: str = "mappings") -> np.ndarray:
    """Records of 64 bytes as rows of bytes; no copy where they are contiguous and aligned.

    Raises InputError for an array of another dtype.
    """
    found = getattr(records, "dtype", None)
    if found != dtype:
        name = "genome_dtype" if dtype is genome_dtype else "cost_dtype"
        raise InputError(f"{what}: found the dtype {found}, expected {name}")
    flat = np.ascontiguousarray(records).reshape(-1)
    if flat.ctypes.data % 16:
        aligned = np.empty(flat.size + 1, flat.dtype).view(np.uint8)
        start = -aligned.ctypes.data % 16
        copy = aligned[start : start + flat.nbytes].view(flat.dtype)
        copy[:] = flat
        flat = copy
    return flat.view(np.uint8).reshape(-1, 64)


def to_genomes(mappings: Mappings, layer: Layer) -> np.ndarray:
    """Mappings as an array of `genome_dtype`; such an array is returned as it is.

    Raises InputError for a mapping that a genome cannot express: one with offsets that differ from sizes,
    missing directives, more than three levels, or R and S before the window is whole.
    """
    expect("layer", layer, Layer, "a Layer")
    if isinstance(mappings, np.ndarray):
        if mappings.dtype != genome_dtype:
            raise InputError(f"mappings: found the dtype {mappings.dtype}, expected genome_dtype")
        return mappings
    parts = [mapping._to_row(layer) for mapping in listed("mappings", mappings, Mapping)]
    stacked = np.concatenate(parts) if parts else np.empty((0, 64), np.uint8)
    return stacked.view(genome_dtype).reshape(-1)


def to_mapping(genome: np.void, layer: Layer) -> Mapping:
    """One element of an array of `genome_dtype` as directives of a layer."""
    expect("genome", genome, (np.void, np.ndarray), "an element of an array of genome_dtype")
    expect("layer", layer, Layer, "a Layer")
    return Mapping._from_row(rows(np.array([genome], genome_dtype)), layer)


def pack(
    tile: np.ndarray,
    order: np.ndarray,
    parallel: np.ndarray,
    cluster_size: np.ndarray,
    second_parallel: np.ndarray | None = None,
    num_pes: np.ndarray | int = 0,
    layer_index: np.ndarray | int = 0,
    accelerator_index: np.ndarray | int = 0,
) -> np.ndarray:
    """Genomes from columns; n mappings of `levels` (1 to 3) cluster levels, the outermost first.

    tile:            (n, levels, 6), elements of K, C, Y', X', R, S; Y' and X' count outputs
    order:           (n, levels, 6), indices into KCYXRS, the outermost loop first
    parallel:        (n, levels), indices into KCYXRS
    cluster_size:    (n, levels), sub-clusters; the first is not read, the PEs decide it
    second_parallel: (n, levels), a second parallel dimension or NO_DIMENSION
    num_pes:         (n,), PEs of the mapping; 0: the accelerator's

    Raises InputError for columns of other shapes, and for what does not fit (tiles: 2^21 - 1
    elements, R and S 1023; cluster sizes 65535). Whether a mapping is legal is for `evaluate` to
    say.
    """
    tile, order = _whole("tile", tile), _whole("order", order)
    if tile.ndim != 3 or tile.shape[2] != 6 or not 1 <= tile.shape[1] <= MAX_LEVELS:
        raise InputError(f"tile: found the shape {tile.shape}, expected (n, 1 to 3 levels, 6)")
    count, levels, _ = tile.shape
    if order.shape != tile.shape:
        raise InputError(f"order: found the shape {order.shape}, expected {tile.shape}")
    limits = _largest(_FIELDS["tile"][0])
    if count and ((tile < 1) | (tile > limits)).any():
        raise InputError(f"tile: found one outside 1 to {limits[0]} (R, S: {limits[-1]})")
    if count and (np.sort(order, axis=2) != np.arange(6)).any():
        raise InputError("order: found a row that is no order of the six dimensions")
    second = np.full((count, levels), NO_DIMENSION) if second_parallel is None else second_parallel
    parallel, second = _whole("parallel", parallel), _whole("second_parallel", second)
    for name, column, spare in (("parallel", parallel, 0), ("second_parallel", second, NO_DIMENSION)):
        wrong = ((column < 0) | (column >= len(DIMENSIONS))) & (column != spare)
        if wrong.any():
            raise InputError(f"{name}: found {column[wrong][0]}, expected an index into {DIMENSIONS}")
    words = np.zeros((count, genome_dtype.itemsize // 8), np.uint64)
    by_level = {"tile": tile, "order": order, "parallel": parallel, "second_parallel": second}
    for name, column in by_level.items():
        _write(words, name, column, _FIELDS[name][:levels])
    cluster_size = _whole("cluster_size", cluster_size)
    if cluster_size.shape != (count, levels):
        raise InputError(
            f"cluster_size: found the shape {cluster_size.shape}, expected {(count, levels)}"
        )
    below_top = cluster_size[:, 1:]
    _write(words, "cluster_size", below_top, _FIELDS["cluster_size"][: levels - 1])
    whole = {"num_pes": num_pes, "layer_index": layer_index, "accelerator_index": accelerator_index}
    for name, column in (whole | {"levels": levels}).items():
        column = _whole(name, column)
        if column.shape not in ((), (count,)):
            raise InputError(f"{name}: found the shape {column.shape}, expected {(count,)}")
        _write(words, name, np.broadcast_to(column, count), _FIELDS[name])
    return words.view(genome_dtype).reshape(-1)


def unpack(genomes: np.ndarray) -> dict[str, np.ndarray]:
    """The columns of `pack`, with three levels each and `levels`, how many of them count."""
    words = rows(genomes).view(np.uint64)
    clusters = np.zeros((len(words), MAX_LEVELS), np.int32)
    clusters[:, 1:] = _read(words, _FIELDS["cluster_size"])
    columns = ("tile", "order", "parallel", "second_parallel", "num_pes", "levels")
    return {name: _read(words, _FIELDS[name]) for name in columns} | {"cluster_size": clusters}


def _whole(name: str, column: np.ndarray | int) -> np.ndarray:
    """A column as whole numbers of 64 bits. Raises InputError for what would have to be rounded."""
    found = np.asarray(column)
    if found.dtype.kind in "iub":
        if found.dtype.kind == "u" and found.size and found.max() > np.iinfo(np.int64).max:
            raise InputError(f"{name}: found {found.max()}, which is too large")
        return found.astype(np.int64, copy=False)
    if found.dtype.kind != "f" and found.size:
        raise InputError(f"{name}: found the dtype {found.dtype}, expected whole numbers")
    wrong = ~(np.abs(found) < 2**53) | (found != np.floor(found)) if found.size else np.zeros(0, bool)
    if wrong.any():
        raise InputError(f"{name}: found {found[wrong].reshape(-1)[0]}, expected whole numbers")
    return found.astype(np.int64)


def _largest(places: np.ndarray) -> np.ndarray:
    """The largest values of fields."""
    return (1 << places[..., 2]) - 1


def _read(words: np.ndarray, places: np.ndarray) -> np.ndarray:
    """The values of fields, from genomes as rows of 64-bit words."""
    shifts, masks = places[..., 1].astype(np.uint64), _largest(places).astype(np.uint64)
    return (words[:, places[..., 0]] >> shifts & masks).astype(np.int32)


def _write(words: np.ndarray, name: str, column: np.ndarray, places: np.ndarray) -> None:
    """Writes fields that are still 0 into genomes as rows of 64-bit words."""
    column = np.asarray(column)
    expected = (len(words), *places.shape[:-1])
    if column.shape != expected:
        raise InputError(f"{name}: found the shape {column.shape}, expected {expected}")
    wrong = (column < 0) | (column > _largest(places))
    if wrong.any():
        limits = np.broadcast_to(_largest(places), column.shape)
        raise InputError(f"{name}: found {column[wrong][0]}, expected 0 to {limits[wrong][0]}")
    for place in np.ndindex(expected[1:]):
        word, shift, _ = places[place]
        words[:, word] |= column[(slice(None), *place)].astype(np.uint64) << np.uint64(shift)
