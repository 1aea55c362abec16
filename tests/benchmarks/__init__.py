"""How fast dezero is beside PyTorch's eager mode, and what each fast twin earns: ``python -m tests.benchmarks``.

`ours` and `theirs` hold the same workloads, for dezero and for PyTorch; `workloads` lists them with their sizes.
`measure` asks one process for each framework in turn, `report` writes tables. docs/benchmarks.md explains the results.
"""
