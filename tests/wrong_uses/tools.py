"""Wrong uses: files of weights, pictures, checks of gradients, and other tools. Files are in an empty folder."""

from pathlib import Path

import numpy as np
import pytest

import dezero
import dezero.functions as F
import dezero.layers as L
import dezero.models as M
from dezero import Function, Layer, Model, Parameter, Variable, utils, viz
from tests.wrong_uses.table import Wrong

x = Variable(np.array([[1.0, 2.0, 3.0]]), name="x")


def small():
    return L.Linear(2, in_size=3)


def saved(layer, path="weights.npz"):
    """Save a layer, and name the file."""
    layer.save_weights(path)
    return path


def holding(content, path="weights.npz"):
    """A file with these bytes in it."""
    Path(path).write_bytes(content)
    return path


def archive(path="weights.npz", **arrays):
    """What NumPy itself writes."""
    np.savez(path, **arrays)
    return path


def cut(path):
    """A file without its second half."""
    content = Path(path).read_bytes()
    return holding(content[: len(content) // 2], path)


def _to_safetensors(arrays):
    pytest.importorskip("safetensors", reason="safetensors is not installed")
    utils.save_arrays("a.safetensors", arrays)


def folder(path="folder.npz"):
    Path(path).mkdir(exist_ok=True)
    return path


def after_failure(layer, load):
    """Try to load, and see that the layer stays as it was."""
    before = {path: p.data.copy() for path, p in layer.named_params()}
    try:
        load(layer)
    finally:
        assert all((p.data == before[path]).all() for path, p in layer.named_params())


class Doubled(Layer):
    """A layer in which two parameters have one path."""

    def __init__(self):
        super().__init__()
        self.a = {"b/c": Parameter(np.ones(1))}
        self.a["b"] = {"c": Parameter(np.ones(1))}


def recurrent_after_one_step():
    layer = L.RNN(4)
    layer(x)
    return layer


def under_no_grad():
    with dezero.no_grad():
        return F.sin(x)


class Square:
    """A layer written by hand, as in the first volume of the book."""

    def __init__(self, factor=2, change=False, forget=None, more=False):
        self.factor, self.change, self.forget, self.more = factor, change, forget, more

    def forward(self, x):
        self.x = x
        return None if self.forget == "forward" else x**2

    def backward(self, dout):
        gx = self.factor * self.x * dout
        if self.change:
            dout *= 0
        return None if self.forget == "backward" else (gx, gx) if self.more else gx


class WrongSine(Function):
    """A Function with a wrong derivative."""

    def forward(self, x):
        return np.sin(x)

    def backward(self, gy):
        return gy * F.sin(self.inputs[0])


class Greedy(Function):
    """A Function whose backward changes its argument."""

    def forward(self, x):
        return 3 * x

    def backward(self, gy):
        gy.data *= 3
        return gy


class OnlyFirst(Function):
    """A Function whose derivative is right, and whose second one is not, because it leaves the graph."""

    def forward(self, x):
        return x**3

    def backward(self, gy):
        return gy * Variable(3 * self.inputs[0].data ** 2)


point = np.array([0.5, 2.0])


WRONG = [
    # -- weights in files ------------------------------------------------------------------------------
    Wrong("saving a model that was never called", lambda: M.MLP((3, 2)).save_weights("mlp.npz"), RuntimeError,
          "MLP.save_weights: no data yet for l0/W, l1/W; call the model once with an example (a recurrent "
          "layer twice), or give the input sizes when making it"),
    Wrong("saving an RNN after one step only",
          lambda: recurrent_after_one_step().save_weights("rnn.npz"), RuntimeError,
          "RNN.save_weights: no data yet for h2h/W; call the model once with an example (a recurrent layer "
          "twice), or give the input sizes when making it"),
    Wrong("saving a model without parameters", lambda: Model().save_weights("empty.npz"), ValueError,
          "Model.save_weights: there are no parameters to save"),
    Wrong("saving to a folder", lambda: small().save_weights(folder()), IsADirectoryError,
          "cannot save to 'folder.npz': that is a folder; give the name of a file"),
    Wrong("saving into a folder that there is not",
          lambda: small().save_weights("nowhere/weights.npz"), FileNotFoundError,
          "cannot save to 'nowhere/weights.npz': there is no folder '<here>/nowhere'; make it first, with os.makedirs"),
    Wrong("saving to no name", lambda: small().save_weights(None), TypeError,
          "save_arrays wants the path of a file, a string or a path, got NoneType"),
    Wrong("saving to a number", lambda: small().save_weights(3.5), TypeError,
          "save_arrays wants the path of a file, a string or a path, got float"),
    Wrong("saving two parameters of one path", lambda: Doubled().save_weights("doubled.npz"), ValueError,
          "Doubled.save_weights: two parameters have the path a/b/c; rename an attribute or a key"),
    Wrong("loading a file that there is not", lambda: small().load_weights("nothing.npz"), FileNotFoundError,
          "cannot load 'nothing.npz': there is no such file"),
    Wrong("loading a file under another suffix",
          lambda: (saved(small(), "other.npz"), small().load_weights("other"))[1], FileNotFoundError,
          "cannot load 'other': there is no such file; there is 'other.npz'"),
    Wrong("loading a folder", lambda: small().load_weights(folder()), IsADirectoryError,
          "cannot load 'folder.npz': that is a folder; give the name of a file in it"),
    Wrong("loading nothing", lambda: small().load_weights(None), TypeError,
          "load_with_metadata wants the path of a file, a string or a path, got NoneType"),
    Wrong("loading a number", lambda: small().load_weights(3.5), TypeError,
          "load_with_metadata wants the path of a file, a string or a path, got float"),
    Wrong("loading an empty file", lambda: small().load_weights(holding(b"")), ValueError,
          "cannot load 'weights.npz': the file is empty (0 bytes), make or fetch it again"),
    Wrong("loading a text", lambda: small().load_weights(holding(b"these are no weights")), ValueError,
          "cannot load 'weights.npz': it is no .npz file (it begins with the bytes b'these ar')"),
    Wrong("loading half a file", lambda: small().load_weights(cut(saved(small()))), ValueError,
          "cannot load 'weights.npz': the file is damaged or cut off, make or fetch it again (BadZipFile: File "
          "is not a zip file)"),
    Wrong("loading objects", lambda: small().load_weights(archive(W=np.array([None, 1], dtype=object))), ValueError,
          "cannot load 'weights.npz': its entry 'W' holds pickled Python objects, which are never loaded, "
          "because they can run code (the book's package saves None in this way for a layer that was never called)"),
    Wrong("loading words", lambda: small().load_weights(archive(W=np.array(["a", "b"]))), ValueError,
          "cannot load 'weights.npz': its entry 'W' has dtype <U1; weights are numbers"),
    Wrong("loading into a layer of another size",
          lambda: after_failure(L.Linear(4, in_size=3), lambda layer: layer.load_weights(saved(small()))), ValueError,
          "Linear.load_weights: the file weights.npz does not fit, and nothing was changed. W has shape (3, 2) "
          "in the file and (3, 4) in the model; b has shape (2,) in the file and (4,) in the model"),
    Wrong("loading into another layer",
          lambda: after_failure(L.EmbedID(3, 2), lambda layer: layer.load_weights(saved(small()))), ValueError,
          "EmbedID.load_weights: the file weights.npz does not fit, and nothing was changed. not in the model: b"),
    Wrong("loading into a model of other names",
          lambda: M.Sequential(L.Linear(2, in_size=3)).load_weights(saved(small())), ValueError,
          "Sequential.load_weights: the file weights.npz does not fit, and nothing was changed. not in the "
          "file: l0/W, l0/b; not in the model: W, b"),
    Wrong("loading integers for numbers",
          lambda: small().load_weights(archive(W=np.ones((3, 2), int), b=np.ones(2))), ValueError,
          "Linear.load_weights: the file weights.npz does not fit, and nothing was changed. W is int64 in the "
          "file and float32 in the model"),
    Wrong("loading a file without the bias", lambda: small().load_weights(archive(W=np.ones((3, 2)))), ValueError,
          "Linear.load_weights: the file weights.npz does not fit, and nothing was changed. not in the file: b"),
    Wrong("loading a file with too much",
          lambda: small().load_weights(archive(W=np.ones((3, 2)), b=np.ones(2), c=np.ones(1))), ValueError,
          "Linear.load_weights: the file weights.npz does not fit, and nothing was changed. not in the model: c"),
    Wrong("loading another shape although not strict",
          lambda: small().load_weights(archive(W=np.ones((2, 3))), strict=False), ValueError,
          "Linear.load_weights: the file weights.npz does not fit, and nothing was changed. not in the file: "
          "b; W has shape (2, 3) in the file and (3, 2) in the model"),
    Wrong("loading nothing of the model although not strict",
          lambda: small().load_weights(archive(V=np.ones((2, 3))), strict=False), ValueError,
          "Linear.load_weights: the file weights.npz does not fit, and nothing was changed. not in the file: "
          "W, b; not in the model: V"),
    Wrong("loading into a model without parameters", lambda: Model().load_weights(saved(small())), ValueError,
          "Model.load_weights: the file weights.npz does not fit, and nothing was changed. not in the model: W, b"),
    Wrong("load_arrays of a file that there is not", lambda: utils.load_arrays("nothing.npz"), FileNotFoundError,
          "cannot load 'nothing.npz': there is no such file"),
    Wrong("load_arrays of a text", lambda: utils.load_arrays(holding(b"a text")), ValueError,
          "cannot load 'weights.npz': it is no .npz file (it begins with the bytes b'a text')"),
    Wrong("load_arrays of None", lambda: utils.load_arrays(None), TypeError,
          "load_arrays wants the path of a file, a string or a path, got NoneType"),
    Wrong("load_with_metadata of half a file", lambda: utils.load_with_metadata(cut(saved(small()))), ValueError,
          "cannot load 'weights.npz': the file is damaged or cut off, make or fetch it again (BadZipFile: File "
          "is not a zip file)"),
    Wrong("load_with_metadata of a folder", lambda: utils.load_with_metadata(folder()), IsADirectoryError,
          "cannot load 'folder.npz': that is a folder; give the name of a file in it"),
    Wrong("save_arrays of a list", lambda: utils.save_arrays("a.npz", [np.ones(2)]), TypeError,
          "save_arrays wants arrays as a dict from names to values, got list"),
    Wrong("save_arrays of words", lambda: utils.save_arrays("a.npz", {"a": "words"}), TypeError,
          "save_arrays: 'a' has dtype <U5; only numbers are saved, and nothing is pickled"),
    Wrong("save_arrays of objects", lambda: utils.save_arrays("a.npz", {"a": np.array([None])}), TypeError,
          "save_arrays: 'a' has dtype object; only numbers are saved, and nothing is pickled"),
    Wrong("save_arrays of None", lambda: utils.save_arrays("a.npz", {"a": None}), TypeError,
          "save_arrays: 'a' is None, not an array; a lazy layer has no weights until it is called"),
    Wrong("save_arrays of an array with a number as name",
          lambda: utils.save_arrays("a.npz", {1: np.ones(2)}), TypeError,
          "save_arrays wants strings as names of arrays, got 1, int"),
    Wrong("save_arrays with metadata that are no text",
          lambda: utils.save_arrays("a.npz", {"a": np.ones(2)}, {"epoch": 3}), TypeError,
          "save_arrays wants strings in metadata, got 'epoch': 3"),
    Wrong("save_arrays as safetensors of complex numbers",
          lambda: _to_safetensors({"a": np.ones(2, dtype=np.complex128)}), ValueError,
          "save_arrays: safetensors knows no complex128, the dtype of 'a'; save it as .npz"),
    Wrong("replacing a folder", lambda: utils.replacing(folder()).__enter__(), IsADirectoryError,
          "cannot save to 'folder.npz': that is a folder; give the name of a file"),
    Wrong("get_file of no address", lambda: utils.get_file("not an address", root="."), RuntimeError,
          "get_file cannot download to .:\n"
          "  not an address: downloads are made over https only\n"
          "To go on without a download, place by hand:\n"
          "  path    not an address\n"
          "  from    not an address\n"
          "  sha256  not known"),
    Wrong("get_file over plain HTTP", lambda: utils.get_file("http://127.0.0.1:9/a.bin", root="."), RuntimeError,
          "get_file cannot download to .:\n"
          "  http://127.0.0.1:9/a.bin: downloads are made over https only\n"
          "To go on without a download, place by hand:\n"
          "  path    a.bin\n"
          "  from    http://127.0.0.1:9/a.bin\n"
          "  sha256  not known"),
    Wrong("get_file of a file on this machine", lambda: utils.get_file("file:///etc/passwd", root="."), RuntimeError,
          "get_file cannot download to .:\n"
          "  file:///etc/passwd: downloads are made over https only\n"
          "To go on without a download, place by hand:\n"
          "  path    passwd\n"
          "  from    file:///etc/passwd\n"
          "  sha256  not known"),
    Wrong("get_file under a name that leaves the folder",
          lambda: utils.get_file("https://127.0.0.1:9/a.bin", "../a.bin", root="."), ValueError,
          "a file in the cache has a plain name, without path or leading dot, got '../a.bin': give file_name"),
    Wrong("get_file under an absolute name",
          lambda: utils.get_file("https://127.0.0.1:9/a.bin", "/tmp/a.bin", root="."), ValueError,
          "a file in the cache has a plain name, without path or leading dot, got '/tmp/a.bin': give file_name"),
    Wrong("get_file of an address without a name",
          lambda: utils.get_file("https://127.0.0.1:9/", root="."), ValueError,
          "a file in the cache has a plain name, without path or leading dot, got '': give file_name"),
    Wrong("get_file with a sha256 that is none",
          lambda: utils.get_file("https://127.0.0.1:9/a.bin", sha256="123", root="."), ValueError,
          "a SHA-256 checksum has 64 hexadecimal digits, got '123'"),
    # -- pictures --------------------------------------------------------------------------------------
    Wrong("get_dot_graph of an array", lambda: utils.get_dot_graph(np.ones(2)), TypeError,
          "get_dot_graph expects a Variable, the result whose graph is wanted, or a list of Variables, got ndarray"),
    Wrong("get_dot_graph of a number", lambda: utils.get_dot_graph(1.0), TypeError,
          "get_dot_graph expects a Variable, the result whose graph is wanted, or a list of Variables, got float"),
    Wrong("get_dot_graph of nothing", lambda: utils.get_dot_graph([]), TypeError,
          "get_dot_graph expects a Variable, the result whose graph is wanted, or a list of Variables, got list"),
    Wrong("plot_dot_graph to a name without suffix",
          lambda: utils.plot_dot_graph(F.sin(x), to_file="graph"), ValueError,
          "plot_dot_graph expects a file name with the format as its suffix, such as graph.png, got 'graph'"),
    Wrong("plot_dot_graph of a list with None",
          lambda: utils.plot_dot_graph([F.sin(x), None], to_file="graph.svg"), TypeError,
          "plot_dot_graph expects a Variable, the result whose graph is wanted, or a list of Variables, got list"),
    Wrong("plot_dot_graph of a model", lambda: utils.plot_dot_graph(small(), to_file="graph.svg"), TypeError,
          "plot_dot_graph expects a Variable, the result whose graph is wanted, or a list of Variables, got Linear"),
    Wrong("Model.plot of what returns no Variable",
          lambda: M.Sequential(lambda x: 3).plot(x, to_file="model.svg"), TypeError,
          "Model.plot expects a Variable, the result whose graph is wanted, or a list of Variables, got int"),
    Wrong("Model.plot without input", lambda: M.MLP((3, 2)).plot(to_file="model.svg"), TypeError,
          "MLP.forward() missing 1 required positional argument: 'x'\n"
          "in MLP"),
    Wrong("Layer.graph of what returns no Variable", lambda: M.Sequential(lambda x: 3).graph(x), TypeError,
          "Sequential.graph: the call returned no Variable but int"),
    Wrong("Layer.graph of other features", lambda: L.Linear(2, in_size=5).graph(x), ValueError,
          "linear expects x of shape (..., 5), as W has shape (5, 2), got (1, 3)\n"
          "in Linear(float64 (1, 3), float32 (5, 2), float32 (2,))\n"
          "in Linear"),
    Wrong("viz.graph of an array", lambda: viz.graph(np.ones(2)), TypeError,
          "a picture wants Variables, got ndarray: give it what was computed from Variables"),
    Wrong("viz.graph of a layer", lambda: viz.graph(small()), TypeError,
          "a picture wants Variables, got Linear: give it what was computed from Variables"),
    Wrong("viz.graph of a result under no_grad", lambda: viz.graph(under_no_grad()), RuntimeError,
          "there is no graph to draw, because this variable was computed under no_grad(), or as a gradient "
          "without create_graph=True"),
    Wrong("viz.graph with a depth in words", lambda: viz.graph(F.sin(x), depth="all"), TypeError,
          "depth is a number of layers, got 'all'"),
    Wrong("viz.graph with a negative depth", lambda: viz.graph(F.sin(x), depth=-1), ValueError,
          "depth counts from 0, got -1; without it, no layer is folded"),
    Wrong("viz.graph with a setting that there is not", lambda: viz.graph(F.sin(x), colour="red"), TypeError,
          "graph has no setting 'colour'; pictures have style, direction, labels, local, theme"),
    Wrong("viz.graph in a style that there is not", lambda: viz.graph(F.sin(x)).svg(style="fancy"), ValueError,
          "a picture has style 'lecture' or 'dezero' or 'compact', got 'fancy'"),
    Wrong("viz.graph in a direction that there is not", lambda: viz.graph(F.sin(x)).svg(direction="up"), ValueError,
          "a picture has direction 'LR' or 'TB', got 'up'"),
    Wrong("viz.graph in a theme that there is not", lambda: viz.graph(F.sin(x)).svg(theme="pink"), ValueError,
          "a picture has theme 'auto' or 'light' or 'dark', got 'pink'"),
    Wrong("viz.graph as DOT in a style that there is not", lambda: viz.graph(F.sin(x)).dot(style="fancy"), ValueError,
          "dot expects style to be one of 'lecture', 'dezero', 'compact', got 'fancy'"),
    Wrong("viz.graph saved under another suffix", lambda: viz.graph(F.sin(x)).save("graph.docx"), ValueError,
          "save writes .svg, .png, .pdf, .html, .dot, .txt, .json and .mmd, by the suffix of the file name, "
          "got 'graph.docx'"),
    Wrong("viz.graph saved without suffix", lambda: viz.graph(F.sin(x)).save("graph"), ValueError,
          "save writes .svg, .png, .pdf, .html, .dot, .txt, .json and .mmd, by the suffix of the file name, "
          "got 'graph'"),
    Wrong("viz.graph with a name that there is not left blank", lambda: viz.graph(F.sin(x)).blank("z"), ValueError,
          "blank knows no value named 'z'; there are x, v1, dx, dv1"),
    Wrong("viz.graph with no name left blank", lambda: viz.graph(F.sin(x)).blank(), ValueError,
          'blank wants names of values or derivatives, such as "price" or "dApple"'),
    Wrong("viz.load of a text", lambda: viz.load(holding(b"a text", "graph.json")), ValueError,
          "from_json wants the text of a graph as .json() writes it: Expecting value: line 1 column 1 (char 0)"),
    Wrong("viz.load of another JSON", lambda: viz.load(holding(b'{"a": 1}', "graph.json")), ValueError,
          'from_json wants the text of a graph as .json() writes it: "format" is not "dezero graph 1"'),
    Wrong("viz.broadcast of shapes that do not", lambda: viz.broadcast((2, 3), (3, 2)), ValueError,
          "shapes (2, 3) and (3, 2) do not broadcast: at axis -1 the sizes are 3 and 2, and neither is 1"),
    Wrong("viz.broadcast of a string", lambda: viz.broadcast("ab", (2, 3)), ValueError,
          "viz.broadcast expects a shape of sizes from 1, such as (2, 2, 3), got 'ab'"),
    Wrong("viz.broadcast of an empty shape", lambda: viz.broadcast((2, 0), (2, 1)), ValueError,
          "viz.broadcast expects a shape of sizes from 1, such as (2, 2, 3), got (2, 0)"),
    Wrong("viz.sum_to a shape that does not fit", lambda: viz.sum_to((2, 3), (2, 2)), ValueError,
          "sum_to cannot bring shape (2, 3) to (2, 2): (2, 2) does not broadcast to (2, 3); each size of the "
          "target, counted from the last, must be 1 or the same"),
    Wrong("viz.sum_to of too much", lambda: viz.sum_to((100, 100), (1, 100)), ValueError,
          "viz.sum_to draws up to 400 elements in up to 4 axes, got (100, 100): a smaller shape shows the same"),
    Wrong("viz.im2col of a matrix", lambda: viz.im2col(np.ones((2, 3)), 2), ValueError,
          "viz.im2col expects x of shape (N, C, H, W), got (2, 3)"),
    Wrong("viz.im2col of a kernel larger than the image", lambda: viz.im2col((1, 1, 3, 3), 5), ValueError,
          "im2col: the kernel (5, 5) is larger than the padded image: OH = (H + 2 PH - KH) // SH + 1 = (3 + "
          "2*0 - 5) // 1 + 1 = -1"),
    Wrong("viz.im2col of a word", lambda: viz.im2col("image", 2), ValueError,
          "viz.im2col expects x of shape (N, C, H, W), or that shape, got 'image'"),
    Wrong("viz.im2col of too much", lambda: viz.im2col((1, 3, 64, 64), 3), ValueError,
          "viz.im2col draws at most 4,000 numbers; images of shape (1, 3, 64, 64) and their matrix (3844, 27) "
          "have more: a smaller example shows the same"),
    Wrong("viz.neurons of an array", lambda: viz.neurons(np.ones((2, 3))), TypeError,
          "viz.neurons expects a layer or a model, got ndarray"),
    Wrong("viz.neurons of a model that was never called", lambda: viz.neurons(M.MLP((3, 2))), RuntimeError,
          "viz.neurons: l0/W has no data yet; call the model once with an example"),
    Wrong("viz.neurons of a convolution", lambda: viz.neurons(L.Conv2d(2, 3, in_channels=1)), ValueError,
          "viz.neurons draws affine layers, and W has shape (2, 1, 3, 3)"),
    Wrong("viz.neurons of a model without weights", lambda: viz.neurons(Model()), ValueError,
          "viz.neurons expects a model with affine layers, and there is no W in this one"),
    Wrong("viz.neurons of too many", lambda: viz.neurons(L.Linear(100, in_size=3)), ValueError,
          "viz.neurons draws up to 12 units a layer, got 100"),
    Wrong("a drawing saved under another suffix", lambda: viz.broadcast((2, 3), (3,)).save("a.png"), ValueError,
          "this drawing is saved as .svg, got 'a.png'"),
    Wrong("explain of arrays", lambda: dezero.explain(np.ones(2), np.ones(2)), TypeError,
          "explain expects two Variables, got ndarray"),
    Wrong("explain of a number", lambda: dezero.explain(F.sin(x), 1.0), TypeError,
          "explain expects two Variables, got float"),
    Wrong("explain of a result under no_grad", lambda: dezero.explain(under_no_grad(), x), RuntimeError,
          "explain: there is no graph to go back through, because y was computed under no_grad(), or as a "
          "gradient without create_graph=True"),
    Wrong("summary of an array", lambda: dezero.summary(np.ones(2), (1, 3)), TypeError,
          "summary expects a layer or a model, got ndarray"),
    Wrong("summary of a class", lambda: dezero.summary(L.Linear, (1, 3)), TypeError,
          "summary expects a layer or a model, got type"),
    Wrong("summary with a word as shape", lambda: dezero.summary(small(), "images"), TypeError,
          "summary expects shapes such as (10, 3, 224, 224), or arrays as examples, got 'images'"),
    # -- checks of gradients ---------------------------------------------------------------------------
    Wrong("check_grads of a wrong derivative", lambda: utils.check_grads(WrongSine(), point), ValueError,
          "WrongSine: the derivative by argument 0 is wrong at index (1,): -0.120123 given, 0.054975 by "
          "differences; most elements are wrong"),
    Wrong("check_grads of a factor too much", lambda: utils.check_grads(Square(factor=4), point), ValueError,
          "Square: the derivative by argument 0 is wrong at index (1,): -1.05684 given, -0.528419 by "
          "differences; all given values are 2 times the right ones: is a factor missing?"),
    Wrong("check_grads of a single number and a factor too much",
          lambda: utils.check_grads(Square(factor=4), 2.0), ValueError,
          "Square: the derivative by argument 0 is wrong: 1.00584 given, 0.502921 by differences; 2 times the "
          "right one; an array of several numbers would tell more"),
    Wrong("check_grads of a sign", lambda: utils.check_grads(Square(factor=-2), point), ValueError,
          "Square: the derivative by argument 0 is wrong at index (1,): 0.528419 given, -0.528419 by "
          "differences; the sign is wrong everywhere"),
    Wrong("check_grads of a single number and a sign",
          lambda: utils.check_grads(Square(factor=-2), np.array(2.0)), ValueError,
          "Square: the derivative by argument 0 is wrong: -0.502921 given, 0.502921 by differences; the sign is wrong"),
    Wrong("check_grads of a second derivative", lambda: utils.check_grads(OnlyFirst(), point), ValueError,
          "OnlyFirst: the derivative of order 2 by argument 0 is wrong at index (0,): 0 given, 0.241561 by "
          "differences; the given one is 0 everywhere: does the backward read .data, which cuts the graph?"),
    Wrong("check_grads of a backward that changes its argument",
          lambda: utils.check_grads(Greedy(), point), ValueError,
          "Greedy.backward changed its argument in place; whoever called it may still need it: work on a copy "
          "(gy = gy * 1)"),
    Wrong("check_grads of a backward by hand that changes its argument",
          lambda: utils.check_grads(Square(change=True), point), ValueError,
          "Square.backward changed its argument in place; whoever called it may still need it: work on a copy "
          "(dout = dout.copy())"),
    Wrong("check_grads of a forward without return",
          lambda: utils.check_grads(Square(forget="forward"), point), TypeError,
          "Square.forward returned None: is a return missing?"),
    Wrong("check_grads of a backward without return",
          lambda: utils.check_grads(Square(forget="backward"), point), TypeError,
          "Square.backward returned None: is a return missing?"),
    Wrong("check_grads of too many gradients", lambda: utils.check_grads(Square(more=True), point), ValueError,
          "Square.backward returned 2 gradients for 1 argument"),
    Wrong("check_grads of a function without return", lambda: utils.check_grads(lambda x: None, point), TypeError,
          "<lambda> returned None: is a return missing?"),
    Wrong("check_grads of what cannot be called", lambda: utils.check_grads("sin", point), TypeError,
          "check_grads wants a callable or an object with forward and backward, got str"),
    Wrong("check_grads without a point", lambda: utils.check_grads(F.sin), TypeError,
          "check_grads: sin got no floating-point argument to differentiate by"),
    Wrong("check_grads at integers", lambda: utils.check_grads(F.sin, np.array([1, 2])), TypeError,
          "check_grads: sin got no floating-point argument to differentiate by"),
    Wrong("check_grads at a string", lambda: utils.check_grads(F.sin, "a"), TypeError,
          "check_grads: sin got no floating-point argument to differentiate by"),
    Wrong("check_grads of something random",
          lambda: utils.check_grads(lambda x: F.dropout(x, 0.5), np.ones(50)), ValueError,
          "<lambda> gives different values for the same arguments, so differences say nothing about it; check "
          "a random layer in test_mode()"),
    Wrong("check_grads where a gradient leaves the graph",
          lambda: utils.check_grads(lambda x: F.sin(x.data) * x, point), ValueError,
          "<lambda>: the derivative by argument 0 is wrong at index (1,): -0.120123 given, -0.0101726 by "
          "differences; most elements are wrong"),
    Wrong("check_grads of order 0", lambda: utils.check_grads(F.sin, point, order=0), ValueError,
          "check_grads expects order as an integer of at least 1, got 0"),
    Wrong("check_grads of half an order", lambda: utils.check_grads(F.sin, point, order=1.5), ValueError,
          "check_grads expects order as an integer of at least 1, got 1.5"),
    Wrong("gradient_check of a string", lambda: utils.gradient_check(F.sin, "a"), TypeError,
          "check_grads: sin got no floating-point argument to differentiate by"),
    Wrong("gradient_check at integers", lambda: utils.gradient_check(F.sin, np.array([1, 2])), TypeError,
          "check_grads: sin got no floating-point argument to differentiate by"),
    Wrong("gradient_check of what cannot be called", lambda: utils.gradient_check("sin", point), TypeError,
          "gradient_check wants a function of Variables, got str"),
    Wrong("numerical_grad of a string", lambda: utils.numerical_grad(F.sin, "a"), TypeError,
          "numerical_grad wants an array or a Variable as x, got str"),
    Wrong("numerical_grad of a function without return",
          lambda: utils.numerical_grad(lambda x: None, point), TypeError,
          "<lambda> returned None: is a return missing?"),
    Wrong("numerical_grad of what cannot be called", lambda: utils.numerical_grad("sin", point), TypeError,
          "numerical_grad wants a function of Variables, got str"),
    # -- helpers on arrays -----------------------------------------------------------------------------
    Wrong("utils.sum_to a shape that does not fit", lambda: utils.sum_to(np.ones((2, 3)), (2, 2)), ValueError,
          "sum_to cannot bring shape (2, 3) to (2, 2): (2, 2) does not broadcast to (2, 3)"),
    Wrong("utils.sum_to of a list", lambda: utils.sum_to([[1.0]], (1,)), TypeError,
          "sum_to on arrays expects an array, got list"),
    Wrong("utils.logsumexp of a vector", lambda: utils.logsumexp(np.ones(3)), np.exceptions.AxisError,
          "logsumexp: axis 1 is out of bounds for array of dimension 1"),
    Wrong("utils.logsumexp of a list", lambda: utils.logsumexp([[1.0]]), TypeError,
          "logsumexp on arrays expects an array, got list"),
    Wrong("reshape_sum_backward of another shape",
          lambda: utils.reshape_sum_backward(np.ones(5), (2, 3), 1, False), ValueError,
          "reshape_sum_backward expects gy with as many elements as (2, 1), the sum over axis 1 of (2, 3), got (5,)"),
    Wrong("reshape_sum_backward along an axis that is not there",
          lambda: utils.reshape_sum_backward(np.ones(2), (2, 3), 2, False), np.exceptions.AxisError,
          "max_backward_shape: axis 2 is out of bounds for array of dimension 2"),
    Wrong("max_backward_shape along an axis that is not there",
          lambda: utils.max_backward_shape(np.ones((2, 3)), 2), np.exceptions.AxisError,
          "max_backward_shape: axis 2 is out of bounds for array of dimension 2"),
    Wrong("array_allclose of shapes that do not broadcast",
          lambda: utils.array_allclose(np.ones(2), np.ones(3)), ValueError,
          "array_allclose expects shapes that broadcast, got (2,) and (3,)"),
    Wrong("utils.pair of None", lambda: utils.pair(None), ValueError,
          "pair expects an integer or two of them, got None"),
    Wrong("utils.get_conv_outsize of a word", lambda: utils.get_conv_outsize("5", 3, 1, 1), TypeError,
          "get_conv_outsize expects size as an integer, got '5'"),
    Wrong("utils.get_deconv_outsize of nothing left", lambda: utils.get_deconv_outsize(1, 1, 1, 1), ValueError,
          "get_deconv_outsize: the padding leaves nothing of the image: s (size - 1) + k - 2 p = 1*(1 - 1) + 1 "
          "- 2*1 = -1"),
]  # fmt: skip
