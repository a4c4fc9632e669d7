"""Where the time of a training step goes, layer by layer."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median

import numpy as np

from cs231n import kernels
from cs231n.nets.plan import Plan
from cs231n.nets.steps import Step
from cs231n.nets.updates import Updates, hyper_parameters
from cs231n.validation import Array, as_extent


@dataclass(frozen=True)
class LayerProfile:
    """What one layer, or several fused, costs in a step; times are medians.

    Attributes
    ----------
    name : str
    output_shape : tuple, of one image
    forward_ms, backward_ms : float
    gflops : float
        Thousand million operations a second, forward and backward, counting two for each
        multiplication of the direct method; 0 where there are none.
    share : float
        Of the step's time, in %.
    algorithm : str
    megabytes : float
        The layer's output and what its forward pass leaves behind; some of it shares memory.
    """

    name: str
    output_shape: tuple[int, ...]
    forward_ms: float
    backward_ms: float
    gflops: float
    share: float
    algorithm: str
    megabytes: float


@dataclass(frozen=True)
class Profile:
    """One row a layer, the loss and the update; printing it gives a table.

    Attributes
    ----------
    layers : tuple of LayerProfile
    batch_size : int
    step_ms : float
        The rows' sum.
    gflops : float
        Over the whole step.
    megabytes : float
        The plan's memory for activations and their gradients.
    """

    layers: tuple[LayerProfile, ...]
    batch_size: int
    step_ms: float
    gflops: float
    megabytes: float

    def __str__(self) -> str:
        width = max(5, *(len(row.name) for row in self.layers))
        head = f"{'layer':<{width}}  {'output':<14} {'fwd ms':>8} {'bwd ms':>8} {'GFLOP/s':>8} "
        lines = [f"{head}{'share':>6} {'MB':>7}  algorithm"]
        for row in self.layers:
            shape = "x".join(map(str, row.output_shape))
            speed = f"{row.gflops:.1f}" if row.gflops else ""
            lines.append(
                f"{row.name:<{width}}  {shape:<14} {row.forward_ms:8.2f} {row.backward_ms:8.2f} "
                f"{speed:>8} {row.share:5.1f}% {row.megabytes:7.1f}  {row.algorithm}".rstrip()
            )
        forward, backward = (
            sum(getattr(row, way) for row in self.layers) for way in ("forward_ms", "backward_ms")
        )
        lines.append(
            f"{'sum':<{width}}  {f'batch {self.batch_size}':<14} {forward:8.2f} {backward:8.2f} "
            f"{self.gflops:8.1f} {100:5.1f}% {self.megabytes:7.1f}  {self.step_ms:.2f} ms a step"
        )
        return "\n".join(lines)


def profile(
    plan: Plan, steps: list[Step], X: Array, y: Array, params: Mapping[str, Array], repeats: int
) -> Profile:
    """Time the bound steps of a plan; the update is timed on copies of the parameters."""
    repeats, n = as_extent("steps", repeats, minimum=1), len(X)
    scores, dscores = plan.scores[:n], plan.dscores[:n]
    copies = {name: w.copy() for name, w in params.items()}
    updates, hyper = Updates("sgd", copies), hyper_parameters("sgd", {})
    decay = dict.fromkeys(copies, 0.0)
    forward: list[list[float]] = [[] for _ in steps]
    backward: list[list[float]] = [[] for _ in steps]
    loss: list[float] = []
    update: list[float] = []
    for repeat in range(repeats + 1):
        if repeat == 1:  # the first turn warms up
            for times in (*forward, *backward, loss, update):
                times.clear()
        np.copyto(plan.input[:n], X, casting="unsafe")
        for step, times in zip(steps, forward, strict=True):
            times.append(_milliseconds(step.forward))
        loss.append(_milliseconds(lambda: kernels.softmax_loss(scores, y, dscores=dscores)))
        for i in reversed(plan.learning):
            backward[i].append(_milliseconds(steps[i].backward_and_sum))
        update.append(_milliseconds(lambda: updates.apply(copies, plan.grads, decay, hyper)))
    rows = [
        (step, median(forward[i]), median(backward[i]) if backward[i] else 0.0)
        for i, step in enumerate(steps)
    ]
    return _table(plan, rows, n, median(loss), median(update))


def _milliseconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - start)


def _table(
    plan: Plan, rows: list[tuple[Step, float, float]], n: int, loss: float, update: float
) -> Profile:
    total = sum(forward + backward for _, forward, backward in rows) + loss + update
    layers, all_flops = [], 0.0
    for step, forward, backward in rows:
        # The gradients on the weights and on the input cost as much as the forward pass, each.
        passes = 1 + ("w" in step.learnt) + (step.dx is not None)
        flops = 2.0 * n * passes * step.placed.spec.multiply_adds(step.input_shape)
        all_flops += flops
        layers.append(
            LayerProfile(
                step.label,
                step.output_shape,
                forward,
                backward,
                _gflops(flops, forward + backward),
                _percent(forward + backward, total),
                step.algorithm,
                sum(array.nbytes for array in (step.out, *step.extra.values())) / 1e6,
            )
        )
    classes = plan.scores.shape[1:]
    layers += [
        LayerProfile("softmax loss", classes, loss, 0.0, 0.0, _percent(loss, total), "", 0.0),
        LayerProfile("update", (), 0.0, update, 0.0, _percent(update, total), "sgd", 0.0),
    ]
    memory = plan.memory.nbytes / 1e6
    return Profile(tuple(layers), n, total, _gflops(all_flops, total), memory)


def _gflops(flops: float, milliseconds: float) -> float:
    return flops / milliseconds / 1e6 if milliseconds else 0.0


def _percent(part: float, whole: float) -> float:
    return 100 * part / whole if whole else 0.0
