"""The engine: variables, functions, and backpropagation to any order.

A `Variable` holds an array. A `Function` turns arrays into arrays and, while recording is on, remembers its inputs, and
its outputs remember it as their creator: that is the graph. `backprop` walks the graph from the result back to
the leaves and asks each Function for the vector-Jacobian product of its step.

One sentence explains higher derivatives: **forward sees arrays, backward sees Variables**, so a gradient computed with
`create_graph=True` is the result of Functions itself and can be differentiated again. Where no graph of the gradient
is wanted, the same formulas run on bare arrays, which is faster.

The file holds the smallest set of Functions that is closed under differentiation: gradients are added, so the engine
needs `Add`; addition broadcasts, so it needs `sum_to`, whose adjoint is `broadcast_to`. Everything else lives in
`dezero.functions`, which gives the engine its names and the class `Variable` its further methods.
"""

from __future__ import annotations

import reprlib
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from heapq import heappop, heappush
from operator import index
from sys import getrefcount
from types import ModuleType
from typing import TYPE_CHECKING, TypeAlias, overload
from weakref import ref

import numpy as np

from dezero import cuda
from dezero._kernels import elementwise as kernels
from dezero._kernels.arithmetic import difference_gradients, product_gradients, quotient_gradients
from dezero._kernels.reduction import summed_to
from dezero._like_array import LikeArray, bare
from dezero._operands import called, explain, operand
from dezero.config import Config, Place, enter, no_grad, outside, recording, test_mode, using_config, watching
from dezero.cuda import NUMBERS, Array, ArrayLike, as_array

__all__ = [
    "Add", "AsType", "BroadcastTo", "Config", "Div", "Function", "Mul", "Neg", "Parameter", "Pow", "Sub", "SumTo",
    "Variable", "add", "as_array", "as_operand", "as_variable", "astype", "binary", "broadcast_to", "div",
    "from_dlpack", "grad", "mul", "neg", "no_grad", "pow", "rdiv", "rsub", "setup_variable", "sub", "sum_to",
    "test_mode", "unary", "using_config", "walk",
]  # fmt: skip

Operand: TypeAlias = "Variable | ArrayLike"

functions = ModuleType("functions")  # dezero.functions puts itself here: what formulas find under `m` on Variables

ndarray, generic, asarray, new = np.ndarray, np.generic, np.asarray, object.__new__
_ONE, _BOTH = (True,), (True, True)


