"""Rows: losses. The oracles go through the examples one by one, in plain Python."""

import math

import numpy as np

import dezero.functions as F
from tests.op_table import Op, at, error, fixed

LABELS, MAP = np.array([2, 0, 2, 1]), np.array([[[0, 2], [1, 1]], [[2, 2], [0, 1]]])
HOLED, HOLED_MAP = np.array([2, 9, 9, 1]), np.array([[[0, -1], [1, 1]], [[-1, -1], [0, 1]]])
WEIGHT = np.array([0.5, 2.0, 0.25])
SIGNS = np.array([[1.0, -1.0, 1.0], [-1.0, -1.0, 1.0]])
YES = np.array([[1, 0, 1], [0, 0, 1]])
X = np.ones((2, 3))

REDUCTION = [error(X, X, reduction="avg", kind=ValueError,
                   text="expects reduction to be one of 'mean', 'sum', 'none', got 'avg'")]  # fmt: skip


def spread(*arguments, **options):
    """Samples for every reduction."""
    return [at(*arguments, reduction=r, **options) for r in ("mean", "sum", "none")]


def reduced(terms, reduction, count):
    terms = np.asarray(terms)
    return terms if reduction == "none" else math.fsum(terms.ravel()) / (count if reduction == "mean" else 1)


# -- differences -----------------------------------------------------------------------------------


def differences(term, by_examples=False):
    """An oracle from the loss of two Python numbers; the mean is over examples or over elements."""

    def oracle(x0, x1, *numbers, reduction="mean", **options):
        x0, x1 = np.broadcast_arrays(x0, x1)
        terms = np.array([term(a, b, *numbers, **options) for a, b in zip(x0.ravel().tolist(), x1.ravel().tolist())])
        count = (len(x0) if x0.ndim else 1) if by_examples or reduction == "batchmean" else x0.size
        return reduced(terms.reshape(x0.shape), "mean" if reduction == "batchmean" else reduction, count)

    return oracle


def huber(a, b, delta=1.0):
    d = abs(a - b)
    return d * d / 2 if d <= delta else delta * (d - delta / 2)


def kl(x, t, log_target=False):
    if log_target:
        return math.exp(t) * (t - x)
    return t * (math.log(t) - x) if t else 0.0


def squares(t, x0, x1, reduction="mean"):
    terms = (x0 - x1) ** 2
    return terms if reduction == "none" else terms.sum() / (len(terms) if terms.ndim and reduction == "mean" else 1)


def torch_kl(t, x, y, reduction="mean", **options):
    sums = reduction == "mean"  # torch warns of that one
    result = t.nn.functional.kl_div(x, t.as_tensor(y), reduction="sum" if sums else reduction, **options)
    return result / x.numel() if sums else result


def alike(name):
    return [error(np.ones((3, 1)), np.ones(3), kind=ValueError,
                  text=f"{name} expects x0 and x1 of one shape, got (3, 1) and (3,); reshape one of them"),
            error(X, np.ones(2), kind=ValueError, text=f"{name} expects x0 and x1 of one shape, got (2, 3) and (2,)"),
    ]  # fmt: skip


def cosine(x0, x1, axis=1, eps=1e-8):
    x0, x1 = np.moveaxis(x0, axis, -1), np.moveaxis(x1, axis, -1)
    y = np.empty(x0.shape[:-1])
    for i in np.ndindex(y.shape):
        dot = math.fsum(a * b for a, b in zip(x0[i], x1[i]))
        y[i] = dot / (max(math.hypot(*x0[i]), eps) * max(math.hypot(*x1[i]), eps))
    return y


def cosine_broadcast(x0, x1, **options):
    return cosine(*np.broadcast_arrays(x0, x1), **options)


# -- classes ---------------------------------------------------------------------------------------


def log_softmax(row):
    top = max(row)
    return [v - top - math.log(math.fsum(math.exp(u - top) for u in row)) for v in row]


def cross_entropy(x, t, reduction="mean", weight=None, ignore_index=None, label_smoothing=0.0, soft_labels=False):
    C = x.shape[1]
    rows = np.moveaxis(x, 1, -1).reshape(-1, C).tolist()
    weight = [1.0] * C if weight is None else list(weight)
    given = np.moveaxis(t, 1, -1).reshape(-1, C).tolist() if soft_labels else np.ravel(t).tolist()
    terms, count = [], 0.0
    for row, target in zip(rows, given):
        if not soft_labels and target == ignore_index:
            terms.append(0.0)
            continue
        count += 1.0 if soft_labels else weight[target]
        q = target if soft_labels else [float(c == target) for c in range(C)]
        q = [(1 - label_smoothing) * v + label_smoothing / C for v in q]
        terms.append(-math.fsum(w * v * p for w, v, p in zip(weight, q, log_softmax(row)) if w * v))
    return reduced(np.reshape(terms, (len(x), *x.shape[2:])), reduction, count)


