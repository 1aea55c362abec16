"""Data sets: what they hold, what they say about themselves, and which files they accept."""

import gzip
import hashlib
import io
import json
import os
import pickle
import struct
import sys
import tarfile
from collections import namedtuple
from pathlib import Path

import numpy as np
import pytest

import dezero
from dezero import datasets as D
from dezero.transforms import Flatten, RandomHorizontalFlip, ToFloat

DATA = os.environ.get("DEZERO_TEST_DATA")
real_files = pytest.mark.skipif(not DATA, reason="DEZERO_TEST_DATA names no folder with real files")


@pytest.fixture(autouse=True)
def no_downloads(monkeypatch, tmp_path):
    monkeypatch.setenv("DEZERO_OFFLINE", "1")
    monkeypatch.setenv("DEZERO_HOME", str(tmp_path / "home"))


def raises(error, *words):
    return pytest.raises(error, match=".*".join(words))


class Squares(D.Dataset):
    def prepare(self):
        self.data = np.arange(10.0)
        self.label = (self.data**2).astype(int) if self.train else None


# -- Dataset ---------------------------------------------------------------------------------------


def test_an_example_is_a_transformed_tuple():
    ds = Squares(transform=lambda x: x + 0.5, target_transform=str)
    assert ds[3] == (3.5, "9") and ds[-1] == (9.5, "81") and ds[np.int64(2)] == (2.5, "4") and len(ds) == 10
    assert Squares(train=False)[3] == (3.0, None)


def test_a_loop_over_a_data_set_ends():
    assert [t for _, t in Squares()] == [i * i for i in range(10)]


def test_scripts_may_call_the_transforms_that_were_not_given():
    ds = Squares()
    assert ds.transform(5) == 5 and ds.target_transform(6) == 6


def test_a_subclass_may_read_its_examples_one_by_one():
    class BigData(D.Dataset):
        def __getitem__(self, index):
            return np.full(2, index), index

        def __len__(self):
            return 1_000_000

    assert BigData()[7][1] == 7
    assert repr(BigData()) == "BigData(train=True): 1,000,000 examples"
    assert D.Subset(BigData(), [5, 3]).batch()[1].tolist() == [5, 3]

    class Careless(BigData):
        def __init__(self):
            self.where = "here"

    assert repr(Careless()) == "Careless(train=True): 1,000,000 examples"


@pytest.mark.parametrize(
    ("index", "chosen"),
    [
        (slice(2, 5), [2, 3, 4]),
        (slice(None, None, -4), [9, 5, 1]),
        ([7, -1, 7], [7, 9, 7]),
        (np.array([1, 0], dtype=np.uint8), [1, 0]),
        (np.arange(10) > 7, [8, 9]),
        ([True] + [False] * 9, [0]),
        ([], []),
        (range(2), [0, 1]),
    ],
)
def test_slices_integers_and_masks_give_data_sets(index, chosen):
    part = Squares()[index]
    assert isinstance(part, D.Subset)
    assert [x for x, _ in part] == chosen
    assert [x for x, _ in part[::-1]] == chosen[::-1]


@pytest.mark.parametrize(
    ("index", "error", "words"),
    [
        (10, IndexError, ["Squares has 10 examples", "index 10"]),
        (-11, IndexError, ["index -11"]),
        ([0, 10], IndexError, ["index 10"]),
        (np.ones(3, dtype=bool), IndexError, ["mask of 3"]),
        (1.0, TypeError, ["Squares is indexed with an integer", "float 1.0"]),
        ("a", TypeError, ["str 'a'"]),
        ((1, 2), TypeError, ["tuple"]),
        (True, TypeError, ["True"]),
        ([0.5], TypeError, ["list"]),
        (np.ones((2, 2), dtype=int), TypeError, [r"\(2, 2\) int64"]),
    ],
)
def test_a_wrong_index_is_refused(index, error, words):
    with raises(error, *words):
        Squares()[index]


