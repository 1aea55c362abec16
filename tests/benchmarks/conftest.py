"""Without PyTorch its side of the comparison cannot be read."""

from importlib.util import find_spec

collect_ignore = [] if find_spec("torch") else ["theirs.py"]
