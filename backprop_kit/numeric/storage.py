"""A network in a file: NumPy's ``.npz``, read without pickle, written whole or not at all."""

import io
import os
import time

import numpy as np

from .activations import ACTIVATIONS, softmax
from .losses import LOSSES
from .network import Network, require_network

FORMAT = "backprop_kit network 1"
MOST_BYTES = 1_000_000_000  # unpacked: a small file may claim to hold more than a computer has
HELD_FOR = (0.01, 0.1, 0.5)  # seconds to wait, in turn, for a file that another program holds
OUTPUTS = {**ACTIVATIONS, softmax.name: softmax}


def save(network, path):
    """Write `network` to the file `path`, replacing one that is there.

    Parameters
    ----------
    network : Network
        Its activations and its error function must be named ones of this package: a function of
        your own cannot be stored.
    path : str or path-like
        Taken as it is; end it with ``.npz``.

    Raises
    ------
    TypeError, ValueError
        When `network` or `path` does not fit. No file is written.
    OSError
        When the file cannot be written. What stood there before is untouched.

    Notes
    -----
    The numbers go to a new file beside `path` first, which then takes its name in one move: whoever
    reads `path` finds the old network or the new one, never half of one.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save(Network((2, 2, 1)), f"{folder}/xor.npz")
    ...     load(f"{folder}/xor.npz")
    Network(2-2-1, sigmoid, half_squared_error, 9 parameters)
    """
    path = _as_path(path)
    content = _to_bytes(network)
    target = _as_path(os.path.realpath(path))  # a link stays a link
    if target.is_dir() or not target.parent.is_dir():
        raise ValueError(f"path must name a file in a folder that exists, got {str(path)!r}")
    write_whole(target, content)


def write_whole(target, content):
    """Write a file whole or not at all: to a draft beside it, which then takes its name.

    Parameters
    ----------
    target : pathlib.Path
    content : bytes

    Raises
    ------
    OSError
        When the file cannot be written; it is then as it was.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_whole(Path(folder) / "x", b"42")
    ...     [file.name for file in Path(folder).iterdir()]
    ['x']
    """
    draft = target.with_name(f".{os.urandom(16).hex()}.tmp")
    try:
        with open(draft, "xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        _replace(draft, target)
    except BaseException:  # an interrupt too must leave no draft behind
        draft.unlink(missing_ok=True)
        raise


def _replace(draft, target):
    """Give the draft its name; on Windows, once whoever reads the old file has let it go."""
    for wait in HELD_FOR if os.name == "nt" else ():
        try:
            return os.replace(draft, target)
        except PermissionError:
            time.sleep(wait)
    return os.replace(draft, target)


def load(path):
    """Return the network that `save` wrote to the file `path`, equal to the last bit.

    Parameters
    ----------
    path : str or path-like

    Returns
    -------
    Network

    Raises
    ------
    TypeError
        When `path` is no path.
    ValueError
        When the file is damaged, or is something else than a saved network.
    OSError
        When the file cannot be read, ``FileNotFoundError`` when there is none.

    Examples
    --------
    >>> load("no-such-file.npz")
    Traceback (most recent call last):
    ...
    FileNotFoundError: [Errno 2] No such file or directory: 'no-such-file.npz'
    """
    path = _as_path(path)
    content = path.read_bytes()
    try:
        return _from_bytes(content)
    except Exception as error:  # whatever a damaged archive makes its readers raise
        raise ValueError(
            f"path must name a network written by save; {str(path)!r} is damaged or another "
            f"kind of file ({error})"
        ) from error


def _to_bytes(network):
    require_network(network)
    network._require_finite_parameters()
    parts = {
        "activation": (network._activation, ACTIVATIONS),
        "output": (network._output, OUTPUTS),
        "loss": (network._loss, LOSSES),
    }
    for part, (function, known) in parts.items():
        if known.get(function.name) is not function:
            raise ValueError(
                f"network must have a named {part} to be saved, one of {', '.join(known)}; "
                f"got one of your own, {function.name!r}"
            )
    arrays = {"format": FORMAT, "n_layers": len(network.weights)}
    arrays |= {part: function.name for part, (function, _) in parts.items()}
    for layer, (w, theta) in enumerate(zip(network.weights, network.thresholds, strict=True)):
        arrays |= {f"weights_{layer}": w, f"thresholds_{layer}": theta}
    file = io.BytesIO()
    np.savez(file, **arrays)  # numbers and words, none of which NumPy would pickle
    return file.getvalue()


def _from_bytes(content):
    import zipfile  # only here: NumPy, too, loads it when it reads a file

    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if sum(part.file_size for part in archive.infolist()) > MOST_BYTES:
            raise ValueError(f"it unpacks to more than {MOST_BYTES:,} bytes")
    with np.load(io.BytesIO(content), allow_pickle=False) as file:
        arrays = {name: file[name] for name in file.files}
    if "format" not in arrays or str(arrays["format"]) != FORMAT:
        raise ValueError(f"it does not say {FORMAT!r}")
    layers = range(int(arrays["n_layers"]))
    return Network.from_parameters(
        [arrays[f"weights_{layer}"] for layer in layers],
        [arrays[f"thresholds_{layer}"] for layer in layers],
        activation=str(arrays["activation"]),
        output=str(arrays["output"]),
        loss=str(arrays["loss"]),
    )


def _as_path(path):
    if isinstance(path, bytes) or not isinstance(path, str | os.PathLike):
        raise TypeError(f"path must be a file's name, got {type(path).__name__}")
    from pathlib import Path  # only here: it takes as long to load as the half of this package

    return Path(path)
