"""The loops that make the layers fast: compiled where there was a compiler, NumPy elsewhere.

Each kernel stands three times: the loops in ``c/*_loops.h`` (included once for float and once for
double), a thin typed wrapper ``_*.pyx`` that releases the GIL, and a NumPy twin ``numpy_*.py`` with
the same signature. ``backend`` chooses between the last two; the other modules, one a kind of
layer, check the shapes, allocate, and call what it chose.
"""

from cs231n.kernels.activations import (
    add,
    dropout_backward,
    dropout_forward,
    gelu_backward,
    gelu_forward,
    leaky_relu_backward,
    leaky_relu_forward,
    relu_backward,
    relu_forward,
    softmax_loss,
)
from cs231n.kernels.backend import (
    get_num_threads,
    info,
    instruction_sets,
    is_compiled,
    set_instruction_set,
    set_num_threads,
)
from cs231n.kernels.colours import (
    channel_means,
    colour_matrix,
    look_up,
    mix,
    shade,
    shift_hsv,
)
from cs231n.kernels.convolution import (
    bias_gradient,
    conv_backward_input,
    conv_backward_weights,
    conv_forward,
)
from cs231n.kernels.crops import crop
from cs231n.kernels.dropconnect import (
    dropconnect_input,
    dropconnect_mask,
    dropconnect_product,
    dropconnect_weights,
    rounded_keep,
)
from cs231n.kernels.fractional import (
    fractional_max_pool_backward,
    fractional_max_pool_forward,
    fractional_winners,
)
from cs231n.kernels.groupnorm import groupnorm_backward, groupnorm_forward
from cs231n.kernels.noise import add_noise
from cs231n.kernels.normalization import (
    batchnorm_backward,
    batchnorm_forward,
    batchnorm_inference,
    layernorm_backward,
    layernorm_forward,
)
from cs231n.kernels.pooling import (
    avg_pool_backward,
    avg_pool_forward,
    max_pool_backward,
    max_pool_backward_winners,
    max_pool_forward,
    winners_dtype,
)
from cs231n.kernels.products import matmul
from cs231n.kernels.resampling import blur, warp
from cs231n.kernels.response import response_backward, response_forward
from cs231n.kernels.unfolding import col2im, im2col
from cs231n.kernels.updates import adam_update, momentum_update, rmsprop_update, sgd_update
from cs231n.kernels.winograd import (
    winograd_backward_input,
    winograd_backward_weights,
    winograd_fits,
    winograd_forward,
    winograd_pays,
    winograd_saving,
)
