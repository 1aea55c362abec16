"""Time processes in turn, so that what disturbs one disturbs the others as well, and compare them round by round.

Each framework has a process of its own: in one process the idle threads of one would take time from the other. Where
another program takes more than `QUIET` of a core during a measurement, it is repeated, and the quietest one counts.
On one core, the time that the process itself has computed counts, to which other programs add little.
"""

import json
import os
import random
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

__all__ = ["ROOT", "Framework", "Result", "compare", "compare_imports", "compare_memory", "quartiles"]

ROOT = Path(__file__).parents[2]
QUIET = 0.08  # of a core
SECONDS = 0.25  # of a measurement, about


class Framework:
    """A process that runs the workloads in one framework."""

    def __init__(self, label, path=None, one_core=False):
        self.one_core, self.label, self.module, self.path = (
            one_core,
            label,
            "theirs" if label == "torch" else "ours",
            path,
        )
        command = [sys.executable, "-m", "tests.benchmarks.worker", self.module, *([str(path)] if path else [])]
        pipe = subprocess.PIPE
        environment = os.environ | dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
        environment = environment if one_core else None
        self.process = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, cwd=ROOT, env=environment)
        answer = self._answer()
        self.version, self.missing = answer.get("version", ""), answer.get("missing", "")

    def _answer(self):
        line = self.process.stdout.readline()
        return json.loads(line) if line else {"missing": "the process has ended"}

    def ask(self, *question):
        try:
            print(json.dumps(question), file=self.process.stdin, flush=True)
        except BrokenPipeError:
            return {"missing": "the process has ended"}
        return self._answer()

    def close(self):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.close()


class Result(NamedTuple):
    """What a framework takes for a workload."""

    label: str
    amount: float  # ms or MiB; the median
    ratio: float | None  # to PyTorch, the median over rounds
    low: float | None  # its quartiles
    high: float | None
    disturbed: float  # the share of measurements during which other programs ran
    value: float | None  # a number that all frameworks agree on


def quartiles(numbers):
    """The first quartile, the median and the third quartile."""
    return tuple(statistics.quantiles(numbers, n=4, method="inclusive")) if len(numbers) > 1 else (numbers[0],) * 3


def compare(frameworks, workload, rounds, retries=5):
    """The results of a workload in frameworks, of which "torch" is what the others are compared with."""
    ready = []
    for framework in frameworks:
        answer = framework.ask("prepare", workload.function, workload.arguments)
        if "missing" in answer:
            print(f"{workload.name}: {framework.label} has not got it: {answer['missing']}", file=sys.stderr)
        else:
            steps = min(2000, max(1, int(SECONDS / max(answer["seconds"], 1e-7))))
            ready.append((framework, steps, answer["value"]))
    times = {framework.label: [] for framework, _, _ in ready}
    for _ in range(rounds):
        for framework, steps, _ in random.sample(ready, len(ready)):
            times[framework.label].append(_quietest(framework, steps, retries))
    values = {framework.label: value for framework, _, value in ready}
    disturbed = {label: sum(t["foreign"] >= QUIET for t in all_) / rounds for label, all_ in times.items()}
    return _results({k: [1e3 * t["seconds"] for t in all_] for k, all_ in times.items()}, disturbed, values)


def _quietest(framework, steps, retries):
    best = None
    for attempt in range(retries + 1):
        time.sleep(0.1 if attempt else 0.01)
        found = framework.ask("run", steps)
        if "missing" in found:
            raise RuntimeError(f"{framework.label}: {found['missing']}")
        if framework.one_core:  # its own time, in which other programs do not count
            return {"seconds": found["own"], "foreign": 0.0}
        if best is None or found["foreign"] < best["foreign"]:
            best = found
        if best["foreign"] < QUIET:
            break
    return best


def _results(amounts, disturbed, values):
    found, base = [], amounts.get("torch")
    for label, numbers in amounts.items():
        low, ratio, high = quartiles([x / y for x, y in zip(numbers, base)]) if base else (None, None, None)
        median = statistics.median(numbers)
        found.append(Result(label, median, ratio, low, high, disturbed.get(label, 0.0), values.get(label)))
    return found


def compare_imports(frameworks, rounds):
    """The time in which an interpreter starts, imports the framework, and ends."""
    commands = {}
    for framework in frameworks:
        where = f"import sys; sys.path.insert(0, {str(framework.path or ROOT)!r}); "
        commands[framework.label] = "import torch" if framework.label == "torch" else where + "import dezero"
    times = {label: [] for label in commands}
    for _ in range(rounds):
        for label, command in random.sample(list(commands.items()), len(commands)):
            before = time.perf_counter()
            subprocess.run([sys.executable, "-c", command], check=True, cwd=ROOT, stderr=subprocess.DEVNULL)
            times[label].append(1e3 * (time.perf_counter() - before))
    return _results(times, {}, {})


def compare_memory(frameworks, workload):
    """The peak of memory over three steps, above what the process held after its imports."""
    amounts = {}
    for framework in frameworks:
        with Framework(framework.label, framework.path, framework.one_core) as fresh:
            answer = fresh.ask("memory", workload.function, workload.arguments)
        if "missing" not in answer:
            amounts[framework.label] = [answer["MiB"]]
    return _results(amounts, {}, {})
