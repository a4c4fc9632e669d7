"""The words of the language: one row a layer."""

from collections.abc import Iterable
from dataclasses import MISSING, Field, dataclass, fields
from typing import Any

from cs231n.nets.specs import (
    GELU,
    Affine,
    AvgPool,
    BatchNorm,
    Constant,
    Conv,
    Dirac,
    DropConnect,
    Dropout,
    FanInUniform,
    Flatten,
    FractionalMaxPool,
    GlobalAvgPool,
    Glorot,
    GrahamUniform,
    GroupNorm,
    He,
    Initial,
    LayerNorm,
    LeakyReLU,
    LocalResponseNorm,
    MaxPool,
    Normal,
    ReLU,
    Residual,
    Scale,
    Spec,
)


@dataclass(frozen=True)
class Word:
    """A word and the layer that it stands for.

    Attributes
    ----------
    name : str
        What `describe` writes.
    spec : type
    example : str, shown in errors
    attached : dict
        The fields whose values follow the word at once, by the sign in front of them:
        ``conv3-64/2`` is size 3, ``-`` filters 64, ``/`` stride 2. Every other field is an option,
        named as in the spec.
    free : tuple of str
        Fields that may be left open: a description of a family of networks.
    synonyms : tuple of str
    """

    name: str
    spec: type[Spec]
    example: str
    attached: dict[str, str]
    free: tuple[str, ...] = ()
    synonyms: tuple[str, ...] = ()

    def field(self, name: str) -> "Field[Any]":
        """Return the spec's field."""
        return next(field for field in fields(self.spec) if field.name == name)

    @property
    def options(self) -> list[str]:
        """The names of the fields."""
        return [field.name for field in fields(self.spec)]

    @property
    def required(self) -> list[str]:
        """The fields without a default."""
        return [field.name for field in fields(self.spec) if field.default is MISSING]


_CONV_FREE = ("size", "filters")

WORDS = (
    Word("conv", Conv, "conv3-64", {"": "size", "-": "filters", "/": "stride"}, _CONV_FREE),
    Word("pool", MaxPool, "pool2", {"": "size", "/": "stride"}, (), ("maxpool",)),
    Word("avgpool", AvgPool, "avgpool2", {"": "size", "/": "stride"}),
    Word("gap", GlobalAvgPool, "gap", {}, (), ("globalavgpool",)),
    Word("fmp", FractionalMaxPool, "fmp√2", {"": "ratio"}, (), ("fractionalmaxpool",)),
    Word("fc", Affine, "fc-10", {"-": "units"}, ("units",), ("affine",)),
    Word("dropconnect", DropConnect, "dropconnect-800", {"-": "units"}, ("units",)),
    Word("flatten", Flatten, "flatten", {}),
    Word("relu", ReLU, "relu", {}),
    Word("leaky", LeakyReLU, "leaky0.01", {"": "slope"}, (), ("leakyrelu", "lrelu")),
    Word("gelu", GELU, "gelu", {}),
    Word("scale", Scale, "scale0.125", {"": "factor"}),
    Word("dropout", Dropout, "dropout:keep=0.8", {"": "keep"}),
    Word("bn", BatchNorm, "bn", {}, (), ("batchnorm",)),
    Word("ln", LayerNorm, "ln", {}, (), ("layernorm",)),
    Word("gn", GroupNorm, "gn8", {"": "groups"}, (), ("groupnorm",)),
    Word("lrn", LocalResponseNorm, "lrn", {"": "size"}, (), ("localresponsenorm",)),
    Word("residual", Residual, "residual(conv3-64 relu conv3-64)", {}),
)
BY_NAME = {name: word for word in WORDS for name in (word.name, *word.synonyms)}
BY_SPEC = {word.spec: word for word in WORDS}

INITIALS: dict[str, type[Initial]] = {
    "he": He,
    "glorot": Glorot,
    "fanin": FanInUniform,
    "normal": Normal,
    "constant": Constant,
    "graham": GrahamUniform,
    "dirac": Dirac,
}

SHORT = {"init": "initial"}  # options with a shorter name than the field
DROPPED = "drop"  # dropout's other probability: 1 - keep


def near(word: str, known: Iterable[str], shown: Iterable[str] | None = None) -> str:
    """Return the known name that looks most like the word, as a question, or all of them.

    Parameters
    ----------
    word : str
    known : names
    shown : names, optional
        What stands for all of them.

    Examples
    --------
    >>> near("maxpol", list(BY_NAME))
    "did you mean 'maxpool'?"
    """
    import difflib  # only for a mistake

    known = list(known)
    close = difflib.get_close_matches(word.lower(), known, n=1, cutoff=0.6)
    if close:
        return f"did you mean {close[0]!r}?"
    names = ", ".join(known if shown is None else shown)
    return f"expected one of {names}" if names else "it has none"