def test_batch_is_the_same_at_once_and_one_by_one():
    fast, slow = Squares(transform=ToFloat()), Squares(transform=lambda x: np.float32(x))
    for indices in (None, slice(3), [4, 4, 1]):
        for a, b in zip(fast.batch(indices), slow.batch(indices)):
            assert a.dtype == b.dtype and np.array_equal(a, b)
    x, t = Squares(train=False).batch()
    assert x.shape == (10,) and t is None
    with raises(ValueError, "at least one example"):
        fast.batch([])


def test_a_batch_is_no_view_of_the_data():
    ds = Squares()
    ds.batch()[0][:] = -1
    assert ds.data[3] == 3


def test_data_of_other_kinds_are_read_one_by_one():
    class Words(D.Dataset):
        def prepare(self):
            self.data, self.label = ["a", "bc"], [0, 1]

    assert Words().batch()[0].tolist() == ["a", "bc"]
    assert repr(Words()) == "Words(train=True): 2 examples"


def test_repr_tells_counts_shapes_dtypes_and_bytes():
    spiral = D.Spiral()
    assert repr(spiral) == "Spiral(train=True): 300 examples, x (2,) float32, t () int64, 4.7 KiB in memory"
    assert spiral.data.nbytes == 2400 and spiral.nbytes == 4800
    ds = D.Digits(train=False, target_transform=str)
    assert repr(ds).endswith(
        "25.3 KiB in memory, x through ToFloat(float32) -> Normalize(mean=0.0, std=16.0), t through str"
    )
    assert repr(D.Dataset()) == "Dataset(train=True): no data"
    assert repr(Squares(train=False)) == "Squares(train=False): 10 examples, x () float64, 80 B in memory"


def test_preview_shows_examples_and_draws_no_random_number():
    ds = D.Digits(transform=RandomHorizontalFlip())
    before = np.random.get_state()[1].tolist(), np.random.get_state()[2]
    assert repr(ds.preview(1)) == "0: x (1, 8, 8) uint8, 0 .. 15; t 0"
    assert (np.random.get_state()[1].tolist(), np.random.get_state()[2]) == before
    assert D.ArrayDataset(np.arange(2)).preview() == "0: part 0 0\n1: part 0 1"


def test_a_data_set_without_data_says_so():
    with raises(RuntimeError, "Dataset has no data", "prepare"):
        len(D.Dataset())


@pytest.mark.parametrize(
    ("transform", "words"),
    [(ToFloat, [r"write ToFloat\(\)"]), ([ToFloat()], ["list", "Compose"]), (3, ["int 3"])],
)
def test_a_transform_that_is_none_is_refused(transform, words):
    with raises(TypeError, "Squares expects a callable transform", *words):
        Squares(transform=transform)


# -- from examples to a batch ----------------------------------------------------------------------


def test_collate_keeps_the_form_of_the_examples():
    Pair = namedtuple("Pair", "x t")
    assert [part.tolist() for part in D.collate([(1, 2), (3, 4)])] == [[1, 3], [2, 4]]
    assert [part.tolist() for part in D.collate([[1, [2, 5]], [3, [4, 6]]])] == [[1, 3], [[2, 5], [4, 6]]]
    assert D.collate([Pair(1, None), Pair(2, None)]).t is None
    assert D.collate([{"a": 1}, {"a": 2}])["a"].tolist() == [1, 2]
    assert D.collate([np.float32(1), np.float32(2)]).dtype == np.float32
    assert D.collate([np.uint8(1), np.uint8(2)]).dtype == np.uint8


