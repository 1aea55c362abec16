"""How a Variable feels like an array: sizes, conversion to numbers and to other libraries, comparison.

All of it reads `self.data` and leaves the graph alone, so it stands below the engine.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Self

import numpy as np

from dezero import cuda
from dezero.cuda import Array, ArrayLike, as_array

__all__ = ["LikeArray", "bare", "shape_of"]


class LikeArray:
    """The part of Variable that looks at its array only."""

    if not TYPE_CHECKING:  # or a type checker would refuse the slots of Variable, data and name
        __slots__ = ()

    data: Array
    name: str | None

    # -- the array ---------------------------------------------------------------------------------

    def _array(self) -> Array:
        """The data as an array, whatever the user has put there."""
        if self.data is None:
            label = f"variable {self.name!r}" if self.name else "the variable"
            raise RuntimeError(f"{label} has no data yet: set .data, or call the layer it belongs to once")
        return as_array(self.data)

    @property
    def shape(self) -> tuple[int, ...]:
        """Sizes of the axes."""
        return self._array().shape

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return self._array().ndim

    @property
    def size(self) -> int:
        """Number of elements."""
        return self._array().size

    @property
    def dtype(self) -> np.dtype:
        """Type of the elements."""
        return self._array().dtype

    def __len__(self) -> int:
        if not self.shape:
            raise TypeError("len() of a 0-dimensional Variable: it holds one number and has no axis to count along")
        return self.shape[0]

    def __iter__(self) -> Iterator[Self]:
        if not self.shape:
            raise TypeError("cannot iterate over a 0-dimensional Variable: it holds one number; float(x) gives it")
        return (self[i] for i in range(len(self)))  # type: ignore[index]  # indexing comes from dezero.functions

    def __contains__(self, value: object) -> bool:
        return bool(np.any(self == value))

    def __repr__(self) -> str:
        return "variable(" + str(self.data).replace("\n", "\n" + " " * 9) + ")"

    def __format__(self, spec: str) -> str:
        return format(self.item(), spec) if spec else str(self)

    def item(self) -> bool | int | float | complex:
        """Return the only element as a Python number; ValueError if there is not exactly one."""
        if self.size != 1:
            raise ValueError(f"only a Variable of one element converts to a number; this one has shape {self.shape}")
        return self._array().item()

    def __float__(self) -> float:
        return float(self.item())  # type: ignore[arg-type]  # Python refuses a complex number in words

    def __int__(self) -> int:
        return int(self.item())  # type: ignore[arg-type]

    def __bool__(self) -> bool:
        return bool(self.item())

    def __round__(self, digits: int | None = None) -> float:
        return round(self.item(), digits)  # type: ignore[arg-type]

    def __index__(self) -> int:
        return self._array().__index__()

    def tolist(self) -> list | bool | int | float | complex:
        """Return the elements as (nested) lists of Python numbers."""
        return self._array().tolist()

    def numpy(self) -> np.ndarray:
        """Return the data as a NumPy array: the data itself where it is one, no copy."""
        return cuda.as_numpy(self._array())

    def to_cpu(self) -> None:
        """Move the data to NumPy, in place."""
        if self.data is not None:
            self.data = cuda.as_numpy(self.data)

    def to_gpu(self) -> None:
        """Move the data to CuPy, in place; RuntimeError where there is no GPU."""
        if self.data is not None:
            self.data = cuda.as_cupy(self.data)

    # -- exchange with other libraries: the numbers, without the graph -----------------------------

    if not TYPE_CHECKING:  # or a type checker would take ``array + variable`` for an array

        def __array__(self, dtype=None, copy=None) -> np.ndarray:
            return np.array(self.numpy(), dtype=dtype, copy=copy)

    def __dlpack__(self, **kwargs: object) -> object:
        return self._array().__dlpack__(**kwargs)  # type: ignore[arg-type]

    def __dlpack_device__(self) -> tuple[int, int]:
        return self._array().__dlpack_device__()

    # -- comparison: plain boolean arrays, for it has no derivative --------------------------------

    def __eq__(self, other: object) -> bool | np.ndarray:  # type: ignore[override]
        return False if other is None else self.data == bare(other)

    def __ne__(self, other: object) -> bool | np.ndarray:  # type: ignore[override]
        return True if other is None else self.data != bare(other)

    def __lt__(self, other: LikeArray | ArrayLike) -> np.ndarray:
        return self.data < bare(other)

    def __le__(self, other: LikeArray | ArrayLike) -> np.ndarray:
        return self.data <= bare(other)

    def __gt__(self, other: LikeArray | ArrayLike) -> np.ndarray:
        return self.data > bare(other)

    def __ge__(self, other: LikeArray | ArrayLike) -> np.ndarray:
        return self.data >= bare(other)

    __hash__ = object.__hash__  # by identity: Variables are keys of dicts and sets


def bare(x: object) -> object:
    """Return the data of a Variable, and anything else unchanged."""
    return x.data if isinstance(x, LikeArray) else x


def shape_of(x: LikeArray | ArrayLike) -> tuple[int, ...]:
    """Return the shape of a Variable, an array, a number or a list, without wrapping it in anything."""
    return x.shape if isinstance(x, LikeArray) else np.shape(x)
