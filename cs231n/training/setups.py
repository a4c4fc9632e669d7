"""What is in use: in a network's description, in its training, and when it predicts."""

from dataclasses import dataclass, replace

from cs231n.training.edits import Layers


@dataclass(frozen=True, order=True)
class Way:
    """How a trained network predicts: once, as by default, or by an average.

    Attributes
    ----------
    passes : int
        Noisy passes; 0 for none.
    views : bool
        Whether shifted views of each image take turns.
    moments : bool
        Whether DropConnect's expected activations are computed by moment matching, without passes.
    samples : int
        From how many normal numbers each; 0 for the ReLU's exact expectation.
    """

    passes: int = 0
    views: bool = False
    moments: bool = False
    samples: int = 0

    @property
    def name(self) -> str:
        """A part of a file name that no other way has."""
        name = f"passes{self.passes}-views{self.views:d}"
        return f"{name}-moments{self.samples}" if self.moments else name


ONCE = Way()


@dataclass(frozen=True)
class Setup:
    """Which techniques are in use.

    The first three say how a network is trained, the others how trained networks predict.

    Attributes
    ----------
    layers : tuple of specs
        All but the last one, that of the scores.
    augmentation : tuple of str
        Techniques of the recipe, in the order in which they are applied.
    average_weights : bool
        Whether the network that is kept has running averages of the weights.
    average : bool
        Whether noise goes on at test time, and passes are averaged.
    multi_crop : bool
        Whether shifted views of the test images are averaged over.
    ensemble : bool
    """

    layers: Layers
    augmentation: tuple[str, ...] = ()
    average_weights: bool = False
    average: bool = False
    multi_crop: bool = False
    ensemble: bool = False

    @property
    def network(self) -> "Setup":
        """The part that decides how one network is trained."""
        return replace(self, average=False, multi_crop=False, ensemble=False)

    def way(self, passes: int) -> Way:
        """Return how its networks predict, with so many passes where it averages over them."""
        return Way(passes if self.average else 0, self.multi_crop)
