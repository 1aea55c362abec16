"""Convolution and pooling."""

__all__: list[str] = []