@pytest.mark.parametrize(
    ("examples", "error", "words"),
    [
        ([(np.zeros(2), 0), (np.zeros(3), 0)], ValueError, ["part 0", r"\(2,\) float64", r"\(3,\)", "collate="]),
        ([[[1, 2], 0], [[1], 0]], ValueError, ["part 0", "collate="]),
        ([(1, None), (2, 3)], ValueError, ["part 1", "1 of 2 are None"]),
        ([{"a": 1}, {"b": 1}], ValueError, ["keys", "'a'"]),
        ([(1, 2), (1, 2, 3)], ValueError, ["2 parts"]),
        ([(object(), 1)], TypeError, ["arrays and numbers", "part 0", "ToArray", "collate="]),
    ],
)
def test_examples_that_do_not_go_together_are_named(examples, error, words):
    with raises(error, *words):
        D.collate(examples)


# -- made of others --------------------------------------------------------------------------------


def test_arrays_are_a_data_set():
    x, t, w = np.arange(6.0).reshape(3, 2), np.array([0, 1, 2]), np.array([1.0, 2.0, 3.0])
    ds = D.ArrayDataset(x, t, w, transform=Flatten(), target_transform=lambda t: -t)
    assert [part.tolist() for part in ds[1]] == [[2.0, 3.0], -1, 2.0]
    assert [part.tolist() for part in ds.batch([2, 0])] == [[[4.0, 5.0], [0.0, 1.0]], [-2, 0], [3.0, 1.0]]
    assert D.ArrayDataset(x).batch().tolist() == x.tolist()
    assert D.ArrayDataset([1, 2]).data.tolist() == [1, 2]
    assert repr(D.ArrayDataset(x, t)) == (
        "ArrayDataset(train=True): 3 examples, x (2,) float64, t () int64, 72 B in memory"
    )
    assert ds[1:].batch()[2].tolist() == [2.0, 3.0]


@pytest.mark.parametrize(
    ("arrays", "options", "words"),
    [
        ((), {}, ["at least one axis"]),
        ((3.0,), {}, ["at least one axis"]),
        ((np.ones(2), np.ones(3)), {}, ["one length", r"\(2,\) float64, \(3,\) float64"]),
        ((np.ones(2),), {"target_transform": str}, ["no labels"]),
    ],
)
def test_arrays_that_are_no_data_set_are_refused(arrays, options, words):
    with raises(ValueError, "ArrayDataset", *words):
        D.ArrayDataset(*arrays, **options)


def test_a_subset_of_a_subset_refers_to_the_whole():
    part = Squares()[5:][[1, 0]]
    assert part.indices.tolist() == [6, 5] and isinstance(part.dataset, Squares)
    assert repr(part) == "Subset of Squares(train=True): 2 of 10 examples"
    assert D.Subset(["a", "b"], [1])[0] == "b"
    with raises(TypeError, "Subset expects a data set", "int 3"):
        D.Subset(3, [0])
    with raises(IndexError, "Subset has 2 examples", "index 2"):
        part[2]


@pytest.mark.parametrize("sizes", [[7, 3], [0.7, 0.3], [0.65, 0.35], [1 / 3] * 3, [0, 10], [1.0]])
def test_split_divides_without_loss(sizes):
    parts = D.split(Squares(), sizes, seed=1)
    assert len(parts) == len(sizes)
    assert sorted(i for part in parts for i in part.indices.tolist()) == list(range(10))
    assert all(abs(len(p) - (s if isinstance(s, int) else 10 * s)) < 1 for p, s in zip(parts, sizes))


def test_split_with_a_seed_leaves_the_global_generator_alone():
    np.random.seed(0)
    first = D.split(Squares(), [5, 5], seed=3)[0].indices
    assert np.random.rand() == np.random.RandomState(0).rand()
    assert np.array_equal(first, D.split(Squares(), [5, 5], seed=3)[0].indices)
    np.random.seed(0)
    assert np.array_equal(D.split(Squares(), [10])[0].indices, np.random.RandomState(0).permutation(10))


@pytest.mark.parametrize("sizes", [[], [5, 6], [0.5, 0.6], [11, -1]])
def test_sizes_with_another_sum_are_refused(sizes):
    with raises(ValueError, "split", "sum 10", "sum 1"):
        D.split(Squares(), sizes)


