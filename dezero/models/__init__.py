"""Whole networks: the general ones, and published ones that recognize images."""

from dezero.models.imagenet import ImageNetModel, preprocess_torchvision
from dezero.models.model import MLP, Model, Sequential
from dezero.models.resnet import (
    BasicA,
    BasicB,
    BottleneckA,
    BottleneckB,
    BuildingBlock,
    ResNet,
    ResNet18,
    ResNet34,
    ResNet50,
    ResNet101,
    ResNet152,
    SmallResNet18,
)
from dezero.models.squeezenet import Fire, SqueezeNet
from dezero.models.vgg import VGG16

__all__ = [
    "MLP", "BasicA", "BasicB", "BottleneckA", "BottleneckB", "BuildingBlock", "Fire", "ImageNetModel", "Model",
    "ResNet", "ResNet18", "ResNet34", "ResNet50", "ResNet101", "ResNet152", "Sequential", "SmallResNet18", "SqueezeNet",
    "VGG16", "preprocess_torchvision",
]  # fmt: skip
