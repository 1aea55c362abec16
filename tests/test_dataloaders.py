"""Loaders: which examples come when, what is drawn from the generators, and what workers may not change."""

import copy
import gc
import math
import pickle
import threading
import weakref

import numpy as np
import pytest

from dezero import cuda, datasets, no_grad
from dezero.config import Config
from dezero.dataloaders import DataLoader, SeqDataLoader
from dezero.datasets import ArrayDataset, Dataset
from dezero.transforms import Compose, Flatten, Normalize, RandomCrop, RandomHorizontalFlip, ToFloat


class Slow(Dataset):
    """Ten examples that are no arrays, so that they are read one by one."""

    def prepare(self):
        self.data = [np.array([i, -i], dtype=np.float32) for i in range(10)]
        self.label = list(range(10))


def firsts(batches):
    """The labels, batch by batch."""
    return [t.tolist() for _, t in batches]


def raises(error, *words):
    return pytest.raises(error, match=".*".join(words))


def numbers(n=10):
    return ArrayDataset(np.arange(float(n)), np.arange(n))


# -- the book's contract ---------------------------------------------------------------------------


class BookLoader:
    """What the book's loader does, written again from its description: the oracle of the random stream."""

    def __init__(self, n, batch_size):
        self.n, self.batch_size = n, batch_size
        self.order = np.random.permutation(n)

    def one_pass(self):
        size = self.batch_size
        yield from (self.order[k * size : (k + 1) * size] for k in range(math.ceil(self.n / size)))
        self.order = np.random.permutation(self.n)


def test_the_stream_of_random_numbers_is_the_book_s():
    def run(make, one_pass):
        np.random.seed(0)
        loaders, seen = [make(), make()], [np.random.rand()]
        for _ in range(3):
            for loader in loaders:
                for indices in one_pass(loader):
                    seen += [*map(int, indices), np.random.rand()]
        return seen

    ours = run(lambda: DataLoader(numbers(), 3), lambda loader: (t for _, t in loader))
    book = run(lambda: BookLoader(10, 3), BookLoader.one_pass)
    assert ours == book


def test_batches_have_the_form_of_the_book_s():
    x, t = next(DataLoader(Slow(), 4))
    assert type(x) is np.ndarray and x.shape == (4, 2) and x.dtype == np.float32
    assert t.shape == (4,) and t.dtype == np.array([0]).dtype
    assert [len(t) for _, t in DataLoader(Slow(), 4)] == [4, 4, 2]


def test_attributes_tell_where_a_pass_is():
    loader = DataLoader(numbers(), 3, shuffle=False)
    assert (loader.data_size, loader.max_iter, loader.batch_size, loader.shuffle, loader.gpu) == (
        10,
        4,
        3,
        False,
        False,
    )
    assert loader.index.tolist() == list(range(10)) and loader.iteration == 0 and len(loader) == 4
    seen = [loader.iteration for _ in loader]
    assert seen == [1, 2, 3, 4] and loader.iteration == 0


def test_next_goes_through_the_passes_one_after_the_other():
    loader = DataLoader(numbers(4), 3, shuffle=False)
    for _ in range(2):
        assert next(loader)[1].tolist() == [0, 1, 2]
        assert loader.next()[1].tolist() == [3]
        with pytest.raises(StopIteration):
            next(loader)
    next(loader)
    loader.reset()
    assert next(loader)[1].tolist() == [0, 1, 2]


def test_a_subclass_that_writes_next_as_the_book_does_is_its_own_iterator():
    class Own(DataLoader):
        def __next__(self):
            if self.iteration >= self.max_iter:
                self.reset()
                raise StopIteration
            self.iteration += 1
            return self.iteration

    loader = Own(numbers(), 3)
    assert list(loader) == [1, 2, 3, 4] == list(loader)
    for _ in loader:
        break
    assert list(loader) == [1, 2, 3, 4]


def test_a_subclass_may_bring_an_order_of_its_own():
    class Reverse(DataLoader):
        def reset(self):
            self.index, self.iteration = np.arange(self.data_size)[::-1], 0

    loader = Reverse(numbers(4), 3)
    assert firsts(loader) == [[3, 2, 1], [0]] == firsts(loader)


# -- each loop is a pass ---------------------------------------------------------------------------


def test_a_loop_begins_afresh_after_a_break():
    np.random.seed(0)
    loader = DataLoader(numbers(), 4)
    for _ in loader:
        break
    drawn = np.random.RandomState(0)
    drawn.permutation(10)
    again = [i for t in firsts(loader) for i in t]
    assert again == drawn.permutation(10).tolist()  # the break drew nothing, the loop drew once
    drawn.permutation(10)  # and its end once
    assert np.random.rand() == drawn.rand()