# -- small ones ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("train", "seed"), [(True, 1984), (False, 2020)])
def test_the_spiral_is_the_book_s_point_by_point(train, seed):
    generator = np.random.RandomState(seed)
    x, t = np.zeros((300, 2), dtype=np.float32), np.zeros(300, dtype=int)
    for j in range(3):
        for i in range(100):
            r = i / 100
            theta = j * 4.0 + 4.0 * r + generator.randn() * 0.2
            x[100 * j + i], t[100 * j + i] = (r * np.sin(theta), r * np.cos(theta)), j
    order = generator.permutation(300)
    ours = D.get_spiral(train)
    assert np.array_equal(ours[0], x[order]) and np.array_equal(ours[1], t[order])
    assert ours[0].dtype == np.float32 and ours[1].dtype == t.dtype
    assert np.random.rand() == generator.rand()  # the global generator is where the book leaves it


def test_the_first_point_of_the_spiral():
    x, t = D.Spiral(train=True)[0]
    assert str(x) == "[-0.13981389 -0.00721657]" and t == 1 and len(D.Spiral()) == 300


def test_the_sine_is_continued_and_noise_is_drawn_in_both_cases():
    for train, curve, width in ((True, np.sin, 0.05), (False, np.cos, 0)):
        np.random.seed(0)
        ds = D.SinCurve(train=train)
        assert np.random.rand() == np.random.RandomState(0).rand(1001)[-1]
        x, t = ds.batch()
        assert x.shape == t.shape == (999, 1) and x.dtype == np.float64
        assert np.array_equal(x[1:], t[:-1])
        clean = curve(np.linspace(0, 2 * np.pi, 1000))[:-1]
        assert np.abs(x[:, 0] - clean).max() <= width


def test_characters_are_numbered_as_they_come(tmp_path):
    (tmp_path / "input.txt").write_text("to be, ör…\nnot to be", encoding="utf-8")
    ds = D.Shakespeare(root=tmp_path)
    assert "".join(ds.id_to_char[i] for i in ds.data.tolist()) == "to be, ör…\nnot to b"
    assert ds.data[:5].tolist() == [0, 1, 2, 3, 4] and ds.label[:5].tolist() == [1, 2, 3, 4, 5]
    assert ds.char_to_id["e"] == 4 and len(ds.char_to_id) == len(ds.id_to_char)
    assert D.Shakespear is D.Shakespeare
    with raises(RuntimeError, "shakespear.txt"):
        D.Shakespear()


@real_files
def test_the_real_shakespeare():
    ds = D.Shakespeare(root=DATA)
    assert len(ds) == 1_115_393 and len(ds.char_to_id) == 65
    assert "".join(ds.id_to_char[i] for i in ds.data[:14].tolist()) == "First Citizen:"


# -- digits ----------------------------------------------------------------------------------------


def test_digits_are_real_and_whole():
    train, test = D.Digits(), D.Digits(train=False)
    assert (len(train), len(test)) == (1437, 360)
    x, t = train.batch()
    assert x.shape == (1437, 1, 8, 8) and x.dtype == np.float32 and (x.min(), x.max()) == (0, 1)
    assert train.data.dtype == np.uint8 and train.data.max() == 16 and t.dtype == np.int64
    total = np.bincount(np.concatenate([train.label, test.label]))
    assert total.tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    assert D.Digits.labels()[7] == "7"


def test_the_data_are_those_of_the_source():
    content = gzip.decompress((Path(D.__file__).parent / "data" / "digits.csv.gz").read_bytes())
    assert hashlib.sha256(content).hexdigest() == "6ebb3d2fee246a4e99363262ddf8a00a3c41bee6014c373ed9d9216ba7f651b8"
    first = [int(number) for number in content.splitlines()[0].split(b",")]
    assert np.array_equal(D.Digits().data[0].ravel(), first[:64]) and D.Digits().label[0] == first[64] == 0


