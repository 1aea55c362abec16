"""Functions: normalization."""

__all__: list[str] = []