def test_loops_may_be_nested():
    loader = DataLoader(numbers(4), 2)
    for _, outer in loader:
        inner = [i for t in firsts(loader) for i in t]
        assert sorted(inner) == [0, 1, 2, 3] and len(outer) == 2
    pairs = [(a.tolist(), b.tolist()) for _, a in loader for _, b in loader]
    assert len(pairs) == 4 and sorted(pairs[0][0] + pairs[2][0]) == [0, 1, 2, 3]


def test_two_iterators_do_not_disturb_each_other():
    loader = DataLoader(numbers(6), 2)
    one, two = iter(loader), iter(loader)
    seen = [[], []]
    for _ in range(3):
        seen[0] += next(one)[1].tolist()
        seen[1] += next(two)[1].tolist()
    assert sorted(seen[0]) == sorted(seen[1]) == list(range(6))
    for iterator in (one, two, one):
        with pytest.raises(StopIteration):
            next(iterator)


def test_next_and_a_loop_are_passes_of_their_own():
    loader = DataLoader(numbers(6), 2, shuffle=False)
    taken = [next(loader)[1].tolist()]
    for _ in loader:
        taken.append(next(loader)[1].tolist())
        if len(taken) == 3:
            break
    list(loader)
    assert taken == [[0, 1], [2, 3], [4, 5]]
    with pytest.raises(StopIteration):
        next(loader)


def test_zip_and_enumerate_work():
    loader = DataLoader(numbers(6), 2, shuffle=False)
    assert [k for k, _ in enumerate(loader)] == [0, 1, 2]
    assert [(a.tolist(), b.tolist()) for (_, a), (_, b) in zip(loader, loader)][2] == ([4, 5], [4, 5])


# -- settings --------------------------------------------------------------------------------------


def test_drop_last_leaves_the_short_batch_out():
    loader = DataLoader(numbers(), 4, shuffle=False, drop_last=True)
    assert firsts(loader) == [[0, 1, 2, 3], [4, 5, 6, 7]] and len(loader) == 2


def test_a_seed_of_its_own_leaves_the_global_generator_alone():
    np.random.seed(0)
    first = firsts(DataLoader(numbers(), 4, seed=5))
    assert np.random.rand() == np.random.RandomState(0).rand()
    loader = DataLoader(numbers(), 4, seed=5)
    assert firsts(loader) == first != firsts(loader)


def test_a_copy_of_a_loader_follows_the_same_generator():
    for make in (copy.deepcopy, lambda loader: pickle.loads(pickle.dumps(loader))):
        np.random.seed(0)
        first = firsts(make(DataLoader(numbers(), 4))), np.random.rand()
        np.random.seed(0)
        assert first == (firsts(DataLoader(numbers(), 4)), np.random.rand())


def test_collate_may_be_the_user_s():
    loader = DataLoader(["a", "bcd", "ef"], 2, shuffle=False, collate="+".join)
    assert list(loader) == ["a+bcd", "ef"]


def test_examples_may_be_tuples_dicts_or_arrays():
    assert [b.tolist() for b in DataLoader(list(range(3)), 2, shuffle=False)] == [[0, 1], [2]]
    (batch,) = DataLoader([{"x": np.ones(2), "id": i} for i in range(3)], 3, shuffle=False)
    assert batch["x"].shape == (3, 2) and batch["id"].tolist() == [0, 1, 2]
    (batch,) = DataLoader([(i, i * 2, i * 3) for i in range(3)], 3, shuffle=False)
    assert [part.tolist() for part in batch] == [[0, 1, 2], [0, 2, 4], [0, 3, 6]]


def test_without_labels_t_is_none():
    class Unlabelled(Dataset):
        def prepare(self):
            self.data = np.arange(4)

    for transform in (None, lambda x: x):
        (batch,) = DataLoader(Unlabelled(transform=transform), 4, shuffle=False)
        assert batch[0].tolist() == [0, 1, 2, 3] and batch[1] is None


def test_an_empty_data_set_has_no_batches():
    loader = DataLoader(ArrayDataset(np.zeros((0, 2))), 3)
    assert list(loader) == [] and len(loader) == 0


def test_repr_tells_what_is_loaded():
    assert repr(DataLoader(numbers(), 4)) == f"DataLoader: 3 batches of 4, shuffled, of {numbers()!r}"


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (lambda: DataLoader(numbers(), 0), ValueError, ["DataLoader", "batch_size of 1 or more", "0"]),
        (lambda: DataLoader(numbers(), 2.5), TypeError, ["integer batch_size", "2.5"]),
        (lambda: DataLoader(numbers(), True), TypeError, ["integer batch_size", "True"]),
        (lambda: DataLoader(iter([1]), 2), TypeError, ["data set", "len"]),
        (lambda: DataLoader(ArrayDataset, 2), TypeError, ["the class ArrayDataset", r"make one, ArrayDataset\("]),
        (lambda: DataLoader(numbers(), 2, num_workers="2"), TypeError, ["integer num_workers", "str '2'"]),
        (lambda: DataLoader(numbers(), 2, collate=3), TypeError, ["function as collate", "int 3"]),
        (lambda: DataLoader(numbers(), 2, num_workers=-1), ValueError, ["num_workers", "-1"]),
        (lambda: DataLoader(numbers(3), 4, drop_last=True), ValueError, ["no batch", "3 examples"]),
        (lambda: SeqDataLoader(numbers(3), 4), ValueError, ["3 examples into 4 stretches"]),
    ],
)
def test_wrong_settings_are_refused(make, error, words):
    with raises(error, *words):
        make()


