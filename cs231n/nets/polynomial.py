"""Polynomials in a few letters with exact coefficients: costs in symbols."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

LETTERS = ("H", "W", "C")  # as the lecture writes them: 27HWC²
_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_DECIMALS = 4  # as many are written exactly; longer fractions keep their bar

Powers = tuple[int, ...]  # one for each letter


@dataclass(frozen=True)
class Polynomial:
    """A sum of products of letters.

    Attributes
    ----------
    terms : dict
        Powers of H, W and C -> coefficient; none is 0.

    Examples
    --------
    >>> C = Polynomial.letter("C")
    >>> print(9 * C * C + C, (C / 2) * (C / 2), (9 * C * C + C)(C=64))
    9C² + C 0.25C² 36928
    """

    terms: Mapping[Powers, Fraction]

    @classmethod
    def letter(cls, name: str) -> "Polynomial":
        """Return H, W or C."""
        return cls({tuple(int(letter == name) for letter in LETTERS): Fraction(1)})

    @classmethod
    def of(cls, value: "int | Fraction | Polynomial") -> "Polynomial":
        """Return a number as a polynomial."""
        if isinstance(value, Polynomial):
            return value
        return cls({(0,) * len(LETTERS): Fraction(value)} if value else {})

    def __add__(self, other: "int | Fraction | Polynomial") -> "Polynomial":
        total = dict(self.terms)
        for powers, factor in Polynomial.of(other).terms.items():
            total[powers] = total.get(powers, Fraction(0)) + factor
        return Polynomial({powers: factor for powers, factor in total.items() if factor})

    __radd__ = __add__

    def __mul__(self, other: "int | Fraction | Polynomial") -> "Polynomial":
        product = Polynomial({})
        for powers, factor in self.terms.items():
            for more, times in Polynomial.of(other).terms.items():
                both = tuple(a + b for a, b in zip(powers, more, strict=True))
                product += Polynomial({both: factor * times})
        return product

    __rmul__ = __mul__

    def __truediv__(self, number: int | Fraction) -> "Polynomial":
        return self * (Fraction(1) / number)

    def __call__(self, **values: int) -> int | Fraction:
        """Return the value with numbers for the letters: an integer where it is one."""
        total = Fraction(0)
        for powers, factor in self.terms.items():
            for letter, power in zip(LETTERS, powers, strict=True):
                if power:
                    factor *= Fraction(values[letter]) ** power
            total += factor
        return int(total) if total.denominator == 1 else total

    def __str__(self) -> str:
        ordered = sorted(self.terms.items(), key=lambda term: (-sum(term[0]), term[0]))
        written = [_term(powers, factor) for powers, factor in ordered]
        return " + ".join(written).replace("+ -", "- ") or "0"


def _term(powers: Powers, factor: Fraction) -> str:
    letters = "".join(
        letter + (str(power).translate(_RAISED) if power > 1 else "")
        for letter, power in zip(LETTERS, powers, strict=True)
        if power
    )
    if abs(factor) == 1 and letters:
        return letters if factor > 0 else f"-{letters}"
    scaled = factor * 10**_DECIMALS
    exact = scaled.denominator == 1
    number = f"{float(factor):,.{_DECIMALS}f}".rstrip("0").rstrip(".") if exact else str(factor)
    return number + ("" if exact or not letters else " ") + letters
