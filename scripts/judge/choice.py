"""The one source of randomness, so that a seed gives the same expressions."""

import random

R = random.Random()
c = R.choice


def maybe(chance):
    return R.random() < chance


def one(*makers):
    """One of the makers' texts; a plain text stands for itself."""
    maker = c(makers)
    return maker if isinstance(maker, str) else maker()
