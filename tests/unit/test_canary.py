"""A canary is found in every disguise, and nowhere else."""

from __future__ import annotations

import base64
import bz2
import codecs
import gzip
import html
import io
import json
import lzma
import random
import struct
import tarfile
import urllib.parse
import zipfile
import zlib
from pathlib import Path

import msgpack
import pytest

from redteam.canary import Canary

CHECKOUT = Path(__file__).parents[2]
CANARY = Canary.drawn(random.Random(20260917))
WORD, NUMBER, LABELS = CANARY.text.encode(), CANARY.number, bytes(CANARY.labels)
BEFORE = b'{"outcome": "failed", "message": "expected '


def _zip(content: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("secret.txt", content)
    return buffer.getvalue()


def _tar_gz(content: bytes) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        entry = tarfile.TarInfo("secret.txt")
        entry.size = len(content)
        archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def _masked(data: bytes, key: int) -> bytes:
    return bytes(byte ^ key for byte in data)


WORDS = {
    "as it is": WORD,
    "in capitals": WORD.upper(),
    "half of it, cut short": WORD[:14],
    "the other half": WORD[-13:],
    "reversed": WORD[::-1],
    "utf-16": CANARY.text.encode("utf-16"),
    "utf-16, big end first": CANARY.text.encode("utf-16-be"),
    "utf-32": CANARY.text.encode("utf-32"),
    "a letter a line": "\n".join(CANARY.text).encode(),
    "letters with dashes": "-".join(CANARY.text).encode(),
    "letters with letters between": "x".join(CANARY.text).encode(),
    "a list of letters": str(list(CANARY.text)).encode(),
    "rot13": codecs.encode(CANARY.text, "rot13").encode(),
    "letters moved by 3": bytes(byte + 3 for byte in WORD),
    "masked": _masked(WORD, 0xA5),
    "masked, as hex": _masked(WORD, 0x5A).hex().encode(),
    "hex": WORD.hex().encode(),
    "hex, in capitals, with colons": WORD.hex(":").upper().encode(),
    "hex of capitals": WORD.upper().hex(" ").encode(),
    "a list of hexadecimal codes": str([hex(byte) for byte in WORD]).encode(),
    "a list of codes": str(list(WORD)).encode(),
    "codes, a line each, indented": json.dumps(list(WORD), indent=12).encode(),
    "codes of eight bytes each": struct.pack(f"<{len(WORD)}q", *WORD),
    "bits": " ".join(f"{byte:08b}" for byte in WORD).encode(),
    "percent": "".join(f"%{byte:02X}" for byte in WORD).encode(),
    "references of HTML": "".join(f"&#{byte};" for byte in WORD).encode(),
    "hexadecimal references": "".join(f"&#x{byte:x};" for byte in WORD).encode(),
    "escapes of JSON": "".join(f"\\u{byte:04x}" for byte in WORD).encode(),
    "escapes, escaped": json.dumps("".join(f"\\x{byte:02x}" for byte in WORD)).encode(),
    "octal escapes": "".join(f"\\{byte:03o}" for byte in WORD).encode(),
    "quoted-printable": "".join(f"={byte:02X}" for byte in WORD).encode(),
    **{f"base64 from place {n}": base64.b64encode(b"abc"[:n] + WORD) for n in range(3)},
    "base64 for addresses": base64.urlsafe_b64encode(b"\xff\xfe?" + WORD),
    "base64 in lines": base64.encodebytes(b"=" * 50 + WORD),
    "base64 in lines, quoted": json.dumps(base64.encodebytes(b"=" * 50 + WORD).decode()).encode(),
    "base64 of utf-16": base64.b64encode(CANARY.text.encode("utf-16")),
    "base64 of the reverse": base64.b64encode(WORD[::-1]),
    "reverse of base64": base64.b64encode(WORD)[::-1],
    "base64 of base64": base64.b64encode(base64.b64encode(WORD)),
    "base64 of hex": base64.b64encode(WORD.hex().encode()),
    "base64, percent-encoded": urllib.parse.quote(base64.b64encode(b"\xfb\xff" * 9 + WORD).decode()).encode(),
    **{f"base32 from place {n}": base64.b32encode(b"abcde"[:n] + WORD) for n in range(5)},
    "base32, small": base64.b32encode(WORD).lower(),
    "reverse of base32": base64.b32encode(WORD)[::-1],
    **{f"base85 from place {n}": base64.b85encode(b"abcd"[:n] + WORD) for n in range(4)},
    "ascii85": base64.a85encode(b"x" + WORD),
    "base85 in HTML": html.escape(base64.b85encode(WORD).decode()).encode(),
    "reverse of base85": base64.b85encode(WORD)[::-1],
    "gzip": gzip.compress(WORD),
    "zlib": zlib.compress(WORD),
    "zlib, fastest, small window": zlib.compress(WORD, 1, 9),
    "bz2": bz2.compress(WORD),
    "xz": lzma.compress(WORD),
    "lzma": lzma.compress(WORD, format=lzma.FORMAT_ALONE),
    "zip": _zip(WORD),
    "tar.gz": _tar_gz(WORD),
    "gzip of zlib": gzip.compress(zlib.compress(WORD)),
    "gzip as base64": base64.b64encode(gzip.compress(WORD)),
    "zlib as base64, cut short": base64.b64encode(zlib.compress(WORD)[:-5]),
    "zlib as hex": zlib.compress(WORD).hex().encode(),
    "zlib as base85": base64.b85encode(zlib.compress(WORD)),
    "gzip as Python writes it": repr(gzip.compress(WORD)).encode(),
    "that again, quoted": json.dumps(repr(zlib.compress(WORD))).encode(),
    "msgpack": msgpack.packb({"seen": [CANARY.text]}),
}
NUMBERS = {
    "as it is": str(NUMBER).encode(),
    "as a float": str(float(NUMBER)).encode(),
    "in a tensor": f"tensor([{NUMBER:.4e}, 1.0000e+00])".encode(),
    "in another": f"[{NUMBER:.7e}]".encode(),
    "with commas": f"{NUMBER:,}".encode(),
    "hexadecimal": hex(NUMBER).encode(),
    "reversed": str(NUMBER)[::-1].encode(),
    "a digit a line": "\n".join(str(NUMBER)).encode(),
    "float32": struct.pack("<f", NUMBER),
    "float32, big end first": struct.pack(">f", NUMBER),
    "float64": struct.pack("<d", NUMBER),
    "float64, big end first": struct.pack(">d", NUMBER),
    "int32": struct.pack("<i", NUMBER),
    "int64": struct.pack("<q", NUMBER),
    "msgpack": msgpack.packb([1, NUMBER]),
    "msgpack of a float": msgpack.packb([1.5, float(NUMBER)]),
    "base64": base64.b64encode(f"x={NUMBER}".encode()),
    "float64 as base64": base64.b64encode(b"x" + struct.pack("<d", NUMBER)),
    "gzip": gzip.compress(b"[%d]" % NUMBER),
}
LABEL_RUNS = {
    "a list": str(list(LABELS)).encode(),
    "floats": str([float(label) for label in LABELS]).encode(),
    "a tensor": ("tensor([" + ", ".join(f"{label}." for label in LABELS) + "])").encode(),
    "written together": "".join(map(str, LABELS)).encode(),
    "a line each": "\n".join(map(str, LABELS)).encode(),
    "half of them": "".join(map(str, LABELS[:17])).encode(),
    "bytes": LABELS,
    "int64": struct.pack(f"<{len(LABELS)}q", *LABELS),
    "float32": struct.pack(f"<{len(LABELS)}f", *LABELS),
    "msgpack": msgpack.packb(list(LABELS)),
    "base64 of zlib": base64.b64encode(zlib.compress(LABELS)),
    "hex": LABELS.hex().encode(),
}
CASES = {
    f"{what}, {form}": data
    for what, forms in {"word": WORDS, "number": NUMBERS, "labels": LABEL_RUNS}.items()
    for form, data in forms.items()
}


@pytest.mark.parametrize("form", CASES)
def test_it_is_found_in_every_disguise(form: str) -> None:
    noise = random.Random(form)
    surroundings = {
        "nothing": (b"", b""),
        "text": (BEFORE, b' and more"}'),
        "bytes": (noise.randbytes(999) + b"\n", b"\n" + noise.randbytes(999)),
    }
    missed = [name for name, (a, b) in surroundings.items() if not CANARY.found_in(a + CASES[form] + b)]
    assert not missed, f"not found between {missed}"


def test_it_says_in_which_form() -> None:
    assert "word" in CANARY.found_in(WORD)
    assert "base64: gzip: word" in CANARY.found_in(base64.b64encode(gzip.compress(WORD)))
    assert "number as f64" in CANARY.found_in(struct.pack("<d", NUMBER))


def test_each_run_draws_its_own() -> None:
    canaries = [Canary.drawn() for _ in range(50)]
    assert len({canary.text for canary in canaries}) == 50
    for canary in canaries:
        assert struct.unpack("<f", struct.pack("<f", canary.number)) == (canary.number,)
        assert len(str(canary.number)) == 9
        assert not canary.found_in(repr([other for other in canaries if other != canary]).encode())


def test_no_false_alarm_on_what_the_project_publishes() -> None:
    files = [*CHECKOUT.glob("docs/**/*.md"), *CHECKOUT.glob("docs/images/*.png")]
    files += [*CHECKOUT.glob("bench/results/**/*.json"), *CHECKOUT.glob("grader/web/api/*.json")]
    sizes = {file: file.stat().st_size for file in files}
    assert sum(sizes.values()) > 1 << 19
    for file in sorted(sizes, key=lambda file: sizes[file])[-12:]:
        assert CANARY.found_in(file.read_bytes()[: 1 << 20]) == [], file


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(random.Random(1).randbytes(1 << 19), id="noise"),
        pytest.param("".join(random.Random(2).choices("0123456789", k=1 << 17)).encode(), id="digits"),
        pytest.param(base64.b85encode(random.Random(3).randbytes(1 << 15)), id="base85"),
        pytest.param(b"\x78\x9c" * (1 << 19), id="starts of streams"),
        pytest.param(gzip.compress(bytes(64 << 20)), id="a bomb"),
        pytest.param(b"\\" * (1 << 16) + b"%" * (1 << 16), id="escapes of nothing"),
        pytest.param(b"", id="nothing"),
    ],
)
def test_whatever_the_data_says_it_ends(data: bytes) -> None:
    assert CANARY.found_in(data) == []


def test_other_numbers_and_words_are_none() -> None:
    others = f"{NUMBER}0 1{NUMBER} {NUMBER + 64} {CANARY.text[:11]} {'abc' * 9}"
    assert CANARY.found_in(others.encode()) == []