def likelihood(x, t, reduction="mean", weight=None, ignore_index=None):
    weight = np.ones(x.shape[1]) if weight is None else weight
    labels, terms, count = np.reshape(t, (len(x), *x.shape[2:])), np.zeros((len(x), *x.shape[2:])), 0.0
    for i, label in np.ndenumerate(labels):
        if label != ignore_index:
            terms[i] = -weight[label] * x[(i[0], label, *i[1:])]
            count += weight[label]
    return reduced(terms, reduction, count)


def accuracy(y, t):
    hits = [int(np.argmax(row)) == label for row, label in zip(y, np.ravel(t))]
    return np.array(sum(hits) / len(hits))


def torch_classes(name):
    def function(t, x, labels, weight=None, ignore_index=None, soft_labels=False, **options):
        labels = t.as_tensor(labels)
        if not soft_labels:
            labels = labels.reshape(len(x), *x.shape[2:]).long()
        return getattr(t.nn.functional, name)(x, labels, weight=None if weight is None else t.as_tensor(weight),
                                              ignore_index=-100 if ignore_index is None else ignore_index,
                                              **options)  # fmt: skip

    return function


def classes(name):
    """What every loss of integer labels refuses."""
    return [
        error(np.ones((2, 3)), np.array([0, 3]), kind=ValueError, text=f"{name} expects labels from 0 to 2, got 3"),
        error(np.ones((2, 3)), np.array([-1, 2]), kind=ValueError, text=f"{name} expects labels from 0 to 2, got -1"),
        error(np.ones((2, 3)), np.array([[0, 0, 1], [0, 1, 0]]), kind=ValueError,
              text=f"{name} expects integer labels t of shape (2,), got (2, 3); t.argmax(axis=1) makes them"),
        error(np.ones((2, 3)), np.array([0, 1, 2]), kind=ValueError,
              text=f"{name} expects integer labels t of shape (2,), got (3,)"),
        error(np.ones((2, 3)), np.array([0.0, 1.0]), kind=TypeError,
              text=f"{name} expects integer labels t, got float64; convert them by t.astype(int)"),
        error(np.ones(3), np.array([0]), kind=ValueError, text=f"{name} expects x of shape (N, C), got (3,)"),
        error(np.ones((0, 3)), np.zeros(0, int), kind=ValueError, text=f"{name} expects at least one label"),
    ]  # fmt: skip


def weighted(name):
    return [
        error(np.ones((2, 3)), np.array([0, 1]), weight=np.ones(2), kind=ValueError,
              text=f"{name} expects weight of shape (3,), one number for each class, got (2,)"),
        error(np.ones((2, 3)), np.array([7, 7]), ignore_index=7, kind=ValueError,
              text=f"{name} expects at least one label that counts to take the mean over, got none; reduction='sum'"),
    ]  # fmt: skip


# -- yes or no -------------------------------------------------------------------------------------


def logistic(x, t):
    return max(x, 0.0) - x * t + math.log1p(math.exp(-abs(x)))


def bernoulli(p, t):
    return -t * math.log(max(p, 1e-15)) - (1 - t) * math.log(max(1 - p, 1e-15))


def reshaped(oracle):
    return lambda x, t, **options: oracle(x, np.reshape(t, x.shape), **options)


def torch_yes_or_no(formula):
    def function(t, x, target, reduction="mean"):
        terms = formula(t, x, t.as_tensor(target).to(x.dtype).reshape(x.shape))
        return terms if reduction == "none" else terms.sum() / (len(x) if x.ndim and reduction == "mean" else 1)

    return function


def target(name, letter):
    return [error(X, np.ones((3, 2)), kind=ValueError,
                  text=f"{name} expects t of the shape of {letter}, (2, 3), got (3, 2)"),
            error(X, np.ones(5), kind=ValueError, text=f"{name} expects t of the shape of {letter}, (2, 3), got (5,)"),
    ]  # fmt: skip


