"""Batch normalisation with ReLU, in training and at test time; the normalisations of one image."""

from typing import ClassVar

import numpy as np

from cs231n import kernels
from cs231n.kernels.workspace import empty_aligned
from cs231n.nets.placing import Placed
from cs231n.nets.specs import BatchNorm, GroupNorm, LayerNorm, LocalResponseNorm
from cs231n.nets.steps.base import Need, Step
from cs231n.validation import Array


class BatchNormStep(Step):
    """The ReLU's mask is computed again from the input, so the output is not kept."""

    needs_x = Need.LATE
    backward_in_place = True
    always_writes_dx = True
    stems: ClassVar = {"gamma": "gamma", "beta": "beta"}
    kept_stems: ClassVar = {"running_mean": "running_mean", "running_var": "running_var"}
    gamma: Array
    beta: Array
    dgamma: Array
    dbeta: Array
    running_mean: Array
    running_var: Array

    def __init__(self, placed: Placed, relu: bool, dtype: np.dtype) -> None:
        super().__init__(placed, relu)
        assert isinstance(placed.spec, BatchNorm)
        self.eps, self.momentum = placed.spec.eps, placed.spec.momentum
        C = placed.input_shape[:1]
        self.mean, self.var = empty_aligned(C, dtype), empty_aligned(C, dtype)
        if not placed.spec.scale:
            self.gamma, self.dgamma = np.ones(C, dtype), empty_aligned(C, dtype)

    def forward(self) -> None:
        """Fill `out`, and move the running averages."""
        kernels.batchnorm_forward(
            self.x,
            self.gamma,
            self.beta,
            self.eps,
            relu=self.relu,
            out=self.out,
            mean=self.mean,
            var=self.var,
        )
        for running, batch in ((self.running_mean, self.mean), (self.running_var, self.var)):
            running *= self.momentum
            running += (1 - self.momentum) * batch

    def statistics(self) -> dict[str, Array]:
        """Return the batch's mean and variance."""
        found = {"running_mean": self.mean, "running_var": self.var}
        return {self.kept[attribute]: array for attribute, array in found.items()}

    def backward(self) -> None:
        """Fill dx, which may be `dout`, dgamma and dbeta."""
        kernels.batchnorm_backward(
            self.dout,
            self.x,
            self.gamma,
            self.beta,
            self.mean,
            self.var,
            self.eps,
            relu=self.relu,
            out=self.dx,
            dgamma=self.dgamma,
            dbeta=self.dbeta,
        )


class BatchNormInference(BatchNormStep):
    """Normalisation by the running averages."""

    def forward(self) -> None:
        """Fill `out`."""
        kernels.batchnorm_inference(
            self.x,
            self.gamma,
            self.beta,
            self.running_mean,
            self.running_var,
            self.eps,
            relu=self.relu,
            out=self.out,
        )


class LayerNormStep(Step):
    """Mean and variance of each vector are kept, and the input."""

    needs_x = Need.LATE
    always_writes_dx = True
    stems: ClassVar = {"gamma": "gamma", "beta": "beta"}
    gamma: Array
    beta: Array
    dgamma: Array
    dbeta: Array

    def __init__(self, placed: Placed, dtype: np.dtype) -> None:
        super().__init__(placed)
        assert isinstance(placed.spec, LayerNorm)
        self.eps, self.dtype = placed.spec.eps, dtype

    def extra_arrays(self) -> dict[str, tuple[tuple[int, ...], type]]:
        """Return the places of mean and variance, one number an image."""
        return {"mean": ((), self.dtype.type), "var": ((), self.dtype.type)}

    def forward(self) -> None:
        """Fill `out`, mean and variance."""
        kernels.layernorm_forward(
            self.x, self.gamma, self.beta, self.eps, out=self.out, **self.extra
        )

    def backward(self) -> None:
        """Fill dx, dgamma and dbeta."""
        kernels.layernorm_backward(
            self.dout,
            self.x,
            self.gamma,
            eps=self.eps,
            **self.extra,
            out=self.dx,
            dgamma=self.dgamma,
            dbeta=self.dbeta,
        )


class GroupNormStep(Step):
    """Mean and variance of each group are kept, and the input; the ReLU's mask is recomputed."""

    needs_x = Need.LATE
    forward_in_place = True
    backward_in_place = True
    always_writes_dx = True
    stems: ClassVar = {"gamma": "gamma", "beta": "beta"}
    gamma: Array
    beta: Array
    dgamma: Array
    dbeta: Array

    def __init__(self, placed: Placed, relu: bool, dtype: np.dtype) -> None:
        super().__init__(placed, relu)
        assert isinstance(placed.spec, GroupNorm)
        self.groups, self.eps, self.dtype = placed.spec.groups, placed.spec.eps, dtype

    def extra_arrays(self) -> dict[str, tuple[tuple[int, ...], type]]:
        """Return the places of mean and variance, one number a group of an image."""
        return dict.fromkeys(("mean", "var"), ((self.groups,), self.dtype.type))

    def forward(self) -> None:
        """Fill `out`, mean and variance."""
        kernels.groupnorm_forward(
            self.x,
            self.gamma,
            self.beta,
            self.groups,
            self.eps,
            relu=self.relu,
            out=self.out,
            **self.extra,
        )

    def backward(self) -> None:
        """Fill dx, which may be `dout`, dgamma and dbeta."""
        kernels.groupnorm_backward(
            self.dout,
            self.x,
            self.gamma,
            self.beta,
            eps=self.eps,
            relu=self.relu,
            **self.extra,
            out=self.dx,
            dgamma=self.dgamma,
            dbeta=self.dbeta,
        )


class LocalResponseNormStep(Step):
    """What x is divided by is computed again in the backward pass."""

    needs_x = Need.LATE
    forward_in_place = True
    backward_in_place = True

    def __init__(self, placed: Placed) -> None:
        super().__init__(placed)
        spec = placed.spec
        assert isinstance(spec, LocalResponseNorm)
        self.numbers = spec.size, float(spec.alpha), float(spec.beta), float(spec.k)

    def forward(self) -> None:
        """Fill `out`, which may be x."""
        kernels.response_forward(self.x, *self.numbers, out=self.out)

    def backward(self) -> None:
        """Fill dx, which may be `dout`."""
        if self.dx is not None:
            kernels.response_backward(self.dout, self.x, *self.numbers, out=self.dx)
