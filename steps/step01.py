"""Step 1: a variable is a box.

The number itself is not enough for us. Later we want to attach things to it: its derivative, its name, the way in which
it was computed. So we put the number in a box, and attach these things to the box. In mathematics "x" is such a box,
too: the value in it may change, and x is still x.

New against the step before: all of it. This is the first step.

Look at: the same box holds 1.0 first and 2.0 afterwards.

Why `np.array(1.0)` and not plain `1.0`? The same program shall work on one number and on a million of them. A NumPy
array can be both: `np.array(1.0)` is an array with no axis that holds one number.

Python box: `__init__` runs when we write `Variable(data)`; `self` is the new box.

In the package: `dezero.Variable`.
"""

import numpy as np


class Variable:
    """A box that holds an array."""

    def __init__(self, data):
        self.data = data


# -- try it ----------------------------------------------------------------------------------------

data = np.array(1.0)
x = Variable(data)
print(x.data)

x.data = np.array(2.0)
print(x.data)
