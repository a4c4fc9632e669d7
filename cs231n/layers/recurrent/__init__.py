"""Layers for sequences; ``cs231n.rnn_layers`` is their published face.

Dimension letters, beside those of :mod:`cs231n.layers`: T steps of a sequence, D features of one
step, H numbers of hidden state, V words of the vocabulary.
"""

from cs231n.layers.recurrent.embedding import word_embedding_backward, word_embedding_forward
from cs231n.layers.recurrent.lstm import (
    lstm_backward,
    lstm_forward,
    lstm_step_backward,
    lstm_step_forward,
    sigmoid,
)
from cs231n.layers.recurrent.rnn import (
    rnn_backward,
    rnn_forward,
    rnn_step_backward,
    rnn_step_forward,
)
from cs231n.layers.recurrent.temporal import (
    temporal_affine_backward,
    temporal_affine_forward,
    temporal_softmax_loss,
)

# A star import without this list would bring the submodules, too.
__all__ = [
    "rnn_step_forward",
    "rnn_step_backward",
    "rnn_forward",
    "rnn_backward",
    "lstm_step_forward",
    "lstm_step_backward",
    "lstm_forward",
    "lstm_backward",
    "word_embedding_forward",
    "word_embedding_backward",
    "temporal_affine_forward",
    "temporal_affine_backward",
    "temporal_softmax_loss",
    "sigmoid",
]
