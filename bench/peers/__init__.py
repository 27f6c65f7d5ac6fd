"""The peers: who does the work. One module a library, imported in a process of its own.

A peer is a class: ``peer(work)`` sets up, ``run(steps)`` trains on from where it is and returns
when all is computed, ``parameters()`` gives weights, then thresholds, as lists of arrays.
Each is written as its library's users write it, in the quickest of the usual ways.
"""

import importlib
import importlib.util
from dataclasses import dataclass


@dataclass(frozen=True)
class Peer:
    """Where a peer is found, and what it is.

    Attributes
    ----------
    name : str
        In tables.
    module, attribute : str
        The class.
    library : str
        What must be installed for it.
    what : str
        What exactly is timed, for the notes under a table.
    outputs : tuple of str
        Which works it can do: those with these output layers,
    most_parameters : int, optional
        and with one batch of no larger network.
    """

    name: str
    module: str
    attribute: str
    library: str
    what: str
    outputs: tuple[str, ...] = ("sigmoid", "softmax")
    most_parameters: int | None = None

    @property
    def installed(self):
        """Whether the library is there."""
        return importlib.util.find_spec(self.library) is not None

    def load(self):
        """Import the module and return the class."""
        return getattr(importlib.import_module(self.module), self.attribute)

    def can(self, work):
        """Whether this peer does such work."""
        small = self.most_parameters is None or work.n_parameters <= self.most_parameters
        return work.output in self.outputs and small


SIGMOID, SOFTMAX = ("sigmoid",), ("softmax",)

OURS = Peer("ours", "bench.peers.ours", "Step", "numpy", "one step of the loop inside `train`")
FLOOR = Peer(
    "NumPy floor",
    "bench.peers.floor",
    "Floor",
    "numpy",
    "the matrix products and the fewest ufunc calls, into buffers, with no check",
)
PYTORCH = Peer(
    "PyTorch", "bench.peers.pytorch", "Modules", "torch", "eager: `nn.Sequential`, `optim.SGD`"
)
JAX_STEP = Peer(
    "JAX step", "bench.peers.xla", "Step", "jax", "`jit` of one step, its parameters donated"
)
JAX_LOOP = Peer(
    "JAX loop", "bench.peers.xla", "Loop", "jax", "the whole loop compiled, `lax.scan` in `jit`"
)

PEERS = (
    OURS,
    Peer(
        "train()",
        "bench.peers.ours",
        "Train",
        "numpy",
        "the public function, which also shuffles, and looks at all samples' error every epoch",
    ),
    Peer(
        "plain methods",
        "bench.peers.ours",
        "Plain",
        "numpy",
        "`forward`, `backward`, `step` of `Network`",
    ),
    Peer(
        "generated",
        "bench.peers.derived",
        "Generated",
        "sympy",
        "plain Python, which `write_step` writes from the derived formulas",
        SIGMOID,
        most_parameters=20,
    ),
    FLOOR,
    PYTORCH,
    Peer(
        "PyTorch by hand",
        "bench.peers.pytorch",
        "ByHand",
        "torch",
        "eager: tensors, `autograd.grad`",
    ),
    JAX_STEP,
    JAX_LOOP,
    Peer(
        "scikit-learn",
        "bench.peers.scikit",
        "Classifier",
        "sklearn",
        "`MLPClassifier.partial_fit`, one call a pass over the data; it knows classes only",
        SOFTMAX,
    ),
    Peer(
        "autograd",
        "bench.peers.hips",
        "Step",
        "autograd",
        "HIPS autograd: `grad`, then a step in NumPy",
    ),
)

TRAIN_MANY = Peer("train_many()", "bench.peers.ours", "TrainMany", "numpy", "the public function")

MANY_PEERS = (
    TRAIN_MANY,
    Peer(
        "ours, one by one",
        "bench.peers.ours",
        "OneByOne",
        "numpy",
        "the step of `train` for each network",
    ),
    Peer("JAX vmap", "bench.peers.xla", "Step", "jax", "`jit(vmap(step))`, its parameters donated"),
    Peer("JAX vmap loop", "bench.peers.xla", "Loop", "jax", "the whole loop compiled"),
    Peer("torch.vmap", "bench.peers.pytorch", "Many", "torch", "`vmap` of `func.grad`, eager"),
)

GROWTH_PEERS = (OURS, FLOOR, PYTORCH, JAX_STEP)
