"""Wrong uses: arithmetic, functions of each element, reductions, and shapes."""

import numpy as np

import dezero.functions as F
from dezero import Variable
from tests.wrong_uses.table import Wrong

x = Variable(np.ones((2, 3)))
i = Variable(np.array([1, 2, 3]))
cube = np.ones((2, 3, 4))

WRONG = [
    # -- arithmetic ------------------------------------------------------------------------------------
    Wrong("a number plus None", lambda: x + None, TypeError,
          "expected a Variable, an array, a number or a list of numbers, got NoneType\n"
          "in Add(float64 (2, 3), None)"),
    Wrong("None plus a number", lambda: None + x, TypeError,
          "expected a Variable, an array, a number or a list of numbers, got NoneType\n"
          "in Add(None, float64 (2, 3))"),
    Wrong("a string added", lambda: x + "1", TypeError,
          "expected a Variable, an array, a number or a list of numbers, got str\n"
          "in Add(float64 (2, 3), '1')"),
    Wrong("shapes that do not broadcast", lambda: x + np.ones((3, 2)), ValueError,
          "operands could not be broadcast together with shapes (2,3) (3,2) \n"
          "in Add(float64 (2, 3), float64 (3, 2))"),
    Wrong("a list with a Variable added", lambda: F.add(x, [x, x]), TypeError,
          "add expected a Variable, an array, a number or a list of numbers, got list with a Variable in it, "
          "whose graph it would lose; dezero.functions.stack makes one Variable of several\n"
          "in Add(float64 (2, 3), [variable([[1....  [1. 1. 1.]]), variable([[1....  [1. 1. 1.]])])"),
    Wrong("rows of two lengths added", lambda: F.add(x, [[1, 2], [3]]), ValueError,
          "add expected rows of one length, got [[1, 2], [3]]\n"
          "in Add(float64 (2, 3), [[1, 2], [3]])"),
    Wrong("a difference with a dict", lambda: x - {"a": 1}, TypeError,
          "expected a Variable, an array, a number or a list of numbers, got dict\n"
          "in Sub(float64 (2, 3), {'a': 1})"),
    Wrong("a difference from a set", lambda: {1.0} - x, TypeError,
          "expected a Variable, an array, a number or a list of numbers, got set\n"
          "in Sub({1.0}, float64 (2, 3))"),
    Wrong("a product of shapes that do not broadcast", lambda: x * Variable(np.ones(2)), ValueError,
          "operands could not be broadcast together with shapes (2,3) (2,) \n"
          "in Mul(float64 (2, 3), float64 (2,))"),
    Wrong("a product with a string array", lambda: x * np.array(["a", "b", "c"]), TypeError,
          "expected a Variable, an array, a number or a list of numbers, got an array of dtype <U1\n"
          "in Mul(float64 (2, 3), <U1 (3,))"),
    Wrong("a quotient by None", lambda: x / None, TypeError,
          "expected a Variable, an array, a number or a list of numbers, got NoneType\n"
          "in Div(float64 (2, 3), None)"),
    Wrong("a quotient of shapes that do not broadcast", lambda: x / np.ones((2, 2)), ValueError,
          "operands could not be broadcast together with shapes (2,3) (2,2) \n"
          "in Div(float64 (2, 3), float64 (2, 2))"),
    Wrong("a quotient of a function", lambda: np.sin / x, TypeError,
          "expected a Variable, an array, a number or a list of numbers, got ufunc\n"
          "in Div(<ufunc 'sin'>, float64 (2, 3))"),
    Wrong("minus a string, by name", lambda: F.neg("a"), TypeError,
          "neg expected a Variable, an array, a number or a list of numbers, got str\n"
          "in Neg('a')"),
    Wrong("add of one string", lambda: F.add("a", 1.0), TypeError,
          "add expected a Variable, an array, a number or a list of numbers, got str\n"
          "in Add('a', 1.0)"),
    Wrong("add of shapes that do not broadcast", lambda: F.add(np.ones(2), np.ones(3)), ValueError,
          "operands could not be broadcast together with shapes (2,) (3,) \n"
          "in Add(float64 (2,), float64 (3,))"),
    Wrong("sub of None", lambda: F.sub(x, None), TypeError,
          "sub expected a Variable, an array, a number or a list of numbers, got NoneType\n"
          "in Sub(float64 (2, 3), None)"),
    Wrong("rsub of None", lambda: F.rsub(x, None), TypeError,
          "rsub expected a Variable, an array, a number or a list of numbers, got NoneType\n"
          "in Sub(None, float64 (2, 3)) of rsub"),
    Wrong("mul of a list in a list with a Variable", lambda: F.mul(x, [[x]]), TypeError,
          "mul expected a Variable, an array, a number or a list of numbers, got list with a Variable in it, "
          "whose graph it would lose; dezero.functions.stack makes one Variable of several\n"
          "in Mul(float64 (2, 3), [[variable([[1....  [1. 1. 1.]])]])"),
    Wrong("div of an array of objects", lambda: F.div(x, np.array([None, 1])), TypeError,
          "div expected a Variable, an array, a number or a list of numbers, got an array of dtype object\n"
          "in Div(float64 (2, 3), object (2,))"),
    Wrong("rdiv of a string", lambda: F.rdiv(x, "2"), TypeError,
          "rdiv expected a Variable, an array, a number or a list of numbers, got str\n"
          "in Div('2', float64 (2, 3)) of rdiv"),
    Wrong("a Variable as exponent of pow", lambda: F.pow(x, x), TypeError,
          "pow wants a number as exponent, got Variable; dezero.functions.power takes arrays and Variables"),
    Wrong("a string as exponent", lambda: x ** "2", TypeError,
          "power expected a Variable, an array, a number or a list of numbers, got str\n"
          "in Power(float64 (2, 3), '2')"),
    Wrong("a string as exponent of power", lambda: F.power(x, "2"), TypeError,
          "power expected a Variable, an array, a number or a list of numbers, got str\n"
          "in Power(float64 (2, 3), '2')"),
    Wrong("exponents that do not broadcast", lambda: x ** np.ones(2), ValueError,
          "operands could not be broadcast together with shapes (2,3) (2,) \n"
          "in Power(float64 (2, 3), float64 (2,))"),
    Wrong("a modulo by None", lambda: x % None, TypeError,
          "mod expected a Variable, an array, a number or a list of numbers, got NoneType\n"
          "in Mod(float64 (2, 3), None)"),
    Wrong("a floor division of shapes that do not broadcast", lambda: x // np.ones(2), ValueError,
          "operands could not be broadcast together with shapes (2,3) (2,) \n"
          "in FloorDivide(float64 (2, 3), float64 (2,))"),
    Wrong("mod of a string", lambda: F.mod(x, "3"), TypeError,
          "mod expected a Variable, an array, a number or a list of numbers, got str\n"
          "in Mod(float64 (2, 3), '3')"),
    Wrong("floor_divide of a string", lambda: F.floor_divide("7", x), TypeError,
          "floor_divide expected a Variable, an array, a number or a list of numbers, got str\n"
          "in FloorDivide('7', float64 (2, 3))"),
    Wrong("writing into a Variable", lambda: x.__setitem__(0, 1.0), TypeError,
          "a Variable does not support item assignment, which no derivative could follow; write x.data[...] = "
          "value, or choose with dezero.functions.where"),
    Wrong("the truth of many elements", lambda: bool(x), ValueError,
          "only a Variable of one element converts to a number; this one has shape (2, 3)"),
    Wrong("a Variable of many elements as number", lambda: float(x), ValueError,
          "only a Variable of one element converts to a number; this one has shape (2, 3)"),
    Wrong("a Variable of many elements as whole number", lambda: int(x), ValueError,
          "only a Variable of one element converts to a number; this one has shape (2, 3)"),
    Wrong("item of many elements", lambda: x.item(), ValueError,
          "only a Variable of one element converts to a number; this one has shape (2, 3)"),
    Wrong("the length of a single number", lambda: len(Variable(np.array(1.0))), TypeError,
          "len() of a 0-dimensional Variable: it holds one number and has no axis to count along"),
    Wrong("a loop over a single number", lambda: list(Variable(np.array(1.0))), TypeError,
          "cannot iterate over a 0-dimensional Variable: it holds one number; float(x) gives it"),
    Wrong("a float Variable as index of a list", lambda: [1, 2, 3][Variable(np.array(1.0))], TypeError,
          "only integer scalar arrays can be converted to a scalar index"),
    Wrong("range of a float Variable", lambda: range(Variable(np.array(3.0))), TypeError,
          "only integer scalar arrays can be converted to a scalar index"),
    Wrong("an order of shapes that do not broadcast", lambda: x > np.ones((4, 5)), ValueError,
          "operands could not be broadcast together with shapes (2,3) (4,5) "),
    Wrong("an order of a number and None", lambda: x > None, TypeError,
          "'>' not supported between instances of 'float' and 'NoneType'"),
    Wrong("a format of many elements", lambda: f"{x:.2f}", ValueError,
          "only a Variable of one element converts to a number; this one has shape (2, 3)"),
    # -- functions of each element ---------------------------------------------------------------------
    Wrong("sin of a string", lambda: F.sin("a"), TypeError,
          "sin expected a Variable, an array, a number or a list of numbers, got str\n"
          "in Sin('a')"),
    Wrong("cos of None", lambda: F.cos(None), TypeError,
          "cos expected a Variable, an array, a number or a list of numbers, got NoneType\n"
          "in Cos(None)"),
    Wrong("tan of a dict", lambda: F.tan({}), TypeError,
          "tan expected a Variable, an array, a number or a list of numbers, got dict\n"
          "in Tan({})"),
    Wrong("tanh of a list of Variables", lambda: F.tanh([x, x]), TypeError,
          "tanh expected a Variable, an array, a number or a list of numbers, got list with a Variable in it, "
          "whose graph it would lose; dezero.functions.stack makes one Variable of several\n"
          "in Tanh([variable([[1....  [1. 1. 1.]]), variable([[1....  [1. 1. 1.]])])"),
    Wrong("exp of rows of two lengths", lambda: F.exp([[1.0], [1.0, 2.0]]), ValueError,
          "exp expected rows of one length, got [[1.0], [1.0, 2.0]]\n"
          "in Exp([[1.0], [1.0, 2.0]])"),
    Wrong("log of an array of objects", lambda: F.log(np.array([None])), TypeError,
          "log expected a Variable, an array, a number or a list of numbers, got an array of dtype object\n"
          "in Log(object (1,))"),
    Wrong("log2 of a string", lambda: F.log2("a"), TypeError,
          "log2 expected a Variable, an array, a number or a list of numbers, got str\n"
          "in Log2('a')"),
    Wrong("log10 of a string", lambda: F.log10("a"), TypeError,
          "log10 expected a Variable, an array, a number or a list of numbers, got str\n"
          "in Log10('a')"),
    Wrong("log1p of None", lambda: F.log1p(None), TypeError,
          "log1p expected a Variable, an array, a number or a list of numbers, got NoneType\n"
          "in Log1p(None)"),
    Wrong("exp2 of None", lambda: F.exp2(None), TypeError,
          "exp2 expected a Variable, an array, a number or a list of numbers, got NoneType\n"
          "in Exp2(None)"),
    Wrong("expm1 of a set", lambda: F.expm1({1.0}), TypeError,
          "expm1 expected a Variable, an array, a number or a list of numbers, got set\n"
          "in Expm1({1.0})"),
    Wrong("sqrt of a string", lambda: F.sqrt("4"), TypeError,
          "sqrt expected a Variable, an array, a number or a list of numbers, got str\n"
          "in Sqrt('4')"),
    Wrong("square of None", lambda: F.square(None), TypeError,
          "square expected a Variable, an array, a number or a list of numbers, got NoneType\n"
          "in Square(None)"),
    Wrong("sign of a string", lambda: F.sign("-"), TypeError,
          "sign expected a Variable, an array, a number or a list of numbers, got str\n"
          "in Sign('-')"),
    Wrong("abs of a string", lambda: F.abs("a"), TypeError,
          "absolute expected a Variable, an array, a number or a list of numbers, got str\n"
          "in Absolute('a')"),
    Wrong("absolute of None", lambda: F.absolute(None), TypeError,
          "absolute expected a Variable, an array, a number or a list of numbers, got NoneType\n"
          "in Absolute(None)"),
    Wrong("arccos of a string", lambda: F.arccos("a"), TypeError,
          "arccos expected a Variable, an array, a number or a list of numbers, got str\n"
          "in Arccos('a')"),
    Wrong("arcsin of None", lambda: F.arcsin(None), TypeError,
          "arcsin expected a Variable, an array, a number or a list of numbers, got NoneType\n"
          "in Arcsin(None)"),
    Wrong("arctan of an array of dates", lambda: F.arctan(np.array(["2020-01-01"], dtype="datetime64")), TypeError,
          "arctan expected a Variable, an array, a number or a list of numbers, got an array of dtype datetime64[D]\n"
          "in Arctan(datetime64[D] (1,))"),
    Wrong("sinh of a string", lambda: F.sinh("a"), TypeError,
          "sinh expected a Variable, an array, a number or a list of numbers, got str\n"
          "in Sinh('a')"),
    Wrong("cosh of a string", lambda: F.cosh("a"), TypeError,
          "cosh expected a Variable, an array, a number or a list of numbers, got str\n"
          "in Cosh('a')"),
    Wrong("erf of None", lambda: F.erf(None), TypeError,
          "erf expected a Variable, an array, a number or a list of numbers, got NoneType\n"
          "in Erf(None)"),
    Wrong("reciprocal of None", lambda: F.reciprocal(None), TypeError,
          "reciprocal expected a Variable, an array, a number or a list of numbers, got NoneType\n"
          "in Reciprocal(None)"),
    Wrong("ceil of a string", lambda: F.ceil("a"), TypeError,
          "ceil expected a Variable, an array, a number or a list of numbers, got str\n"
          "in Ceil('a')"),
    Wrong("floor of None", lambda: F.floor(None), TypeError,
          "floor expected a Variable, an array, a number or a list of numbers, got NoneType\n"
          "in Floor(None)"),
    Wrong("round of a string", lambda: F.round("1.5"), TypeError,
          "round expected a Variable, an array, a number or a list of numbers, got str\n"
          "in Round('1.5')"),
    Wrong("round to a fraction of decimals", lambda: F.round(x, 1.5), TypeError,
          "'float' object cannot be interpreted as an integer\n"
          "in Round(float64 (2, 3)) with decimals=1.5"),
    Wrong("zeros_like of None", lambda: F.zeros_like(None), TypeError,
          "zeros_like expected a Variable, an array, a number or a list of numbers, got NoneType"),
    Wrong("arctan2 of shapes that do not broadcast", lambda: F.arctan2(np.ones(2), np.ones(3)), ValueError,
          "operands could not be broadcast together with shapes (2,) (3,) \n"
          "in Arctan2(float64 (2,), float64 (3,))"),
    Wrong("hypot of None", lambda: F.hypot(x, None), TypeError,
          "hypot expected a Variable, an array, a number or a list of numbers, got NoneType\n"
          "in Hypot(float64 (2, 3), None)"),
    Wrong("maximum of shapes that do not broadcast", lambda: F.maximum(x, np.ones(2)), ValueError,
          "operands could not be broadcast together with shapes (2,3) (2,) \n"
          "in Maximum(float64 (2, 3), float64 (2,))"),
    Wrong("maximum of one", lambda: F.maximum(x), TypeError,
          "maximum() missing 1 required positional argument: 'x1'"),
    Wrong("minimum of a string", lambda: F.minimum(x, "a"), TypeError,
          "minimum expected a Variable, an array, a number or a list of numbers, got str\n"
          "in Minimum(float64 (2, 3), 'a')"),
    Wrong("lerp of a string", lambda: F.lerp(x, x, "half"), TypeError,
          "lerp expected a Variable, an array, a number or a list of numbers, got str\n"
          "in Mul(float64 (2, 3), 'half') of lerp"),
    Wrong("lerp of shapes that do not broadcast", lambda: F.lerp(x, np.ones(2), 0.5), ValueError,
          "operands could not be broadcast together with shapes (2,) (2,3) \n"
          "in Sub(float64 (2,), float64 (2, 3)) of lerp"),
    Wrong("clip between strings", lambda: F.clip(x, "0", "1"), TypeError,
          "ufunc 'clip' did not contain a loop with signature matching types (dtype('float64'), dtype('<U1'), "
          "dtype('<U1')) -> None\n"
          "in Clip(float64 (2, 3)) with x_min='0', x_max='1'"),
    Wrong("clip by bounds that do not broadcast", lambda: F.clip(x, np.zeros(2), 1.0), ValueError,
          "operands could not be broadcast together with shapes (2,3) (2,) () \n"
          "in Clip(float64 (2, 3)) with x_max=1.0"),
    Wrong("where with PyTorch's one argument", lambda: F.where(x), TypeError,
          "where() missing 2 required positional arguments: 'x0' and 'x1'"),
    Wrong("where of shapes that do not broadcast",
          lambda: F.where(np.ones((2, 3), bool), np.ones(2), 0.0), ValueError,
          "operands could not be broadcast together with shapes (2,3) (2,) () \n"
          "in Where(float64 (2,), 0.0)"),
    Wrong("where with None", lambda: F.where(np.array([True]), None, 0.0), TypeError,
          "where expected a Variable, an array, a number or a list of numbers, got NoneType\n"
          "in Where(None, 0.0)"),
    Wrong("astype to no dtype", lambda: F.astype(x, "float33"), TypeError,
          "astype wants a dtype or the name of one, got 'float33'"),
    Wrong("astype to None", lambda: x.astype(None), TypeError,
          "astype wants a dtype of numbers, got None"),
    Wrong("astype to text", lambda: x.astype(str), TypeError,
          "astype wants a dtype of numbers, got <class 'str'>"),
    Wrong("a sine of a Variable without data", lambda: F.sin(Variable(None)), TypeError,
          "loop of ufunc does not support argument 0 of type NoneType which has no callable sin method\n"
          "in Sin(a Variable that has no data yet)"),
    Wrong("a sum with a Variable without data", lambda: x + Variable(None, name="W"), TypeError,
          "unsupported operand type(s) for +: 'float' and 'NoneType'\n"
          "in Add(float64 (2, 3), variable 'W' that has no data yet)"),
    # -- NumPy's functions -----------------------------------------------------------------------------
    Wrong("a function of NumPy's that has no derivative here", lambda: np.median(x), TypeError,
          "np.median has no differentiable form for Variables: use a function of dezero.functions, or give it "
          "x.data where no gradient is wanted"),
    Wrong("a ufunc of NumPy's that has no derivative here", lambda: np.cbrt(x), TypeError,
          "np.cbrt has no differentiable form for Variables: use a function of dezero.functions, or give it "
          "x.data where no gradient is wanted"),
    Wrong("a ufunc with out", lambda: np.sin(x, out=np.ones((2, 3))), TypeError,
          "np.sin cannot write into out where Variables take part: write y = np.sin(x)"),
    Wrong("a ufunc with where", lambda: np.add(x, x, where=np.array([True, False, True])), TypeError,
          "np.add with where has no differentiable form for Variables: use a function of dezero.functions, or "
          "give it x.data where no gradient is wanted"),
    Wrong("a ufunc's method", lambda: np.add.reduce(x), TypeError,
          "np.add.reduce has no differentiable form for Variables: use a function of dezero.functions, or give "
          "it x.data where no gradient is wanted"),
    Wrong("a matrix norm by number", lambda: np.linalg.norm(x, 1), TypeError,
          "np.linalg.norm of a Variable takes ord along one axis only; dezero.functions.norm is the norm of "
          "all elements as one vector"),
    Wrong("NumPy's sum into an array", lambda: np.sum(x, out=np.ones(3)), TypeError,
          "np.sum of a Variable does not take out; dezero.functions.sum takes x, axis, keepdims"),
    Wrong("NumPy's array in place", lambda: np.ones((2, 3)).__iadd__(x), TypeError,
          "np.add cannot write a Variable into an array: instead of array += x, write array = array + x to "
          "keep the graph, or array += x.data to leave it"),
    # -- reductions ------------------------------------------------------------------------------------
    Wrong("sum of a string", lambda: F.sum("a"), TypeError,
          "sum expected a Variable, an array, a number or a list of numbers, got str\n"
          "in Sum('a')"),
    Wrong("sum along PyTorch's dim", lambda: F.sum(x, dim=1), TypeError,
          "sum() got an unexpected keyword argument 'dim'…"),
    Wrong("sum with PyTorch's keepdim", lambda: x.sum(axis=1, keepdim=True), TypeError,
          "sum() got an unexpected keyword argument 'keepdim'…"),
    Wrong("sum along an axis that is not there", lambda: F.sum(x, axis=2), np.exceptions.AxisError,
          "axis 2 is out of bounds for array of dimension 2\n"
          "in Sum(float64 (2, 3)) with axis=2"),
    Wrong("sum along a negative axis that is not there", lambda: x.sum(-3), np.exceptions.AxisError,
          "axis -3 is out of bounds for array of dimension 2\n"
          "in Sum(float64 (2, 3)) with axis=-3"),
    Wrong("sum along a string", lambda: F.sum(x, axis="rows"), TypeError,
          "'str' object cannot be interpreted as an integer\n"
          "in Sum(float64 (2, 3)) with axis='rows'"),
    Wrong("sum along half an axis", lambda: F.sum(x, axis=0.5), TypeError,
          "'float' object cannot be interpreted as an integer\n"
          "in Sum(float64 (2, 3)) with axis=0.5"),
    Wrong("sum along one axis twice", lambda: F.sum(x, axis=(0, 0)), ValueError,
          "duplicate value in 'axis'\n"
          "in Sum(float64 (2, 3)) with axis=(0, 0)"),
    Wrong("sum along an axis named from both ends", lambda: F.sum(x, axis=(1, -1)), ValueError,
          "duplicate value in 'axis'\n"
          "in Sum(float64 (2, 3)) with axis=(1, -1)"),
    Wrong("sum along a Variable", lambda: F.sum(x, axis=x), TypeError,
          "only integer scalar arrays can be converted to a scalar index\n"
          "in Sum(float64 (2, 3))"),
    Wrong("mean of None", lambda: F.mean(None), TypeError,
          "mean expected a Variable, an array, a number or a list of numbers, got NoneType\n"
          "in Mean(None)"),
    Wrong("mean along an axis that is not there", lambda: F.mean(x, axis=5), np.exceptions.AxisError,
          "axis 5 is out of bounds for array of dimension 2\n"
          "in Mean(float64 (2, 3)) with axis=5"),
    Wrong("average of a string", lambda: F.average("a"), TypeError,
          "mean expected a Variable, an array, a number or a list of numbers, got str\n"
          "in Mean('a')"),
    Wrong("average along an axis that is not there", lambda: F.average(x, 3), np.exceptions.AxisError,
          "axis 3 is out of bounds for array of dimension 2\n"
          "in Mean(float64 (2, 3)) with axis=3"),
    Wrong("average with NumPy's weights", lambda: np.average(x, weights=np.ones((2, 3))), TypeError,
          "np.average of a Variable does not take weights; dezero.functions.mean takes x, axis, keepdims"),
    Wrong("var of a string", lambda: F.var("a"), TypeError,
          "var expected a Variable, an array, a number or a list of numbers, got str\n"
          "in Var('a')"),
    Wrong("var with a text as ddof", lambda: F.var(x, ddof="1"), TypeError,
          "unsupported operand type(s) for -: 'float' and 'str'\n"
          "in Var(float64 (2, 3)) with ddof='1'"),
    Wrong("std along an axis that is not there", lambda: F.std(x, 2), np.exceptions.AxisError,
          "axis 2 is out of bounds for array of dimension 2\n"
          "in Std(float64 (2, 3)) with axis=2, ddof=0"),
    Wrong("max of nothing", lambda: F.max(np.ones((0, 3))), ValueError,
          "zero-size array to reduction operation maximum which has no identity\n"
          "in Max(float64 (0, 3))"),
    Wrong("max along an axis that is not there", lambda: F.max(x, 2), np.exceptions.AxisError,
          "axis 2 is out of bounds for array of dimension 2\n"
          "in Max(float64 (2, 3)) with axis=2"),
    Wrong("max of a string", lambda: F.max("a"), TypeError,
          "max expected a Variable, an array, a number or a list of numbers, got str\n"
          "in Max('a')"),
    Wrong("min of nothing along an axis", lambda: F.min(np.ones((2, 0)), axis=1), ValueError,
          "zero-size array to reduction operation minimum which has no identity\n"
          "in Min(float64 (2, 0)) with axis=1"),
    Wrong("min with PyTorch's dim", lambda: x.min(dim=1), TypeError,
          "min() got an unexpected keyword argument 'dim'…"),
    Wrong("argmax along two axes", lambda: F.argmax(x, (0, 1)), TypeError,
          "argmax expects one axis, an integer, or None for all elements in a row, got axis (0, 1)"),
    Wrong("argmax of nothing", lambda: F.argmax(np.ones(0)), ValueError,
          "attempt to get argmax of an empty sequence\n"
          "in ArgMax(float64 (0,))"),
    Wrong("argmin along an axis that is not there", lambda: F.argmin(x, 7), np.exceptions.AxisError,
          "axis 7 is out of bounds for array of dimension 2\n"
          "in ArgMin(float64 (2, 3)) with axis=7"),
    Wrong("argmin of a string", lambda: F.argmin("a"), TypeError,
          "argmin expected a Variable, an array, a number or a list of numbers, got str\n"
          "in ArgMin('a')"),
    Wrong("prod of None", lambda: F.prod(None), TypeError,
          "prod expected a Variable, an array, a number or a list of numbers, got NoneType"),
    Wrong("prod along an axis that is not there", lambda: F.prod(x, -4), np.exceptions.AxisError,
          "axis -4 is out of bounds for array of dimension 2\n"
          "in Prod(float64 (2, 3)) with axis=-4"),
    Wrong("cumsum along two axes", lambda: F.cumsum(x, (0, 1)), TypeError,
          "'tuple' object cannot be interpreted as an integer\n"
          "in CumSum(float64 (2, 3)) with axis=(0, 1)"),
    Wrong("cumsum of a string", lambda: F.cumsum("a"), TypeError,
          "cumsum expected a Variable, an array, a number or a list of numbers, got str"),
    Wrong("cumprod along an axis that is not there", lambda: F.cumprod(x, 2), np.exceptions.AxisError,
          "axis 2 is out of bounds for array of dimension 2\n"
          "in CumProd(float64 (2, 3)) with axis=2"),
    Wrong("cumprod along a string", lambda: F.cumprod(x, "a"), TypeError,
          "'str' object cannot be interpreted as an integer\n"
          "in CumProd(float64 (2, 3)) with axis='a'"),
    Wrong("logsumexp of a string", lambda: F.logsumexp("a"), TypeError,
          "logsumexp expected a Variable, an array, a number or a list of numbers, got str"),
    Wrong("logsumexp along an axis that is not there", lambda: F.logsumexp(x, axis=2), np.exceptions.AxisError,
          "axis 2 is out of bounds for array of dimension 2\n"
          "in LogSumExp(float64 (2, 3)) with axis=2"),
    Wrong("norm of an order below 1", lambda: F.norm(x, ord=0.5), ValueError,
          "norm expects ord to be at least 1, inf included, got 0.5"),
    Wrong("norm of an order in words", lambda: F.norm(x, ord="fro"), TypeError,
          "norm expects ord as a number, got 'fro'; the Frobenius norm is that of ord=2 over all axes"),
    Wrong("norm of an order that is no number", lambda: F.norm(x, ord=float("nan")), ValueError,
          "norm expects ord to be at least 1, inf included, got nan"),
    Wrong("norm of None", lambda: F.norm(None), TypeError,
          "norm expected a Variable, an array, a number or a list of numbers, got NoneType"),
    Wrong("linear_recurrence of two shapes",
          lambda: F.linear_recurrence(np.ones((2, 3)), np.ones((3, 2))), ValueError,
          "shape mismatch: objects cannot be broadcast to a single shape.  Mismatch is between arg 0 with "
          "shape (2, 3) and arg 1 with shape (3, 2).\n"
          "in LinearRecurrence(float64 (2, 3), float64 (3, 2)) with axis=-1"),
    Wrong("linear_recurrence along an axis that is not there",
          lambda: F.linear_recurrence(x, x, axis=2), np.exceptions.AxisError,
          "source: axis 2 is out of bounds for array of dimension 2\n"
          "in LinearRecurrence(float64 (2, 3), float64 (2, 3)) with axis=2"),
    Wrong("linear_recurrence of a string", lambda: F.linear_recurrence("a", x), TypeError,
          "linear_recurrence expected a Variable, an array, a number or a list of numbers, got str"),
    Wrong("linear_recurrence of single numbers", lambda: F.linear_recurrence(1.0, 2.0), np.exceptions.AxisError,
          "source: axis -1 is out of bounds for array of dimension 0\n"
          "in LinearRecurrence(1.0, 2.0) with axis=-1"),
    # -- shapes ----------------------------------------------------------------------------------------
    Wrong("reshape to another size", lambda: x.reshape(4, 2), ValueError,
          "cannot reshape array of size 6 into shape (4,2)\n"
          "in Reshape(float64 (2, 3)) with shape=(4, 2)"),
    Wrong("reshape with two sizes unknown", lambda: x.reshape(-1, -1), ValueError,
          "can only specify one unknown dimension\n"
          "in Reshape(float64 (2, 3)) with shape=(-1, -1)"),
    Wrong("reshape by a string", lambda: F.reshape(x, "ab"), TypeError,
          "'str' object cannot be interpreted as an integer\n"
          "in Reshape(float64 (2, 3)) with shape=('ab',)"),
    Wrong("reshape to fractions", lambda: F.reshape(x, (2.0, 3.0)), TypeError,
          "reshape expects sizes as integers, got (2.0, 3.0)"),
    Wrong("reshape to None", lambda: F.reshape(x, None), TypeError,
          "'NoneType' object cannot be interpreted as an integer\n"
          "in Reshape(float64 (2, 3))"),
    Wrong("reshape of a string", lambda: F.reshape("a", (1,)), TypeError,
          "reshape expected a Variable, an array, a number or a list of numbers, got str"),
    Wrong("reshape without a shape", lambda: x.reshape(), ValueError,
          "cannot reshape array of size 6 into shape ()\n"
          "in Reshape(float64 (2, 3))"),
    Wrong("a negative size", lambda: x.reshape(-2, -3), ValueError,
          "can only specify one unknown dimension\n"
          "in Reshape(float64 (2, 3)) with shape=(-2, -3)"),
    Wrong("transpose of too few axes", lambda: x.transpose(0), ValueError,
          "transpose expects all 2 axes of x in their new order, got (0,) for x of shape (2, 3)"),
    Wrong("transpose of an axis twice", lambda: F.transpose(x, (0, 0)), ValueError,
          "repeated axis in transpose\n"
          "in Transpose(float64 (2, 3)) with axes=(0, 0)"),
    Wrong("transpose of an axis that is not there", lambda: F.transpose(x, (0, 2)), np.exceptions.AxisError,
          "axis 2 is out of bounds for array of dimension 2\n"
          "in Transpose(float64 (2, 3)) with axes=(0, 2)"),
    Wrong("transpose by PyTorch's two axes", lambda: Variable(cube).transpose(0, 1), ValueError,
          "transpose expects all 3 axes of x in their new order, got (0, 1) for x of shape (2, 3, 4); swapaxes "
          "exchanges 0 and 1"),
    Wrong("transpose by a string", lambda: F.transpose(x, "01"), TypeError,
          "'str' object cannot be interpreted as an integer\n"
          "in Transpose(float64 (2, 3)) with axes=('0', '1')"),
    Wrong("transpose of a string", lambda: F.transpose("a"), TypeError,
          "transpose expected a Variable, an array, a number or a list of numbers, got str\n"
          "in Transpose('a')"),
    Wrong("swapaxes of an axis that is not there", lambda: F.swapaxes(x, 0, 2), np.exceptions.AxisError,
          "swapaxes: axis 2 is out of range for x of shape (2, 3)"),
    Wrong("swapaxes of a string", lambda: F.swapaxes(x, "a", 0), TypeError,
          "swapaxes expects axes as integers, got str"),
    Wrong("swapaxes of None", lambda: F.swapaxes(None, 0, 1), TypeError,
          "swapaxes expected a Variable, an array, a number or a list of numbers, got NoneType"),
    Wrong("moveaxis of an axis that is not there", lambda: F.moveaxis(x, 0, 2), np.exceptions.AxisError,
          "moveaxis: axis 2 is out of range for x of shape (2, 3)"),
    Wrong("moveaxis of one axis to two places", lambda: F.moveaxis(x, 0, (0, 1)), ValueError,
          "moveaxis expects as many destinations as sources, got 0 and (0, 1)"),
    Wrong("moveaxis of an axis twice", lambda: F.moveaxis(x, (0, 0), (0, 1)), ValueError,
          "moveaxis expects every axis once, got (0, 0) for x of shape (2, 3)"),
    Wrong("flatten of a single number", lambda: F.flatten(np.array(1.0)), ValueError,
          "flatten expects x of shape (N, ...), got (); ravel makes one axis of any shape"),
    Wrong("flatten of a string", lambda: F.flatten("a"), TypeError,
          "flatten expected a Variable, an array, a number or a list of numbers, got str"),
    Wrong("ravel of None", lambda: F.ravel(None), TypeError,
          "ravel expected a Variable, an array, a number or a list of numbers, got NoneType"),
    Wrong("expand_dims beyond the end", lambda: F.expand_dims(x, 3), np.exceptions.AxisError,
          "expand_dims: axis 3 is out of range for a result of 3 axes, x being of shape (2, 3)"),
    Wrong("expand_dims along a string", lambda: F.expand_dims(x, "a"), TypeError,
          "expand_dims expects axes as integers, got str"),
    Wrong("expand_dims without an axis", lambda: F.expand_dims(x, None), TypeError,
          "expand_dims expects axes as integers, got NoneType"),
    Wrong("squeeze of an axis of another size", lambda: F.squeeze(x, 0), ValueError,
          "squeeze expects axes of size 1, got axis 0 of x of shape (2, 3)"),
    Wrong("squeeze of an axis that is not there", lambda: F.squeeze(x, 2), np.exceptions.AxisError,
          "squeeze: axis 2 is out of range for x of shape (2, 3)"),
    Wrong("squeeze along a string", lambda: x.squeeze("a"), TypeError,
          "squeeze expects axes as integers, got str"),
    Wrong("flip of an axis that is not there", lambda: F.flip(x, 2), np.exceptions.AxisError,
          "flip: axis 2 is out of range for x of shape (2, 3)"),
    Wrong("flip of a string", lambda: F.flip("abc"), TypeError,
          "flip expected a Variable, an array, a number or a list of numbers, got str"),
    Wrong("flip along a string", lambda: F.flip(x, "a"), TypeError,
          "flip expects axes as integers, got str"),
    Wrong("roll by a fraction", lambda: F.roll(x, 0.5), TypeError,
          "roll expects shift as integers, got float64"),
    Wrong("roll by a string", lambda: F.roll(x, "a"), TypeError,
          "roll expects shift as integers, got <U1"),
    Wrong("roll along an axis that is not there", lambda: F.roll(x, 1, 2), np.exceptions.AxisError,
          "roll: axis 2 is out of range for x of shape (2, 3)"),
    Wrong("roll by two along three axes", lambda: F.roll(cube, (1, 2), (0, 1, 2)), ValueError,
          "roll expects one shift for each axis, got (1, 2) for the axes (0, 1, 2)"),
    Wrong("broadcast_to a shape of another size", lambda: F.broadcast_to(x, (2, 4)), ValueError,
          "operands could not be broadcast together with remapped shapes [original->remapped]: (2,3)  and "
          "requested shape (2,4)\n"
          "in BroadcastTo(float64 (2, 3)) with shape=(2, 4)"),
    Wrong("broadcast_to fewer axes", lambda: F.broadcast_to(x, (3,)), ValueError,
          "input operand has more dimensions than allowed by the axis remapping\n"
          "in BroadcastTo(float64 (2, 3)) with shape=(3,)"),
    Wrong("broadcast_to a string", lambda: F.broadcast_to(x, "ab"), TypeError,
          "broadcast_to expected integers as shape, got 'ab'"),
    Wrong("broadcast_to a negative size", lambda: F.broadcast_to(x, (-2, 2, 3)), ValueError,
          "all elements of broadcast shape must be non-negative\n"
          "in BroadcastTo(float64 (2, 3)) with shape=(-2, 2, 3)"),
    Wrong("sum_to a shape that does not broadcast", lambda: F.sum_to(x, (2, 2)), ValueError,
          "sum_to cannot bring shape (2, 3) to (2, 2): (2, 2) does not broadcast to (2, 3)\n"
          "in SumTo(float64 (2, 3)) with shape=(2, 2)"),
    Wrong("sum_to more axes", lambda: F.sum_to(x, (1, 2, 3)), ValueError,
          "sum_to cannot bring shape (2, 3) to (1, 2, 3): (1, 2, 3) does not broadcast to (2, 3)\n"
          "in SumTo(float64 (2, 3)) with shape=(1, 2, 3)"),
    Wrong("sum_to a fraction", lambda: F.sum_to(x, 1.5), TypeError,
          "sum_to expected integers as shape, got 1.5"),
    Wrong("concatenate nothing", lambda: F.concatenate([]), ValueError,
          "concatenate expects at least one Variable or array, got an empty sequence"),
    Wrong("concatenate along PyTorch's dim", lambda: F.concatenate([x, x], dim=1), TypeError,
          "concatenate() got an unexpected keyword argument 'dim'…"),
    Wrong("concatenate different sizes", lambda: F.concatenate([x, np.ones((2, 4))]), ValueError,
          "all the input array dimensions except for the concatenation axis must match exactly, but along "
          "dimension 1, the array at index 0 has size 3 and the array at index 1 has size 4\n"
          "in Concatenate(float64 (2, 3), float64 (2, 4)) with axis=0"),
    Wrong("concatenate different numbers of axes", lambda: F.concatenate([x, np.ones(3)]), ValueError,
          "all the input arrays must have same number of dimensions, but the array at index 0 has 2 "
          "dimension(s) and the array at index 1 has 1 dimension(s)\n"
          "in Concatenate(float64 (2, 3), float64 (3,)) with axis=0"),
    Wrong("concatenate along an axis that is not there",
          lambda: F.concatenate([x, x], axis=2), np.exceptions.AxisError,
          "axis 2 is out of bounds for array of dimension 2\n"
          "in Concatenate(float64 (2, 3), float64 (2, 3)) with axis=2"),
    Wrong("concatenate a number", lambda: F.concatenate([1.0, 2.0]), ValueError,
          "zero-dimensional arrays cannot be concatenated\n"
          "in Concatenate(1.0, 2.0) with axis=0"),
    Wrong("concatenate a string", lambda: F.concatenate(["a", x]), TypeError,
          "concatenate expects Variables and arrays, got 'a' at place 0 of 2"),
    Wrong("concatenate a number in place of a list", lambda: F.concatenate(3.0), TypeError,
          "concatenate expects a sequence of Variables or arrays, got float"),
    Wrong("stack nothing", lambda: F.stack([]), ValueError,
          "stack expects at least one Variable or array, got an empty sequence"),
    Wrong("stack different shapes", lambda: F.stack([x, np.ones((3, 2))]), ValueError,
          "all input arrays must have the same shape\n"
          "in Stack(float64 (2, 3), float64 (3, 2)) with axis=0"),
    Wrong("stack along an axis that is not there", lambda: F.stack([x, x], axis=4), np.exceptions.AxisError,
          "axis 4 is out of bounds for array of dimension 3\n"
          "in Stack(float64 (2, 3), float64 (2, 3)) with axis=4"),
    Wrong("stack a number", lambda: F.stack(1.0), TypeError,
          "stack expects a sequence of Variables or arrays, got float"),
    Wrong("stack None among others", lambda: F.stack([x, None]), TypeError,
          "stack expects Variables and arrays, got None at place 1 of 2"),
    Wrong("split into unequal parts", lambda: F.split(x, 2, axis=1), ValueError,
          "split cannot cut axis 1 of size 3 into 2 equal parts; give the indices at which to cut"),
    Wrong("split into no parts", lambda: F.split(x, 0), ValueError,
          "split cannot cut axis 0 of size 2 into 0 equal parts; give the indices at which to cut"),
    Wrong("split into a string", lambda: F.split(x, "a"), TypeError,
          "split expects indices_or_sections as integers, got <U1"),
    Wrong("split along an axis that is not there", lambda: F.split(x, 2, axis=2), np.exceptions.AxisError,
          "split: axis 2 is out of range for x of shape (2, 3)"),
    Wrong("split into half a part", lambda: F.split(x, 0.5), TypeError,
          "split expects indices_or_sections as integers, got float64"),
    Wrong("split of a string", lambda: F.split("ab", 2), TypeError,
          "split expected a Variable, an array, a number or a list of numbers, got str"),
    Wrong("repeat of a string", lambda: F.repeat("a", 2), TypeError,
          "repeat expected a Variable, an array, a number or a list of numbers, got str"),
    Wrong("repeat a fraction of times", lambda: F.repeat(x, 1.5), TypeError,
          "repeat expects repeats as integers, got float64"),
    Wrong("repeat a negative number of times", lambda: F.repeat(x, -1), ValueError,
          "repeat expects repeats of at least 0, one number or 6, one for each place along axis 0 of x of "
          "shape (6,); got -1"),
    Wrong("repeat each by too few counts", lambda: F.repeat(x, [1, 2], axis=1), ValueError,
          "repeat expects repeats of at least 0, one number or 3, one for each place along axis 1 of x of "
          "shape (2, 3); got [1, 2]"),
    Wrong("repeat along an axis that is not there", lambda: F.repeat(x, 2, axis=2), np.exceptions.AxisError,
          "repeat: axis 2 is out of range for x of shape (2, 3)"),
    Wrong("tile by a fraction", lambda: F.tile(x, 1.5), TypeError,
          "tile expects reps as integers, got float64"),
    Wrong("tile a negative number of times", lambda: F.tile(x, (-1, 2)), ValueError,
          "tile expects reps of at least 0, got (-1, 2)"),
    Wrong("tile of a string", lambda: F.tile("a", 2), TypeError,
          "tile expected a Variable, an array, a number or a list of numbers, got str"),
    Wrong("tile by a string", lambda: F.tile(x, "a"), TypeError,
          "tile expects reps as integers, got <U1"),
    Wrong("pad by a negative margin", lambda: F.pad(x, -1), ValueError,
          "pad expects pad_width of at least 0, got -1"),
    Wrong("pad by a fraction", lambda: F.pad(x, 0.5), TypeError,
          "pad expects pad_width as integers, got float64"),
    Wrong("pad by margins for too many axes", lambda: F.pad(x, ((1, 1), (1, 1), (1, 1))), ValueError,
          "pad expects pad_width as a number, a pair or 2 pairs for x of shape (2, 3), got ((1, 1), (1, 1), (1, 1))"),
    Wrong("pad in a mode that there is not", lambda: F.pad(x, 1, mode="wrap"), ValueError,
          "pad expects mode 'constant', 'edge' or 'reflect', got 'wrap'"),
    Wrong("pad by a string", lambda: F.pad(x, "a"), TypeError,
          "pad expects pad_width as integers, got <U1"),
    Wrong("pad with a string", lambda: F.pad(x, 1, constant_values="a"), TypeError,
          "pad expects constant_values as numbers, got 'a'"),
    Wrong("pad of a string", lambda: F.pad("a", 1), TypeError,
          "pad expected a Variable, an array, a number or a list of numbers, got str"),
    # -- indices ---------------------------------------------------------------------------------------
    Wrong("an index out of range", lambda: x[2], IndexError,
          "index 2 is out of bounds for axis 0 with size 2\n"
          "in GetItem(float64 (2, 3)) with slices=2"),
    Wrong("an index of too many axes", lambda: x[0, 0, 0], IndexError,
          "too many indices for array: array is 2-dimensional, but 3 were indexed\n"
          "in GetItem(float64 (2, 3)) with slices=(0, 0, 0)"),
    Wrong("a fraction as index", lambda: x[0.5], IndexError,
          "only integers, slices (`:`), ellipsis (`...`), numpy.newaxis (`None`) and integer or boolean arrays "
          "are valid indices\n"
          "in GetItem(float64 (2, 3)) with slices=0.5"),
    Wrong("a string as index", lambda: x["a"], IndexError,
          "arrays used as indices must be of integer (or boolean) type\n"
          "in GetItem(float64 (2, 3))"),
    Wrong("an index with None in a list", lambda: x[[None]], IndexError,
          "arrays used as indices must be of integer (or boolean) type\n"
          "in GetItem(float64 (2, 3))"),
    Wrong("a float Variable as index", lambda: x[Variable(np.array([0.0, 1.0]))], IndexError,
          "arrays used as indices must be of integer (or boolean) type\n"
          "in GetItem(float64 (2, 3))"),
    Wrong("a mask of another length", lambda: x[np.array([True, False, True])], IndexError,
          "boolean index did not match indexed array along axis 0; size of axis is 2 but size of corresponding "
          "boolean axis is 3\n"
          "in GetItem(float64 (2, 3))"),
    Wrong("get_item of a string", lambda: F.get_item("abc", 0), TypeError,
          "get_item expected a Variable, an array, a number or a list of numbers, got str\n"
          "in GetItem('abc')"),
    Wrong("get_item with a list out of range", lambda: F.get_item(x, [0, 5]), IndexError,
          "index 5 is out of bounds for axis 0 with size 2\n"
          "in GetItem(float64 (2, 3))"),
    Wrong("a slice with step 0", lambda: x[::0], ValueError,
          "slice step cannot be zero\n"
          "in GetItem(float64 (2, 3)) with slices=slice(None, None, 0)"),
    Wrong("get_item_grad of another shape", lambda: F.get_item_grad(np.ones(2), [0, 1, 2], (3,)), ValueError,
          "array is not broadcastable to correct shape\n"
          "in GetItemGrad(float64 (2,)) with shape=(3,)"),
    Wrong("get_item_grad of a string", lambda: F.get_item_grad("a", 0, (3,)), TypeError,
          "get_item_grad expected a Variable, an array, a number or a list of numbers, got str\n"
          "in GetItemGrad('a')"),
    Wrong("take out of range", lambda: F.take(x, [0, 6]), IndexError,
          "index 6 is out of bounds for axis 0 with size 6\n"
          "in GetItem(float64 (6,)) of take"),
    Wrong("take by fractions", lambda: F.take(x, [0.5]), TypeError,
          "take expects indices as integers, got float64"),
    Wrong("take along an axis that is not there", lambda: F.take(x, [0], axis=2), np.exceptions.AxisError,
          "take: axis 2 is out of range for x of shape (2, 3)"),
    Wrong("take by a string", lambda: F.take(x, "a"), TypeError,
          "take expects indices as integers, got <U1"),
    Wrong("take of a string", lambda: F.take("abc", 0), TypeError,
          "take expected a Variable, an array, a number or a list of numbers, got str"),
    Wrong("take_along_axis by fractions", lambda: F.take_along_axis(x, np.zeros((2, 1))), TypeError,
          "take_along_axis expects indices as integers, got float64"),
    Wrong("take_along_axis out of range", lambda: F.take_along_axis(x, np.array([[0], [3]])), IndexError,
          "index 3 is out of bounds for axis 1 with size 3\n"
          "in GetItem(float64 (2, 3)) of take_along_axis"),
    Wrong("take_along_axis of fewer axes", lambda: F.take_along_axis(x, np.array([0])), ValueError,
          "take_along_axis expects indices with as many axes as x, got shape (1,) for x of shape (2, 3)"),
    Wrong("take_along_axis along an axis that is not there",
          lambda: F.take_along_axis(x, np.array([[0], [1]]), axis=2), np.exceptions.AxisError,
          "take_along_axis: axis 2 is out of range for x of shape (2, 3)"),
    Wrong("scatter_add out of range", lambda: F.scatter_add(x, 0, [[5, 5, 5]], np.ones((1, 3))), IndexError,
          "index 5 is out of bounds for axis 0 with size 2\n"
          "in GetItemGrad(float64 (1, 3)) of scatter_add with shape=(2, 3)"),
    Wrong("scatter_add by fractions", lambda: F.scatter_add(x, 0, [[0.5, 0, 0]], np.ones((1, 3))), TypeError,
          "scatter_add expects index as integers, got float64"),
    Wrong("scatter_add by an index of fewer axes", lambda: F.scatter_add(x, 0, [0, 1], np.ones((3, 3))), ValueError,
          "scatter_add expects index with the axes of x and src and no longer than they, axis 0 of x excepted; "
          "got index (2,), x (2, 3), src (3, 3)"),
    Wrong("scatter_add along an axis that is not there",
          lambda: F.scatter_add(x, 2, [0], np.ones((2, 3))), np.exceptions.AxisError,
          "scatter_add: axis 2 is out of range for x of shape (2, 3)"),
    Wrong("scatter_add to a string", lambda: F.scatter_add("a", 0, [0], 1.0), TypeError,
          "scatter_add expected a Variable, an array, a number or a list of numbers, got str"),
]  # fmt: skip