def test_a_gpu_that_is_not_there_is_missed_at_once(monkeypatch):
    monkeypatch.setitem(vars(cuda), "gpu_enable", False)
    with raises(RuntimeError, "DataLoader cannot use a GPU", "CuPy"):
        DataLoader(numbers(), 2, gpu=True)
    loader = DataLoader(numbers(), 2)
    with raises(RuntimeError, "cannot use a GPU"):
        loader.to_gpu()
    loader.to_cpu()


def test_on_a_gpu_all_arrays_of_a_batch_are_moved(monkeypatch):
    monkeypatch.setitem(vars(cuda), "gpu_enable", True)
    monkeypatch.setattr(cuda, "as_cupy", lambda x: ("gpu", x.tolist()))
    data = [{"x": i, "pair": (i, -i), "none": None} for i in range(2)]
    (batch,) = DataLoader(data, 2, shuffle=False, gpu=True)
    assert batch == {"x": ("gpu", [0, 1]), "pair": ("gpu", [[0, 0], [1, -1]]), "none": None}
    loader = DataLoader(numbers(2), 2, shuffle=False)
    loader.to_gpu()
    assert next(loader) == (("gpu", [0.0, 1.0]), ("gpu", [0, 1]))


# -- sequences -------------------------------------------------------------------------------------


def test_rows_of_sequences_go_on_from_batch_to_batch():
    loader = SeqDataLoader(numbers(7), 3)
    assert firsts(loader) == [[0, 2, 4], [1, 3, 5], [2, 4, 6]] == firsts(loader)
    assert len(loader) == 3
    wrapped = SeqDataLoader(numbers(5), 4)
    assert firsts(wrapped) == [[0, 1, 2, 3], [1, 2, 3, 4]]


def test_a_sequence_is_left_and_begun_again():
    loader = SeqDataLoader(datasets.SinCurve(), 30)
    first = next(iter(loader))
    assert first[0].shape == (30, 1)
    assert np.array_equal(next(iter(loader))[0], first[0])
    state = np.random.get_state()[2]
    list(loader)
    assert np.random.get_state()[2] == state  # nothing is drawn


# -- at once or one by one -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "transform", [None, ToFloat(), Compose([Flatten(), ToFloat(), Normalize(3.0, 16.0)])], ids=repr
)
def test_a_batch_cut_out_at_once_is_that_of_single_examples(transform):
    fast = datasets.Digits(train=False, transform=transform)
    assert fast._sliced(np.array([0])) is not None
    seen = []
    for ds in (fast, list(fast), fast[:]):
        np.random.seed(1)
        seen.append(list(DataLoader(ds, 50)))
    for other in seen[1:]:
        for (x0, t0), (x1, t1) in zip(seen[0], other):
            assert x0.dtype == x1.dtype and t0.dtype == t1.dtype
            assert np.array_equal(x0, x1) and np.array_equal(t0, t1)


def test_a_data_set_that_overrides_an_example_is_asked_for_each():
    class Twice(ArrayDataset):
        def __getitem__(self, i):
            x, t = super().__getitem__(i)
            return 2 * x, t

    (batch,) = DataLoader(Twice(np.arange(3), np.arange(3)), 3, shuffle=False)
    assert batch[0].tolist() == [0, 2, 4]


# -- workers ---------------------------------------------------------------------------------------


def augmented():
    digits = datasets.Digits(train=False, transform=Compose([RandomHorizontalFlip(), RandomCrop(8, pad=2), ToFloat()]))
    return digits[:40]


@pytest.mark.parametrize("shuffle", [True, False])
def test_the_number_of_workers_never_changes_the_data(shuffle):
    def run(workers):
        np.random.seed(0)
        loader = DataLoader(augmented(), 7, shuffle=shuffle, num_workers=workers)
        passes = [[x for x, _ in loader] for _ in range(2)]
        return passes, np.random.rand()

    (first, second), following = run(0)
    assert any(not np.array_equal(a, b) for a, b in zip(first, second))  # each pass has its own numbers
    for workers in (1, 3, 20):
        passes, then = run(workers)
        assert then == following
        for mine, theirs in zip(passes, (first, second)):
            assert len(mine) == len(theirs) == 6
            assert all(np.array_equal(a, b) for a, b in zip(mine, theirs))