def test_the_split_follows_its_rule():
    folder = Path(D.__file__).parent / "data"
    lines = gzip.decompress((folder / "digits.csv.gz").read_bytes()).splitlines()
    t = np.array([int(line.rsplit(b",", 1)[1]) for line in lines])
    share = np.bincount(t) * 360 / len(t)
    size = share.astype(int)
    size[np.argsort(size - share, kind="stable")[: 360 - size.sum()]] += 1
    generator = np.random.RandomState(0)
    chosen = [generator.permutation(np.flatnonzero(t == digit))[: size[digit]] for digit in range(10)]
    kept = [int(line) for line in (folder / "digits_test.txt").read_text().split()]
    assert kept == sorted(np.concatenate(chosen).tolist())


def test_show_draws_a_table_of_images(monkeypatch):
    drawn = []

    class Pyplot:
        imshow = staticmethod(lambda table, **_: drawn.append(table.shape))
        axis = show = staticmethod(lambda *_: None)

    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", Pyplot)
    D.Digits().show(2, 3)
    colour = D.Digits()
    colour.data = np.zeros((5, 3, 4, 4), dtype=np.uint8)
    colour.show(2, 3)
    assert drawn == [(16, 24), (8, 12, 3)]
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    with raises(ImportError, "Digits.show", "matplotlib"):
        D.Digits().show()


# -- MNIST -----------------------------------------------------------------------------------------


def idx(array):
    return b"\0\0\x08" + bytes([array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()


IMAGES = np.random.RandomState(0).randint(0, 256, (7, 28, 28)).astype(np.uint8)
LABELS = np.arange(7, dtype=np.uint8)


def write_mnist(folder, kind="train", images=IMAGES, labels=LABELS, packed=True):
    folder.mkdir(parents=True, exist_ok=True)
    for name, array in (("images-idx3", images), ("labels-idx1", labels)):
        content = array if isinstance(array, bytes) else idx(array)
        path = folder / f"{kind}-{name}-ubyte{'.gz' if packed else ''}"
        path.write_bytes(gzip.compress(content, 1) if packed else content)


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize("folder", ["", "mnist", "MNIST/raw"])
def test_mnist_is_read_from_folders_that_others_made(tmp_path, folder, packed):
    write_mnist(tmp_path / folder, packed=packed)
    write_mnist(tmp_path / folder, "t10k", IMAGES[:2], LABELS[:2], packed=packed)
    ds = D.MNIST(root=tmp_path)
    assert ds.data.shape == (7, 1, 28, 28) and ds.data.dtype == ds.label.dtype == np.uint8
    assert len(D.MNIST(train=False, root=str(tmp_path))) == 2
    x, t = ds[3]
    assert x.dtype == np.float32 and t == 3
    assert np.array_equal(x, IMAGES[3].ravel().astype(np.float32) / 255)
    assert D.MNIST(root=tmp_path, transform=None)[0][0].shape == (1, 28, 28)
    ds.data[0] = 0  # an array that may be changed


def test_the_home_folder_is_looked_into(tmp_path):
    write_mnist(tmp_path / "home" / "MNIST" / "raw")
    assert len(D.MNIST()) == 7


def test_in_the_home_folder_the_checksum_counts(tmp_path):
    write_mnist(tmp_path / "home")
    with raises(RuntimeError, "(?s)train-images-idx3-ubyte.gz", "another checksum"):
        D.MNIST()


def test_what_is_missing_is_listed_at_once(tmp_path):
    with pytest.raises(RuntimeError) as caught:
        D.MNIST()
    text = str(caught.value)
    for part in (
        "MNIST cannot download to",
        str(tmp_path / "home" / "train-images-idx3-ubyte.gz"),
        str(tmp_path / "home" / "train-labels-idx1-ubyte.gz"),
        "https://ossci-datasets.s3.amazonaws.com/mnist/train-images-idx3-ubyte.gz",
        "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
        "DEZERO_OFFLINE",
    ):
        assert part in text


def test_clothes_are_not_taken_for_digits(tmp_path):
    write_mnist(tmp_path)
    with raises(RuntimeError, "(?s)FashionMNIST", "fashion-mnist.s3"):
        D.FashionMNIST(root=tmp_path)
    write_mnist(tmp_path / "FashionMNIST" / "raw", images=IMAGES[:5], labels=LABELS[:5])
    assert len(D.FashionMNIST(root=tmp_path)) == 5 and len(D.MNIST(root=tmp_path)) == 7
    assert D.FashionMNIST.labels()[9] == "Ankle boot"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"images": b"<html>"}, ["not in the format", "3c 68 74 6d"]),
        ({"images": b""}, ["not in the format"]),
        ({"images": idx(IMAGES)[:-1]}, ["damaged", "5487 bytes", r"\(7, 28, 28\)"]),
        ({"labels": LABELS[:6]}, ["N images and N labels", r"\(6,\) uint8"]),
        ({"images": LABELS}, ["N images and N labels"]),
    ],
)
def test_a_damaged_file_is_named(tmp_path, options, words):
    write_mnist(tmp_path, **options)
    with raises(ValueError, *words):
        D.MNIST(root=tmp_path)