class Variable(LikeArray):
    """An array that remembers how it was computed, so that derivatives can be taken.

    Parameters
    ----------
    data : array or NumPy scalar or None
        Any shape and any numeric dtype; arrays are not copied. A NumPy scalar is taken as a 0-dimensional array.
    name : str, optional
        For messages and pictures.

    Attributes
    ----------
    data : array or None
        May be replaced freely (``x.data = x.data - lr * x.grad.data``).
    grad : Variable or None
        The derivative of the last result whose `backward` was called, of the shape of `data`.
    creator : Function or None
        What computed this variable; None for a leaf of the graph.
    generation : int
        Length of the longest chain of Functions that led here.

    Raises
    ------
    TypeError
        For a Python number, a list or anything else that is no array; `as_variable` takes numbers and lists.

    Examples
    --------
    >>> x = Variable(np.array(3.0))
    >>> y = x ** 2 + 2 * x
    >>> y.backward()
    >>> y, x.grad
    (variable(15.0), variable(8.0))
    """

    __slots__ = ("data", "name", "grad", "creator", "generation", "__weakref__", "__dict__")
    __array_priority__ = 200
    _unrecorded = False  # True for a result or gradient computed while recording was off

    data: Array
    name: str | None
    grad: Variable | None
    creator: Function | None
    generation: int

    def __init__(self, data: Array | np.generic | None, name: str | None = None) -> None:
        if data is not None:
            if isinstance(data, np.generic):
                data = asarray(data)
            elif not cuda.is_array(data):
                raise TypeError(f"{type(data)} is not supported; Variable wants an array, dezero.as_variable(x) takes "
                                "numbers and lists too")  # fmt: skip
            if data.dtype.kind not in "biufc":
                raise TypeError(f"an array of dtype {data.dtype} is not supported; Variable wants numbers")
        self.data = data  # type: ignore[assignment]  # None until a lazy parameter is first used
        self.name = name
        self.grad = self.creator = None
        self.generation = 0

    # -- copy and pickle ---------------------------------------------------------------------------

    def __getstate__(self) -> dict[str, object]:
        """For copy and pickle: data, name, gradient and the user's own attributes; the graph stays behind."""
        own = {k: v for k, v in self.__dict__.items() if k != "_unrecorded"}
        return own | {"data": self.data, "name": self.name, "grad": self.grad}

    def __setstate__(self, state: dict[str, object]) -> None:
        self.creator, self.generation = None, 0
        for key, value in state.items():
            setattr(self, key, value)

    # -- the graph ---------------------------------------------------------------------------------

    def set_creator(self, f: Function) -> None:
        """Record f as the Function that computed this variable."""
        self.creator = f
        self.generation = f.generation + 1

    def unchain(self) -> None:
        """Forget how this variable was computed: it becomes a leaf."""
        _freed(self).creator = None

    def unchain_backward(self) -> None:
        """Turn every variable that this one was computed from into a leaf (truncated backpropagation through time)."""
        for f in list(walk(self)):
            for x in f.inputs:
                x.unchain()

    def cleargrad(self) -> None:
        """Forget the gradient; without this, `backward` adds to it."""
        self.grad = None

    def detach(self) -> Variable:
        """Return a leaf with the same data: no gradient flows through it."""
        return Variable(as_array(self.data), self.name)

    def backward(self, retain_grad: bool = False, create_graph: bool = False) -> None:
        """Add the derivative of this variable into `.grad` of every leaf that it depends on.

        Parameters
        ----------
        retain_grad : bool
            Also set `.grad` of the variables between, and keep this one's. Those are the derivatives of this call
            alone, while the leaves add up over calls.
        create_graph : bool
            Let the gradients carry graphs of their own, for derivatives of higher order. They then refer back to
            their leaves: memory is freed at once only after `cleargrad`.

        Raises
        ------
        RuntimeError
            If this variable was computed under `no_grad`, or as a gradient without `create_graph`.
        ValueError, TypeError
            If a Function on the way returned too many or too few gradients, or one of a wrong shape or kind.

        Notes
        -----
        The derivative starts from this variable's own `.grad`, if that was set before (an upstream gradient, an
        array or a number), and else from ones; for a non-scalar result that is the derivative of the sum of its
        elements. The starting value is cleared afterwards unless `retain_grad`. On a leaf, `backward` sets the
        gradient to the starting value: the derivative of x by x is 1.

        Examples
        --------
        >>> x, y = Variable(np.array(10.0)), Variable(np.array(5.0))
        >>> z = x * y
        >>> z.grad = 1.2                       # what flows in from the right
        >>> z.backward()
        >>> x.grad, y.grad
        (variable(6.0), variable(12.0))
        """
        if not isinstance(retain_grad, (bool, np.bool_, int)):
            raise TypeError(f"backward expects retain_grad as True or False, got {type(retain_grad).__name__}; to "
                            "start from a gradient, set y.grad before, or call dezero.grad(y, x, gy)")  # fmt: skip
        seed = _seed(self, self.grad, "backward")
        wanted = _behind(self) if retain_grad else None
        for x, gx in backprop(self, seed, create_graph, wanted, keep=retain_grad).items():
            if x.creator is None and x is not self and x.grad is not None:
                with using_config("enable_backprop", create_graph):
                    gx = _added(x, gx)
            x.grad = gx
        self.grad = _freed(seed) if retain_grad or self.creator is None else None

    # -- operators ---------------------------------------------------------------------------------

    def __add__(self, other: Operand) -> Variable:
        return binary(Add(), self, other)

    def __radd__(self, other: Operand) -> Variable:
        return binary(Add(), other, self)

    def __sub__(self, other: Operand) -> Variable:
        return binary(Sub(), self, other)

    def __rsub__(self, other: Operand) -> Variable:
        return binary(Sub(), other, self)

    def __mul__(self, other: Operand) -> Variable:
        return binary(Mul(), self, other)

    def __rmul__(self, other: Operand) -> Variable:
        return binary(Mul(), other, self)

    def __truediv__(self, other: Operand) -> Variable:
        return binary(Div(), self, other)

    def __rtruediv__(self, other: Operand) -> Variable:
        return binary(Div(), other, self)

    def __neg__(self) -> Variable:
        return unary(Neg(), self)

    def __pos__(self) -> Variable:
        return self

    def __pow__(self, exponent: Operand) -> Variable:
        if isinstance(exponent, NUMBERS):
            return pow(self, exponent)  # type: ignore[arg-type]
        return functions.power(self, exponent)

    if TYPE_CHECKING:  # the methods that dezero.functions binds: x.sum(), x.reshape(), x @ w ...
        T: Variable

        def __getattr__(self, name: str) -> Callable[..., Variable]: ...
        def __getitem__(self, slices: object) -> Variable: ...
        def __abs__(self) -> Variable: ...
        def __matmul__(self, other: Operand) -> Variable: ...
        def __rmatmul__(self, other: Operand) -> Variable: ...
        def __floordiv__(self, other: Operand) -> Variable: ...
        def __rfloordiv__(self, other: Operand) -> Variable: ...
        def __mod__(self, other: Operand) -> Variable: ...
        def __rmod__(self, other: Operand) -> Variable: ...
        def __rpow__(self, other: Operand) -> Variable: ...


class Parameter(Variable):
    """A Variable that a Layer collects and an Optimizer updates.

    Attributes
    ----------
    frozen : bool, default False
        Whether optimizers leave it as it is; `Layer.freeze` sets it.

    Examples
    --------
    >>> Parameter(np.zeros(2), name="b")
    variable([0. 0.])
    """

    frozen = False


class _Constant(Variable):
    """A number or array that the graph wrapped by itself, or a result of nothing else: no gradient is computed for it.

    A Python number stays a Python number, because NumPy gives those the dtype of the arrays they meet.
    """

    def __reduce__(self) -> tuple:
        return Variable, (self._array(), self.name)


def as_variable(x: Operand) -> Variable:
    """Return x itself if it is a Variable, else a new Variable of x.

    Parameters
    ----------
    x : Variable, array, number or (nested) list of numbers

    Raises
    ------
    TypeError
        For anything else, such as a list with a Variable in it: `dezero.functions.stack` joins Variables.
    ValueError
        For a list whose rows differ in length.

    Examples
    --------
    >>> as_variable([1.0, 2.0])
    variable([1. 2.])
    """
    return x if isinstance(x, Variable) else Variable(as_array(operand(x)))


def from_dlpack(x: object) -> Variable:
    """Return a Variable that shares the memory of another library's array (PyTorch, JAX, CuPy ...), by DLPack.

    Raises
    ------
    TypeError
        If x does not speak DLPack.

    Examples
    --------
    >>> a = np.arange(3.0)
    >>> from_dlpack(a).data is not a, np.shares_memory(from_dlpack(a).data, a)
    (True, True)
    """
    if not hasattr(x, "__dlpack__"):
        raise TypeError(f"from_dlpack wants an array with __dlpack__, got {type(x).__name__}")
    return Variable(cuda.from_dlpack(x))


def setup_variable() -> None:
    """Do nothing; kept because scripts call it. The operators are ordinary methods of Variable."""


