"""Wrong uses: Variables, Functions, gradients, settings, and arrays of two devices."""

import contextlib
import sys

import numpy as np

import dezero
import dezero.functions as F
from dezero import Function, Parameter, Variable
from tests import fake_cupy
from tests.wrong_uses.table import Wrong

x = Variable(np.array([1.0, 2.0, 3.0]))


def function(forward=None, backward=None):
    """A Function of a user's."""
    methods = {name: f for name, f in (("forward", forward), ("backward", backward)) if f is not None}
    return type("Double", (Function,), methods)()


def double(self, x):
    return 2 * x


def differentiated(backward, forward=double, inputs=1, create_graph=False):
    """Apply a Function with this backward to Variables, and send a gradient back."""
    xs = [Variable(np.array([1.0, 2.0])) for _ in range(inputs)]
    y = function(forward, backward)(*xs)
    y.backward(create_graph=create_graph)


def without_graph():
    x = Variable(np.array(2.0))
    with dezero.no_grad():
        return x * x


def gradient_of_gradient():
    x = Variable(np.array(2.0))
    y = x**3
    y.backward()
    x.grad.backward()


def spoilt(**attributes):
    """A result of three elements, with something set on it."""
    y = Variable(np.array([1.0, 2.0, 3.0])) * 2.0
    for name, value in attributes.items():
        setattr(y, name, value)
    return y


def leaf_with(**attributes):
    leaf = Variable(np.array([1.0, 2.0, 3.0]))
    for name, value in attributes.items():
        setattr(leaf, name, value)
    return leaf


@contextlib.contextmanager
def device():
    """Another device than NumPy's, as good as one."""
    before = sys.modules.get("cupy")
    sys.modules["cupy"] = fake_cupy.module()
    try:
        yield fake_cupy.ndarray
    finally:
        if before is None:
            del sys.modules["cupy"]
        else:
            sys.modules["cupy"] = before


def mixed(f, *xs):
    """Call f with the first array there, the others here."""
    with device() as there:
        return f(Variable(there(xs[0])), *map(Variable, xs[1:]))


def numpy_module_meets(f):
    with device() as there:
        return f(there)


def in_debug(f):
    with dezero.debug():
        return f()


def changed_in_place():
    x = Variable(np.array([1.0, 2.0]))
    y = F.sin(x)
    x.data[0] = 5.0
    y.backward()


