"""Transforms: what they do to images and arrays, alone and as a pipeline."""

import sys

import numpy as np
import pytest

from dezero import transforms as T


@pytest.fixture
def image():
    """An image in colour, 4 wide and 3 high, with red from 0 to 11, green from 50 and blue from 100."""
    Image = pytest.importorskip("PIL.Image", reason="Pillow is not installed")
    planes = np.arange(12, dtype=np.uint8).reshape(3, 4)
    return Image.fromarray(np.stack([planes, planes + 50, planes + 100], axis=2))


def chw(image):
    return np.asarray(image).transpose(2, 0, 1)


def raises(error, *words):
    return pytest.raises(error, match=".*".join(words))


# -- pipelines -------------------------------------------------------------------------------------


def test_compose_applies_in_order_and_without_stages_changes_nothing():
    x = np.array([[1, 2]])
    assert T.Compose([lambda v: v + 1, lambda v: v * 10])(x).tolist() == [[20, 30]]
    assert T.Compose()(x) is x
    assert repr(T.Compose()) == "Compose: unchanged"


def test_compose_shows_its_stages():
    def halve(x):
        return x / 2

    inner = T.Compose([T.Flatten(), halve])
    assert repr(T.Compose([inner, lambda x: x, T.Normalize((0.5, 1), 2)])) == (
        "Compose: (Flatten() -> halve) -> lambda -> Normalize(mean=[0.5, 1.0], std=2.0)"
    )
    assert repr(T.Compose([T.RandomCrop(8, pad=1), T.RandomRotation(15), T.ToInt()])) == (
        "Compose: RandomCrop(8 x 8, pad=(1, 1)) -> RandomRotation(-15 .. 15 degrees) -> ToInt(int64)"
    )


def test_trace_tells_shape_dtype_and_range_after_every_stage():
    trace = T.Compose([T.ToFloat(), T.Normalize(0, 255), lambda x: float(x.mean())]).trace(
        np.array([[0, 255]], dtype=np.uint8)
    )
    assert repr(trace).splitlines() == [
        "example                         (1, 2) uint8, 0 .. 255",
        "ToFloat(float32)                (1, 2) float32, 0 .. 255",
        "Normalize(mean=0.0, std=255.0)  (1, 2) float32, 0 .. 1",
        "lambda                          float 0.5",
    ]


def test_trace_begins_with_the_image(image):
    trace = T.Compose([T.Convert("L"), T.ToArray()]).trace(image)
    assert [line.split(maxsplit=1)[1].strip() for line in trace.splitlines()][:2] == [
        "image 4 x 3 RGB", "image 4 x 3 L"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("stages", "words"),
    [
        ([T.Flatten], ["class Flatten", r"write Flatten\(\)"]),
        ([3], ["callables", "int 3"]),
        (T.ToInt(), [r"Compose\(\[", "ToInt"]),
    ],
)
def test_compose_refuses_what_is_no_transform(stages, words):
    with raises(TypeError, "Compose", *words):
        T.Compose(stages)


# -- images ----------------------------------------------------------------------------------------


def test_convert_exchanges_red_and_blue(image):
    assert np.array_equal(chw(T.Convert("BGR")(image)), chw(image)[::-1])
    assert T.Convert("L")(image).mode == "L"


def test_resize_takes_width_and_height(image):
    assert T.Resize((8, 6))(image).size == (8, 6)
    assert T.Resize(5)(image).size == (5, 5)


def test_center_crop_keeps_the_middle(image):
    assert np.array_equal(chw(T.CenterCrop((2, 1))(image)), chw(image)[:, 1:2, 1:3])
    assert np.array_equal(chw(T.CenterCrop((3, 2))(image)), chw(image)[:, 0:2, 0:3])  # right and below lose the odd one


def test_to_array_puts_channels_first(image):
    x = T.ToArray()(image)
    assert x.dtype == np.float32 and x.flags.c_contiguous
    assert np.array_equal(x, chw(image))
    assert T.ToArray(np.uint8)(image.convert("L")).shape == (1, 3, 4)
    assert T.ToArray()(x) is x


def test_to_pil_is_the_way_back(image):
    assert np.array_equal(np.asarray(T.ToPIL()(T.ToArray()(image))), np.asarray(image))
    assert T.ToPIL()(np.zeros((1, 2, 5), dtype=np.uint8)).size == (5, 2)
    assert T.ToPIL()(np.zeros((2, 5))).mode == "L"