def _constant(x: object, beside: object = None) -> _Constant:
    c = new(_Constant)
    c.data = x if type(x) is float else operand(x, beside)  # type: ignore[assignment]
    c.name = c.grad = c.creator = None
    c.generation = 0
    return c


def as_operand(x: Operand) -> Variable:
    """Return x itself if it is a Variable, else the constant that an operation would wrap it in.

    For a function that looks at x before it applies an operation; `as_variable` makes a leaf that wants a gradient.

    Examples
    --------
    >>> as_operand(2.0).shape
    ()
    """
    return x if isinstance(x, Variable) else _constant(as_array(operand(x)))


def _freed(x: Variable) -> Variable:
    """x itself, made a variable like any other if it was a constant."""
    if type(x) is _Constant:
        x.__class__ = Variable  # type: ignore[assignment]  # both have the same slots
    return x


# -- functions: how an operation is applied and recorded -------------------------------------------


class Function:
    """A differentiable operation; the base class of every operation, yours too.

    A subclass defines ``forward(self, *xs)``, which gets arrays and returns an array or a tuple of arrays, and one of

    - ``backward(self, *gys)``: gets the gradients of the outputs as Variables and returns those of the inputs, None
      for an input without one. Write it with operations on Variables (``self.inputs``), and every order of derivative
      follows;
    - ``vjp(self, m, gy, *xs)``: the same as one formula for two worlds. `m` is NumPy and all others are arrays, or `m`
      is `dezero.functions` and all others are Variables. With several outputs, `gy` is a tuple.

    Attributes
    ----------
    broadcasts : bool
        Class attribute: whether gradients may come back in the broadcast shape, for the engine to sum to the input's.
    inputs : tuple of Variable
        Set by the call; numbers and arrays are wrapped, None becomes a Variable without data.
    outputs : tuple of weak references to Variable
        ``self.outputs[0]()`` is the first output.
    generation : int
        The largest generation of the inputs.
    needs_grad : tuple of bool
        Which inputs want a gradient; whatever is returned for the others is not looked at.
    place : Place
        In which call of which layer it was applied.

    Examples
    --------
    >>> class Square(Function):
    ...     def forward(self, x):
    ...         return x ** 2
    ...     def backward(self, gy):
    ...         x, = self.inputs
    ...         return 2 * x * gy
    >>> x = Variable(np.array(5.0))
    >>> y = Square()(x)
    >>> y.backward()
    >>> x.grad
    variable(10.0)
    """

    __slots__ = ("inputs", "_outputs", "generation", "needs_grad", "place", "__weakref__", "__dict__")
    broadcasts = False
    _by_formula = True  # whether the gradient comes from vjp and not from an overridden backward

    inputs: tuple[Variable, ...]
    generation: int
    needs_grad: tuple[bool, ...]
    place: Place
    _outputs: ref[Variable] | tuple[ref[Variable], ...]  # one, as nearly always, without a tuple around it

    def __init_subclass__(cls) -> None:
        definer = next(c for c in cls.__mro__ if "backward" in vars(c) or "vjp" in vars(c))
        cls._by_formula = definer is Function or "backward" not in vars(definer)

    @property
    def outputs(self) -> tuple[ref[Variable], ...]:
        """Weak references to the outputs, so that a result nobody holds takes its graph with it."""
        return self._outputs if isinstance(self._outputs, tuple) else (self._outputs,)

    def forward(self, *xs: Array) -> Array | tuple[Array, ...]:
        """Compute the outputs; every subclass defines it."""
        raise NotImplementedError(f"{type(self).__name__} has no forward(self, *xs): define it, from arrays to arrays")

    def backward(self, *gys: Variable) -> Variable | tuple[Variable | None, ...] | None:
        """Return the gradients of the inputs, given those of the outputs."""
        return self.vjp(functions, gys[0] if len(self.outputs) == 1 else gys, *self.inputs)

    def vjp(self, m, gy, *xs):  # untyped, as all formulas: arrays in one world, Variables in the other
        """Return the gradients of the inputs as one formula for arrays and for Variables."""
        raise NotImplementedError(f"{type(self).__name__} has no backward(self, *gys): define it, from Variables to "
                                  "Variables")  # fmt: skip

    def output(self, m):
        """The output as the world of `m` sees it, for formulas in which it saves work (tanh' = 1 - y^2)."""
        y = self.outputs[0]()
        return y if m is functions else y.data

    def __call__(self, *inputs: Operand | None) -> Variable | list[Variable]:
        """Apply the operation; return one Variable, or a list of them if forward returned several arrays."""
        if hasattr(self, "inputs"):
            self._leave_record()
        try:
            variables = _wrapped(inputs)
            outputs = _outputs(self.forward(*[x.data for x in variables]))
        except Exception as error:
            explain(error, self, inputs)
            raise
        place = recording()
        if place is not None:
            needs, generation = [], 0
            for x in variables:
                needs.append(type(x) is not _Constant and x.data is not None)
                if x.generation > generation:
                    generation = x.generation
            self.inputs, self.place, self.needs_grad, self.generation = variables, place, tuple(needs), generation
            for y in outputs:
                y.creator, y.generation = self, generation + 1
                if True not in needs:
                    y.__class__ = _Constant
            if len(outputs) == 1:
                self._outputs = ref(outputs[0])
            else:  # the signature is for the gradients of outputs that are dropped
                self._outputs = tuple([ref(y) for y in outputs])
                self._signature = tuple([(y.data.shape, y.data.dtype) for y in outputs])
            if place.watch is not None:
                place.watch.applied(self, outputs)
        else:
            for y in outputs:
                y._unrecorded = True
        return outputs[0] if len(outputs) == 1 else outputs

    def __getstate__(self) -> dict[str, object]:
        """For copy and pickle: the operation's own attributes; the graph stays behind."""
        return self.__dict__

    def __setstate__(self, state: dict[str, object]) -> None:
        self.__dict__.update(state)

    def _twin(self) -> Function:
        """A shallow copy that stands at the same place of the graph."""
        twin = new(type(self))
        twin.__dict__.update(self.__dict__)
        twin.inputs, twin._outputs, twin.generation = self.inputs, self._outputs, self.generation
        twin.needs_grad, twin.place = self.needs_grad, self.place
        return twin

    def _leave_record(self) -> None:
        """Hand the last application to a twin before the next one overwrites what it keeps."""
        twin = self._twin()
        for output in self.outputs:
            y = output()
            if y is not None and y.creator is self:
                y.creator = twin
        del self.inputs

    def _for(self, wanted: Collection[Variable]) -> Function:
        """This function, or a twin of it whose `needs_grad` names the wanted inputs."""
        needs = tuple([x in wanted for x in self.inputs])
        if needs == self.needs_grad:
            return self
        twin = self._twin()
        twin.needs_grad = needs
        return twin


