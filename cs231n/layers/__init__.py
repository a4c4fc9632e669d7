"""Layers as plain functions: ``*_forward(...) -> (out, cache)``, ``*_backward(dout, cache)``.

Dimension letters, everywhere in this package:

=======  ====================================  =======  =================================
letter   meaning                               letter   meaning
=======  ====================================  =======  =================================
N        examples in the batch                 F        filters (output channels)
C        channels, or classes of a score       HH, WW   height and width of a filter
H, W     height and width of an image          OH, OW   height and width of an output map
D        features of an example                M        outputs of an affine layer
G        groups of channels                    K        C * HH * WW, one unfolded window
=======  ====================================  =======  =================================

Arrays keep their floating-point dtype; integers and booleans are taken as float64. Inputs are never
modified, except the running averages in ``bn_param``. ``from cs231n.layers import *`` is the
published interface.
"""

import numpy as np

from cs231n.layers.activations import (
    gelu_backward,
    gelu_forward,
    leaky_relu_backward,
    leaky_relu_forward,
    relu_backward,
    relu_forward,
    sigmoid_backward,
    sigmoid_forward,
    tanh_backward,
    tanh_forward,
)
from cs231n.layers.affine import affine_backward, affine_forward
from cs231n.layers.convolution import conv_backward_naive, conv_forward_naive
from cs231n.layers.dropconnect import dropconnect_backward, dropconnect_forward
from cs231n.layers.dropconnect_inference import dropconnect_inference, dropconnect_moments
from cs231n.layers.dropout import dropout_backward, dropout_forward
from cs231n.layers.fractional_intervals import starts_from_samples
from cs231n.layers.fractional_pooling import (
    fractional_max_pool_backward,
    fractional_max_pool_backward_naive,
    fractional_max_pool_forward,
    fractional_max_pool_forward_naive,
)
from cs231n.layers.losses import softmax_loss, svm_loss
from cs231n.layers.multiplicative_noise import (
    gaussian_dropout_backward,
    gaussian_dropout_forward,
    spatial_dropout_backward,
    spatial_dropout_forward,
)
from cs231n.layers.normalization import (
    batchnorm_backward,
    batchnorm_backward_alt,
    batchnorm_forward,
    layernorm_backward,
    layernorm_forward,
    spatial_batchnorm_backward,
    spatial_batchnorm_forward,
    spatial_groupnorm_backward,
    spatial_groupnorm_forward,
)
from cs231n.layers.pooling import max_pool_backward_naive, max_pool_forward_naive
from cs231n.layers.response import local_response_norm_backward, local_response_norm_forward
from cs231n.layers.stochastic_pooling import stochastic_pool_backward, stochastic_pool_forward

# A star import without this list would bring the submodules, too, and overwrite a notebook's own
# `dropout` or `pooling`. `np` is in it, because published notebooks take it from here.
__all__ = [
    "np",
    "affine_forward",
    "affine_backward",
    "relu_forward",
    "relu_backward",
    "leaky_relu_forward",
    "leaky_relu_backward",
    "gelu_forward",
    "gelu_backward",
    "sigmoid_forward",
    "sigmoid_backward",
    "tanh_forward",
    "tanh_backward",
    "conv_forward_naive",
    "conv_backward_naive",
    "max_pool_forward_naive",
    "max_pool_backward_naive",
    "fractional_max_pool_forward",
    "fractional_max_pool_backward",
    "fractional_max_pool_forward_naive",
    "fractional_max_pool_backward_naive",
    "starts_from_samples",
    "svm_loss",
    "softmax_loss",
    "dropout_forward",
    "dropout_backward",
    "gaussian_dropout_forward",
    "gaussian_dropout_backward",
    "spatial_dropout_forward",
    "spatial_dropout_backward",
    "dropconnect_forward",
    "dropconnect_backward",
    "dropconnect_inference",
    "dropconnect_moments",
    "stochastic_pool_forward",
    "stochastic_pool_backward",
    "batchnorm_forward",
    "batchnorm_backward",
    "batchnorm_backward_alt",
    "layernorm_forward",
    "layernorm_backward",
    "spatial_batchnorm_forward",
    "spatial_batchnorm_backward",
    "spatial_groupnorm_forward",
    "spatial_groupnorm_backward",
    "local_response_norm_forward",
    "local_response_norm_backward",
]
