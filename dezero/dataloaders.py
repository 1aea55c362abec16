"""Loaders: the examples of a data set as batches of arrays, pass by pass.

**What is drawn, and when.** The order of a pass comes from ``numpy.random.permutation``, drawn ahead as in the book:
when the loader is made, and at the end of each pass. Where a pass ended early (``break``), or another is still under
way, a new one draws its order when it begins. Nothing else is drawn from NumPy's global generator. Random transforms
(see `dezero.transforms`) get a generator for each example, which depends on the state of the global one when the pass
begins, on the number of passes before, and on the index. An order that was drawn ahead and not begun is drawn anew
after `dezero.seed`.
"""

from __future__ import annotations

import math
import weakref
import zlib
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextvars import copy_context

import numpy as np

from dezero import cuda, seeding
from dezero.datasets import Dataset, collate
from dezero.transforms import described, example_rng

__all__ = ["DataLoader", "SeqDataLoader", "collate"]


class DataLoader:
    """The examples of a data set in batches, in a new random order in each pass.

    Parameters
    ----------
    dataset : data set
        Anything with ``len(ds)`` and ``ds[i]``. Examples are tuples such as (x, t), dicts, or single arrays or numbers.
    batch_size : int
        Examples in a batch; the last one may have fewer.
    shuffle : bool
        Whether the order is random; else it is that of the data set.
    gpu : bool
        Whether the batches are CuPy arrays on the GPU.
    drop_last : bool
        Whether a last batch that would have fewer examples is left out.
    collate : callable, optional
        Makes a batch of a list of examples; see `dezero.datasets.collate`, which stacks them.
    num_workers : int
        How many threads prepare batches ahead. The batches and their order stay the same.
    seed : int, optional
        For a generator of the loader's own, in place of NumPy's global one.

    Attributes
    ----------
    dataset, batch_size, shuffle, gpu, drop_last, collate, num_workers
        As above.
    data_size : int
        The number of examples.
    max_iter : int
        The number of batches in a pass, which is also ``len(loader)``.
    index : ndarray, shape (data_size,)
        The order that was drawn last.
    iteration : int
        How many batches the pass that gave one last has given.

    Raises
    ------
    ValueError
        If batch_size is below 1, num_workers below 0, or nothing would be left by drop_last.
    TypeError
        If the data set has no length or no index, a number is no integer, or collate cannot be called.
    RuntimeError
        If gpu is set and there is none.

    Notes
    -----
    ``iter(loader)``, which a ``for`` loop calls, begins a pass of its own each time. ``next(loader)`` takes the next
    batch of a pass that the loader itself keeps, and begins another one after StopIteration.

    An error in the data set or in a transform reaches the loop as it is, with a note that names the index. The pass is
    then over.

    With workers, the transforms of several examples run at the same time. One that draws from ``numpy.random`` should
    draw from `dezero.transforms.rng` instead; then its numbers do not depend on the workers.

    A subclass may override `reset`, to set another order in `index`; or ``__next__``, as in the book, and is then its
    own iterator.

    Examples
    --------
    >>> from dezero.datasets import ArrayDataset
    >>> loader = DataLoader(ArrayDataset(np.arange(5.0), np.arange(5)), batch_size=2, shuffle=False)
    >>> len(loader)
    3
    >>> for x, t in loader:
    ...     (x, t)
    (array([0., 1.]), array([0, 1]))
    (array([2., 3.]), array([2, 3]))
    (array([4.]), array([4]))
    """

    _fresh = False  # whether nobody goes through the order in index yet
    _own: _Pass | None = None  # the pass of next(loader)
    _passes = 0
    _seedings = 0  # calls of `dezero.seed` before the order in index was drawn
    _turn = 0  # grows with each batch, and tells which pass gave one last
    _resumed = False  # whether the order in index is half gone through, for a loader that is its own iterator
    _begun: tuple[weakref.ref[_Pass], ...] = ()  # the passes of loops; some may be gone

    def __init__(
        self,
        dataset: object,
        batch_size: int,
        shuffle: bool = True,
        gpu: bool = False,
        *,
        drop_last: bool = False,
        collate: Callable[[list], object] | None = None,
        num_workers: int = 0,
        seed: int | None = None,
    ) -> None:
        name = type(self).__name__
        if isinstance(dataset, type):
            raise TypeError(f"{name} expects a data set, got the class {dataset.__name__}: make one, "
                            f"{dataset.__name__}(...)")  # fmt: skip
        if not (hasattr(dataset, "__len__") and hasattr(dataset, "__getitem__")):
            raise TypeError(f"{name} expects a data set, with len(ds) and ds[i], got {described(dataset)}")
        for what, value in (("batch_size", batch_size), ("num_workers", num_workers)):
            if not isinstance(value, (int, np.integer)) or isinstance(value, bool):
                raise TypeError(f"{name} expects an integer {what}, got {described(value)}")
        if batch_size < 1:
            raise ValueError(f"{name} expects a batch_size of 1 or more, got {batch_size}")
        if num_workers < 0:
            raise ValueError(f"{name} expects num_workers of 0 or more, got {num_workers}")
        if collate is not None and not callable(collate):
            raise TypeError(f"{name} expects a function as collate, got {described(collate)}")
        self.dataset = dataset
        self.batch_size = int(batch_size)
        self.shuffle = shuffle
        self.drop_last = drop_last
        self.collate = collate
        self.num_workers = num_workers
        self.data_size = len(dataset)
        self.max_iter = self.data_size // self.batch_size if drop_last else math.ceil(self.data_size / self.batch_size)
        if drop_last and self.data_size and not self.max_iter:
            raise ValueError(
                f"{name} with drop_last has no batch: {self.data_size} examples do not fill one of {batch_size}"
            )
        self.gpu = False
        if gpu:
            self.to_gpu()
        self._waiting: dict[str, dict] = {}  # passes from load_state_dict that nobody goes on with yet
        self._generator = None if seed is None else np.random.RandomState(seed)
        self._next_order()

    def reset(self) -> None:
        """Draw an order for the next pass, and begin again."""
        n = len(self.dataset)
        self.index = self._random().permutation(n) if self.shuffle else np.arange(n)
        self.iteration = 0
        self._fresh = True
        self._own = None
        self._waiting = {}
        self._seedings = seeding.seedings()

    def __len__(self) -> int:
        return self.max_iter

    def __iter__(self) -> Iterator:
        if type(self).__next__ is not DataLoader.__next__:  # a loader as the book writes them: its own iterator
            if (self.iteration and not self._resumed) or self._outdated():
                self._next_order()
            self._resumed = False
            return self
        begun = self._begin("loop")
        self._begun = (*[ref for ref in self._begun if ref() is not None], weakref.ref(begun))
        return begun

    def __next__(self):
        if self._own is None:
            self._own = self._begin("next")
        try:
            return next(self._own)
        except BaseException:
            self._own = None
            raise

    def next(self):
        """The next batch, as ``next(loader)``."""
        return self.__next__()

    def to_cpu(self) -> None:
        """Give NumPy arrays from now on."""
        self.gpu = False

    def to_gpu(self) -> None:
        """Give CuPy arrays from now on.

        Raises
        ------
        RuntimeError
            If there is no GPU.
        """
        if not cuda.gpu_enable:
            raise RuntimeError(
                f"{type(self).__name__} cannot use a GPU: CuPy is not installed, or it finds no CUDA device"
            )
        self.gpu = True

    # -- state -------------------------------------------------------------------------------------

    def state_dict(self) -> dict[str, object]:
        """Return all that is needed to go on from here, also within a pass: what `load_state_dict` takes.

        A pass counts as under way as long as something holds its iterator, as a ``for`` loop does until it ends or is
        left. If there are several, the one that gave a batch last counts, and the pass of ``next(loader)`` besides.

        Returns
        -------
        dict
            Of numbers, strings, arrays, and dicts and lists of them. NumPy's global generator is not in it, though
            later passes depend on it; see `dezero.training.save_checkpoint`.

        Examples
        --------
        >>> loader = DataLoader(np.arange(6), batch_size=2)
        >>> for batch in loader:
        ...     state = loader.state_dict()
        ...     break
        >>> again = DataLoader(np.arange(6), batch_size=2)
        >>> again.load_state_dict(state)
        >>> rest = [again.index[2:4], again.index[4:]]
        >>> np.array_equal(list(again), rest)
        True
        """
        passes = {how: saved | {"index": self._unless_latest(saved["index"])} for how, saved in self._waiting.items()}
        alive = [begun for begun in [ref() for ref in self._begun] if begun is not None and not begun.over]
        if alive:
            passes["loop"] = max(alive, key=lambda begun: begun.turn).state_dict()
        if self._own is not None:
            passes["next"] = self._own.state_dict()
        return self._settings() | {
            "index": np.array(self.index), "iteration": self.iteration, "fresh": self._fresh and not self._outdated(),
            "passes": self._passes, "under_way": passes,
            "generator": None if self._generator is None else self._generator.get_state(legacy=False),
        }  # fmt: skip

    def load_state_dict(self, state_dict: Mapping) -> None:
        """Go on from where `state_dict` was called: the next loop gets the rest of the pass, later ones whole passes.

        A loop that is under way keeps its own pass.

        Raises
        ------
        TypeError
            If this is not what `state_dict` returned.
        ValueError
            If it comes from a loader of another class, data size, batch size or order; nothing was changed then.
        """
        where = f"{type(self).__name__}.load_state_dict"
        wanted = {*self._settings(), "index", "iteration", "fresh", "passes", "under_way", "generator"}
        if not isinstance(state_dict, Mapping) or state_dict.keys() != wanted:
            raise TypeError(f"{where} expects what state_dict() returned, got {described(state_dict)}")
        faults = [f"{name} was {state_dict[name]!r} and is {value!r}" for name, value in self._settings().items()
                  if state_dict[name] != value]  # fmt: skip
        if faults:
            raise ValueError(f"{where}: the state is that of another loader: {', '.join(faults)}")
        order = self._checked_order(where, state_dict["index"])
        passes = {}
        for how, saved in state_dict["under_way"].items():
            own = order if saved["index"] is None else self._checked_order(where, saved["index"])
            position = int(saved["position"])
            if not 0 <= position <= self.max_iter:
                raise ValueError(f"{where}: a pass of {self.max_iter} batches has no position {position}")
            passes[how] = {"index": own, "position": position, "key": [int(n) for n in saved["key"]]}
        generator = state_dict["generator"]
        self._generator = None if generator is None else seeding.generator_of(generator)
        self.index, self._waiting, self._fresh = order, passes, bool(state_dict["fresh"])
        self.iteration, self._passes = int(state_dict["iteration"]), int(state_dict["passes"])
        self._own, self._begun, self._resumed, self._seedings = None, (), True, seeding.seedings()

    def _settings(self) -> dict[str, object]:
        """What a state must have been saved with, to go on in this loader."""
        return {
            "loader": type(self).__name__, "data_size": self.data_size, "batch_size": self.batch_size,
            "shuffle": bool(self.shuffle), "drop_last": bool(self.drop_last), "own_seed": self._generator is not None,
        }  # fmt: skip

    def _unless_latest(self, index: np.ndarray) -> np.ndarray | None:
        """A copy of the order of a pass, or None for the one that is saved in any case."""
        return None if index is self.index else np.array(index)

    def _checked_order(self, where: str, order: object) -> np.ndarray:
        index, n = np.array(order), self.data_size
        if index.ndim != 1 or index.dtype.kind not in "iu" or (index.size and not -n <= index.min() <= index.max() < n):
            raise ValueError(f"{where}: an order of {n} examples is expected, got {described(index, values=True)}")
        return index

    def __getstate__(self) -> dict[str, object]:
        """For copy and pickle: everything but the passes of loops, which belong to this loader."""
        return {name: value for name, value in vars(self).items() if name != "_begun"}

    def __repr__(self) -> str:
        order = "shuffled" if self.shuffle else "in order"
        return f"{type(self).__name__}: {self.max_iter} batches of {self.batch_size}, {order}, of {self.dataset!r}"

    def _random(self) -> np.random.RandomState:
        # asked for each time: a copy of the loader would have a copy of the global generator, and no longer follow it
        return np.random.mtrand._rand if self._generator is None else self._generator

    # -- one pass ----------------------------------------------------------------------------------

    def _begin(self, how: str) -> _Pass:
        if how in self._waiting:
            saved = self._waiting[how]
            self._waiting = {other: kept for other, kept in self._waiting.items() if other != how}
            return _Pass(self, saved)
        if not self._fresh or self._outdated():
            self._next_order()
        self._fresh = False
        self._passes += 1
        return _Pass(self)

    def _next_order(self) -> None:
        own, waiting = self._own, self._waiting  # these passes go on when another one begins or ends
        self.reset()
        self._own, self._waiting, self._fresh, self._seedings = own, waiting, True, seeding.seedings()

    def _outdated(self) -> bool:
        """Whether `dezero.seed` was called since the order was drawn."""
        return self._generator is None and self._seedings != seeding.seedings()

    @staticmethod
    def _batch(index: np.ndarray, size: int, k: int) -> np.ndarray:
        """The examples of batch k."""
        return index[k * size : (k + 1) * size]