def _wrapped(inputs):
    """The inputs as Variables; a Python number becomes an array of the dtype that it takes among the others."""
    for x in inputs:
        if not isinstance(x, Variable):
            break
    else:
        return inputs
    known = [a for a in map(bare, inputs) if cuda.is_array(a)]
    known = [a for a in known if a.dtype.kind in "fc"] or known  # labels widen nothing
    xp = cuda.get_array_module(known[0] if known else None)

    def wrapped(x):
        if x is None or isinstance(x, Variable):
            return x if x is not None else Variable(None)
        c = _constant(x, known[0] if known else None)
        if isinstance(c.data, NUMBERS):
            c.data = xp.asarray(c.data, dtype=np.result_type(c.data, *known))
        return c

    return tuple([wrapped(x) for x in inputs])


def _outputs(ys):
    """The arrays that forward returned, as Variables."""
    if type(ys) is ndarray:
        return [Variable(ys)]
    outputs = []
    for y in ys if isinstance(ys, tuple) else (ys,):
        if y is None or not (isinstance(y, NUMBERS) or cuda.is_array(y)):
            hint = ": is a return missing?" if y is None else ""
            raise TypeError(f"forward must return an array or a tuple of arrays, got {type(y).__name__}{hint}")
        outputs.append(Variable(as_array(y)))
    return outputs


def unary(f: Function, x: Operand) -> Variable:
    """Apply a new Function of one input and one output: `Function.__call__` without its generality, for speed.

    Examples
    --------
    >>> unary(Neg(), np.array([1.0, 2.0]))
    variable([-1. -2.])
    """
    try:
        if not isinstance(x, Variable):
            x = _constant(as_array(operand(x)))
        data = x.data
        y = f.forward(data[()] if type(data) is ndarray and not data.shape else data)  # see binary
    except Exception as error:
        explain(error, f, (x,))
        raise
    out = new(Variable)
    out.data = y if type(y) is ndarray else asarray(y) if isinstance(y, generic) else as_array(y)
    out.name = out.grad = None
    place = recording()
    if place is None:
        out.creator, out.generation, out._unrecorded = None, 0, True
        return out
    f.inputs, f._outputs = (x,), ref(out)
    f.needs_grad, f.place = _ONE, place
    out.creator = f
    f.generation = generation = x.generation
    out.generation = generation + 1
    if type(x) is _Constant:
        f.needs_grad, out.__class__ = (False,), _Constant
    if place.watch is not None:
        place.watch.applied(f, (out,))
    return out


def binary(f: Function, x0: Operand, x1: Operand) -> Variable:
    """Apply a new Function of two inputs and one output, likewise; Python numbers reach `forward` as they are.

    Examples
    --------
    >>> binary(Add(), np.array([1.0, 2.0], dtype=np.float32), 0.5).dtype
    dtype('float32')
    """
    try:
        if not isinstance(x0, Variable):
            x0 = _constant(x0, x1)
        if not isinstance(x1, Variable):
            x1 = _constant(x1, x0)
        data0, data1 = x0.data, x1.data
        if type(data0) is ndarray and not data0.shape:
            data0 = data0[()]  # arithmetic on scalars costs NumPy a fifth of that on 0-dimensional arrays
        if type(data1) is ndarray and not data1.shape:
            data1 = data1[()]
        y = f.forward(data0, data1)
    except Exception as error:
        explain(error, f, (x0, x1))
        raise
    out = new(Variable)
    if type(y) is ndarray:
        out.data = y
    elif isinstance(y, generic):
        out.data = asarray(y)
    else:
        out.data = as_array(y)
        if not isinstance(out.data, ndarray):
            x0, x1 = _on_gpu(x0), _on_gpu(x1)
    out.name = out.grad = None
    place = recording()
    if place is None:
        out.creator, out.generation, out._unrecorded = None, 0, True
        return out
    f.inputs, f._outputs = (x0, x1), ref(out)
    f.needs_grad, f.place = _BOTH, place
    out.creator = f
    generation = x0.generation
    if x1.generation > generation:
        generation = x1.generation
    f.generation = generation
    out.generation = generation + 1
    if type(x0) is _Constant or type(x1) is _Constant:
        f.needs_grad = needs = (type(x0) is not _Constant, type(x1) is not _Constant)
        if not any(needs):
            out.__class__ = _Constant
    if place.watch is not None:
        place.watch.applied(f, (out,))
    return out


def _on_gpu(x):
    """x, but a constant array of NumPy's moved to CuPy, which takes scalars of NumPy's and no 0-dimensional arrays."""
    return _constant(cuda.as_cupy(x.data)) if type(x) is _Constant and isinstance(x.data, ndarray) else x