def test_random_transforms_follow_the_seed_and_draw_nothing_themselves():
    def run(seed, ds):
        np.random.seed(seed)
        batches = [np.asarray(x) for x, _ in DataLoader(ds, 40, shuffle=False)]
        return batches[0].ravel().tolist(), np.random.rand()

    assert run(1, augmented()) == run(1, augmented())
    assert run(1, augmented())[0] != run(2, augmented())[0]
    assert run(1, augmented())[1] == run(1, numbers())[1]


class Reporting:
    """Tells which threads read examples."""

    def __init__(self, n, fails=None, error=None):
        self.n, self.fails, self.error = n, fails, error or KeyError("lost")
        self.read, self.threads = [], set()

    def __len__(self):
        return self.n

    def __getitem__(self, i):
        self.threads.add(threading.current_thread())
        self.read.append(i)
        if i == self.fails:
            raise self.error
        return np.full(2, i), i


def test_batches_come_in_order_however_long_they_take():
    gates = [threading.Event() for _ in range(3)]

    class Waiting(Reporting):
        def __getitem__(self, i):
            if i:
                gates[i - 1].set()
            if i < 3:
                assert gates[i].wait(5)  # the next one is read before this one is done
            return super().__getitem__(i)

    assert firsts(DataLoader(Waiting(4), 1, shuffle=False, num_workers=4)) == [[0], [1], [2], [3]]


def test_workers_read_only_a_little_ahead():
    ds = Reporting(100)
    iterator = iter(DataLoader(ds, 1, shuffle=False, num_workers=2))
    next(iterator)
    for _ in range(20):  # time to read all, for one who would
        threading.Event().wait(0.005)
    iterator.close()
    assert len(ds.read) == 5 and threading.current_thread() not in ds.threads


def test_what_was_to_be_read_ahead_is_not_read_after_a_break():
    gate = threading.Event()

    class Waiting(Reporting):
        def __getitem__(self, i):
            gate.wait(5)
            return super().__getitem__(i)

    ds = Waiting(10)
    iterator = iter(DataLoader(ds, 1, shuffle=False, num_workers=1))
    del iterator  # as by a break
    gate.set()
    for thread in threading.enumerate():
        if thread.name.startswith("DataLoader"):
            thread.join(5)
    assert len(ds.read) <= 1


@pytest.mark.parametrize("workers", [0, 2])
def test_an_error_reaches_the_loop_with_the_index(workers):
    loader = DataLoader(Reporting(10, fails=5), 2, shuffle=False, num_workers=workers)
    seen = []
    with pytest.raises(KeyError, match="lost") as caught:
        for _, t in loader:
            seen.append(t.tolist())
    assert seen == [[0, 1], [2, 3]]
    assert caught.value.__notes__ == ["DataLoader: while reading example 5 of Reporting"]
    assert len(next(iter(loader))[1]) == 2  # the loader is of use again
    assert [next(loader)[1].tolist() for _ in range(2)] == seen
    with pytest.raises(KeyError, match="lost"):
        next(loader)
    assert next(loader)[1].tolist() == [0, 1]  # and in this form, too


@pytest.mark.parametrize("workers", [0, 2])
def test_a_stop_iteration_of_the_data_set_ends_no_loop_silently(workers):
    loader = DataLoader(Reporting(4, fails=1, error=StopIteration()), 2, shuffle=False, num_workers=workers)
    with raises(RuntimeError, "example 1 of Reporting raised StopIteration"):
        list(loader)


def test_threads_end_with_the_loop_also_after_a_break():
    ds = Reporting(1000)
    loader = DataLoader(ds, 10, num_workers=3)
    for _ in loader:
        break
    for thread in ds.threads:
        thread.join(5)
        assert not thread.is_alive()
    assert len(ds.read) < 200
    list(loader)
    for thread in ds.threads:
        thread.join(5)
        assert not thread.is_alive()


def test_a_loader_is_not_kept_alive_by_its_workers():
    loader = DataLoader(Reporting(100), 10, num_workers=2)
    next(loader)
    reference = weakref.ref(loader)
    del loader
    gc.collect()
    for _ in range(500):
        if reference() is None:
            break
        threading.Event().wait(0.005)
        gc.collect()
    assert reference() is None


def test_settings_of_the_loop_hold_in_the_workers():
    class Asking(Reporting):
        def __getitem__(self, i):
            return Config.enable_backprop, i

    loader = DataLoader(Asking(3), 3, num_workers=2)
    with no_grad():
        assert next(iter(loader))[0].tolist() == [False] * 3
    assert next(iter(loader))[0].tolist() == [True] * 3
