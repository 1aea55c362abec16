"""Deep Q-learning: a network learns to balance a pole, from nothing but its falls.

A pole stands on a cart, and falls over unless the cart is pushed left and right in time. There is only a reward: -1
for a fall, 0 otherwise. Q(state, action) is what one may expect from here on, if one does this now and the best ever
after. A fall in n steps counts discount^n: better late than soon. What is said of this step and the next must agree:

    Q(state, action) = reward + discount · max Q(next state, any action)        (nothing after a fall)

The network answers to a state, four numbers, with Q of both actions, and learns from the difference of the two sides.
Two ideas made that work (Mnih et al., "Human-level control through deep reinforcement learning", 2015). The memory: a
batch is drawn from all that ever happened, since steps that follow each other are too alike. The target network: the
right side comes from a copy that is renewed only now and then; otherwise the network runs after its own tail. And where
the network chooses, the copy says what that is worth, or flattering errors are believed (van Hasselt et al., "Deep
reinforcement learning with double Q-learning", 2015).

Look at: the lines. After ten episodes each there is an exam without random actions: how many steps ten poles stand. At
first some 10, a fifth of a second. In the end 500, ten seconds, all ten of them, and we stop. Then the picture: a pole
that leans, before learning and after; and the rule that was found, for a cart at rest in the middle.

How long: 7 seconds of one core. It is a matter of luck: each of the seeds 1 to 4 gets there, in 110 to 180 episodes.

Readers ask:
- Why random actions (epsilon)? Who never tries anything else never finds out that it would be better.
- Why does the curve not just rise? What is learned about new states also changes the answers for old ones.

In the package: F.huber_loss, which is gentle with large errors; y[rows, columns] of a Variable.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))  # so that it runs from a bare clone, too

import copy
from math import cos, radians, sin

import numpy as np

import dezero
import dezero.functions as F
from dezero import no_grad, optimizers
from dezero.models import MLP

seed = 1
max_episode = 400
longest = 500  # steps of an episode
hidden_size = 64
batch_size = 64
memory_size = 50000  # steps
random_steps = 500  # before it learns
discount = 0.995
copy_every = 200  # steps
lr = 1e-3


def move(state, action):
    """The state 0.02 s later, and whether the pole fell (Barto, Sutton and Anderson, 1983, without friction).

    A state is the place of the cart, m, its speed, the angle of the pole, radians to the right, and how fast it grows.
    The cart weighs 1 kg and is pushed with 10 N to the left (0) or right (1), the pole weighs 0.1 kg and is 1 m long.
    """
    _, speed, angle, spin = state.tolist()
    force = (10 if action == 1 else -10) + 0.1 * 0.5 * spin**2 * sin(angle)
    tilt = (9.8 * sin(angle) - force / 1.1 * cos(angle)) / (0.5 * (4 / 3 - 0.1 * cos(angle) ** 2 / 1.1))
    thrust = (force - 0.1 * 0.5 * tilt * cos(angle)) / 1.1
    after = state + np.array([speed, thrust, spin, tilt], np.float32) * np.float32(0.02)
    return after, abs(after[0]) > 2.4 or abs(after[2]) > radians(12)


def best_action(state):
    with no_grad():
        return int(model(state[np.newaxis]).data.argmax())


def exam(state):  # the states that a pole goes through, without random actions
    states, fallen = [state], False
    while not fallen and len(states) <= longest:
        state, fallen = move(state, best_action(state))
        states.append(state)
    return states


# -- learning --------------------------------------------------------------------------------------

dezero.seed(seed)
leaning = np.array([0, 0, 0.1, 0], np.float32)
model = MLP((hidden_size, hidden_size, 2), activation=F.relu)
untrained = exam(leaning)
target = copy.deepcopy(model)
optimizer = optimizers.Adam(lr).setup(model)
befores, afters = np.zeros((2, memory_size, 4), np.float32)  # the memory
actions, falls = np.zeros(memory_size, int), np.zeros(memory_size, bool)
steps, lengths = 0, []

for episode in range(1, max_episode + 1):
    state, fallen, length = np.random.uniform(-0.1, 0.1, 4).astype(np.float32), False, 0
    while not fallen and length < longest:
        epsilon = max(0.05, 1 - steps / 3000)
        action = np.random.randint(2) if np.random.rand() < epsilon else best_action(state)
        after, fallen = move(state, action)
        here = steps % memory_size  # the oldest is overwritten
        befores[here], actions[here], afters[here], falls[here] = state, action, after, fallen
        state, length, steps = after, length + 1, steps + 1

        if steps >= random_steps and steps % 2 == 0:
            i, rows = np.random.randint(min(steps, memory_size), size=batch_size), np.arange(batch_size)
            with no_grad():
                worth = target(afters[i]).data[rows, model(afters[i]).data.argmax(axis=1)]
            wanted = np.where(falls[i], np.float32(-1), np.float32(discount) * worth)
            loss = F.huber_loss(model(befores[i])[rows, actions[i]], wanted)
            model.cleargrads()
            loss.backward()
            optimizer.update()
        if steps % copy_every == 0:
            target = copy.deepcopy(model)

    lengths.append(length)
    if episode % 10 == 0:
        stood = [len(exam(np.random.uniform(-0.1, 0.1, 4).astype(np.float32))) - 1 for _ in range(10)]
        print(f"episode {episode:3}  {steps:5} steps  exam: {' '.join(map(str, stood))}", flush=True)
        if min(stood) == longest:
            break

# -- picture ---------------------------------------------------------------------------------------

try:
    from matplotlib.figure import Figure
except ImportError:
    sys.exit("no picture: install matplotlib to see it")
figure = Figure(figsize=(9, 5), layout="constrained")
parts = figure.subplot_mosaic([["before", "before"], ["after", "after"], ["curve", "rule"]], height_ratios=(1, 1, 3))
for name, states in (("before", untrained), ("after", exam(leaning))):
    for i, (place, _, angle, _) in enumerate(states[:49:3]):
        foot = 1.2 * i + place
        parts[name].plot([foot - 0.25, foot + 0.25], [0, 0], color="#555555", linewidth=5)
        parts[name].plot([foot, foot + sin(angle)], [0, cos(angle)], color="#D55E00", linewidth=3)
    parts[name].set_title(f"{name} learning it stood for {len(states) - 1} steps; here is every third of the first 49")
    parts[name].set(xlim=(-1, 20.5), ylim=(-0.2, 1.2), xticks=[], yticks=[], aspect="equal")
parts["curve"].plot(np.arange(1, len(lengths) + 1), lengths, color="#0072B2")
parts["curve"].set(xlabel="episode", ylabel="steps, with random actions")
angle, turning = np.meshgrid(np.linspace(-0.1, 0.1, 101), np.linspace(-1, 1, 101))
with no_grad():
    q = model(np.stack([0 * angle, 0 * angle, angle, turning], axis=-1).reshape(-1, 4).astype(np.float32)).data
push = np.sign(q[:, 1] - q[:, 0]).reshape(angle.shape)
parts["rule"].contourf(angle, turning, push, levels=[-2, 0, 2], colors=["#9ECAE1", "#FDD0A2"])
parts["rule"].set_title("blue: push to the left, orange: push to the right", fontsize="medium")
parts["rule"].set(xticks=[-0.1, 0, 0.1], xlabel="angle, radians to the right", ylabel="turning, radians per second")
figure.savefig("deep_q_learning.png", dpi=80)
print("saved deep_q_learning.png")
