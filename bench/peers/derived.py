"""The step that the derivation writes; apart from `ours`, since it loads SymPy."""

import numpy as np

from backprop_kit.symbolic.codegen import compile_step, write_step


class Generated:
    """The step that `write_step` writes from the derived formulas, in plain Python."""

    def __init__(self, work):
        self.step = compile_step(write_step(*work.sizes))
        pairs = zip(work.X[0].tolist(), work.Y[0].tolist(), strict=True)
        self.samples, self.eta = list(pairs), work.eta
        layers = zip(work.weights, work.thresholds, strict=True)
        blocks = [block for layer in layers for block in layer]
        self.shapes = [block.shape for block in blocks]
        self.p = tuple(np.concatenate([block.ravel() for block in blocks]).tolist())

    def run(self, steps):
        """Train on."""
        p = self.p
        for _ in range(steps):
            p = self.step(p, self.samples, self.eta)
        self.p = p

    def parameters(self):
        """Return weights and thresholds."""
        ends = np.cumsum([np.prod(shape) for shape in self.shapes])[:-1]
        pieces = zip(np.split(np.array(self.p), ends), self.shapes, strict=True)
        blocks = [piece.reshape(shape) for piece, shape in pieces]
        return blocks[::2], blocks[1::2]
