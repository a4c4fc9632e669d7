"""What the kernels' tests share: every instruction set, one thread and several."""

import pytest

from cs231n import kernels

SETS = kernels.instruction_sets() or ("NumPy",)
_LIMITS = ("arrays", "conv_arrays", "products")


@pytest.fixture(autouse=True, scope="module")
def small_work_on_two_threads():
    """What takes a second thread for large work only must be right on two, however small."""
    with pytest.MonkeyPatch.context() as patch:
        for module in _LIMITS:
            patch.setattr(f"cs231n.kernels.{module}._WORK_OF_ONE_THREAD", 0)
        yield


@pytest.fixture(params=[(name, count) for name in SETS for count in (1, 2)], ids=str)
def machine(request):
    """Each instruction set with one thread and with two; another count by indirect parameters."""
    name, count = request.param
    threads = kernels.get_num_threads()
    kernels.set_num_threads(count)
    if name != "NumPy":
        kernels.set_instruction_set(name)
    yield
    kernels.set_num_threads(threads)
    if name != "NumPy":
        kernels.set_instruction_set(SETS[0])
