"""Which bytes are shown as a picture."""

import io
import struct

import pytest
from PIL import Image

from grader.reading.pictures import MAX_BYTES, checked_picture


def picture(form: str, width: int = 30, height: int = 20) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), "teal").save(buffer, form)
    return buffer.getvalue()


def png_of_size(width: int, height: int) -> bytes:
    return picture("PNG")[:16] + struct.pack(">II", width, height) + picture("PNG")[24:]


@pytest.mark.parametrize(("form", "media_type"), [("PNG", "image/png"), ("JPEG", "image/jpeg")])
def test_a_picture_is_what_its_bytes_say(form: str, media_type: str):
    checked = checked_picture(picture(form))
    assert checked is not None
    assert (checked.media_type, checked.width, checked.height) == (media_type, 30, 20)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"<html><script>alert(1)</script>",
        picture("GIF"),
        picture("PNG")[:20],
        b"\x89PNG\r\n\x1a\n<script>alert(1)</script> and so on and on",
        b"\xff\xd8\xff",
        b"\xff\xd8\xff\xe0\x00\x00" + b"\xff" * 40,
        b"\xff\xd8\xff\xe0\xff\xff" + b"a" * 40,
        png_of_size(60_000, 60_000),
        png_of_size(7_000, 7_000),
        png_of_size(0, 5),
        picture("PNG") + b"\0" * MAX_BYTES,
    ],
)
def test_anything_else_is_none(content: bytes):
    assert checked_picture(content) is None
