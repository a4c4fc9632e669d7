"""Describe an image in words: a recurrent network that begins where the image's features end."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from cs231n.layers import *
from cs231n.layers.recurrent.embedding import as_words
from cs231n.rnn_layers import *
from cs231n.validation import Array, as_extent, as_shaped


class CaptioningRNN:
    """Features - affine - initial state; words - embedding - RNN or LSTM - affine - softmax.

    At each step the network sees one word of the caption and gives a score to every word that
    might come next.

    Parameters
    ----------
    word_to_idx : dict
        A number for each of the V words. ``'<NULL>'`` fills captions up and is no word to learn;
        ``'<START>'`` and ``'<END>'`` may be missing, and :meth:`sample` needs ``'<START>'``.
        Numbers of V or more are accepted here, but not in captions: there are only V rows.
    input_dim, wordvec_dim, hidden_dim : int
        D numbers of an image's features, W of a word's vector, H of the hidden state.
    cell_type : ``'rnn'`` or ``'lstm'``
    dtype : floating-point dtype of the parameters and the computation

    Attributes
    ----------
    params : dict
        ``W_embed`` (V, W), ``W_proj`` (D, H), ``b_proj`` (H,), ``Wx`` (W, H), ``Wh`` (H, H), ``b``
        (H,) - these three four times as wide for an LSTM - ``W_vocab`` (H, V), ``b_vocab`` (V,).

    References
    ----------
    Vinyals et al., "Show and tell: a neural image caption generator", CVPR 2015,
    https://arxiv.org/abs/1411.4555; Karpathy & Fei-Fei, "Deep visual-semantic alignments for
    generating image descriptions", CVPR 2015, https://arxiv.org/abs/1412.2306

    Examples
    --------
    >>> import numpy as np
    >>> words = {"<NULL>": 0, "<START>": 1, "<END>": 2, "cat": 3}
    >>> model = CaptioningRNN(words, input_dim=5, wordvec_dim=6, hidden_dim=7, cell_type="lstm")
    >>> loss, grads = model.loss(np.zeros((1, 5)), np.array([[1, 3, 2, 0]]))
    >>> grads["Wx"].shape, model.sample(np.zeros((2, 5)), max_length=4).shape
    ((6, 28), (2, 4))
    """

    def __init__(
        self,
        word_to_idx: Mapping[str, int],
        input_dim: int = 512,
        wordvec_dim: int = 128,
        hidden_dim: int = 128,
        cell_type: str = "rnn",
        dtype: Any = np.float32,
    ) -> None:
        if cell_type not in ("rnn", "lstm"):
            raise ValueError(f"cell_type must be 'rnn' or 'lstm', got {cell_type!r}")
        if "<NULL>" not in word_to_idx:
            raise ValueError("word_to_idx must have the word '<NULL>'")
        self.cell_type = cell_type
        self.dtype = dtype
        self.word_to_idx = word_to_idx
        self.idx_to_word = {i: word for word, i in word_to_idx.items()}
        self._null = word_to_idx["<NULL>"]
        self._start = word_to_idx.get("<START>")
        self._end = word_to_idx.get("<END>")
        D, W, H, V = input_dim, wordvec_dim, hidden_dim, len(word_to_idx)
        K = H if cell_type == "rnn" else 4 * H
        params = {
            "W_embed": np.random.randn(V, W) / 100,
            "W_proj": np.random.randn(D, H) / np.sqrt(D),
            "b_proj": np.zeros(H),
            "Wx": np.random.randn(W, K) / np.sqrt(W),
            "Wh": np.random.randn(H, K) / np.sqrt(H),
            "b": np.zeros(K),
            "W_vocab": np.random.randn(H, V) / np.sqrt(H),
            "b_vocab": np.zeros(V),
        }
        self.params = {name: value.astype(dtype) for name, value in params.items()}

    def scores(self, features: Array, captions: Array) -> Array:
        """Return the scores (N, T - 1, V) of all words that might follow each but the last.

        Parameters
        ----------
        features : array (N, D)
        captions : integer array (N, T)
        """
        return self._forward(*self._checked(features, captions))[0]

    def loss(self, features: Array, captions: Array) -> tuple[float, dict[str, Array]]:
        """Return the loss of predicting each next word from those before it, and its gradients.

        Parameters
        ----------
        features : array (N, D)
            One image a row.
        captions : integer array (N, T)
            A caption for each image, with words from 0 to V - 1. Its first T - 1 words go in, its
            last T - 1 are to be predicted; ``'<NULL>'`` is not counted.

        Returns
        -------
        loss : float
            Cross-entropy, summed over each caption and averaged over the batch.
        grads : dict with the keys and shapes of ``params``
        """
        features, captions = self._checked(features, captions)
        scores, (proj_cache, embed_cache, cell_cache, vocab_cache) = self._forward(
            features, captions
        )
        following = captions[:, 1:]
        loss, dscores = temporal_softmax_loss(scores, following, following != self._null)

        cell_backward = rnn_backward if self.cell_type == "rnn" else lstm_backward
        dh, dW_vocab, db_vocab = temporal_affine_backward(dscores, vocab_cache)
        dwords, dh0, dWx, dWh, db = cell_backward(dh, cell_cache)
        dW_embed = word_embedding_backward(dwords, embed_cache)
        _, dW_proj, db_proj = affine_backward(dh0, proj_cache)
        gradients = (dW_embed, dW_proj, db_proj, dWx, dWh, db, dW_vocab, db_vocab)
        return loss, dict(zip(_NAMES, gradients, strict=True))

    def sample(self, features: Array, max_length: int = 30) -> Array:
        """Write a caption for each image, always with the word of the highest score.

        Parameters
        ----------
        features : array (N, D)
        max_length : int

        Returns
        -------
        captions : int32 array (N, max_length)
            The words that follow ``'<START>'``; after ``'<END>'`` they are ``'<NULL>'``.

        Raises
        ------
        ValueError
            If the vocabulary has no ``'<START>'``.
        """
        if self._start is None:
            raise ValueError("word_to_idx must have the word '<START>' to sample captions")
        W_embed, W_proj, b_proj, Wx, Wh, b, W_vocab, b_vocab = self._params()
        max_length = as_extent("max_length", max_length, minimum=1)
        h, _ = affine_forward(self._features(features), W_proj, b_proj)
        c = np.zeros_like(h)
        captions = np.full((len(h), max_length), self._null, dtype=np.int32)
        words, ended = np.full(len(h), self._start), np.zeros(len(h), dtype=bool)
        for t in range(max_length):
            x, _ = word_embedding_forward(words, W_embed)
            if self.cell_type == "rnn":
                h, _ = rnn_step_forward(x, h, Wx, Wh, b)
            else:
                h, c, _ = lstm_step_forward(x, h, c, Wx, Wh, b)
            words = affine_forward(h, W_vocab, b_vocab)[0].argmax(axis=1)
            captions[:, t] = np.where(ended, self._null, words)
            ended |= words == self._end
            if ended.all():
                break
        return captions

    def _params(self) -> list[Array]:
        return [self.params[name] for name in _NAMES]

    def _features(self, features: Array) -> Array:
        D = self.params["W_proj"].shape[0]
        shape = (len(features), D) if np.ndim(features) else (1, D)
        because = f"to match W_proj {self.params['W_proj'].shape}"
        return as_shaped("features", features, shape, because).astype(self.dtype, copy=False)

    def _checked(self, features: Array, captions: Array) -> tuple[Array, Array]:
        features = self._features(features)
        captions = np.asarray(captions)
        if captions.ndim != 2 or captions.shape[0] != len(features) or captions.shape[1] < 2:
            raise ValueError(
                f"captions must have shape ({len(features)}, T), one for each row of features "
                f"{features.shape}, with T of at least 2, got {captions.shape}"
            )
        return features, as_words("captions", captions, len(self.params["W_embed"]))

    def _forward(self, features: Array, captions: Array) -> tuple[Array, tuple[Any, ...]]:
        """Return the scores (N, T - 1, V), and the caches of the four layers."""
        W_embed, W_proj, b_proj, Wx, Wh, b, W_vocab, b_vocab = self._params()
        cell_forward = rnn_forward if self.cell_type == "rnn" else lstm_forward
        h0, proj_cache = affine_forward(features, W_proj, b_proj)
        words, embed_cache = word_embedding_forward(captions[:, :-1], W_embed)
        h, cell_cache = cell_forward(words, h0, Wx, Wh, b)
        scores, vocab_cache = temporal_affine_forward(h, W_vocab, b_vocab)
        return scores, (proj_cache, embed_cache, cell_cache, vocab_cache)


_NAMES = ("W_embed", "W_proj", "b_proj", "Wx", "Wh", "b", "W_vocab", "b_vocab")