@pytest.mark.parametrize(
    ("x", "words"),
    [
        (np.zeros((2, 3, 3)), ["C of 1, 3 or 4", r"\(2, 3, 3\) float64"]),
        (np.full((3, 2, 2), 256.0), ["from 0 to 255", "256"]),
        (np.full((3, 2, 2), np.nan), ["from 0 to 255", "nan"]),
        (np.full((3, 2, 2), -1), ["from 0 to 255", "-1"]),
    ],
)
def test_to_pil_refuses_what_is_no_picture(x, words):
    with raises(ValueError, "ToPIL", *words):
        T.ToPIL()(x)


def test_pillow_is_asked_for_by_name(monkeypatch):
    monkeypatch.setitem(sys.modules, "PIL.Image", None)
    with raises(ImportError, "ToPIL", "Pillow", "pip install pillow"):
        T.ToPIL()(np.zeros((2, 2)))


def test_an_array_in_place_of_an_image_is_refused_with_the_way_out():
    with raises(TypeError, "Resize expects an image", r"\(1, 2\) float64", r"ToPIL\(\)"):
        T.Resize(3)(np.zeros((1, 2)))


def test_an_image_in_place_of_an_array_is_refused_with_the_way_out(image):
    with raises(TypeError, "Normalize expects an array", "image 4 x 3 RGB", r"ToArray\(\)"):
        T.Normalize()(image)


# -- random ones -----------------------------------------------------------------------------------


def test_flip_exchanges_left_and_right_as_often_as_said(image):
    x = np.arange(6).reshape(1, 2, 3)
    assert T.RandomHorizontalFlip(1)(x).tolist() == [[[2, 1, 0], [5, 4, 3]]]
    assert T.RandomHorizontalFlip(0)(x) is x
    assert np.array_equal(chw(T.RandomHorizontalFlip(1)(image)), chw(image)[..., ::-1])
    np.random.seed(0)
    flips = sum(T.RandomHorizontalFlip(0.25)(x)[0, 0, 0] == 2 for _ in range(400))
    assert 70 <= flips <= 130  # 100, with a standard deviation of 9


def test_outside_a_loader_random_transforms_draw_from_the_global_generator():
    x = np.arange(64).reshape(1, 8, 8)
    crop = T.RandomCrop(4)
    np.random.seed(3)
    first = crop(x)
    np.random.seed(3)
    top, left = np.random.randint(5), np.random.randint(5)
    assert np.array_equal(first, x[:, top : top + 4, left : left + 4])


def test_crop_reaches_every_place_also_in_the_margin(image):
    x = np.arange(1, 5).reshape(1, 2, 2)
    np.random.seed(0)
    corners = {int(T.RandomCrop(2, pad=1)(x)[0, 0, 0]) for _ in range(200)}
    assert corners == {0, 1, 2, 3, 4}
    assert T.RandomCrop((3, 2))(image).size == (3, 2)
    assert T.RandomCrop((6, 5), pad=1)(image).size == (6, 5)


def test_crop_takes_width_and_height():
    assert T.RandomCrop((5, 2))(np.zeros((3, 4, 6))).shape == (3, 2, 5)


def test_crop_that_does_not_fit_is_refused():
    with raises(ValueError, "RandomCrop of 9 x 2", "does not fit into 8 x 8", "pad="):
        T.RandomCrop((9, 2))(np.zeros((1, 8, 8)))