# -- backpropagation -------------------------------------------------------------------------------


def walk(*ys: Variable) -> Iterator[Function]:
    """Yield the Functions behind ys, each once, latest generation first, in linear time and without recursion.

    Parameters
    ----------
    *ys : Variable

    Examples
    --------
    >>> x = Variable(np.array(2.0))
    >>> [type(f).__name__ for f in walk(-(x * x))]
    ['Neg', 'Mul']
    """
    queue: list[tuple[int, int, Function]] = []
    seen: set[Function] = set()
    frontier: Sequence[Variable] = ys
    for y in ys:
        if not isinstance(y, Variable):
            raise TypeError(f"walk expects Variables, got {type(y).__name__}")
    while True:
        for x in frontier:
            f = x.creator
            if f is not None and f not in seen:
                seen.add(f)
                heappush(queue, (-f.generation, len(seen), f))
        if not queue:
            return
        f = heappop(queue)[2]
        yield f
        frontier = f.inputs


def backprop(
    y: Variable, gy: Variable, create_graph: bool, wanted: Collection[Variable] | None = None, keep: bool = False
) -> dict[Variable, Variable]:
    """Send the gradient gy back from y; the one engine behind `Variable.backward` and `grad`.

    Parameters
    ----------
    y, gy : Variable
        A result, and its gradient of the same shape.
    create_graph : bool
        Whether the gradients are to carry graphs. If not, the work is done on bare arrays.
    wanted : set of Variable, optional
        Compute gradients for these only; by default for all but constants.
    keep : bool
        Whether to return the gradients of the variables between, too, and not only those of the leaves.

    Returns
    -------
    dict
        From variable to gradient; no two gradients share memory.

    Raises
    ------
    ValueError, TypeError
        If a Function returns too many or too few gradients, or one of a wrong shape or kind.
    """
    m = functions if create_graph else arrays
    grads: dict = {y: gy if create_graph else gy.data[()] if gy.data.shape == () else gy.data}
    take: Callable = grads.get if keep else grads.pop
    following = y.creator  # the next function, if it is known to come before all in the queue
    queue: list[tuple[int, int, Function]] = []
    ticket = 0  # breaks ties between functions of one generation
    gathered: set[Function] = set()
    place = _gradients_of(y) if create_graph else None
    watch, before = watching.get(), recording()
    try:
        enter(place)
        while following is not None or queue:
            if following is None:
                f = heappop(queue)[2]
            else:
                f, following = following, None
            inputs, output = f.inputs, f._outputs
            if type(output) is ref:
                g = take(output())
            elif f not in gathered:  # several outputs queue their function several times
                gathered.add(f)
                g = _of_outputs(f, take, create_graph)
            else:
                continue
            if wanted is not None:
                f = f._for(wanted)
                if True not in f.needs_grad:
                    continue
            if watch is not None:
                watch.before(f)
            try:
                xs: Sequence = inputs  # as the formula gets them
                if not f._by_formula:
                    gxs = _by_backward(f, g, create_graph)
                elif create_graph:
                    gxs = f.vjp(m, g, *inputs)
                elif len(inputs) == 1:
                    data0 = inputs[0].data
                    if type(data0) is ndarray and not data0.shape:
                        data0 = data0[()]  # see binary
                    xs = (data0,)
                    gxs = f.vjp(m, g, data0)
                elif len(inputs) == 2:
                    data0, data1 = inputs[0].data, inputs[1].data
                    if type(data0) is ndarray and not data0.shape:
                        data0 = data0[()]
                    if type(data1) is ndarray and not data1.shape:
                        data1 = data1[()]
                    xs = (data0, data1)
                    gxs = f.vjp(m, g, data0, data1)
                else:
                    gxs = f.vjp(m, g, *[x.data for x in inputs])
            except Exception as error:
                explain(error, f, inputs, "the backward of ")
                raise
            if type(gxs) is not tuple:
                gxs = (gxs,)
            if len(gxs) != len(inputs):
                gxs = _completed(f, gxs)
            if watch is not None:
                watch.derived(f, g, gxs)
            for x, given, gx, needed in zip(inputs, xs, gxs, f.needs_grad):
                if gx is None or not needed:
                    continue
                fits = type(gx) is type(given) and isinstance(gx, generic)  # scalars
                if not fits:
                    try:
                        array, like = gx.data if create_graph else gx, x.data
                        fits = array.shape == like.shape and array.dtype is like.dtype
                    except AttributeError:  # one of them is a Python number
                        pass
                    if not fits:
                        gx = _fitted(f, x, gx)
                if x in grads:
                    if fits and type(grads[x]) is ndarray and getrefcount(grads[x]) == 2 and _own(grads[x]):
                        grads[x] += gx  # held by grads alone, and by the call that counts
                    else:
                        grads[x] = grads[x] + gx
                    continue
                grads[x] = gx
                if (creator := x.creator) is None:
                    continue
                if following is None:
                    if not queue or creator.generation >= -queue[0][0]:
                        following = creator
                        continue
                elif creator.generation >= following.generation:
                    creator, following = following, creator
                ticket -= 1
                heappush(queue, (-creator.generation, ticket, creator))
        return _owned(grads, gy)
    except Exception as error:
        if watch is not None:
            watch.blame(error, f)
        raise
    finally:
        enter(before)


def _gradients_of(y):
    """The place of a gradient with a graph: one order of derivative above y, in the layer that asks for it."""
    order = 1 if y.creator is None else y.creator.place.order + 1
    return Place(recording() or outside(), order=order)


class _OnArrays:
    """What a formula finds under `m` when it runs on arrays: NumPy's functions, and ours where NumPy has none."""

    def __getattr__(self, name: str) -> Callable:
        function = getattr(np, name, None)
        if function is None:
            ours = getattr(functions, name)

            def function(*args, **kwargs):
                return ours(*args, **kwargs).data

        setattr(self, name, function)  # found once
        return function


