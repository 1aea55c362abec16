"""A process for one framework, which answers lines of JSON: ``python -m tests.benchmarks.worker NAME [PATH]``."""

import gc
import importlib
import json
import os
import re
import sys
import time
from pathlib import Path


def busy():
    """Seconds that all cores have spent on anything, or lost to other machines; None where nobody counts them."""
    try:
        with open("/proc/stat") as lines:
            user, nice, system, _idle, _wait, *rest = map(int, lines.readline().split()[1:9])
    except OSError:
        return None
    return (user + nice + system + sum(rest)) / os.sysconf("SC_CLK_TCK")


def peak():
    """The most memory that the process has held, in MiB."""
    status = Path("/proc/self/status")
    if status.exists():
        return int(re.search(r"VmHWM:\s+(\d+)", status.read_text())[1]) / 1024
    import resource  # Windows has none

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / 2**20 if sys.platform == "darwin" else most / 1024


class Server:
    """Prepares a step, and takes as many as it is asked for."""

    def __init__(self, module):
        self.module, self.step, self.at_start = module, None, peak()

    def prepare(self, function, arguments):
        self.step = None
        gc.collect()
        self.step = getattr(self.module, function)(**arguments)
        before = time.perf_counter()
        value = self.step()
        seconds = time.perf_counter() - before
        if seconds < 2:
            before = time.perf_counter()
            self.step()
            seconds = time.perf_counter() - before
        return {"value": value, "seconds": seconds}

    def run(self, steps):
        if steps > 1:
            self.step()  # wakes threads and caches
        all_before, own_before, before = busy(), time.process_time(), time.perf_counter()
        for _ in range(steps):
            self.step()
        seconds, own = time.perf_counter() - before, time.process_time() - own_before
        foreign = 0.0 if all_before is None else max(0.0, busy() - all_before - own) / seconds
        return {"seconds": seconds / steps, "own": own / steps, "foreign": foreign}

    def memory(self, function, arguments):
        self.step = getattr(self.module, function)(**arguments)
        for _ in range(3):
            self.step()
        return {"MiB": peak() - self.at_start}


def main(name, path=None):
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what a framework prints goes elsewhere
    if path:
        sys.path.insert(0, path)
    try:
        module = importlib.import_module(f"tests.benchmarks.{name}")
    except ImportError as error:
        print(json.dumps({"missing": str(error)}), file=answers, flush=True)
        return
    server = Server(module)
    print(json.dumps({"version": module.VERSION}), file=answers, flush=True)
    for line in sys.stdin:
        method, *arguments = json.loads(line)
        try:
            answer = getattr(server, method)(*arguments)
        except Exception as error:  # an old tree may lack what a workload needs
            answer = {"missing": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
