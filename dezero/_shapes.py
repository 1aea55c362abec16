"""Integers only: sizes of convolutions and pooling, axes."""