arrays = _OnArrays()


def _own(array):
    """Whether an array that nobody else holds can be written to: it is no window on memory of somebody's."""
    return array.base is None and array.flags.owndata and array.flags.writeable


def _of_outputs(f, take, create_graph):
    """The gradients of several outputs, with zeros for an output that is dead or unused."""
    gys = [take(output(), None) for output in f.outputs]
    xp = cuda.get_array_module(f.inputs[0].data)
    for i, (shape, dtype) in enumerate(f._signature):
        if gys[i] is None:
            zeros = xp.zeros(shape, dtype)
            gys[i] = Variable(zeros) if create_graph else zeros
    return tuple(gys)


def _by_backward(f, g, create_graph):
    """The gradients that `f.backward` returns: Variables if they are to carry a graph, else arrays."""
    gys = g if isinstance(g, tuple) else (g,)
    if not create_graph:  # on copies: a backward that writes into its argument harms nobody else
        gys = tuple([Variable(as_array(gy).copy()) for gy in gys])
    result = f.backward(*gys)
    if result is None and len(f.inputs) == 1 and f.needs_grad[0]:
        raise TypeError(f"{type(f).__name__}.backward returned None: is a return missing? Where there is no gradient, "
                        "return (None,)")  # fmt: skip
    gxs = _completed(f, tuple(result) if isinstance(result, (tuple, list)) else (result,))
    kept = map(bare, (*f.inputs, *[output() for output in f.outputs], *vars(f).values()))
    held = [array for array in kept if cuda.is_array(array)]

    def private(gx):
        gx = as_variable(gx)
        data = gx.data
        if any([type(data) is type(array) and np.may_share_memory(data, array) for array in held]):  # may be written to
            gx = astype(gx, gx.dtype)
        return gx if create_graph else gx.data

    return tuple([private(gx) if needed and gx is not None else None for gx, needed in zip(gxs, f.needs_grad)])


def _completed(f, gxs):
    """The gradients with None for missing trailing ones, where the input can do without."""
    name, n = type(f).__name__, len(f.inputs)
    if len(gxs) == n:
        return gxs
    if len(gxs) > n:
        raise ValueError(f"{name}.backward returned {len(gxs)} gradients for {n} input{'s' * (n != 1)}")
    for i in range(len(gxs), n):
        x = f.inputs[i]
        if f.needs_grad[i] and x.data is not None and x.dtype.kind in "fc":
            raise ValueError(f"{name}.backward returned {len(gxs)} of {n} gradients; input {i}, {x.dtype} {x.shape}, "
                             "wants one too (return None for it if it has none)")  # fmt: skip
    return gxs + (None,) * (n - len(gxs))


def _fitted(f, x, gx):
    """The gradient gx of x, an input of f, in the shape and the dtype of x."""
    gx = as_variable(gx) if recording() else as_array(operand(bare(gx)))
    if gx.shape != x.shape:
        if not f.broadcasts:
            raise ValueError(f"{type(f).__name__}.backward returned a gradient of shape {gx.shape} for an input of "
                             f"shape {x.shape}; they must be equal")  # fmt: skip
        gx = sum_to(gx, x.shape) if isinstance(gx, Variable) else _sum_to(gx, x.shape)
    return _cast(gx, x.dtype)


def _cast(gx, dtype):
    """The gradient gx in a floating dtype; that of integer data stays as it was computed."""
    return gx.astype(dtype) if gx.dtype != dtype and dtype.kind == "f" and gx.dtype.kind in "biuf" else gx


def _owned(grads, gy):
    """The gradients as Variables, each with memory of its own, so that one may be written to in place."""
    taken = {id(gy.data)}
    for x, gx in grads.items():
        if not isinstance(gx, Variable):
            gx = Variable(as_array(gx))
            gx._unrecorded = True
        array = gx.data
        if id(array) in taken or array.base is not None or not array.flags.owndata:
            gx = astype(gx, array.dtype)
        taken.add(id(gx.data))
        grads[x] = _freed(gx)
    return grads


def _seed(y: Variable, gy: Operand | None, where: str) -> Variable:
    """The gradient that backpropagation from y starts with."""
    if y._unrecorded:
        raise RuntimeError(f"{where}: there is no graph to go back through, because this variable was computed under "
                           "no_grad(), or as a gradient without create_graph=True")  # fmt: skip
    data = y._array()
    if gy is None:
        dtype = float if data.dtype == bool else data.dtype
        return _constant(np.ones(data.shape, dtype) if type(data) is ndarray else np.ones_like(data, dtype))
    if isinstance(gy, NUMBERS):
        gy = np.full_like(data, gy, dtype=np.result_type(gy))
    gy = as_variable(gy)
    if gy.shape != data.shape:
        raise ValueError(f"{where}: the gradient to start from has shape {gy.shape}, the variable has {data.shape}")
    return _cast(gy, data.dtype)


def _added(x: Variable, gx: Variable) -> Variable:
    """The gradient that x has and a new one."""
    before = as_variable(x.grad)  # type: ignore[arg-type]  # there is one
    if before.shape != gx.shape:
        label = f"variable {x.name!r}" if x.name else "a variable"
        raise ValueError(f"backward adds to gradients, and {label} of shape {x.shape} has one of shape {before.shape}; "
                         "cleargrad() forgets it")  # fmt: skip
    return before + gx


def _behind(y: Variable) -> set[Variable]:
    """All variables of the graph of y but the numbers and arrays that it wrapped by itself."""
    return {x for f in walk(y) for x in f.inputs if x.creator is not None or type(x) is not _Constant}