WRONG = [
    # -- Variable --------------------------------------------------------------------------------------
    Wrong("a number as data", lambda: Variable(1.0), TypeError,
          "<class 'float'> is not supported; Variable wants an array, dezero.as_variable(x) takes numbers and "
          "lists too"),
    Wrong("a list as data", lambda: Variable([1.0, 2.0]), TypeError,
          "<class 'list'> is not supported; Variable wants an array, dezero.as_variable(x) takes numbers and "
          "lists too"),
    Wrong("a string as data", lambda: Variable("1.0"), TypeError,
          "<class 'str'> is not supported; Variable wants an array, dezero.as_variable(x) takes numbers and lists too"),
    Wrong("a Variable as data", lambda: Variable(x), TypeError,
          "<class 'dezero.core.Variable'> is not supported; Variable wants an array, dezero.as_variable(x) "
          "takes numbers and lists too"),
    Wrong("an array of strings as data", lambda: Variable(np.array(["a"])), TypeError,
          "an array of dtype <U1 is not supported; Variable wants numbers"),
    Wrong("an array of objects as data", lambda: Variable(np.array([None])), TypeError,
          "an array of dtype object is not supported; Variable wants numbers"),
    Wrong("an array of dates as data", lambda: Variable(np.array(["2020-01-01"], dtype="datetime64[D]")), TypeError,
          "an array of dtype datetime64[D] is not supported; Variable wants numbers"),
    Wrong("a list as data of a Parameter", lambda: Parameter([1.0]), TypeError,
          "<class 'list'> is not supported; Variable wants an array, dezero.as_variable(x) takes numbers and "
          "lists too"),
    Wrong("as_variable of a string", lambda: dezero.as_variable("a"), TypeError,
          "as_variable expected a Variable, an array, a number or a list of numbers, got str"),
    Wrong("as_variable of a list of Variables", lambda: dezero.as_variable([x, x]), TypeError,
          "as_variable expected a Variable, an array, a number or a list of numbers, got list with a Variable "
          "in it, whose graph it would lose; dezero.functions.stack makes one Variable of several"),
    Wrong("as_variable of rows of two lengths", lambda: dezero.as_variable([[1.0], [1.0, 2.0]]), ValueError,
          "as_variable expected rows of one length, got [[1.0], [1.0, 2.0]]"),
    Wrong("as_variable of None", lambda: dezero.as_variable(None), TypeError,
          "as_variable expected a Variable, an array, a number or a list of numbers, got NoneType"),
    Wrong("the shape of a Variable without data", lambda: Variable(None).shape, RuntimeError,
          "the variable has no data yet: set .data, or call the layer it belongs to once"),
    Wrong("a result of a Parameter without data", lambda: Parameter(None, name="W") * 2.0, TypeError,
          "unsupported operand type(s) for *: 'NoneType' and 'float'\n"
          "in Mul(variable 'W' that has no data yet, 2.0)"),
    Wrong("an array from a list", lambda: dezero.from_dlpack([1.0]), TypeError,
          "from_dlpack wants an array with __dlpack__, got list"),
    Wrong("data that became a string", lambda: F.sin(leaf_with(data="a")), TypeError,
          "ufunc 'sin' not supported for the input types, and the inputs could not be safely coerced to any "
          "supported types according to the casting rule ''safe''\n"
          "in Sin('a')"),
    Wrong("data that became None", lambda: leaf_with(data=None) * 2.0, TypeError,
          "unsupported operand type(s) for *: 'NoneType' and 'float'\n"
          "in Mul(a Variable that has no data yet, 2.0)"),
    Wrong("a Parameter whose data became a string",
          lambda: F.matmul(Parameter(np.ones((2, 2))), leaf_with(data="a")), ValueError,
          "matmul expects x and W with an axis at least, got shapes (2, 2) and (); by a number, multiply with *\n"
          "in MatMul(float64 (2, 2), 'a')"),
    Wrong("detaching a Variable without data", lambda: Variable(None).detach().shape, RuntimeError,
          "the variable has no data yet: set .data, or call the layer it belongs to once"),
    Wrong("a Variable on a GPU that is not there", lambda: x.to_gpu(), RuntimeError,
          "as_cupy needs a GPU: CuPy is not installed (its package is called cupy-cuda13x or cupy-cuda12x, by "
          "the version of CUDA)"),
    Wrong("PyTorch's requires_grad", lambda: Variable(np.ones(2), requires_grad=True), TypeError,
          "Variable.__init__() got an unexpected keyword argument 'requires_grad'…"),
    Wrong("PyTorch's retain_graph", lambda: (x * 2.0).backward(retain_graph=True), TypeError,
          "Variable.backward() got an unexpected keyword argument 'retain_graph'…"),
    Wrong("PyTorch's gradient of backward", lambda: (x * 2.0).backward(gradient=np.ones(3)), TypeError,
          "Variable.backward() got an unexpected keyword argument 'gradient'…"),
    # -- backward --------------------------------------------------------------------------------------
    Wrong("a gradient of a result under no_grad", lambda: without_graph().backward(), RuntimeError,
          "backward: there is no graph to go back through, because this variable was computed under no_grad(), "
          "or as a gradient without create_graph=True"),
    Wrong("a gradient of a gradient without a graph", lambda: gradient_of_gradient(), RuntimeError,
          "backward: there is no graph to go back through, because this variable was computed under no_grad(), "
          "or as a gradient without create_graph=True"),
    Wrong("a gradient to start from of another shape",
          lambda: spoilt(grad=Variable(np.ones(2))).backward(), ValueError,
          "backward: the gradient to start from has shape (2,), the variable has (3,)"),
    Wrong("a gradient to start from as argument, as in PyTorch", lambda: (x * 2.0).backward(np.ones(3)), TypeError,
          "backward expects retain_grad as True or False, got ndarray; to start from a gradient, set y.grad "
          "before, or call dezero.grad(y, x, gy)"),
    Wrong("a gradient to start from as argument, of a single number",
          lambda: (x * 2.0).sum().backward(Variable(np.array(2.0))), TypeError,
          "backward expects retain_grad as True or False, got Variable; to start from a gradient, set y.grad "
          "before, or call dezero.grad(y, x, gy)"),
    Wrong("a gradient to start from that is a string", lambda: spoilt(grad="1").backward(), TypeError,
          "expected a Variable, an array, a number or a list of numbers, got str"),
    Wrong("a gradient to start from that is a list of words",
          lambda: spoilt(grad=["a", "b", "c"]).backward(), TypeError,
          "expected a Variable, an array, a number or a list of numbers, got list"),
    Wrong("a gradient of another shape to add to",
          lambda: (leaf_with(grad=Variable(np.ones((2, 2)))) * 2.0).backward(), ValueError,
          "backward adds to gradients, and a variable of shape (3,) has one of shape (2, 2); cleargrad() forgets it"),
    Wrong("a gradient that is a string to add to", lambda: (leaf_with(grad="a") * 2.0).backward(), TypeError,
          "expected a Variable, an array, a number or a list of numbers, got str"),
    Wrong("a gradient of a Variable without data", lambda: Variable(None).backward(), RuntimeError,
          "the variable has no data yet: set .data, or call the layer it belongs to once"),
    Wrong("a gradient of an array", lambda: dezero.grad(np.ones(3), x), TypeError,
          "grad wants Variables, got ndarray: wrap it before the computation, with dezero.as_variable"),
    Wrong("a gradient by an array", lambda: dezero.grad(x * 2.0, np.ones(3)), TypeError,
          "grad wants Variables, got ndarray: wrap it before the computation, with dezero.as_variable"),
    Wrong("a gradient by a number", lambda: dezero.grad(x * 2.0, 1.0), TypeError,
          "grad wants Variables, got float: wrap it before the computation, with dezero.as_variable"),
    Wrong("walk of an array", lambda: list(dezero.walk(np.ones(2))), TypeError,
          "walk expects Variables, got ndarray"),
    Wrong("a gradient of a shape that would broadcast to add to",
          lambda: (leaf_with(grad=Variable(np.ones((2, 3)))) * 2.0).backward(), ValueError,
          "backward adds to gradients, and a variable of shape (3,) has one of shape (2, 3); cleargrad() forgets it"),
    Wrong("a gradient by a name", lambda: dezero.grad(x * 2.0, "x"), TypeError,
          "grad wants Variables, got str: wrap it before the computation, with dezero.as_variable"),
    Wrong("grad from a gradient of another shape", lambda: dezero.grad(x * 2.0, x, gy=np.ones(2)), ValueError,
          "grad: the gradient to start from has shape (2,), the variable has (3,)"),
    Wrong("grad from a gradient that is a string", lambda: dezero.grad(x * 2.0, x, gy="a"), TypeError,
          "expected a Variable, an array, a number or a list of numbers, got str"),
    Wrong("grad of a result under no_grad", lambda: dezero.grad(without_graph(), x), RuntimeError,
          "grad: there is no graph to go back through, because this variable was computed under no_grad(), or "
          "as a gradient without create_graph=True"),
    Wrong("grad with PyTorch's grad_outputs", lambda: dezero.grad(x * 2.0, x, grad_outputs=np.ones(3)), TypeError,
          "grad() got an unexpected keyword argument 'grad_outputs'…"),
    # -- Functions of one's own ------------------------------------------------------------------------
    Wrong("no forward", lambda: function()(x), NotImplementedError,
          "Double has no forward(self, *xs): define it, from arrays to arrays\n"
          "in Double(float64 (3,))"),
    Wrong("forward without return", lambda: function(lambda self, x: None)(x), TypeError,
          "forward must return an array or a tuple of arrays, got NoneType: is a return missing?\n"
          "in Double(float64 (3,))"),
    Wrong("forward that returns a list", lambda: function(lambda self, x: [x, x])(x), TypeError,
          "forward must return an array or a tuple of arrays, got list\n"
          "in Double(float64 (3,))"),
    Wrong("forward that returns a string", lambda: function(lambda self, x: "a")(x), TypeError,
          "forward must return an array or a tuple of arrays, got str\n"
          "in Double(float64 (3,))"),
    Wrong("forward that returns a Variable", lambda: function(lambda self, x: Variable(x))(x), TypeError,
          "forward must return an array or a tuple of arrays, got Variable\n"
          "in Double(float64 (3,))"),
    Wrong("forward that returns a tuple with None", lambda: function(lambda self, x: (x, None))(x), TypeError,
          "forward must return an array or a tuple of arrays, got NoneType: is a return missing?\n"
          "in Double(float64 (3,))"),
    Wrong("forward of two arguments called with one", lambda: function(lambda self, a, b: a + b)(x), TypeError,
          "<lambda>.<locals>.<lambda>() missing 1 required positional argument: 'b'\n"
          "in Double(float64 (3,))"),
    Wrong("forward without self", lambda: function(lambda x: x)(x), TypeError,
          "<lambda>.<locals>.<lambda>() takes 1 positional argument but 2 were given\n"
          "in Double(float64 (3,))"),
    Wrong("forward that fails", lambda: function(lambda self, x: x.reshape(5))(x), ValueError,
          "cannot reshape array of size 3 into shape (5,)\n"
          "in Double(float64 (3,))"),
    Wrong("forward called with a string", lambda: function(double)("a"), TypeError,
          "expected a Variable, an array, a number or a list of numbers, got str\n"
          "in Double('a')"),
    Wrong("a Function of the class, not of an object", lambda: F.Sin(x), TypeError,
          "Sin() takes no arguments"),
    Wrong("no backward", lambda: differentiated(None), NotImplementedError,
          "Double has no backward(self, *gys): define it, from Variables to Variables\n"
          "in the backward of Double(float64 (2,))"),
    Wrong("backward without return", lambda: differentiated(lambda self, gy: None), TypeError,
          "Double.backward returned None: is a return missing? Where there is no gradient, return (None,)\n"
          "in the backward of Double(float64 (2,))"),
    Wrong("backward without return, of two",
          lambda: differentiated(lambda self, gy: None, lambda self, a, b: a + b, inputs=2), ValueError,
          "Double.backward returned 1 of 2 gradients; input 1, float64 (2,), wants one too (return None for it "
          "if it has none)\n"
          "in the backward of Double(float64 (2,), float64 (2,))"),
    Wrong("backward with too few gradients",
          lambda: differentiated(lambda self, gy: gy, lambda self, a, b: a + b, inputs=2), ValueError,
          "Double.backward returned 1 of 2 gradients; input 1, float64 (2,), wants one too (return None for it "
          "if it has none)\n"
          "in the backward of Double(float64 (2,), float64 (2,))"),
    Wrong("backward with too many gradients", lambda: differentiated(lambda self, gy: (gy, gy)), ValueError,
          "Double.backward returned 2 gradients for 1 input\n"
          "in the backward of Double(float64 (2,))"),
    Wrong("backward of the wrong shape", lambda: differentiated(lambda self, gy: gy.sum()), ValueError,
          "Double.backward returned a gradient of shape () for an input of shape (2,); they must be equal"),
    Wrong("backward of the wrong shape, with a graph",
          lambda: differentiated(lambda self, gy: gy.sum(), create_graph=True), ValueError,
          "Double.backward returned a gradient of shape () for an input of shape (2,); they must be equal"),
    Wrong("backward that broadcasts", lambda: differentiated(lambda self, gy: F.broadcast_to(gy, (2, 2))), ValueError,
          "Double.backward returned a gradient of shape (2, 2) for an input of shape (2,); they must be equal"),
    Wrong("backward that returns a string", lambda: differentiated(lambda self, gy: "a"), TypeError,
          "expected a Variable, an array, a number or a list of numbers, got str\n"
          "in the backward of Double(float64 (2,))"),
    Wrong("backward that fails", lambda: differentiated(lambda self, gy: gy.reshape(5)), ValueError,
          "cannot reshape array of size 2 into shape (5,)\n"
          "in Reshape(float64 (2,)) with shape=(5,)\n"
          "in the backward of Double(float64 (2,))"),
    Wrong("backward that leaves NumPy's array alone",
          lambda: differentiated(lambda self, gy: np.median(gy)), TypeError,
          "np.median has no differentiable form for Variables: use a function of dezero.functions, or give it "
          "x.data where no gradient is wanted\n"
          "in the backward of Double(float64 (2,))"),
    # -- settings --------------------------------------------------------------------------------------
    Wrong("a setting that there is not", lambda: dezero.using_config("traning", True).__enter__(), AttributeError,
          "Config has no setting 'traning'; it has enable_backprop, train"),
    Wrong("a setting that there is not, read", lambda: dezero.Config.enable_grad, AttributeError,
          "Config has no setting 'enable_grad'; it has enable_backprop, train"),
    Wrong("a setting that there is not, written", lambda: setattr(dezero.Config, "is_train", True), AttributeError,
          "Config has no setting 'is_train'; it has enable_backprop, train"),
    Wrong("test_mode of a model", lambda: dezero.test_mode(x), TypeError,
          "test_mode() takes 0 positional arguments but 1 was given"),
    Wrong("no_grad as a decorator without parentheses", lambda: dezero.no_grad(lambda: x), TypeError,
          "no_grad() takes 0 positional arguments but 1 was given"),
    # -- two devices -----------------------------------------------------------------------------------
    Wrong("a sum of two devices", lambda: mixed(lambda a, b: a + b, np.ones(3), np.ones(3)), TypeError,
          "cupy.ndarray.__add__: Unsupported type <class 'numpy.ndarray'>, of shape (3,)\n"
          "in Add(float64 (3,) of cupy, float64 (3,) of numpy)\n"
          "the arrays are on different devices: move them to one, by to_gpu() or to_cpu() of the model or the "
          "Variable"),
    Wrong("a product of two devices", lambda: mixed(lambda a, b: b * a, np.ones(3), np.ones(3)), TypeError,
          "cupy.multiply: Unsupported type <class 'numpy.ndarray'>, of shape (3,)\n"
          "in Mul(float64 (3,) of numpy, float64 (3,) of cupy)\n"
          "the arrays are on different devices: move them to one, by to_gpu() or to_cpu() of the model or the "
          "Variable"),
    Wrong("a matrix product of two devices", lambda: mixed(F.matmul, np.ones((2, 3)), np.ones((3, 2))), TypeError,
          "cupy.ndarray.dot: Unsupported type <class 'numpy.ndarray'>, of shape (3, 2)\n"
          "in MatMul(float64 (2, 3) of cupy, float64 (3, 2) of numpy)\n"
          "the arrays are on different devices: move them to one, by to_gpu() or to_cpu() of the model or the "
          "Variable"),
    Wrong("a linear map with weights on another device",
          lambda: mixed(F.linear, np.ones((2, 3)), np.ones((3, 2)), np.ones(2)), TypeError,
          "cupy.ndarray.dot: Unsupported type <class 'numpy.ndarray'>, of shape (3, 2)\n"
          "in Linear(float64 (2, 3) of cupy, float64 (3, 2) of numpy, float64 (2,) of numpy)\n"
          "the arrays are on different devices: move them to one, by to_gpu() or to_cpu() of the model or the "
          "Variable"),
    Wrong("images of two devices",
          lambda: mixed(lambda a, b: F.concatenate([a, b]), np.ones((2, 3)), np.ones((2, 3))), TypeError,
          "cupy.concatenate: Unsupported type <class 'numpy.ndarray'>, of shape (2, 3)\n"
          "in Concatenate(float64 (2, 3) of cupy, float64 (2, 3) of numpy) with axis=0\n"
          "the arrays are on different devices: move them to one, by to_gpu() or to_cpu() of the model or the "
          "Variable"),
    Wrong("a stack of two devices", lambda: mixed(lambda a, b: F.stack([a, b]), np.ones(3), np.ones(3)), TypeError,
          "cupy.stack: Unsupported type <class 'numpy.ndarray'>, of shape (3,)\n"
          "in Stack(float64 (3,) of cupy, float64 (3,) of numpy) with axis=0\n"
          "the arrays are on different devices: move them to one, by to_gpu() or to_cpu() of the model or the "
          "Variable"),
    Wrong("a convolution with weights on another device",
          lambda: mixed(F.conv2d, np.ones((1, 1, 4, 4)), np.ones((1, 1, 3, 3))), TypeError,
          "cupy.result_type: Unsupported type <class 'numpy.ndarray'>, of shape (1, 1, 3, 3)\n"
          "in Conv2d(float64 (1, 1, 4, 4) of cupy, float64 (1, 1, 3, 3) of numpy) with "
          "window=Window(kernel...lation=(1, 1)), groups=1\n"
          "the arrays are on different devices: move them to one, by to_gpu() or to_cpu() of the model or the "
          "Variable"),
    Wrong("a batch norm with statistics on another device",
          lambda: mixed(F.batch_norm, np.ones((4, 3)), np.ones(3), np.zeros(3)), TypeError,
          "cupy.ndarray.__mul__: Unsupported type <class 'numpy.ndarray'>, of shape (1, 3)\n"
          "in BatchNorm(float64 (4, 3) of cupy, float64 (3,) of numpy, float64 (3,) of numpy) with axes=(0,), "
          "shape=(1, 3), eps=2e-05, count=4\n"
          "the arrays are on different devices: move them to one, by to_gpu() or to_cpu() of the model or the "
          "Variable"),
    Wrong("an error between two devices",
          lambda: mixed(F.mean_squared_error, np.ones((2, 3)), np.ones((2, 3))), TypeError,
          "cupy.ndarray.__sub__: Unsupported type <class 'numpy.ndarray'>, of shape (2, 3)\n"
          "in MeanSquaredError(float64 (2, 3) of cupy, float64 (2, 3) of numpy) with reduction='mean'\n"
          "the arrays are on different devices: move them to one, by to_gpu() or to_cpu() of the model or the "
          "Variable"),
    Wrong("a choice between two devices",
          lambda: mixed(lambda a, b: F.where(np.array([True]), a, b), np.ones(3), np.ones(3)), TypeError,
          "cupy.where: Unsupported type <class 'numpy.ndarray'>, of shape (1,)\n"
          "in Where(float64 (3,) of cupy, float64 (3,) of numpy)\n"
          "the arrays are on different devices: move them to one, by to_gpu() or to_cpu() of the model or the "
          "Variable"),
    Wrong("attention of two devices",
          lambda: mixed(F.scaled_dot_product_attention, np.ones((2, 3)), np.ones((2, 3)), np.ones((2, 3))), TypeError,
          "cupy.matmul: Unsupported type <class 'numpy.ndarray'>, of shape (3, 2)\n"
          "in ScaledDotProductAttention(float64 (2, 3) of cupy, float64 (2, 3) of numpy, float64 (2, 3) of "
          "numpy, None)\n"
          "the arrays are on different devices: move them to one, by to_gpu() or to_cpu() of the model or the "
          "Variable"),
    Wrong("an array of NumPy's and a Variable of the device",
          lambda: numpy_module_meets(lambda there: np.ones(3) + Variable(there(np.ones(3)))), TypeError,
          "cupy.add: Unsupported type <class 'numpy.ndarray'>, of shape (3,)\n"
          "in Add(float64 (3,) of numpy, float64 (3,) of cupy)\n"
          "the arrays are on different devices: move them to one, by to_gpu() or to_cpu() of the model or the "
          "Variable"),
    # -- debug -----------------------------------------------------------------------------------------
    Wrong("an array changed between forward and backward", lambda: in_debug(changed_in_place), RuntimeError,
          "input 0 of Sin, float64 (2,), was changed between forward and backward, so its gradient would be "
          "wrong: change a copy, or compute forward anew\n"
          "Sin was applied at …"),
]  # fmt: skip
