r"""Convolution with 3 x 3 kernels by fewer multiplications, after Winograd.

The image is cut into tiles of m x m results, each of which depends on a x a pixels, a = m + 2. With constant matrices
A, B and G, a tile of results is

    Y = A' [(G g G') * (B' d B)] A,

with d the pixels, g the kernel and * the product of elements, over which channels are summed: a matrix product for each
of the a^2 elements. It takes (m + 2)^2 / (9 m^2) of the multiplications: 4/9 for m = 2, 1/4 for m = 4. As it is linear
in d and in g, its two gradients are the adjoints of the same steps.

The price is accuracy. In float32 the largest error over the largest value, in all three passes and with 64 to 512
channels, is 4e-7 to 9e-7 for m = 2 and 4e-6 to 1.3e-5 for m = 4; without Winograd it is 2e-7 to 5e-7. The environment
variable ``DEZERO_WINOGRAD=0`` switches it off, and ``DEZERO_WINOGRAD=2`` keeps to m = 2. float64 never goes this way.

References
----------
Lavin & Gray, "Fast algorithms for convolutional neural networks", 2016, sections 4.1 to 4.3, whose matrices these are.
"""

from __future__ import annotations

import os
import weakref
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import as_strided

from dezero._kernels.threads import even, in_threads, scratch, workers

__all__ = ["ENABLED", "MATRICES", "Kept", "Shape", "correlate", "kept", "transformed", "weight_gradient"]

ENABLED = {"0": (), "2": (2,)}.get(os.environ.get("DEZERO_WINOGRAD", "1"), (2, 4))  # which m may be chosen

TILES = 64  # of one block, at most; fewer where there are many channels, so that a block stays in the cache
SHARED = 1 << 14  # elements of all tiles from which on several threads gain more than a change of threads takes
PRODUCTS = 1 << 24  # multiplications, of which the same holds
CALLS = 4e6  # what the calls of all steps take, in the unit of `Shape.cost`
KEPT_BYTES = 1 << 28  # of all transformed weights that are kept


class _Matrices(NamedTuple):
    """For tiles of m x m results: B' (a, a), A' (m, a) and G (a, 3)."""

    B: np.ndarray
    A: np.ndarray
    G: np.ndarray


def _matrices(B: list, A: list, G: list) -> _Matrices:
    return _Matrices(np.array(B, np.float32), np.array(A, np.float32), np.array(G))


MATRICES = {
    2: _matrices(
        [[1, 0, -1, 0], [0, 1, 1, 0], [0, -1, 1, 0], [0, 1, 0, -1]],
        [[1, 1, 1, 0], [0, 1, -1, -1]],
        [[1, 0, 0], [1 / 2, 1 / 2, 1 / 2], [1 / 2, -1 / 2, 1 / 2], [0, 0, 1]],
    ),
    4: _matrices(
        [[4, 0, -5, 0, 1, 0], [0, -4, -4, 1, 1, 0], [0, 4, -4, -1, 1, 0], [0, -2, -1, 2, 1, 0], [0, 2, -1, -2, 1, 0],
         [0, 4, 0, -5, 0, 1]],
        [[1, 1, 1, 1, 1, 0], [0, 1, -1, 2, -2, 0], [0, 1, 1, 4, 4, 0], [0, 1, -1, 8, -8, 1]],
        [[1 / 4, 0, 0], [-1 / 6, -1 / 6, -1 / 6], [-1 / 6, 1 / 6, -1 / 6], [1 / 24, 1 / 12, 1 / 6],
         [1 / 24, -1 / 12, 1 / 6], [0, 0, 1]],
    ),
}  # fmt: skip


