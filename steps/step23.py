"""Step 23: A package instead of one long script.

The classes of step 22 are useful to every script from now on. So they move into a package: a folder of modules that a
script imports. The folder is `dezero`, beside `steps`.

New against the step before: this script defines no class. It imports `Variable` and uses it.

Look at: y = (x + 3)² at x = 1. The value is 4² = 16. The derivative is 2 (x + 3) = 8. Line 3 names the module that the
class comes from. The last line computes the same with the engine of step 22.

Python box: a module is a file with the suffix .py. A package is a folder with a file `__init__.py`, which runs at the
first import; the names that it defines are those that `from dezero import ...` finds. Python searches the folders in
the list `sys.path`. `__file__` is the path of this script, and parents[1] the folder above `steps`. Putting that first
makes `import dezero` work before anything is installed.

Why is the gradient printed as variable(8.0) here, and as 8.0 in step 22? The package is the finished framework, and
there a gradient is a Variable, too. Steps 30 to 32 tell why that is worth it. Nobody has to call `setup_variable()`
any more, either: the operators are ordinary methods.

In the package: `dezero/core.py` is the engine, and `dezero/core_simple.py` is that of step 22.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that it runs from a bare clone, too

import numpy as np

from dezero import Variable, core_simple

x = Variable(np.array(1.0))
y = (x + 3) ** 2
y.backward()

print(y)
print(x.grad)
print("Variable lives in", Variable.__module__)

core_simple.setup_variable()  # the simple engine still wants to be asked
x_simple = core_simple.Variable(np.array(1.0))
y_simple = (x_simple + 3) ** 2
y_simple.backward()
print("step 22 says", y_simple.data, x_simple.grad)
