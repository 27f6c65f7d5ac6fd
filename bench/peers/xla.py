"""JAX in float64: one step compiled, the whole loop compiled, and both for many networks."""

import jax
import jax.numpy as jnp
import numpy as np

jax.config.update("jax_enable_x64", True)


class Step:
    """A jitted step, called from Python; its parameters are donated, which is quicker."""

    def __init__(self, work):
        self.batches = [(jnp.array(X), jnp.array(Y)) for X, Y in zip(work.X, work.Y, strict=True)]
        self.p = _start(work)
        self.step = jax.jit(_step_of(work), donate_argnums=0)

    def run(self, steps):
        """Train on."""
        p = self.p
        for _ in range(steps // len(self.batches)):
            for X, Y in self.batches:
                p = self.step(p, X, Y)
        self.p = jax.block_until_ready(p)

    def parameters(self):
        """Return weights and thresholds."""
        return tuple([np.asarray(block) for block in blocks] for blocks in self.p)


class Loop(Step):
    """All steps in one compiled call: Python is left out."""

    def __init__(self, work):
        self.n_batches = len(work.X)
        self.X, self.Y = jnp.array(work.X), jnp.array(work.Y)
        self.p = _start(work)
        step = _step_of(work)

        def run(p, X, Y, cycles):
            def cycle(_, p):
                return jax.lax.scan(lambda p, batch: (step(p, *batch), None), p, (X, Y))[0]

            return jax.lax.fori_loop(0, cycles, cycle, p)

        self.compiled = jax.jit(run, donate_argnums=0)

    def run(self, steps):
        """Train on."""
        p = self.compiled(self.p, self.X, self.Y, steps // self.n_batches)
        self.p = jax.block_until_ready(p)


def _start(work):
    return [jnp.array(w) for w in work.weights], [jnp.array(theta) for theta in work.thresholds]


def _step_of(work):
    """Return the function of one step, of one network or, by ``vmap``, of many."""

    def error(p, X, Y):
        weights, thresholds = p
        b = X
        for w, theta in zip(weights[:-1], thresholds[:-1], strict=True):
            b = jax.nn.sigmoid(b @ w - theta)
        u = b @ weights[-1] - thresholds[-1]
        if work.output == "softmax":
            return -(Y * jax.nn.log_softmax(u)).sum() / len(X)
        return 0.5 * ((jax.nn.sigmoid(u) - Y) ** 2).sum() / len(X)

    def step(p, X, Y):
        return jax.tree.map(lambda p, g: p - work.eta * g, p, jax.grad(error)(p, X, Y))

    many = work.weights[0].ndim == 3
    return jax.vmap(step, in_axes=(0, None, None)) if many else step
