import os
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backprop_kit import ACTIVATIONS, Activation, Loss, Network, load, save
from backprop_kit.numeric import storage


@pytest.fixture
def path(tmp_path):
    return tmp_path / "network.npz"


def alike(a, b):
    same_parameters = all(
        p.tobytes() == q.tobytes() and p.shape == q.shape
        for p, q in zip(a.weights + a.thresholds, b.weights + b.thresholds, strict=True)
    )
    return same_parameters and repr(a) == repr(b) and a._loss is b._loss and a._output is b._output


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.integers(1, 6), min_size=1, max_size=4),
    st.integers(2, 4),
    st.sampled_from(sorted(ACTIVATIONS)),
    st.sampled_from([None, "softmax", *ACTIVATIONS]),
    st.integers(0, 2**32 - 1),
)
def test_what_comes_back_is_what_went_in(tmp_path_factory, sizes, n_out, activation, output, seed):
    loss = "cross_entropy" if output == "softmax" else "half_squared_error"
    network = Network((*sizes, n_out), activation=activation, output=output, loss=loss, rng=seed)
    network.weights[0][0, 0], network.thresholds[0][0] = -0.0, 5e-324
    file = tmp_path_factory.mktemp("saved") / "network.npz"
    save(network, file)
    assert alike(load(str(file)), network)


def test_the_name_is_taken_as_it_is_and_nothing_else_is_left(tmp_path):
    save(Network((2, 1)), str(tmp_path / "mine"))
    assert os.listdir(tmp_path) == ["mine"]
    load(tmp_path / "mine").weights[0][0, 0] = 1.0  # fresh arrays, open to change


def test_a_file_that_is_there_is_replaced_and_a_link_stays(tmp_path, path):
    save(Network((2, 1)), path)
    link = tmp_path / "link.npz"
    try:
        link.symlink_to(path)
    except OSError:
        pytest.skip("no links here")
    save(Network((3, 1)), link)
    assert link.is_symlink()
    assert load(path).sizes == (3, 1)


@pytest.mark.parametrize("broken", ["replace", "fsync"])
@pytest.mark.parametrize("error", [OSError, KeyboardInterrupt])
def test_a_failed_save_leaves_the_old_file_and_no_draft(path, monkeypatch, broken, error):
    save(Network((2, 1)), path)
    before = path.read_bytes()

    def fail(*_):
        raise error("disk full")

    monkeypatch.setattr(storage.os, broken, fail)
    with pytest.raises(error):
        save(Network((3, 1)), path)
    assert path.read_bytes() == before
    assert os.listdir(path.parent) == [path.name]


def test_every_cut_is_refused(path):
    save(Network((2, 2, 1)), path)
    content = path.read_bytes()
    for length in [*range(0, len(content), 37), len(content) - 1]:
        path.write_bytes(content[:length])
        with pytest.raises(ValueError, match="path must name a network written by save"):
            load(path)


def test_a_changed_byte_is_refused_or_does_no_harm(path):
    network = Network((2, 2, 1))
    save(network, path)
    content = bytearray(path.read_bytes())
    for place in range(0, len(content), 3):
        damaged = bytearray(content)
        damaged[place] ^= 0xFF
        path.write_bytes(damaged)
        try:
            loaded = load(path)
        except ValueError:
            continue
        assert alike(loaded, network)


class Bomb:
    def __reduce__(self):
        return (os.mkdir, ("exploded",))


def test_foreign_files_are_refused(path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    network = Network((2, 1))
    save(network, path)
    with np.load(path) as file:
        arrays = dict(file)
    pickled = {**arrays, "weights_0": np.array([Bomb()], dtype=object)}
    changes = [
        {"format": "backprop_kit network 2"},
        {"format": 3},
        {"activation": "swish"},
        {"activation": "softmax"},
        {"output": "softmax"},
        {"loss": "mse"},
        {"n_layers": 2},
        {"n_layers": 0},
        {"n_layers": -1},
        {"weights_0": np.ones((2, 3))},
        {"weights_0": np.array([[np.nan], [1.0]])},
        {"weights_0": np.array([["a"], ["b"]])},
    ]
    for wrong in [{"x": np.ones(3)}, pickled, *({**arrays, **change} for change in changes)]:
        np.savez(path, **wrong)
        with pytest.raises(ValueError, match="path must name a network written by save"):
            load(path)
    assert not (tmp_path / "exploded").exists()
    np.save(path.with_suffix(".npy"), np.ones(3))
    path.with_suffix(".txt").write_text("hello")
    with zipfile.ZipFile(path.with_suffix(".zip"), "w") as archive:
        archive.writestr("readme", "hello")
    for suffix in (".npy", ".txt", ".zip"):
        with pytest.raises(ValueError, match="path must name a network written by save"):
            load(path.with_suffix(suffix))


def test_what_cannot_be_saved_is_refused_before_a_file_appears(path):
    own = Activation("sigmoid", np.tanh, lambda b: 1 - b * b)  # another function by a known name
    error = Loss("own", lambda y_hat, y: 0 * y[:, 0], lambda y_hat, y: 0 * y)
    spoiled = Network((2, 1))
    spoiled.weights[0][0, 0] = np.nan
    for network, message in [
        (Network((2, 1), activation=own), "named activation"),
        (Network((2, 1), output=own), "named output"),
        (Network((2, 1), loss=error), "named loss to be saved, one of half_squared_error"),
        (spoiled, "holds NaN or infinity"),
    ]:
        with pytest.raises(ValueError, match=message):
            save(network, path)
    with pytest.raises(TypeError, match="network must be a Network, got str"):
        save("net", path)
    assert not path.exists()


def test_bad_paths_are_named(tmp_path):
    for bad in (None, 3, b"name"):
        with pytest.raises(TypeError, match="path must be a file's name"):
            save(Network((2, 1)), bad)
        with pytest.raises(TypeError, match="path must be a file's name"):
            load(bad)
    for bad in (tmp_path, tmp_path / "missing" / "net.npz"):
        with pytest.raises(ValueError, match="path must name a file in a folder that exists"):
            save(Network((2, 1)), bad)
    with pytest.raises(FileNotFoundError):
        load(tmp_path / "missing.npz")
