"""Populations as numpy arrays: the packed records, and columns for those who make their own."""

from __future__ import annotations

from typing import Iterable, Union

import numpy as np

from cugamma._core import InputError, Layer, Mapping

#: A mapping, packed into the 64 bytes that every back end reads (include/cugamma/mapping/genome.hpp):
#: 21 bits a level of the tiles of K, C, Y', X'; 10 bits a level of those of R, S; loop order and
#: parallel dimensions of three levels; sizes of the inner clusters; the layer and the accelerator
#: by index into the lists given to `evaluate`; PEs of its own (bits 2-31, 0: the accelerator's)
#: and number of levels (bits 0-1). `pack` and `unpack` translate.
genome_dtype = np.dtype(
    [
        ("tile_kcyx", "<u8", 4),
        ("tile_rs", "<u4", 2),
        ("loops", "<u4", 3),
        ("cluster_sizes", "<u2", 2),
        ("layer_index", "<u2"),
        ("accelerator_index", "<u2"),
        ("num_pes_and_levels", "<u4"),
    ]
)

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
        ("l3_size_elems", "<i8"),
        ("status", "<u4"),
        ("doubt", "<f4"),
    ]
)
assert genome_dtype.itemsize == 64 and cost_dtype.itemsize == 64

#: In `second_parallel`: the level has one parallel dimension.
NO_DIMENSION = 7
MAX_LEVELS = 3
DIMENSIONS = "KCYXRS"

#: What functions that take mappings accept: packed genomes, one Mapping or several.
Mappings = Union[np.ndarray, Mapping, Iterable[Mapping]]


def rows(records: np.ndarray) -> np.ndarray:
    """Records of 64 bytes as rows of bytes; no copy where they are contiguous and aligned."""
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
    if isinstance(mappings, np.ndarray):
        if mappings.dtype != genome_dtype:
            raise InputError(f"mappings: found the dtype {mappings.dtype}, expected genome_dtype")
        return mappings
    if isinstance(mappings, Mapping):
        mappings = [mappings]
    parts = [mapping._to_row(layer) for mapping in mappings]
    stacked = np.concatenate(parts) if parts else np.empty((0, 64), np.uint8)
    return stacked.view(genome_dtype).reshape(-1)


def to_mapping(genome: np.void, layer: Layer) -> Mapping:
    """One element of an array of `genome_dtype` as directives of a layer."""
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

    Raises InputError for columns of other shapes, and for tiles that do not fit (2^21 - 1
    elements; R and S 1023). Whether a mapping is legal is for `evaluate` to say.
    """
    tile, order = np.asarray(tile), np.asarray(order)
    if tile.ndim != 3 or tile.shape[2] != 6 or not 1 <= tile.shape[1] <= MAX_LEVELS:
        raise InputError(f"tile: found the shape {tile.shape}, expected (n, 1 to 3 levels, 6)")
    count, levels, _ = tile.shape
    if order.shape != tile.shape:
        raise InputError(f"order: found the shape {order.shape}, expected {tile.shape}")
    limits = np.array([(1 << 21) - 1] * 4 + [(1 << 10) - 1] * 2)
    if count and ((tile < 1) | (tile > limits)).any():
        raise InputError("tile: found one outside 1 to 2097151 (R, S: 1023)")
    if count and (np.sort(order, axis=2) != np.arange(6)).any():
        raise InputError("order: found a row that is no order of the six dimensions")
    second = np.full((count, levels), NO_DIMENSION) if second_parallel is None else second_parallel
    genomes = np.zeros(count, genome_dtype)
    wide = tile.astype(np.uint64)
    loops = order.astype(np.uint32)
    for level in range(levels):
        genomes["tile_kcyx"] |= wide[:, level, :4] << np.uint64(21 * level)
        genomes["tile_rs"] |= (wide[:, level, 4:] << np.uint64(10 * level)).astype(np.uint32)
        for position in range(6):
            genomes["loops"][:, level] |= loops[:, level, position] << np.uint32(3 * position)
        genomes["loops"][:, level] |= np.asarray(parallel)[:, level].astype(np.uint32) << 18
        genomes["loops"][:, level] |= np.asarray(second)[:, level].astype(np.uint32) << 21
        if level:
            genomes["cluster_sizes"][:, level - 1] = np.asarray(cluster_size)[:, level]
    genomes["layer_index"] = layer_index
    genomes["accelerator_index"] = accelerator_index
    genomes["num_pes_and_levels"] = np.asarray(num_pes, np.uint32) << 2 | levels
    return genomes


def unpack(genomes: np.ndarray) -> dict[str, np.ndarray]:
    """The columns of `pack`, with three levels each and `levels`, how many of them count."""
    shifts = np.arange(MAX_LEVELS)
    wide = genomes["tile_kcyx"][:, None, :] >> (21 * shifts).astype(np.uint64)[:, None]
    narrow = genomes["tile_rs"][:, None, :] >> (10 * shifts).astype(np.uint32)[:, None]
    tiles = np.concatenate([wide & np.uint64(0x1FFFFF), narrow & np.uint32(0x3FF)], axis=2)
    loops = genomes["loops"]
    clusters = np.zeros((len(genomes), MAX_LEVELS), np.int32)
    clusters[:, 1:] = genomes["cluster_sizes"]
    return {
        "tile": tiles.astype(np.int32),
        "order": (loops[:, :, None] >> (3 * np.arange(6, dtype=np.uint32)) & 7).astype(np.int32),
        "parallel": (loops >> 18 & 7).astype(np.int32),
        "second_parallel": (loops >> 21 & 7).astype(np.int32),
        "cluster_size": clusters,
        "num_pes": (genomes["num_pes_and_levels"] >> 2).astype(np.int32),
        "levels": (genomes["num_pes_and_levels"] & 3).astype(np.int32),
    }