class Shape(NamedTuple):
    """Of a correlation of N images of C channels with OC kernels: what its cost depends on."""

    N: int
    C: int
    OC: int
    OH: int
    OW: int

    def tiles(self, m: int) -> tuple[int, int]:
        """How many tiles stand below and beside each other."""
        return -(-self.OH // m), -(-self.OW // m)

    def cost(self, m: int, weights_kept: bool) -> float:
        """About how many floating-point operations the time of one pass corresponds to.

        The numbers are times of the steps of one core, in units of what a matrix product does meanwhile.
        """
        TH, TW = self.tiles(m)
        tiles = self.N * TH * TW
        blocks = max(1, tiles // self.tiles_of_a_block())
        weights = self.C * self.OC * (2 * tiles + 30 * blocks + (0 if weights_kept else 50))
        return CALLS + (m + 2) ** 2 * (weights + tiles * (80 * self.C + 50 * self.OC))

    def direct_cost(self) -> float:
        """The same of the matrix product with columns."""
        return 9 * self.C * self.N * self.OH * self.OW * (2 * self.OC + 30)

    def tiles_of_a_block(self) -> int:
        return min(TILES, max(TILES // 2, 16384 // max(self.C, self.OC)))

    def blocks(self, m: int) -> list[tuple[slice, slice]]:
        """Images and rows of tiles that are worked on together."""
        TH, TW = self.tiles(m)
        if self.N * TH * TW * max(self.C, self.OC) < SHARED:
            return [(slice(0, self.N), slice(0, TH))]
        if 2 * self.tiles_of_a_block() <= TH * TW:
            strips = -(-TH // max(1, self.tiles_of_a_block() // TW))
            return [(slice(n, n + 1), rows) for n in range(self.N) for rows in even(TH, strips)]
        count = -(-self.N * TH * TW // self.tiles_of_a_block())
        if count < workers() <= self.N:
            count = workers()
        return [(some, slice(0, TH)) for some in even(self.N, min(count, self.N))]


# -- transforms ------------------------------------------------------------------------------------
#
# An index (j, i) of a transformed tile has the column before the row: then the rows can be transformed where they lie.
# The transforms are matrix products, too: with all tiles and channels of a block at once they are faster than sums.


def transformed(W: np.ndarray, m: int, adjoint: bool) -> np.ndarray:
    """G g G' of weights (OC, C, 3, 3): (a^2, C, OC), or of the kernels turned round (a^2, OC, C) for the adjoint.

    In memory that the next call takes again: it is 2 to 4 times as large as the weights.
    """
    OC, C = W.shape[:2]
    G = MATRICES[m].G[:, ::-1] if adjoint else MATRICES[m].G
    both = _both(G, W.dtype)
    if not adjoint and C * OC <= 1 << 14:  # larger ones BLAS turns round by itself, without loss
        U = scratch("weights", (len(both), C, OC), W.dtype)
        np.matmul(both, W.transpose(2, 3, 1, 0).reshape(9, -1), out=U.reshape(len(both), -1))
        return U
    U = scratch("weights", (len(both), OC, C), W.dtype)

    def some(rows: Sequence[slice]) -> None:
        for r in rows:
            np.matmul(both, W[r].reshape(-1, 9).T, out=U[:, r].reshape(len(both), -1))

    in_threads(some, _row_blocks(OC, C))
    return U if adjoint else U.transpose(0, 2, 1)


def _gradient(dU: np.ndarray, m: int) -> np.ndarray:
    """The adjoint of `transformed` in W: from (a^2, OC, C) to (OC, C, 3, 3)."""
    _, OC, C = dU.shape
    both = _both(MATRICES[m].G, dU.dtype)
    gW = np.empty((OC, C, 3, 3), dU.dtype)

    def some(rows: Sequence[slice]) -> None:
        for r in rows:
            np.matmul(dU[:, r].reshape(len(dU), -1).T, both, out=gW[r].reshape(-1, 9))

    in_threads(some, _row_blocks(OC, C))
    return gW


def _both(G: np.ndarray, dtype: np.dtype) -> np.ndarray:
    """The matrix (a^2, 9) that does G g G' to a flattened g."""
    return np.einsum("ik,jl->jikl", G, G).reshape(-1, 9).astype(dtype)


def _row_blocks(OC: int, C: int) -> list[slice]:
    return even(OC, min(OC, max(1, OC * C >> 13)))


def _framed(x: np.ndarray, n: slice, first: int, left: int, shape: tuple[int, ...]) -> np.ndarray:
    """Rows of some images (N, H, W, C) from row `first` and column ``-left`` on, with zeros outside of the image."""
    H, W = x.shape[1:3]
    y = scratch("framed", shape, x.dtype)
    top, bottom = max(0, -first), min(shape[1], H - first)
    right = min(shape[2], left + W)
    y[:, :top] = 0
    y[:, bottom:] = 0
    y[:, top:bottom, :left] = 0
    y[:, top:bottom, right:] = 0
    y[:, top:bottom, left:right] = x[n, first + top : first + bottom, : right - left]
    return y


def _two_sided(B: np.ndarray, x: np.ndarray, m: int, rows: int, columns: int, name: str) -> np.ndarray:
    """B d B' of tiles d: from (n, H, W, C), where a tile begins every m pixels, to (a^2, tiles, C)."""
    a, size = B.shape
    n, _, W, C = x.shape
    s = x.strides
    strips = as_strided(x, (n, rows, size, W * C), (s[0], m * s[1], s[1], s[3]))
    half = scratch("half", (a, n, rows, W * C), x.dtype)
    np.matmul(B, strips, out=half.transpose(1, 2, 0, 3))
    s = half.strides
    tiles = scratch("tiles", (size, a, n, rows, columns, C), x.dtype)
    step = C * s[3]
    np.copyto(tiles, as_strided(half, tiles.shape, (step, s[0], s[1], s[2], m * step, s[3])))
    result = scratch(name, (a, tiles[0].size), x.dtype)
    np.matmul(B, tiles.reshape(size, -1), out=result)
    return result.reshape(a * a, n * rows * columns, C)


def _of_pixels(x: np.ndarray, block: tuple[slice, slice], m: int, TW: int, top: int, left: int) -> np.ndarray:
    """B' d B of a block of images (N, H, W, C)."""
    n, rows = block[0].stop - block[0].start, block[1].stop - block[1].start
    shape = (n, m * rows + 2, m * TW + 2, x.shape[3])
    framed = _framed(x, block[0], m * block[1].start - top, left, shape)
    return _two_sided(MATRICES[m].B, framed, m, rows, TW, "pixels")


# -- the three passes ------------------------------------------------------------------------------


def correlate(
    x: np.ndarray, U: np.ndarray, b: np.ndarray | None, m: int, top: int, left: int, size: Sequence[int]
) -> np.ndarray:
    """Cross-correlation of x (N, H, W, C) with transformed weights (a^2, C, OC), plus b: (N, OH, OW, OC).

    There are `top` and `left` rows and columns of zeros before x, and as many after it as the size (OH, OW) asks for.
    """
    (N, _, _, C), OC, (OH, OW) = x.shape, U.shape[2], size
    shape = Shape(N, C, OC, OH, OW)
    A, a, (_, TW) = MATRICES[m].A, m + 2, shape.tiles(m)
    y = np.empty((N, OH, OW, OC), x.dtype)
    blocks = shape.blocks(m)

    def some(blocks: Sequence[tuple[slice, slice]]) -> None:
        for images, rows in blocks:
            V = _of_pixels(x, (images, rows), m, TW, top, left)
            M = scratch("products", (a * a, V.shape[1], OC), x.dtype)
            _products(V, U, M)
            if b is not None:
                M[a + 1] += b  # the second column of A' is all ones, so this one element goes into all results
            half = scratch("half", (m, M.size // a), x.dtype)
            np.matmul(A, M.reshape(a, -1), out=half)
            n, R = images.stop - images.start, rows.stop - rows.start
            Y = scratch("tiles", (m, m, n, R, TW, OC), x.dtype)
            np.matmul(A, half.reshape(m, a, -1), out=Y.reshape(m, m, -1))
            part = y[images, m * rows.start : m * rows.stop]
            fits = part.shape[1:3] == (m * R, m * TW)
            whole = part if fits else scratch("framed", (n, m * R, m * TW, OC), x.dtype)
            s = whole.strides
            as_strided(whole, (n, R, m, TW, m, OC), (s[0], m * s[1], s[1], m * s[2], s[2], s[3]))[...] = Y.transpose(
                2, 3, 1, 4, 0, 5
            )
            if not fits:
                part[...] = whole[:, : part.shape[1], :OW]

    in_threads(some, blocks)
    return y


def _products(V: np.ndarray, U: np.ndarray, M: np.ndarray) -> None:
    """V @ U for each element of the tiles, shared out among threads that have nothing else to do."""

    def some(numbers: Sequence[int]) -> None:
        these = slice(numbers[0], numbers[-1] + 1)
        np.matmul(V[these], U[these], out=M[these])

    if V.size * U.shape[-1] < PRODUCTS:
        np.matmul(V, U, out=M)
    else:
        in_threads(some, range(len(V)))


def weight_gradient(x: np.ndarray, gy: np.ndarray, m: int, top: int, left: int) -> np.ndarray:
    """The adjoint of `correlate` in the weights: from x (N, H, W, C) and gy (N, OH, OW, OC) to (OC, C, 3, 3)."""
    (N, _, _, C), (OH, OW, OC) = x.shape, gy.shape[1:]
    shape = Shape(N, C, OC, OH, OW)
    _, TW = shape.tiles(m)
    At = np.ascontiguousarray(MATRICES[m].A.T)

    def some(blocks: Sequence[tuple[slice, slice]]) -> np.ndarray:
        total = None
        for images, rows in blocks:
            V = _of_pixels(x, (images, rows), m, TW, top, left)
            n, R = images.stop - images.start, rows.stop - rows.start
            framed = _framed(gy, images, m * rows.start, 0, (n, m * R, m * TW, OC))
            M = _two_sided(At, framed, m, R, TW, "products").transpose(0, 2, 1)
            if total is None:
                total = np.empty((len(V), OC, C), x.dtype)
                _products(M, V, total)
            else:
                part = scratch("gradient", total.shape, x.dtype)
                _products(M, V, part)
                total += part
        return total  # type: ignore[return-value]  # there are blocks

    first, *others = in_threads(some, shape.blocks(m))
    for part in others:
        first += part
    return _gradient(first, m)


# -- weights that stay the same --------------------------------------------------------------------


class Kept:
    """Transformed weights, for as long as the weights live and have the same elements as then."""

    def __init__(self) -> None:
        self.entries: dict[tuple[int, int], tuple[weakref.ref, np.ndarray, np.ndarray]] = {}
        self.bytes = 0

    def get(self, W: np.ndarray, m: int) -> np.ndarray:
        """`transformed` weights; all elements of W are compared, for they may have been written in place."""
        key = id(W), m
        if key in self.entries:
            alive, copy, U = self.entries[key]
            if alive() is W and _same(W, copy):
                return U
            self._forget(key)
        U = transformed(W, m, False).copy(order="K")
        if self.bytes + U.nbytes + W.nbytes <= KEPT_BYTES:
            self.entries[key] = weakref.ref(W, lambda _: self._forget(key)), W.copy(), U
            self.bytes += U.nbytes + W.nbytes
        return U

    def _forget(self, key: tuple[int, int]) -> None:
        entry = self.entries.pop(key, None)
        if entry is not None:
            self.bytes -= entry[1].nbytes + entry[2].nbytes


def _same(W: np.ndarray, copy: np.ndarray) -> bool:
    """Whether all bits are the same, so that NaN equals NaN."""
    if W.shape != copy.shape or W.dtype != copy.dtype or not W.flags.c_contiguous:
        return False
    a, b = W.reshape(-1).view(np.int32), copy.reshape(-1).view(np.int32)
    step = 1 << 16
    return all(in_threads(
        lambda starts: all(np.array_equal(a[i : i + step], b[i : i + step]) for i in starts), range(0, len(a), step)
    ))  # fmt: skip


kept = Kept()
