"""Rows: activations. The oracles compute number by number, in plain Python."""

import math

import numpy as np

import dezero.functions as F
from tests.op_table import Op, at, error, fixed

WORD = error("a", kind=TypeError, text="got str")
INF, NAN = np.inf, np.nan
EXTREMES = (0.0, 1.0, -1.0, INF, -INF, NAN, 1e300, -1e300, 1e-300, 30.0, 709.0, 800.0)
TAILS = (*EXTREMES, -30.0, -690.0, -800.0)  # for formulas that keep digits far down the negative side
BLOCK = np.array([[1.0, -INF, 2.0], [1e300, 1e300, -1e300], [-1e4, 1e4, 1e4 - 1.0], [NAN, 1.0, 2.0], [0.0, 0.0, 0.0]])


def each(function):
    """An oracle from a function of one Python number."""

    def oracle(x, *numbers, **options):
        y = [NAN if math.isnan(v) else function(v, *numbers, **options) for v in np.ravel(x).tolist()]
        return np.array(y, dtype=float).reshape(np.shape(x))

    return oracle


def sigmoid(x):
    return 1 / (1 + math.exp(-x)) if x > -700 else 0.0


def silu(x):
    return x * sigmoid(x) if x > -700 else 0.0


def softplus(x, beta=1.0, threshold=20.0):
    if x * beta > threshold:
        return x
    return math.log1p(math.exp(x * beta)) / beta if x * beta < 700 else x


def log_sigmoid(x):
    return -math.log1p(math.exp(-x)) if x > -700 else x


def gelu(x, approximate="none"):
    if x < -100:
        return 0.0
    if approximate == "tanh":
        return 0.5 * x * (1 + math.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * min(x, 1e3) ** 3)))
    return 0.5 * x * (1 + math.erf(x / math.sqrt(2)))


def mish(x):
    return x * math.tanh(math.log1p(math.exp(x))) if -700 < x < 700 else max(x, 0.0)


def elu(x, alpha=1.0):
    return x if x > 0 else alpha * math.expm1(x)


def prelu(x, weight):
    y = np.copy(x)
    for index, v in np.ndenumerate(x):
        if v <= 0:
            y[index] = v * (weight[index[1]] if weight.size > 1 else weight.item())
    return y


def glu(x, axis=-1):
    first, second = np.split(x, 2, axis)
    return first * each(sigmoid)(second)


def along(function):
    """An oracle from a function of a list of Python numbers, along an axis."""

    def oracle(x, axis=1):
        if isinstance(axis, (tuple, list)):  # all axes, in the rows below
            return np.array(function(x.ravel().tolist())).reshape(x.shape)
        return np.apply_along_axis(lambda row: np.array(function(row.tolist())), axis, x) if x.size else x

    return oracle


def log_softmax(row):
    if any(math.isnan(v) for v in row):
        return [NAN] * len(row)
    top = max(row)
    total = math.fsum(math.exp(v - top) for v in row)
    return [v - top - math.log(total) for v in row]


def softmax(row):
    return [NAN if math.isnan(v) else math.exp(v) for v in log_softmax(row)]


def softmin(row):
    return softmax([-v for v in row])


def torch_softmax(name, sign=1):
    def function(t, x, axis=1):
        x = t.as_tensor(x)
        if isinstance(axis, (tuple, list)):
            return getattr(t.nn.functional, name)(sign * x.ravel(), 0).reshape(x.shape)
        return getattr(t.nn.functional, name)(sign * x, axis)

    return function


def elementwise(function, oracle, theirs, samples=None, special=EXTREMES, domain=(-2.0, 2.0), errors=(), **options):
    """A row for a function whose namesake in torch.nn.functional takes the same options."""
    torch = theirs if callable(theirs) else lambda t, x, **k: getattr(t.nn.functional, theirs)(x, **k)
    return Op(function, each(oracle), samples or [at((2, 3))], domain=domain, elementwise=True, special=special,
              torch=torch, errors=[WORD, *errors], **options)  # fmt: skip


# In torch's own celu and hardsigmoid, 1 / alpha and 1 / 6 are numbers of float32: wrong in the eighth digit.


def torch_celu(t, x, alpha=1.0):
    return t.where(x > 0, x, alpha * t.expm1(x / alpha))


def torch_hard_sigmoid(t, x):
    return t.clamp(x + 3, 0, 6) / 6


def axis_error(name):
    return error(np.ones(3), kind=np.exceptions.AxisError, text=f"{name} expects x to have an axis 1, got shape (3,)")


AXES = [at((2, 3)), at((2, 3), axis=0), at((2, 3), axis=-1), at((2, 3, 2)), at((4,), axis=0), at((2, 3), axis=(0, 1)),
        at((2, 3), axis=[-1, 0]), at((0, 3)), at((2, 0)), at((2, 1)), at((2, 3), domain=(-700.0, 700.0))]  # fmt: skip

