"""Convolution, bias and ReLU in one step."""

from collections.abc import Iterator
from typing import ClassVar

import numpy as np

from cs231n import kernels
from cs231n.nets.placing import Placed
from cs231n.nets.specs import Conv
from cs231n.nets.steps.base import Need, Step
from cs231n.validation import Array


class ConvStep(Step):
    """The ReLU's mask is read off the output, so nothing between the two is kept."""

    stems: ClassVar = {"w": "W", "b": "b"}
    kept_stems: ClassVar = {"w": "W"}  # where it is frozen
    w: Array
    b: Array | None = None
    dw: Array
    db: Array | None = None

    def __init__(self, placed: Placed, relu: bool, dtype: np.dtype, bias_counts: bool) -> None:
        super().__init__(placed, relu)
        assert isinstance(placed.spec, Conv)
        self.masks_dout = relu
        self.needs_x = Need.NOT if placed.spec.frozen else Need.EARLY
        self.needs_out = Need.EARLY if relu else Need.NOT
        self.bias_counts = bias_counts
        arrays = {**placed.parameters, **placed.running}
        self.w_shape = arrays[placed.names["W"]].shape
        spec, C = placed.spec, self.w_shape[1]
        self.stride, self.pad, self.dilation = spec.stride, spec.padding, spec.dilation
        fast = kernels.winograd_pays(
            (1, C, *placed.input_shape[1:]),
            (spec.filters // spec.groups, *self.w_shape[1:]),
            self.stride,
            self.pad,
            dtype,
            dilation=self.dilation,
        )
        self.algorithm = "winograd" if fast else "direct"

    def forward(self) -> None:
        """Fill `out` = relu(x * w + b)."""
        self._convolve(self.x, self.w, self.b, self.out)

    def backward(self) -> None:
        """Fill dw and db first: from then on x's memory is free, and dx may be written there."""
        dout = self.dout_before_relu()
        if "w" in self.learnt:
            self._differentiate_weights(dout, self.x, self.dw)
        if self.bias_counts and self.db is not None:
            kernels.bias_gradient(dout, out=self.db)
        if self.dx is not None:
            self._differentiate_input(dout, self.w, self.dx)

    def _convolve(self, x: Array, w: Array, b: Array | None, out: Array) -> None:
        kernels.conv_forward(
            x,
            w,
            b,
            self.stride,
            self.pad,
            dilation=self.dilation,
            algorithm=self.algorithm,
            relu=self.relu,
            out=out,
        )

    def _differentiate_weights(self, dout: Array, x: Array, dw: Array) -> None:
        kernels.conv_backward_weights(
            dout,
            x,
            dw.shape,
            self.stride,
            self.pad,
            dilation=self.dilation,
            algorithm=self.algorithm,
            out=dw,
        )

    def _differentiate_input(self, dout: Array, w: Array, dx: Array) -> None:
        kernels.conv_backward_input(
            dout,
            w,
            dx.shape,
            self.stride,
            self.pad,
            dilation=self.dilation,
            algorithm=self.algorithm,
            out=dx,
        )


class GroupedConvStep(ConvStep):
    """One convolution a group, on copies of its channels that lie side by side."""

    def __init__(self, placed: Placed, relu: bool, dtype: np.dtype, bias_counts: bool) -> None:
        super().__init__(placed, relu, dtype, bias_counts)
        assert isinstance(placed.spec, Conv)
        self.dtype, self.groups = dtype, placed.spec.groups
        self.channels, self.filters = self.w_shape[1], placed.spec.filters // self.groups

    def scratch_arrays(self, backward: bool) -> dict[str, tuple[tuple[int, ...], np.dtype]]:
        """Return the places of one group's input and output, or of the gradients on them."""
        x = (self.channels, *self.input_shape[1:])
        out = (self.filters, *self.output_shape[1:])
        return {"x": (x, self.dtype), "out": (out, self.dtype)}

    def _slices(self) -> Iterator[tuple[tuple[slice, slice], tuple[slice, slice]]]:
        """Yield the channels of each group, of all images, and its filters."""
        every = slice(None)
        for group in range(self.groups):
            first, channel = group * self.filters, group * self.channels
            yield (
                (every, slice(channel, channel + self.channels)),
                (every, slice(first, first + self.filters)),
            )

    def _convolve(self, x: Array, w: Array, b: Array | None, out: Array) -> None:
        own_x, own_out = self.scratch[False].values()
        for channels, filters in self._slices():
            own_x[...] = x[channels]
            bias = None if b is None else b[filters[1]]
            super()._convolve(own_x, w[filters[1]], bias, own_out)
            out[filters] = own_out

    def _differentiate_weights(self, dout: Array, x: Array, dw: Array) -> None:
        own_x, own_dout = self.scratch[True].values()
        for channels, filters in self._slices():
            own_x[...], own_dout[...] = x[channels], dout[filters]
            super()._differentiate_weights(own_dout, own_x, dw[filters[1]])

    def _differentiate_input(self, dout: Array, w: Array, dx: Array) -> None:
        own_dx, own_dout = self.scratch[True].values()
        for channels, filters in self._slices():
            own_dout[...] = dout[filters]
            super()._differentiate_input(own_dout, w[filters[1]], own_dx)
            dx[channels] = own_dx
