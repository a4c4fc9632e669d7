"""Train a captioning model by minibatch gradient descent."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from cs231n.coco_utils import sample_coco_minibatch
from cs231n.solver import Solver
from cs231n.validation import Array


class CaptioningSolver(Solver):
    """A :class:`~cs231n.solver.Solver` whose examples are captions of images.

    Parameters
    ----------
    model : object
        With ``params``, a dict of arrays, and ``loss(features, captions) -> (loss, grads)``.
        :meth:`check_accuracy` needs ``scores(features, captions)``, too.
    data : dict
        As :func:`~cs231n.coco_utils.load_coco_data` gives it. What training reads is
        ``train_captions`` (M, T), ``train_image_idxs`` (M,), ``train_features`` (images, D) and
        ``train_urls``; what accuracies read is the same of ``val``, and ``word_to_idx``.
    update_rule, optim_config, lr_decay, batch_size, num_epochs, print_every, verbose
        As for a Solver; so are ``checkpoint_name`` and ``on_epoch_end``.
    num_train_samples, num_val_samples : int or None
        How many captions the accuracies are measured on; None for all. By default both are 0, as
        published: nothing is measured, the accuracy histories stay empty, and the model keeps its
        last parameters. Otherwise it ends with those of the best validation accuracy.

    Attributes
    ----------
    loss_history : list of float, one an iteration
    train_acc_history, val_acc_history, best_val_acc, best_params
        As for a Solver, if accuracies are measured.

    Examples
    --------
    >>> from cs231n.classifiers.rnn import CaptioningRNN
    >>> words = {"<NULL>": 0, "<START>": 1, "<END>": 2, "cat": 3, "dog": 4}
    >>> captions, features = np.array([[1, 3, 2], [1, 4, 2]]), np.array([[1.0], [-1.0]])
    >>> part = {"captions": captions, "image_idxs": np.arange(2), "features": features}
    >>> data = {f"train_{key}": value for key, value in part.items()}
    >>> data |= {"train_urls": np.array(["cat.jpg", "dog.jpg"]), "word_to_idx": words}
    >>> np.random.seed(0)
    >>> model = CaptioningRNN(words, input_dim=1, wordvec_dim=8, hidden_dim=8)
    >>> solver = CaptioningSolver(model, data, update_rule="adam", batch_size=2, num_epochs=50,
    ...                           optim_config={"learning_rate": 0.05}, verbose=False)
    >>> solver.train()
    >>> solver.check_accuracy(features, captions)
    1.0
    """

    model: Any

    def __init__(self, model: Any, data: Mapping[str, Any], **kwargs: Any) -> None:
        super().__init__(model, data, **{"num_train_samples": 0, "num_val_samples": 0, **kwargs})
        if (self.num_train_samples == 0) != (self.num_val_samples == 0):
            raise ValueError(
                "num_train_samples and num_val_samples must be both 0 or both not, got "
                f"{self.num_train_samples} and {self.num_val_samples}"
            )

    def check_accuracy(
        self,
        X: Array,
        y: Array,
        num_samples: int | None = None,
        batch_size: int = 100,
        image_idxs: Array | None = None,
    ) -> float:
        """Return the fraction of next words that get the highest score.

        The model sees the right words before each word that it predicts. ``'<NULL>'`` is not
        counted.

        Parameters
        ----------
        X : array (images, D)
            Features; one row a caption, unless `image_idxs` is given.
        y : integer array (N, T)
            Captions.
        num_samples : int, optional
            Measure on so many captions, drawn at random, if there are more.
        batch_size : int
        image_idxs : integer array (N,), optional
            The row of `X` that each caption belongs to, as in ``data['val_image_idxs']``.

        Raises
        ------
        ValueError
            If captions and features do not match, or hold no word to predict.
        """
        rows = np.arange(len(X)) if image_idxs is None else np.asarray(image_idxs)
        if len(y) != len(rows):
            raise ValueError(
                f"y must have a caption for each of the {len(rows)} rows of X, or image_idxs must "
                f"tell which row, got {len(y)} captions"
            )
        if num_samples is not None and len(y) > num_samples:
            sample = np.random.choice(len(y), num_samples)
            rows, y = rows[sample], y[sample]
        right = words = 0
        for first in range(0, len(y), batch_size):
            captions = y[first : first + batch_size]
            scores = self.model.scores(X[rows[first : first + batch_size]], captions)
            counts = captions[:, 1:] != self.data["word_to_idx"]["<NULL>"]
            right += int(np.sum(counts & (scores.argmax(axis=2) == captions[:, 1:])))
            words += int(np.sum(counts))
        if words == 0:
            raise ValueError(f"y must hold words to predict, got captions of shape {np.shape(y)}")
        return right / words

    def _accept(self, data: Mapping[str, Any]) -> None:
        if "train_captions" not in data or len(data["train_captions"]) == 0:
            raise ValueError(f"data must have 'train_captions', got the keys {sorted(data)}")
        self.data = data

    def _train_size(self) -> int:
        return len(self.data["train_captions"])

    def _minibatch(self) -> tuple[Array, Array]:
        captions, features, _ = sample_coco_minibatch(self.data, self.batch_size, split="train")
        return features, captions

    def _record_accuracies(self) -> None:
        if self.num_train_samples != 0:
            super()._record_accuracies()

    def _accuracies(self) -> tuple[float, float]:
        train_acc = self._accuracy_of("train", self.num_train_samples)
        return train_acc, self._accuracy_of("val", self.num_val_samples)

    def _accuracy_of(self, split: str, num_samples: int | None) -> float:
        features, captions, image_idxs = (
            self.data[f"{split}_{key}"] for key in ("features", "captions", "image_idxs")
        )
        return self.check_accuracy(features, captions, num_samples, image_idxs=image_idxs)