def _reaching(y: Variable, xs: Sequence[Variable]) -> set[Variable]:
    """The variables between xs and y, both included."""
    wanted = set(xs)
    for f in reversed(list(walk(y))):
        if any([x in wanted for x in f.inputs]):
            wanted.update(v for output in f.outputs if (v := output()) is not None)
    return wanted


@overload
def grad(y: Variable, xs: Variable, gy: Operand | None = None, create_graph: bool = False) -> Variable: ...
@overload
def grad(
    y: Variable, xs: Sequence[Variable], gy: Operand | None = None, create_graph: bool = False
) -> list[Variable]: ...
def grad(
    y: Variable, xs: Variable | Sequence[Variable], gy: Operand | None = None, create_graph: bool = False
) -> Variable | list[Variable]:
    """Return the derivatives of y by xs, without touching anybody's `.grad`.

    Parameters
    ----------
    y : Variable
        The result; for a non-scalar, the sum of its elements is differentiated unless gy is given.
    xs : Variable or sequence of Variable
        What to differentiate by: leaves or variables between. Nothing is computed for other variables.
    gy : Variable, array or number, optional
        The gradient to start from, of the shape of y; a number is taken for every element. Ones by default.
    create_graph : bool
        Whether the derivatives can themselves be differentiated.

    Returns
    -------
    Variable or list of Variable
        As xs: one gradient, of the shape of its x, or a list of them; zeros where y does not depend on an x.

    Raises
    ------
    TypeError
        If an x is no Variable.
    ValueError
        If gy has another shape than y.
    RuntimeError
        If y was computed under `no_grad`, or as a gradient without `create_graph`.

    Examples
    --------
    >>> x = Variable(np.array(2.0))
    >>> gx = grad(x ** 3, x, create_graph=True)
    >>> gx, grad(gx, x)
    (variable(12.0), variable(12.0))
    """
    several = isinstance(xs, Iterable) and not isinstance(xs, Variable) and not cuda.is_array(xs)
    targets: list[Variable] = list(xs) if several else [xs]  # type: ignore[list-item]
    for x in (y, *targets):
        if not isinstance(x, Variable):
            raise TypeError(f"grad wants Variables, got {type(x).__name__}: wrap it before the computation, with "
                            "dezero.as_variable")  # fmt: skip
    between = any([x.creator is not None for x in targets])
    grads = backprop(y, _seed(y, gy, "grad"), create_graph, _reaching(y, targets), keep=between)
    gxs = [grads[x] if x in grads else Variable(np.zeros_like(x._array())) for x in targets]
    return gxs[0] if isinstance(xs, Variable) else gxs


# -- shape and dtype: what adding gradients needs --------------------------------------------------


class SumTo(Function):
    """Sum over the axes that broadcasting would stretch; the adjoint of BroadcastTo."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.shape = shape

    def forward(self, x):
        return _sum_to(x, self.shape)

    def vjp(self, m, gy, x):
        return m.broadcast_to(gy, x.shape)


class BroadcastTo(Function):
    """Repeat along new axes and along axes of size 1; the adjoint of SumTo."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.shape = shape

    def forward(self, x):
        return np.broadcast_to(x, self.shape)

    def vjp(self, m, gy, x):
        return m.sum_to(gy, x.shape)


class AsType(Function):
    """Convert to another dtype, always in new memory."""

    def __init__(self, dtype: np.dtype) -> None:
        self.dtype = dtype

    def forward(self, x):
        return x.astype(self.dtype)

    def vjp(self, m, gy, x):
        if self.dtype.kind not in "fc":
            return m.zeros_like(gy)  # rounding to integers: constant
        return gy.astype(x.dtype) if x.dtype.kind in "fc" else gy


def sum_to(x: Operand, shape: tuple[int, ...]) -> Variable:
    """Sum x over axes until it has the given shape: what broadcasting does to a value, undone for its gradient.

    Parameters
    ----------
    x : Variable or array
    shape : tuple of int
        A shape that broadcasts to that of x. Leading axes that it lacks are summed away, axes where it has 1 are
        summed and kept.

    Returns
    -------
    Variable, of the given shape
        x itself if it has that shape already.

    Raises
    ------
    TypeError
        If the shape is not made of integers.
    ValueError
        If the given shape does not broadcast to that of x.

    Examples
    --------
    >>> sum_to(np.arange(6).reshape(2, 3), (1, 3))
    variable([[3 5 7]])
    """
    x, shape = as_variable(x), _shape(shape)
    return x if x.shape == shape else unary(SumTo(shape), x)


def broadcast_to(x: Operand, shape: tuple[int, ...]) -> Variable:
    """Repeat x along new leading axes and along axes of size 1 until it has the given shape.

    Parameters
    ----------
    x : Variable or array
    shape : tuple of int

    Returns
    -------
    Variable, of the given shape
        x itself if it has that shape already.

    Raises
    ------
    TypeError
        If the shape is not made of integers.
    ValueError
        If the shape of x does not broadcast to the given one.

    Examples
    --------
    >>> broadcast_to(np.array([1, 2, 3]), (2, 3))
    variable([[1 2 3]
              [1 2 3]])
    """
    x, shape = as_variable(x), _shape(shape)
    return x if x.shape == shape else unary(BroadcastTo(shape), x)


def astype(x: Operand, dtype: np.dtype | type | str) -> Variable:
    """Convert x to a dtype; the gradient is converted back. Conversion to integers has derivative 0.

    Parameters
    ----------
    x : Variable or array
    dtype : NumPy dtype, or its name or type

    Returns
    -------
    Variable, of the shape of x, with new memory

    Raises
    ------
    TypeError
        If there is no such dtype, or it is none of numbers.

    Examples
    --------
    >>> astype(np.array([1.5, 2.5]), "float32").dtype
    dtype('float32')
    """
    try:
        wanted = np.dtype(dtype)
    except TypeError:
        raise TypeError(f"astype wants a dtype or the name of one, got {dtype!r}") from None
    if dtype is None or wanted.kind not in "biufc":
        raise TypeError(f"astype wants a dtype of numbers, got {dtype!r}")
    return unary(AsType(wanted), x)