NONE_LEFT = error(np.ones((0, 3)), np.ones((0, 3)), kind=ValueError, text="to take the mean over, got none")
YES_OR_NO = [*spread((2, 3), fixed(YES)), *spread((2, 3), (2, 3)), at((4, 1), fixed(np.array([1, 0, 0, 1]))),
             at((6,), (2, 3)), at((2, 3), fixed(YES.astype(bool))), at((), fixed(1.0))]  # fmt: skip
PAIRS = [*spread((2, 3), (2, 3)), at((2, 3), (1, 3)), at((3,), ()), at((2, 1), (1,)), at((), ())]

ROWS = [
    Op(F.mean_squared_error, differences(lambda a, b: (a - b) ** 2, by_examples=True), PAIRS, torch=squares,
       errors=[*alike("mean_squared_error"), *REDUCTION, NONE_LEFT]),
    Op(F.mean_squared_error_simple, differences(lambda a, b: (a - b) ** 2, by_examples=True),
       [at((2, 3), (2, 3)), at((2, 3), (1, 3)), at((), ())], torch=squares, errors=alike("mean_squared_error_simple")),
    Op(F.l1_loss, differences(lambda a, b: abs(a - b)), PAIRS, torch=lambda t, a, b, **k: t.nn.functional.l1_loss(
        *t.broadcast_tensors(a, b), **k), errors=[*alike("l1_loss"), *REDUCTION, NONE_LEFT]),
    Op(F.huber_loss, differences(huber),
       [*PAIRS, at((2, 3), (2, 3), delta=0.3), at((2, 3), (2, 3), domain=(-0.4, 0.4))],
       torch=lambda t, a, b, **k: t.nn.functional.huber_loss(*t.broadcast_tensors(a, b), **k),
       errors=[*alike("huber_loss"), *REDUCTION, NONE_LEFT,
               error(X, X, delta=0, kind=ValueError, text="huber_loss expects delta > 0, got 0")]),
    Op(F.cosine_similarity, cosine_broadcast,
       [at((2, 3), (2, 3)), at((2, 3), (2, 3), axis=0), at((2, 2, 3), (2, 3), axis=-1), at((4,), (4,), axis=0),
        at((2, 3), (2, 3), eps=100.0), at((0, 3), (0, 3))],
       torch=lambda t, a, b, axis=1, eps=1e-8: t.nn.functional.cosine_similarity(a, b, axis, eps) if eps < 1
       else (a * b).sum(axis) / eps**2,
       errors=[error(np.ones(3), np.ones(3), kind=np.exceptions.AxisError,
                     text="cosine_similarity expects x0 and x1 to have an axis 1, got shapes (3,) and (3,)")]),
    Op(F.kl_div, differences(kl),
       [*spread((2, 3), (2, 3)), at((2, 3), (2, 3), reduction="batchmean"), at((2, 3), (2, 3), log_target=True),
        at((2, 3), fixed(np.array([[0.0, 1.0, 0.0], [0.2, 0.3, 0.5]])))],
       domain=(0.1, 2.0), torch=torch_kl,
       errors=[*alike("kl_div"), NONE_LEFT,
               error(X, X, reduction="avg", kind=ValueError, text="'none', 'batchmean', got")]),

    Op(F.softmax_cross_entropy, cross_entropy,
       [*spread((4, 3), fixed(LABELS)), *spread((2, 3, 2, 2), fixed(MAP)),
        at((4, 3), fixed(LABELS[:, None])), at((4, 3), fixed(LABELS.astype(np.uint8))), at((1, 3), fixed(np.array(2))),
        at((4, 3), fixed(LABELS), domain=(-700.0, 700.0)),
        *spread((4, 3), fixed(LABELS), weight=WEIGHT), *spread((4, 3), fixed(HOLED), ignore_index=9),
        at((4, 3), fixed(HOLED), ignore_index=9, weight=WEIGHT),
        at((2, 3, 2, 2), fixed(HOLED_MAP), ignore_index=-1, weight=WEIGHT)],
       torch=torch_classes("cross_entropy"),
       errors=[*classes("softmax_cross_entropy"), *weighted("softmax_cross_entropy"), *REDUCTION,
               error(X, np.array([0, 1]), label_smoothing=1.5, kind=ValueError,
                     text="softmax_cross_entropy expects label_smoothing between 0 and 1, got 1.5")]),
    Op(F.softmax_cross_entropy, cross_entropy,
       [*spread((4, 3), fixed(LABELS), label_smoothing=0.3), at((4, 3), fixed(LABELS), label_smoothing=1.0),
        *spread((4, 3), fixed(HOLED), label_smoothing=0.3, weight=WEIGHT, ignore_index=9),
        at((2, 3, 2, 2), fixed(HOLED_MAP), label_smoothing=0.1, weight=WEIGHT, ignore_index=-1),
        at((4, 3), fixed(LABELS[:, None]), label_smoothing=0.3)],
       torch=torch_classes("cross_entropy"), name="smoothed", errors=weighted("softmax_cross_entropy")),
    Op(F.softmax_cross_entropy, cross_entropy,
       [*spread((4, 3), (4, 3), soft_labels=True), at((2, 3, 2), (2, 3, 2), soft_labels=True, weight=WEIGHT),
        at((2, 3), (2, 3), soft_labels=True, label_smoothing=0.3), at((2, 3), fixed(YES), soft_labels=True)],
       domain=(0.1, 1.0), name="soft",
       torch=lambda t, x, q, **k: torch_classes("cross_entropy")(t, x, t.as_tensor(q).to(x.dtype), **k),
       errors=[error(X, np.ones(2), soft_labels=True, kind=ValueError,
                     text="softmax_cross_entropy expects soft labels t of the shape of x, (2, 3), got (2,)"),
               error(X, X, soft_labels=True, ignore_index=1, kind=ValueError,
                     text="softmax_cross_entropy expects no ignore_index with soft_labels, got 1")]),
    Op(F.softmax_cross_entropy_simple, cross_entropy, [at((4, 3), fixed(LABELS)), at((4, 3), fixed(LABELS[:, None]))],
       torch=torch_classes("cross_entropy"), errors=classes("softmax_cross_entropy_simple")),
    Op(F.nll_loss, likelihood,
       [*spread((4, 3), fixed(LABELS)), *spread((2, 3, 2, 2), fixed(MAP)),
        *spread((4, 3), fixed(LABELS), weight=WEIGHT), *spread((4, 3), fixed(HOLED), ignore_index=9),
        at((4, 3), fixed(HOLED), ignore_index=9, weight=WEIGHT)],
       torch=torch_classes("nll_loss"), errors=[*classes("nll_loss"), *weighted("nll_loss"), *REDUCTION]),
    Op(F.accuracy, accuracy, [at((4, 3), fixed(LABELS)), at((4, 3), fixed(LABELS[:, None]))], order=0, dtypes=(),
       torch=lambda t, y, labels: (y.argmax(1) == t.as_tensor(labels).reshape(-1)).double().mean(),
       errors=[error(X, YES, kind=ValueError,
                     text="accuracy expects y of shape (N, C) and labels t of shape (N,), got (2, 3) and (2, 3)"),
               error(np.ones((0, 3)), np.ones(0), kind=ValueError, text="accuracy expects at least one example")]),

    Op(F.sigmoid_cross_entropy, reshaped(differences(logistic, by_examples=True)),
       [*YES_OR_NO, at((2, 3), fixed(YES), domain=(-1000.0, 1000.0))],
       torch=torch_yes_or_no(lambda t, x, y: t.nn.functional.binary_cross_entropy_with_logits(x, y, reduction="none")),
       errors=[*target("sigmoid_cross_entropy", "x"), *REDUCTION, NONE_LEFT]),
    Op(F.binary_cross_entropy, reshaped(differences(bernoulli, by_examples=True)), YES_OR_NO, domain=(0.1, 0.9),
       torch=torch_yes_or_no(lambda t, p, y: -(y * t.log(p) + (1 - y) * t.log1p(-p))),
       errors=[*target("binary_cross_entropy", "p"), *REDUCTION, NONE_LEFT]),
    Op(F.hinge, reshaped(differences(lambda x, t, margin=1.0: max(0.0, margin - t * x))),
       [*spread((2, 3), fixed(SIGNS)), at((2, 3), fixed(SIGNS.astype(int)), margin=0.3),
        at((2, 3), fixed(SIGNS.ravel()))],
       torch=lambda t, x, y, margin=1.0, reduction="mean": getattr(t, reduction, t.clone)(
           t.relu(margin - t.as_tensor(y).reshape(x.shape) * x)),
       errors=[*target("hinge", "x"), *REDUCTION, NONE_LEFT,
               error(X, YES, kind=ValueError, text="hinge expects labels t of -1 and 1, got other numbers")]),
]  # fmt: skip
