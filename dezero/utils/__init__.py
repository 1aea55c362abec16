"""Tools around the engine, under the flat names that scripts know: ``dezero.utils.gradient_check`` and so on."""

from dezero import _download
from dezero._download import get_file, show_progress
from dezero._shapes import get_conv_outsize, get_deconv_outsize, pair
from dezero.utils.arrays import (
    array_allclose,
    array_equal,
    logsumexp,
    max_backward_shape,
    reshape_sum_backward,
    sum_to,
)  # fmt: skip
from dezero.utils.dot_graph import get_dot_graph, plot_dot_graph
from dezero.utils.files import load_arrays, load_with_metadata, replacing, save_arrays
from dezero.utils.gradcheck import check_grads, gradient_check, numerical_grad

__all__ = [
    "array_allclose", "array_equal", "cache_dir", "check_grads", "get_conv_outsize", "get_deconv_outsize",
    "get_dot_graph", "get_file", "gradient_check", "load_arrays", "load_with_metadata", "logsumexp",
    "max_backward_shape", "numerical_grad", "pair", "plot_dot_graph", "replacing", "reshape_sum_backward",
    "save_arrays", "show_progress", "sum_to",
]  # fmt: skip

cache_dir: str  # where downloads go: DEZERO_HOME or ~/.dezero, asked anew each time


def __getattr__(name: str) -> str:
    if name == "cache_dir":
        return _download.cache_dir
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