def _shape(shape: int | Sequence[int]) -> tuple[int, ...]:
    if isinstance(shape, int):
        return (shape,)
    try:
        return tuple(map(index, shape))
    except TypeError:
        raise TypeError(f"{called()}expected integers as shape, got {reprlib.repr(shape)}") from None


def _sum_to(x: Array, shape: tuple[int, ...]) -> Array:
    lead = x.ndim - len(shape)
    if lead < 0 or any([n not in (1, m) for n, m in zip(shape, x.shape[lead:])]):
        raise ValueError(f"sum_to cannot bring shape {x.shape} to {shape}: {shape} does not broadcast to {x.shape}")
    return summed_to(x, shape)


# -- arithmetic ------------------------------------------------------------------------------------


class Add(Function):
    """x0 + x1, element by element."""

    broadcasts = True

    def forward(self, x0, x1):
        return x0 + x1

    def vjp(self, m, gy, x0, x1):
        return gy, gy


class Sub(Function):
    """x0 - x1, element by element."""

    broadcasts = True

    def forward(self, x0, x1):
        return x0 - x1

    def vjp(self, m, gy, x0, x1):
        if type(gy) is ndarray:
            return difference_gradients(gy, x0, x1, self.needs_grad)
        return gy, -gy if self.needs_grad[1] else None


class Mul(Function):
    """x0 * x1, element by element."""

    broadcasts = True

    def forward(self, x0, x1):
        return x0 * x1

    def vjp(self, m, gy, x0, x1):
        needs0, needs1 = self.needs_grad
        if type(gy) is ndarray:
            return product_gradients(gy, x0, x1, self.needs_grad)
        return gy * x1 if needs0 else None, gy * x0 if needs1 else None


class Div(Function):
    """x0 / x1, element by element."""

    broadcasts = True

    def forward(self, x0, x1):
        return x0 / x1

    def vjp(self, m, gy, x0, x1):
        if type(gy) is ndarray:
            return quotient_gradients(gy, x0, x1, self.needs_grad)
        gx0 = gy / x1
        return gx0, -gx0 * (x0 / x1) if self.needs_grad[1] else None  # never x1 ** 2, which underflows first


class Neg(Function):
    """-x, element by element."""

    def forward(self, x):
        return -x

    def vjp(self, m, gy, x):
        return -gy


class Pow(Function):
    """x ** c for a number c, element by element."""

    def __init__(self, c) -> None:
        self.c = c

    def forward(self, x):
        return kernels.power(x, self.c) if x.ndim else x**self.c

    def vjp(self, m, gy, x):
        c = self.c
        if c == 0:
            return m.zeros_like(gy)  # 0 * x ** -1 would be NaN at 0
        return gy * (c * (kernels.power(x, c - 1) if x.ndim else x ** (c - 1)))


def add(x0: Operand, x1: Operand) -> Variable:
    """Add two operands of shapes that broadcast.

    Examples
    --------
    >>> add(np.array([1.0, 2.0]), 3.0)
    variable([4. 5.])
    """
    return binary(Add(), x0, x1)


def sub(x0: Operand, x1: Operand) -> Variable:
    """Subtract x1 from x0; their shapes broadcast.

    Examples
    --------
    >>> sub(np.array([1.0, 2.0]), 3.0)
    variable([-2. -1.])
    """
    return binary(Sub(), x0, x1)


def rsub(x0: Operand, x1: Operand) -> Variable:
    """Subtract x0 from x1: `sub` with its operands exchanged.

    Examples
    --------
    >>> rsub(np.array([1.0, 2.0]), 3.0)
    variable([2. 1.])
    """
    return sub(x1, x0)


def mul(x0: Operand, x1: Operand) -> Variable:
    """Multiply two operands element by element; their shapes broadcast.

    Examples
    --------
    >>> mul(np.array([1.0, 2.0]), 3.0)
    variable([3. 6.])
    """
    return binary(Mul(), x0, x1)


def div(x0: Operand, x1: Operand) -> Variable:
    """Divide x0 by x1 element by element; their shapes broadcast.

    Examples
    --------
    >>> div(np.array([1.0, 2.0]), 4.0)
    variable([0.25 0.5 ])
    """
    return binary(Div(), x0, x1)


def rdiv(x0: Operand, x1: Operand) -> Variable:
    """Divide x1 by x0: `div` with its operands exchanged.

    Examples
    --------
    >>> rdiv(np.array([1.0, 2.0]), 4.0)
    variable([4. 2.])
    """
    return div(x1, x0)


def neg(x: Operand) -> Variable:
    """Change the sign of x.

    Examples
    --------
    >>> neg(np.array([1.0, -2.0]))
    variable([-1.  2.])
    """
    return unary(Neg(), x)


def pow(x: Operand, c: float) -> Variable:
    """Raise x to the power c, a number; `dezero.functions.power` takes a Variable as exponent, too.

    Parameters
    ----------
    x : Variable or array
    c : int or float
        With integer x, a negative c gives floating-point numbers.

    Raises
    ------
    TypeError
        If c is no number.

    Examples
    --------
    >>> pow(np.array([1.0, 2.0]), 3)
    variable([1. 8.])
    """
    if not isinstance(c, NUMBERS):
        raise TypeError(f"pow wants a number as exponent, got {type(c).__name__}; dezero.functions.power takes arrays "
                        "and Variables")  # fmt: skip
    if c < 0 and as_variable(x).dtype.kind in "biu":
        x = astype(x, float)
    return unary(Pow(c), x)