ROWS = [
    elementwise(F.sigmoid, sigmoid, "sigmoid"),
    elementwise(F.sigmoid, sigmoid, "sigmoid", [at((2, 3))], domain=(-30.0, 30.0), name="wide"),
    elementwise(F.sigmoid_simple, sigmoid, "sigmoid", special=(0.0, 1.0, -1.0, INF, NAN, 1e300, -600.0)),
    elementwise(F.log_sigmoid, log_sigmoid, "logsigmoid", special=TAILS),
    elementwise(F.log_sigmoid, log_sigmoid, "logsigmoid", domain=(-700.0, 700.0), name="wide"),
    elementwise(F.silu, silu, "silu"),
    elementwise(F.silu, silu, "silu", domain=(-30.0, 30.0), name="wide"),
    elementwise(F.mish, mish, "mish", special=TAILS),
    elementwise(F.mish, mish, "mish", domain=(-30.0, 19.0), name="wide"),
    elementwise(F.softplus, softplus, "softplus",
                [at((2, 3)), at((2, 3), beta=0.5), at((2, 3), beta=3.0, threshold=1.0), at((2, 3), threshold=1000.0)],
                special=TAILS, errors=[error(np.ones(2), beta=0.0, kind=ValueError, text="softplus expects beta > 0")]),
    elementwise(F.softplus, softplus, "softplus", [at((2, 3), threshold=1000.0)], domain=(-600.0, 600.0), name="wide",
                special=TAILS),
    elementwise(F.relu, lambda x: max(x, 0.0), "relu", exact=True),
    elementwise(F.relu, lambda x: max(x, 0.0), "relu", domain=(0.0, 0.0), order=0, name="at-0"),
    Op(F.leaky_relu, each(lambda x, slope=0.2: x if x > 0 else slope * x),
       [at((2, 3)), at((2, 3), slope=0.0), at((2, 3), slope=-1.5), at((2, 3), 0.01)], elementwise=True,
       special=EXTREMES, torch=lambda t, x, slope=0.2: t.nn.functional.leaky_relu(x, slope), errors=[WORD]),
    Op(F.prelu, prelu, [at((2, 3), (3,)), at((2, 3, 2), (3,)), at((2, 3), (1,)), at((4,), (1,)), at((2, 1), (1,)),
                        at((0, 3), (3,)), at((2, 3), ())],
       torch=lambda t, x, w: t.nn.functional.prelu(x, w),
       errors=[error(np.ones((2, 3)), np.ones(2), kind=ValueError,
                     text="prelu expects weight of shape (1,) or (3,) for x of shape (2, 3), got (2,)")]),
    elementwise(F.elu, elu, "elu", [at((2, 3)), at((2, 3), alpha=0.3), at((2, 3), alpha=-2.0)], special=TAILS),
    elementwise(F.selu, lambda x: 1.0507009873554804934 * elu(x, 1.6732632423543772848), "selu", special=TAILS),
    elementwise(F.celu, lambda x, alpha=1.0: max(x, 0.0) + min(0.0, alpha * math.expm1(min(x, 0.0) / alpha)),
                torch_celu, [at((2, 3)), at((2, 3), alpha=0.3), at((2, 3), alpha=2.5)], special=TAILS,
                errors=[error(np.ones(2), alpha=0, kind=ValueError, text="celu expects alpha other than 0")]),
    elementwise(F.gelu, gelu, "gelu", [at((2, 3)), at((2, 3), approximate="tanh")],
                errors=[error(np.ones(2), "sigmoid", kind=ValueError,
                              text="gelu expects approximate='none' or 'tanh', got 'sigmoid'")]),
    elementwise(F.gelu, gelu, "gelu", [at((2, 3), approximate="tanh"), at((2, 3))], domain=(-12.0, 12.0), name="wide"),
    elementwise(F.softsign, lambda x: math.copysign(1.0, x) if math.isinf(x) else x / (1 + abs(x)), "softsign",
                special=TAILS),
    elementwise(F.hardtanh, lambda x, min_val=-1.0, max_val=1.0: min(max(x, min_val), max_val), "hardtanh",
                [at((2, 3)), at((2, 3), min_val=-0.5, max_val=1.5)], exact=True,
                errors=[error(np.ones(2), 1.0, -1.0, kind=ValueError, text="hardtanh expects min_val <= max_val")]),
    elementwise(F.relu6, lambda x: min(max(x, 0.0), 6.0), "relu6", domain=(-3.0, 9.0), exact=True),
    elementwise(F.hard_sigmoid, lambda x: min(max(x + 3, 0.0), 6.0) / 6, torch_hard_sigmoid, domain=(-6.0, 6.0)),
    elementwise(F.hard_swish, lambda x: x * min(max(x + 3, 0.0), 6.0) / 6 if x > -4 else 0.0, "hardswish",
                domain=(-6.0, 6.0), special=(0.0, 1.0, -1.0, INF, -INF, NAN, 1e200, -1e300, 1e-300, -3.0, 3.0)),
    elementwise(F.tanhshrink, lambda x: x - math.tanh(x), "tanhshrink"),
    Op(F.glu, glu, [at((2, 6)), at((4, 3), axis=0), at((2, 2, 3), axis=1), at((0, 2)), at((4,))],
       torch=lambda t, x, axis=-1: t.nn.functional.glu(x, axis),
       errors=[error(np.ones((2, 3)), kind=ValueError, text="glu expects an axis of even size to cut in two, got size"),
               error(np.ones((2, 3)), axis=2, kind=np.exceptions.AxisError, text="glu expects x to have an axis 2")]),
    Op(F.softmax, along(softmax), AXES, torch=torch_softmax("softmax"), errors=[axis_error("softmax")]),
    Op(F.softmax, along(softmax), [at(fixed(BLOCK))], order=0, name="extremes", dtypes=("float64",),
       torch=torch_softmax("softmax")),
    Op(F.softmax_simple, along(softmax), AXES[:4], torch=torch_softmax("softmax"),
       errors=[axis_error("softmax_simple")]),
    Op(F.log_softmax, along(log_softmax), AXES, torch=torch_softmax("log_softmax"),
       errors=[axis_error("log_softmax")]),
    Op(F.log_softmax, along(log_softmax), [at(fixed(BLOCK))], order=0, name="extremes", dtypes=("float64",),
       torch=torch_softmax("log_softmax")),
    Op(F.softmin, along(softmin), AXES, torch=torch_softmax("softmax", -1), errors=[axis_error("softmin")]),
]  # fmt: skip
