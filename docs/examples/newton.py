"""Newton's method goes to the minimum in a few jumps; all it wants are second derivatives.

Gradient descent takes a small step downhill, and how small is a guess. Newton's method also knows the curvature. It
lays a parabola along the function and jumps to where the parabola is lowest:

    x <- x - f'(x) / f''(x)                  for one variable
    x <- x - H⁻¹ ∂y/∂x                       for several: it solves H · jump = ∂y/∂x

H is the Hessian, the matrix of all second derivatives. Row i of it is the gradient of the i-th element of the gradient:
`grad` with create_graph=True, and `grad` again. No formula is differentiated by hand.

The functions are x⁴ - 2x²; Rosenbrock's valley; and a polynomial of Goldstein and Price (Mathematics of Computation 25,
1971), with four minima among hills and saddles. The lowest is (0, -1), where it is 3.

Look at: newton.png. Left: x⁴ - 2x² and the parabolas of three jumps. Middle: five jumps, which do not even follow the
valley; gradient descent crawls along its floor and has two digits right after 10,000 steps. Right: a warning. Newton's
method goes where the gradient is 0, and from (0.6, 0) that is the top of a hill. There the parabola bends down (H has
negative eigenvalues) and has a highest point instead of a lowest. The remedy: take the absolute values of the
eigenvalues (Dauphin et al., "Identifying and attacking the saddle point problem", 2014), which leads downhill, and
halve a jump until the function falls. It takes nine steps to the minimum.

How long: a second.

Readers ask:
- Why do not all people train networks like this? A network of n parameters has a Hessian of n² numbers.
  A product H v costs only one more backward pass: see steps/step36.py.
- When is it worth it? With few parameters and high precision: the number of right digits doubles with each jump.

In the package: dezero.grad with create_graph=True.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))  # so that it runs from a bare clone, too

import numpy as np

from dezero import Variable, grad

iters = 20  # jumps, at most
descent_iters = 10000  # steps of gradient descent
lr = 0.001  # of gradient descent


def quartic(x):
    return x**4 - 2 * x**2


def rosenbrock(x0, x1):
    return 100 * (x1 - x0**2) ** 2 + (1 - x0) ** 2


def goldstein(x, y):
    a = 1 + (x + y + 1) ** 2 * (19 - 14 * x + 3 * x**2 - 14 * y + 6 * x * y + 3 * y**2)
    b = 30 + (2 * x - 3 * y) ** 2 * (18 - 32 * x + 12 * x**2 + 48 * y - 36 * x * y + 27 * y**2)
    return a * b


def derivatives(f, point):
    """Value, gradient (n,) and Hessian (n, n) at a point (n,)."""
    xs = [Variable(np.array(x)) for x in point]
    y = f(*xs)
    gxs = grad(y, xs, create_graph=True)
    hessian = [[ggx.item() for ggx in grad(gx, xs)] for gx in gxs]
    return y.item(), np.array([gx.item() for gx in gxs]), np.array(hessian)


def newton(f, point, careful=False):
    """The places that it comes to, (steps + 1, n). The careful way only ever goes downhill."""
    path = [np.array(point)]
    for _ in range(iters):
        y, g, H = derivatives(f, path[-1])
        if np.abs(g).max() < 1e-9:
            break
        if careful:
            eigenvalues, vectors = np.linalg.eigh(H)
            jump = vectors @ (vectors.T @ g / np.abs(eigenvalues))
            while np.abs(jump).max() > 1e-9 and f(*(path[-1] - jump)) >= y:
                jump = jump / 2
        else:
            jump = np.linalg.solve(H, g)
        path.append(path[-1] - jump)
    return np.array(path)


def descend(f, point):
    x = np.array(point)
    path = [x]
    for _ in range(descent_iters):
        xs = [Variable(element) for element in x]
        x = x - lr * np.array([gx.item() for gx in grad(f(*xs), xs)])
        path.append(x)
    return np.array(path)


def tell(name, f, path):
    place = ", ".join([f"{x:.6f}" for x in path[-1]])
    print(f"{name}: {len(path) - 1} steps to ({place}), where it is {f(*path[-1]):.6g}")


parabolas = newton(quartic, (2.0,))
print(*[f"x = {x.item():.15f}" for x in parabolas], sep="\n")

valley = newton(rosenbrock, (0.0, 2.0))
slow = descend(rosenbrock, (0.0, 2.0))
uphill = newton(goldstein, (0.6, 0.0))
careful = newton(goldstein, (0.6, 0.0), careful=True)
tell("Rosenbrock, Newton's method", rosenbrock, valley)
tell("Rosenbrock, gradient descent", rosenbrock, slow)
tell("Goldstein and Price, Newton's method", goldstein, uphill)
print("  eigenvalues there:", np.linalg.eigvalsh(derivatives(goldstein, uphill[-1])[2]).round(1))
tell("Goldstein and Price, with care", goldstein, careful)

# -- picture ---------------------------------------------------------------------------------------

try:
    from matplotlib.figure import Figure
except ImportError:
    sys.exit("no picture: install matplotlib to see it")
figure = Figure(figsize=(12, 4), layout="constrained")
left, middle, right = figure.subplots(1, 3)
xs = np.linspace(0, 2.1, 200)
left.plot(xs, quartic(xs), color="black", label="x⁴ - 2x²")
for i, x in enumerate(parabolas[:3]):
    x0, y0, slope, bend = (np.asarray(number).item() for number in (x, *derivatives(quartic, x)))
    lowest = x0 - slope / bend
    around = np.linspace(lowest - 0.6, x0, 100)
    left.plot(around, y0 + slope * (around - x0) + bend / 2 * (around - x0) ** 2, "--", color=f"C{i}")
    left.plot(x0, y0, "o", color=f"C{i}")
    left.plot([lowest, lowest], [quartic(lowest), y0 - slope**2 / bend / 2], ":", color=f"C{i}")
left.set_ylim(-4, 9)
left.set_title("parabolas, and jumps to their lowest points")
left.legend()
x0, x1 = np.meshgrid(np.linspace(-0.4, 1.3, 200), np.linspace(-0.4, 2.7, 200))
middle.contour(x0, x1, rosenbrock(x0, x1), levels=np.geomspace(0.1, 500, 12), colors="0.75", linewidths=0.7)
middle.plot(*slow.T, color="C1", label=f"gradient descent, {len(slow) - 1} steps")
middle.plot(*valley.T, "o-", color="C0", label=f"Newton's method, {len(valley) - 1} steps")
middle.plot(1, 1, "*", color="black", markersize=12)
middle.set_title("Rosenbrock's valley")
middle.legend(loc="upper right")
x0, x1 = np.meshgrid(np.linspace(-1.2, 1.4, 300), np.linspace(-1.5, 0.9, 300))
right.contourf(x0, x1, np.log10(goldstein(x0, x1)), levels=15, cmap="Blues_r")
right.plot(*uphill.T, "o-", color="#D55E00", label="Newton's method, up a hill")
right.plot(*careful.T, "o-", color="black", label="with care")
right.plot(0, -1, "*", color="white", markersize=12, zorder=3)
right.set_title("Goldstein and Price")
right.legend()
figure.savefig("newton.png", dpi=80)
print("saved newton.png")
