"""A network finds a law's constants from ten measured points, and continues the curve by the law.

A weight on a spring, let go at the height 1, swings and comes to rest. Its height u obeys

    u'' + 2 d u' + k u = 0         d: the friction, 1/s    k: the spring, 1/s²

but nobody knows d and k, and only the beginning was measured, with some noise. A network u(t) that fits these ten
points may do afterwards what it likes, and does. But the law holds at every time. So we take sixty times at which
nothing was measured, and ask the network for u, u' and u'' there. If the left side of the law is not 0, that is an
error like any other:

    loss = mean (u - measured)² + weight · mean (u'' + 2 d u' + k u)²

d and k are learned like the weights of the network (Raissi, Perdikaris and Karniadakis, "Physics-informed neural
networks", 2019).

u' and u'' are derivatives of the network by its input. `grad` makes them as Variables, so the gradient of the loss goes
back through them, to the weights: that is the derivative, by a weight, of a second derivative by the input.

Look at: physics_informed.png. Through the ten points, both networks are right. After them, the one without the law goes
off, and the other one swings on like the true weight, three times as far as anybody measured. Then the constants.
They started at d = 0 and k = 1, and come to 0.43 and 16.0; the points were made with 0.4 and 16.

How long: 8 seconds of one core.

Readers ask:
- Why does `grad` of 60 numbers give 60 derivatives? It differentiates their sum, and each u depends on its own t alone.
- Why F.sin, and not relu? The second derivative of a relu network is 0 everywhere. Here sines also suit the curve; with
  F.tanh, which is more usual, it takes longer.
- Why a small weight? u'' is some 16 times as large as u, its square 256 times.

In the package: dezero.grad with create_graph=True; Parameter; Optimizer.add_group, which gives d and k a larger rate.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))  # so that it runs from a bare clone, too

import numpy as np

import dezero
import dezero.functions as F
from dezero import Model, Parameter, Variable, grad, no_grad, optimizers
from dezero.models import MLP
from dezero.training import progress

true_d, true_k = 0.4, 16.0
end = 5.0  # seconds
measured_until = 1.75
noise = 0.02
max_epoch = 6
updates = 500  # in an epoch
hidden_size = 32
weight = 1e-2  # of the law
lr = 5e-3


def exact(t):
    w = np.sqrt(true_k - true_d**2)
    return np.exp(-true_d * t) * (np.cos(w * t) + true_d / w * np.sin(w * t))


class Spring(Model):
    def __init__(self):
        super().__init__()
        self.u = MLP((hidden_size, hidden_size, 1), activation=F.sin)
        self.d, self.k = Parameter(np.array(0.0)), Parameter(np.array(1.0))

    def forward(self, t):  # (N, 1) to (N, 1)
        return self.u(2 * t / end - 1)  # networks like inputs from -1 to 1

    def misfit(self, t, measured):
        return F.mean_squared_error(self(t), measured)

    def lawlessness(self, t):
        u = self(t)
        gu = grad(u, t, create_graph=True)
        ggu = grad(gu, t, create_graph=True)
        return F.mean((ggu + 2 * self.d * gu + self.k * u) ** 2)


# -- learning --------------------------------------------------------------------------------------

dezero.seed(0)
measured_t = np.linspace(0, measured_until, 10)[:, np.newaxis]
measured_u = exact(measured_t) + noise * np.random.randn(10, 1)
law_t = Variable(np.linspace(0, end, 60)[:, np.newaxis])


def learned(weight, name):
    model = Spring()
    model.misfit(measured_t, measured_u)  # makes the weights
    optimizer = optimizers.Adam(lr).setup(model)
    optimizer.add_group(model.d, model.k, lr=10 * lr)
    optimizer.schedule = optimizers.cosine_decay(max_epoch * updates, end=0.01)
    print(name)
    steps = progress(range(updates), misfit=lambda: misfit, law=lambda: law)
    for _ in range(max_epoch):
        for _ in steps:
            misfit, law = model.misfit(measured_t, measured_u), model.lawlessness(law_t)
            loss = misfit + weight * law
            model.cleargrads()
            loss.backward()
            optimizer.update()
    return model


free = learned(0.0, "without the law")
lawful = learned(weight, "with the law")

t = np.linspace(0, end, 300)[:, np.newaxis]
with no_grad():
    free_u, lawful_u = free(t).data, lawful(t).data
free_error, lawful_error = (np.abs(u - exact(t)).max() for u in (free_u, lawful_u))
print(f"largest error up to {end:g} s: {free_error:.3f} without the law, {lawful_error:.3f} with it")
print(f"d = {lawful.d.item():.3f} (true: {true_d}), k = {lawful.k.item():.2f} (true: {true_k})")

# -- picture ---------------------------------------------------------------------------------------

try:
    from matplotlib.figure import Figure
except ImportError:
    sys.exit("no picture: install matplotlib to see it")
figure = Figure(figsize=(8, 4), layout="constrained")
axes = figure.subplots()
axes.axvspan(0, measured_until, color="0.93", label="measured so far")
axes.plot(t, exact(t), color="0.6", linewidth=5, label="the true height")
axes.plot(t, free_u, color="#D55E00", linestyle="--", label="network, without the law")
axes.plot(t, lawful_u, color="#0072B2", label=f"with the law: d = {lawful.d.item():.2f}, k = {lawful.k.item():.1f}")
axes.plot(measured_t, measured_u, "o", color="black", label="ten points")
axes.set(ylim=(-1.3, 1.9), xlim=(0, end), xlabel="t, seconds", ylabel="u")
axes.legend(ncol=2, loc="upper right")
figure.savefig("physics_informed.png", dpi=80)
print("saved physics_informed.png")