def test_a_truncated_archive_is_named(tmp_path):
    write_mnist(tmp_path)
    path = tmp_path / "train-images-idx3-ubyte.gz"
    path.write_bytes(path.read_bytes()[:-100])
    with raises(ValueError, "train-images-idx3-ubyte.gz is damaged", "remove it"):
        D.MNIST(root=tmp_path)


@real_files
def test_the_real_mnist():
    ds = D.MNIST(train=False, root=DATA)
    assert ds.data.shape == (10000, 1, 28, 28)
    assert ds.label[:5].tolist() == [7, 2, 1, 0, 4]
    assert round(float(ds.data.mean()), 4) == 33.7912


@real_files
def test_the_real_mnist_passes_its_checksums_in_the_home_folder(monkeypatch):
    folder = next(p.parent for p in sorted(Path(DATA).rglob("t10k-labels-idx1-ubyte.gz")))
    monkeypatch.setenv("DEZERO_HOME", str(folder))
    assert len(D.MNIST(train=False)) == 10000


# -- CIFAR -----------------------------------------------------------------------------------------


class Python2Pickler(pickle._Pickler):
    """Writes as Python 2 did: texts as byte strings, and NumPy under its name of then."""

    dispatch = pickle._Pickler.dispatch.copy()

    def save_bytes(self, text):
        self.write(pickle.BINSTRING + struct.pack("<i", len(text)) + text)

    def save_global(self, obj, name=None):
        module = "numpy.core.multiarray" if getattr(obj, "__name__", "") == "_reconstruct" else "numpy"
        self.write(pickle.GLOBAL + f"{module}\n{obj.__name__}\n".encode())

    def save_str(self, text):
        self.save_bytes(text.encode("latin-1"))

    dispatch[bytes], dispatch[str] = save_bytes, save_str
    dispatch[type] = dispatch[type(np.empty(0).__reduce__()[0])] = save_global


def python2(batch):
    file = io.BytesIO()
    Python2Pickler(file, 2).dump(batch)
    return file.getvalue()


PIXELS = np.random.RandomState(1).randint(0, 256, (12, 3072)).astype(np.uint8)


def cifar_files(labels="labels"):
    """Name and content of small files in the format of CIFAR."""
    if labels == "labels":
        names = [f"data_batch_{i}" for i in range(1, 6)] + ["test_batch"]
        parts = [{b"data": PIXELS[2 * i : 2 * i + 2], b"labels": [2 * i, 2 * i + 1]} for i in range(6)]
    else:
        names = ["train", "test"]
        parts = [{b"data": x, b"fine_labels": t, b"coarse_labels": [0] * len(t)}
                 for x, t in ((PIXELS[:10], list(range(10))), (PIXELS[10:], [10, 11]))]  # fmt: skip
    return {name: python2(part) for name, part in zip(names, parts)}


