"""Peers that must be refused: each looks right and is not."""

from bench.peers.ours import Plain


class RateOff(Plain):
    """Its learning rate is off in the tenth digit."""

    def __init__(self, work):
        super().__init__(work)
        self.eta *= 1 + 1e-10


class OneStepLess(Plain):
    """Leaves out a step of each run."""

    def run(self, steps):
        super().run(steps - 1)


class Stuck(Plain):
    """Never gets as far as a result."""

    def run(self, steps):
        raise ArithmeticError("out of luck")


class NotANumber(Plain):
    """Its parameters are NaN, which compares with nothing."""

    def parameters(self):
        return tuple([block * float("nan") for block in blocks] for blocks in super().parameters())