class SeqDataLoader(DataLoader):
    """Batches for sequences: row i of each batch continues row i of the one before.

    The data are cut into batch_size stretches, and batch k has the k-th example of each. What follows the last stretch
    begins again at the first example.

    Parameters
    ----------
    dataset, batch_size, gpu
        As for `DataLoader`; at least as many examples as a batch has.

    Examples
    --------
    >>> from dezero.datasets import ArrayDataset
    >>> [batch.tolist() for batch in SeqDataLoader(ArrayDataset(np.arange(6)), batch_size=2)]
    [[0, 3], [1, 4], [2, 5]]
    """

    def __init__(self, dataset: object, batch_size: int, gpu: bool = False) -> None:
        super().__init__(dataset, batch_size, shuffle=False, gpu=gpu)
        if self.data_size < self.batch_size:
            raise ValueError(
                f"SeqDataLoader cannot cut {self.data_size} examples into {batch_size} stretches: "
                "choose a smaller batch_size"
            )

    @staticmethod
    def _batch(index: np.ndarray, size: int, k: int) -> np.ndarray:
        stretch = len(index) // size
        return index[(np.arange(size) * stretch + k) % len(index)]


class _Pass:
    """The batches of one pass. Knows all that it needs, so that a later pass does not disturb it."""

    def __init__(self, loader: DataLoader, saved: dict | None = None) -> None:
        self.loader = loader
        self.position = 0
        self.turn = loader._turn
        self.over = False
        self.length = loader.max_iter
        self.reader = _Reader(loader)
        if saved is not None:
            self.position, self.reader.index, self.reader.key = saved["position"], saved["index"], tuple(saved["key"])
        self.ahead: deque | None = None
        if loader.num_workers and self.length:
            self._start_workers()

    def __iter__(self) -> _Pass:
        return self

    def __next__(self):
        if self.over:
            raise StopIteration
        loader, k = self.loader, self.position
        if k >= self.length:
            self.close()
            loader._next_order()
            raise StopIteration
        try:
            batch = self.reader(k) if self.ahead is None else self._from_workers()
            if loader.gpu:
                batch = _moved(batch)
        except BaseException:
            self.close()
            raise
        self.position += 1
        loader.iteration = self.position
        loader._turn = self.turn = loader._turn + 1
        return batch

    def state_dict(self) -> dict[str, object]:
        index = self.loader._unless_latest(self.reader.index)
        return {"index": index, "position": self.position, "key": list(self.reader.key)}

    def close(self) -> None:
        """End the pass and its threads."""
        self.over = True
        if self.ahead is not None:
            self.ahead.clear()
            self.stop()

    def _start_workers(self) -> None:
        from concurrent.futures import ThreadPoolExecutor  # late: few loaders have workers

        workers = self.loader.num_workers
        self.pool = ThreadPoolExecutor(workers, thread_name_prefix="DataLoader")
        # also when the pass is dropped, as by a break
        self.stop = weakref.finalize(self, self.pool.shutdown, wait=False, cancel_futures=True)
        self.submitted = min(self.position + 2 * workers, self.length)
        self.ahead = deque(self._submit(k) for k in range(self.position, self.submitted))

    def _submit(self, k: int) -> object:
        # settings such as no_grad and numpy.errstate belong to the context, and threads begin with an empty one
        return self.pool.submit(copy_context().run, self.reader, k)

    def _from_workers(self) -> object:
        first = self.ahead.popleft()  # type: ignore[union-attr]
        if self.submitted < self.length:
            self.ahead.append(self._submit(self.submitted))  # type: ignore[union-attr]
            self.submitted += 1
        return first.result()