def write_tar(path, folder, files, link=None):
    with tarfile.open(path, "w:gz") as tar:
        for name, content in files.items():
            info = tarfile.TarInfo(f"{folder}/{name}")
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
        if link:
            info = tarfile.TarInfo(f"{folder}/{link}")
            info.type, info.linkname = tarfile.SYMTYPE, "/etc/passwd"
            tar.addfile(info)


def unpack(folder, files):
    folder.mkdir(parents=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)


def test_cifar10_is_read_from_the_archive_and_from_the_folder(tmp_path):
    write_tar(tmp_path / "cifar-10-python.tar.gz", "cifar-10-batches-py", cifar_files())
    unpack(tmp_path / "unpacked" / "cifar-10-batches-py", cifar_files())
    for root in (tmp_path, tmp_path / "unpacked"):
        train, test = D.CIFAR10(root=root), D.CIFAR10(train=False, root=root)
        assert np.array_equal(train.data, PIXELS[:10].reshape(-1, 3, 32, 32)) and train.data.dtype == np.uint8
        assert train.label.tolist() == list(range(10)) and test.label.tolist() == [10, 11]
        assert np.array_equal(train[4][0], (train.data[4].astype(np.float32) - 0.5) / 0.5)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["cifar-10-python.tar.gz", "unpacked"]  # nothing is written


def test_cifar100_has_two_kinds_of_labels(tmp_path):
    write_tar(tmp_path / "cifar-100-python.tar.gz", "cifar-100-python", cifar_files("fine"))
    assert D.CIFAR100(root=tmp_path).label.tolist() == list(range(10))
    assert D.CIFAR100(root=tmp_path, label_type="coarse").label.tolist() == [0] * 10
    assert len(D.CIFAR100.labels()) == 100 and len(D.CIFAR100.labels("coarse")) == 20
    assert (D.CIFAR100.labels()[99], D.CIFAR100.labels("coarse")[0]) == ("worm", "aquatic_mammals")
    assert D.CIFAR10.labels()[9] == "truck"
    with raises(ValueError, "'fine' or 'coarse'", "'all'"):
        D.CIFAR100(label_type="all")


def test_in_the_home_folder_cifar_is_kept_as_npz(tmp_path, monkeypatch):
    home = tmp_path / "home"
    unpack(home / "cifar-10-batches-py", cifar_files())
    unpack(home / "cifar-100-python", cifar_files("fine"))
    sets = [D.CIFAR10(), D.CIFAR10(train=False), D.CIFAR100(), D.CIFAR100(label_type="coarse")]
    monkeypatch.setattr(D, "_unpickled", None)  # the second time, nothing is unpickled
    again = [D.CIFAR10(), D.CIFAR10(train=False), D.CIFAR100(), D.CIFAR100(label_type="coarse")]
    for a, b in zip(sets, again):
        assert np.array_equal(a.data, b.data) and np.array_equal(a.label, b.label) and a.data.dtype == b.data.dtype
    assert (home / "cifar-10-python.tar.gz.train.npz").is_file()  # the book's name


def test_the_npz_cache_can_be_used_by_scripts(tmp_path):
    assert D.load_cache_npz("https://example.org/a.tar.gz", True) == (None, None)
    path = D.save_cache_npz(np.arange(3), np.arange(2), "https://example.org/a.tar.gz", True)
    assert path == str(tmp_path / "home" / "a.tar.gz.train.npz") and os.listdir(tmp_path / "home") == [Path(path).name]
    assert [part.tolist() for part in D.load_cache_npz("a.tar.gz", True)] == [[0, 1, 2], [0, 1]]
    Path(path).write_bytes(Path(path).read_bytes()[:-30])
    assert D.load_cache_npz("a.tar.gz", True) == (None, None)