@pytest.mark.parametrize("degrees", [90, 180, 270, -90, 0, 360])
def test_rotation_by_quarters_moves_pixels_exactly(degrees):
    x = np.arange(50).reshape(2, 5, 5)
    y = T.RandomRotation((degrees, degrees))(x)
    assert y.dtype == x.dtype
    assert np.array_equal(y, np.rot90(x, degrees // 90, axes=(1, 2)))


def test_rotation_of_an_array_is_that_of_pillow_inside():
    Image = pytest.importorskip("PIL.Image", reason="Pillow is not installed")
    down, right = np.mgrid[:21, :21]
    x = (100 + 60 * np.sin(down / 4) * np.cos(right / 5)).astype(np.float32)
    ours = T.RandomRotation((25, 25))(x[None])[0]
    theirs = np.asarray(T.RandomRotation((25, 25))(Image.fromarray(x)))
    inner = (down - 10) ** 2 + (right - 10) ** 2 < 81  # beyond, Pillow takes the nearest pixels of the rim
    assert np.abs(ours - theirs)[inner].max() < 1e-2  # float32 of values about 100, and Pillow's coordinates


def test_rotation_fills_what_was_outside():
    y = T.RandomRotation((45, 45), fill=7)(np.zeros((1, 9, 9)))
    assert y[0, 0, 0] == 7 and y[0, 4, 4] == 0


def test_pad_is_vertical_then_horizontal(image):
    x = np.ones((1, 2, 3), dtype=np.uint8)
    y = T.Pad((1, 2), fill=9)(x)
    assert y.shape == (1, 4, 7) and y.dtype == np.uint8
    assert y.sum() == 6 + 9 * (28 - 6)
    padded = T.Pad((1, 2), fill=9)(image)
    assert np.array_equal(chw(padded), np.pad(chw(image), [(0, 0), (1, 1), (2, 2)], constant_values=9))
    assert T.Pad(1)(image.convert("L")).size == (6, 5)


def test_a_generator_of_the_example_is_apart_from_the_global_one():
    np.random.seed(0)
    expected = np.random.RandomState(0).rand()
    with T.example_rng(1, 2):
        inner = T.rng().rand()
        with T.example_rng(5):
            T.rng().rand()
        following = T.rng().rand()
    with T.example_rng(1, 2):
        assert [T.rng().rand(), T.rng().rand()] == [inner, following]
    assert T.rng().rand() == expected


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: T.RandomHorizontalFlip(1.5), ["probability", "1.5"]),
        (lambda: T.RandomRotation((5, 1)), ["rising order", r"\(5, 1\)"]),
        (lambda: T.CenterCrop((1, 2, 3)), ["CenterCrop", "integer or two"]),
        (lambda: T.Resize("large"), ["Resize", "integer or two"]),
        (lambda: T.Resize(0), ["Resize", "less than 1", "0"]),
        (lambda: T.Pad(-1), ["Pad", "negative"]),
        (lambda: T.Normalize(0, [1, 0]), ["Normalize", "std", "zero"]),
        (lambda: T.RandomCrop(2)(np.zeros(784)), [r"\(..., H, W\)", r"Flatten\(\) after"]),
    ],
)
def test_wrong_settings_are_refused(make, words):
    with raises(ValueError, *words):
        make()


def test_an_angle_that_is_none_is_refused():
    with raises(TypeError, "RandomRotation expects an angle, or two", "'steep'"):
        T.RandomRotation("steep")
    assert T.RandomRotation(np.float32(5)).degrees == (-5, 5)


# -- arrays ----------------------------------------------------------------------------------------


def test_normalize_by_channel_keeps_float32():
    x = np.arange(12, dtype=np.float32).reshape(3, 2, 2)
    y = T.Normalize((0, 4, 8), np.float64(2.0))(x)
    assert y.dtype == np.float32
    assert np.array_equal(y, (x - np.array([0, 4, 8]).reshape(3, 1, 1)) / 2)


def test_normalize_of_whole_numbers_does_not_cut_the_mean():
    assert T.Normalize((0.5,), (2.0,))(np.array([[1, 2]])).tolist() == [[0.25, 0.75]]


def test_normalize_refuses_another_number_of_channels():
    with raises(ValueError, "Normalize has 3 numbers in mean", "1 channels", r"\(1, 8, 8\)"):
        T.Normalize((0, 0, 0))(np.zeros((1, 8, 8)))


def test_types_are_converted():
    assert T.ToFloat()(np.arange(3)).dtype == np.float32
    assert T.AsType(np.float64)(np.arange(3)).dtype == np.float64
    assert T.ToInt()(np.array([1.9, -1.9])).tolist() == [1, -1]


# -- batches ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "transform",
    [
        T.identity,
        T.Flatten(),
        T.ToFloat(),
        T.ToInt(),
        T.Pad((1, 0), 3),
        T.Normalize(0.3, 7),
        T.Normalize((1, 2, 3), (4.0, 5.0, 6.0)),
        T.Compose([T.ToFloat(), T.Normalize((1, 2, 3), 0.7), T.Compose([T.Flatten()])]),
    ],
    ids=repr,
)
@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_a_batch_is_transformed_as_its_examples_are(transform, dtype):
    x = np.random.RandomState(0).randint(0, 255, (4, 3, 2, 5)).astype(dtype)
    one_by_one = np.stack([transform(example) for example in x])
    at_once = T.batched(transform)(x.copy())
    assert at_once.dtype == one_by_one.dtype
    assert np.array_equal(at_once, one_by_one)


def test_one_by_one_is_what_is_not_known_to_work_on_batches():
    class Own(T.Flatten):
        def __call__(self, x):
            return super().__call__(x)[:2]

    class Both(Own):
        def on_batch(self, x):
            return x.reshape(len(x), -1)[:, :2]

    for transform in [Own(), np.ravel, T.RandomHorizontalFlip(), T.Compose([T.ToFloat(), Own()])]:
        assert T.batched(transform) is None
    assert T.batched(Both())(np.ones((3, 2, 2))).shape == (3, 2)