class _Reader:
    """Makes batch k of a pass; called by any thread. Holds no reference to the pass, which threads would keep alive."""

    def __init__(self, loader: DataLoader) -> None:
        self.dataset = loader.dataset
        self.collate = loader.collate
        self.index, self.size, self.batch = loader.index, loader.batch_size, loader._batch
        self.key = _fingerprint(loader._random().get_state(legacy=False)), loader._passes % 2**32

    def __call__(self, k: int) -> object:
        indices = np.asarray(self.batch(self.index, self.size, k))
        if self.collate is None and isinstance(self.dataset, Dataset):
            batch = self.dataset._sliced(indices)
            if batch is not None:
                return batch
        return (self.collate or collate)([self.example(i) for i in indices.tolist()])

    def example(self, i: int) -> object:
        try:
            with example_rng(*self.key, i % 2**32):
                return self.dataset[i]
        except StopIteration as error:  # it would end the loop, and nobody would know
            raise RuntimeError(f"DataLoader: example {i} of {_name(self.dataset)} raised StopIteration") from error
        except Exception as error:
            error.add_note(f"DataLoader: while reading example {i} of {_name(self.dataset)}")
            raise


def _name(dataset: object) -> str:
    return type(dataset).__name__


def _moved(batch: object) -> object:
    """The arrays of a batch on the GPU."""
    if batch is None:
        return None
    if isinstance(batch, dict):
        return {key: _moved(part) for key, part in batch.items()}
    if isinstance(batch, (tuple, list)):
        parts = [_moved(part) for part in batch]
        return batch._make(parts) if hasattr(batch, "_make") else type(batch)(parts)
    return cuda.as_cupy(batch)


def _fingerprint(state: object, start: int = 0) -> int:
    """A number from 0 to 2**32 - 1 that stands for the state of a generator; draws nothing from it."""
    if isinstance(state, dict):
        for part in state.values():
            start = _fingerprint(part, start)
        return start
    return zlib.crc32(state.tobytes() if isinstance(state, np.ndarray) else repr(state).encode(), start)
