"""A canary: a word, a number and a run of labels that stand nowhere but in hidden material.

Whoever finds one of them elsewhere has found a leak. `Canary.found_in` looks for them as they are and in the
disguises in which code passes on a secret; `redteam.views` undoes encodings and compression.

Theory of operation. Data is looked at as a tree of *views*, breadth first: a view is what a step of decoding
makes of another, at most `MAX_STEPS` steps one upon the other. In each view the plain forms are looked for.
Halves count: a message that was cut short leaks as well. Most views are gibberish, because a step is a guess;
what is sought is too long to be in gibberish by chance. What is looked at is bounded by `MAX_GROWTH`: a view
that would go beyond it is left out, and the plainest come first.
"""

from __future__ import annotations

import codecs
import random
import re
import string
import struct
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from redteam.views import views_of

WORD_LENGTH, LABELS = 24, 32
MAX_STEPS = 4
MAX_GROWTH, SPARE_BYTES = 24, 8 << 20  # bytes of all views: at most so many times the data, and some more
GUESSES = {"hex", "base32", "base64", "base85", "ascii85"}  # steps that make gibberish of most data
DIGITS, HEX_DIGITS = string.digits.encode(), b"0123456789abcdef"


@dataclass(frozen=True)
class Canary:
    """What is planted; each run draws its own.

    text: a word of 24 lower-case letters, an identifier of Python as well.
    number: an integer of nine digits that float32 holds exactly, so that it's the same in every tensor.
    labels: 32 digits from 1 to 9; without 0, so that they are still there when padding is taken away.
    """

    text: str
    number: int
    labels: tuple[int, ...]

    @classmethod
    def drawn(cls, source: random.Random | None = None) -> Canary:
        """Draw a canary, from the system's randomness unless a source is given."""
        source = source or random.SystemRandom()
        return cls(
            text="".join(source.choices(string.ascii_lowercase, k=WORD_LENGTH)),
            number=64 * (2 * source.randrange(2**22, 7_812_500) + 1),  # 24 bits that count
            labels=tuple(source.choices(range(1, 10), k=LABELS)),
        )

    def found_in(self, data: bytes) -> list[str]:
        """Return in which forms it is in the data, such as "base64: gzip: word"; empty if it isn't."""
        found: set[str] = set()
        waiting: deque[tuple[tuple[str, ...], bytes]] = deque([((), data)])
        left, seen = MAX_GROWTH * len(data) + SPARE_BYTES, {data}
        while waiting:
            steps, view = waiting.popleft()
            name = "".join(f"{step}: " for step in steps)
            forms = [*self._word_in(view), *self._number_in(view), *self._labels_in(view)]
            if GUESSES.isdisjoint(steps):
                forms += self._short_number_in(view)
            found.update(name + form for form in forms)
            if len(steps) == MAX_STEPS:
                continue
            for step, made in views_of(view, steps):
                if len(made) <= left and made not in seen:
                    left -= len(made)
                    seen.add(made)
                    waiting.append(((*steps, step), made))
        return sorted(found)

    def _word_in(self, view: bytes) -> Iterator[str]:
        halves, lower = [half.encode() for half in _halves(self.text)], view.lower()
        if _any_in(halves, lower):
            yield "word"
        if _any_in([half[::-1] for half in halves], lower):
            yield "reversed word"
        if _any_in([codecs.encode(half, "rot13").encode() for half in _halves(self.text)], lower):
            yield "rot13 of the word"
        if _any_in(halves, _only(string.ascii_lowercase.encode(), lower)):
            yield "letters of the word"
        for step in (2, 3, 4, 8):
            if any(_any_in(halves, lower[start::step]) for start in range(step)):
                yield f"word in steps of {step}"
        hex_digits = _only(HEX_DIGITS, lower.replace(b"0x", b""))
        if _any_in([case(half).hex().encode() for half in halves for case in _CASES], hex_digits):
            yield "hex of the word"
        bits = ["".join(f"{byte:08b}" for byte in case(half)).encode() for half in halves for case in _CASES]
        if _any_in(bits, _only(b"01", view)):
            yield "bits of the word"
        if any(_codes(case(half)).search(view) for half in halves for case in _CASES):
            yield "character codes of the word"
        if _any_in([_exclusive_or(half) for half in halves], _exclusive_or(view)):
            yield "xor of the word"
        if _any_in([_differences(half) for half in halves], _differences(lower)):
            yield "shifted word"

    def _number_in(self, view: bytes) -> Iterator[str]:
        digits = str(self.number)
        written = {f"{self.number:.{places}e}" for places in range(4, 9)} | {f"{self.number:g}"}
        written |= {mantissa.rstrip("0") + "e" + power for mantissa, power in (w.split("e") for w in written)}
        written |= {separator.join((digits[:3], digits[3:6], digits[6:])) for separator in ",_ .'"}
        written |= {digits, digits[::-1], f"{self.number:x}", f"{self.number:X}"}
        for text in (text.encode() for text in written):
            if text in view and re.search(
                rb"(?<![0-9a-wyzA-Z])(?<![0-9][.])" + re.escape(text) + rb"(?![0-9a-zA-Z])", view
            ):
                yield "number"
                break
        if digits.encode() in _only(DIGITS, view):
            apart = digits[0] + "(?P<gap>[^0-9]{1,8})" + "(?P=gap)".join(digits[1:])
            if re.search(rf"(?<![0-9]){apart}(?![0-9])".encode(), view):
                yield "digits of the number"
        for kind, letter in {"f64": "d", "int64": "q"}.items():
            if _any_in([struct.pack(order + letter, self.number) for order in "<>"], view):
                yield f"number as {kind}"

    def _short_number_in(self, view: bytes) -> Iterator[str]:
        """Look for forms of four bytes, which gibberish may hold."""
        for kind, letter in {"f32": "f", "int32": "i"}.items():
            if _any_in([struct.pack(order + letter, self.number) for order in "<>"], view):
                yield f"number as {kind}"

    def _labels_in(self, view: bytes) -> Iterator[str]:
        halves = [self.labels[: LABELS // 2], self.labels[LABELS // 2 :]]
        digits = _only(DIGITS, view.replace(b".0", b""))  # as in "3.0, 1.0"
        if _any_in(["".join(map(str, half)).encode() for half in halves], digits):
            yield "labels"
        if _any_in([bytes(half) for half in halves], view.replace(b"\0", b"")):
            yield "labels as integers"
        for kind, letter in {"f32": "f", "f64": "d"}.items():
            packed = [
                struct.pack(f"{order}{LABELS // 2}{letter}", *half) for order in "<>" for half in halves
            ]
            if _any_in(packed, view):
                yield f"labels as {kind}"


_CASES = (bytes.lower, bytes.upper)
_ALL = bytes(range(256))


def _halves(text: str) -> tuple[str, str]:
    return text[: len(text) // 2], text[len(text) // 2 :]


def _any_in(needles: Iterable[bytes], data: bytes) -> bool:
    return any(needle in data for needle in needles)


def _only(kept: bytes, data: bytes) -> bytes:
    return data.translate(None, _ALL.translate(None, kept))


def _codes(word: bytes) -> re.Pattern[bytes]:
    """Match the codes of the word's characters, in decimal: "[99, 97, 110]"."""
    return re.compile(rb"[^0-9]{1,24}".join(b"%d" % code for code in word))


def _exclusive_or(data: bytes) -> bytes:
    """Return each byte combined with the next: the same, whatever constant the data was masked with."""
    values = np.frombuffer(data, dtype=np.uint8)
    return (values[1:] ^ values[:-1]).tobytes()


def _differences(data: bytes) -> bytes:
    """Return each byte's distance to the next: the same, whatever constant was added to the data."""
    values = np.frombuffer(data, dtype=np.uint8)
    return (values[1:] - values[:-1]).tobytes()
