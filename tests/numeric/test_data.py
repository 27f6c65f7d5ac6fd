import pytest

from backprop_kit import gate, worked_example


def test_gates():
    X = gate("AND").X
    assert X.tolist() == [[0, 0], [0, 1], [1, 0], [1, 1]]
    truth = {"AND": all, "OR": any, "NAND": lambda x: not all(x), "XOR": lambda x: x[0] != x[1]}
    for name, rule in truth.items():
        assert gate(name).y.tolist() == [int(rule(x)) for x in X.astype(int).tolist()]
    assert gate("XOR").X is not gate("XOR").X


@pytest.mark.parametrize(("name", "error"), [("and", ValueError), (3, TypeError)])
def test_gates_check_the_name(name, error):
    with pytest.raises(error, match="name must be one of 'AND', 'OR', 'NAND', 'XOR', got"):
        gate(name)


def test_the_worked_example_turns_the_intercepts_sign():
    example = worked_example()
    assert example.thresholds[0].tolist() == [-0.35, -0.35]
    assert example.thresholds[1].tolist() == [-0.60, -0.60]
    assert example.weights[1][:, 0].tolist() == [0.40, 0.45]  # w5 and w6 go into o1