class Evil:
    def __reduce__(self):
        return os.mkdir, ("evil",)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (pickle.dumps({b"data": Evil()}), ["posix.mkdir|nt.mkdir", "no array"]),
        (pickle.dumps({b"data": np.array([Evil()], dtype=object)}, 4), ["arrays of objects|mkdir"]),
        (b"\x80\x02cbuiltins\neval\n.", ["builtins.eval"]),
        (b"\x80\x02cnumpy\nload\n.", ["numpy.load"]),
        (b"\x80\x02Pid\n.", ["refers to something outside|persistent"]),
        (pickle.dumps([1]), ["in place of a dict"]),
        (b"\x80\x02", ["data_batch_1 is refused"]),
        (b"", ["data_batch_1"]),
    ],
)
def test_foreign_pickles_make_nothing_and_call_nothing(tmp_path, monkeypatch, content, words):
    monkeypatch.chdir(tmp_path)
    unpack(tmp_path / "cifar-10-batches-py", cifar_files() | {"data_batch_1": content})
    with pytest.raises(ValueError, match=".*".join(words)):
        D.CIFAR10(root=tmp_path)
    assert not (tmp_path / "evil").exists()


def test_links_in_an_archive_are_not_followed(tmp_path):
    files = cifar_files()
    del files["test_batch"]
    write_tar(tmp_path / "cifar-10-python.tar.gz", "cifar-10-batches-py", files, link="test_batch")
    with raises(ValueError, "CIFAR10 expects cifar-10-batches-py/test_batch", "no such file"):
        D.CIFAR10(train=False, root=tmp_path)


def test_a_batch_without_labels_is_named(tmp_path):
    unpack(tmp_path / "cifar-10-batches-py", cifar_files() | {"test_batch": python2({b"data": PIXELS})})
    with raises(ValueError, "CIFAR10 expects images and labels"):
        D.CIFAR10(train=False, root=tmp_path)


# -- ImageNet --------------------------------------------------------------------------------------


def test_names_of_classes_are_read_from_json_and_text(tmp_path):
    names = {i: f"thing {i}, it's" for i in range(1000)}
    texts = {
        "list.json": json.dumps(list(names.values())),
        "dict.json": json.dumps({str(i): name for i, name in names.items()}),
        "pairs.json": json.dumps({str(i): [f"n{i:08}", name] for i, name in names.items()}),
        "python.txt": "{" + ",\n ".join(f"{i}: {name!r}" for i, name in names.items()) + "}",
    }
    for file, text in texts.items():
        (tmp_path / file).write_text(text)
        assert D.ImageNet.labels(tmp_path / file) == names
    assert D.ImageNet().labels(tmp_path / "list.json")[2] == "thing 2, it's"


def test_other_texts_are_refused_and_not_evaluated(tmp_path):
    (tmp_path / "a.txt").write_text("__import__('os').mkdir('evil')")
    with raises(ValueError, "ImageNet.labels", "0 to 999", "got 0 names"):
        D.ImageNet.labels(tmp_path / "a.txt")
    with raises(RuntimeError, "(?s)imagenet1000_clsidx_to_labels.txt", "not known"):
        D.ImageNet.labels()


def test_arrays_that_are_replaced_count():
    ds = D.ArrayDataset(np.zeros((3, 2)), np.zeros(3), np.arange(3))
    ds.data, ds.label = np.ones((3, 2)), np.full(3, 5)
    x, t, i = ds[2]
    assert (x.tolist(), t, i) == ([1.0, 1.0], 5, 2)
    batch = next(iter(dezero.DataLoader(ds, 3, shuffle=False)))
    np.testing.assert_array_equal(batch[0], np.ones((3, 2)))
