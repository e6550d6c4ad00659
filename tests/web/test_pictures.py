# SPDX-License-Identifier: Apache-2.0
"""What a form keeps of a picture: its pixels, upright, and nothing that was told beside them."""

import io
import struct
import zlib
from typing import Annotated, Any

import msgspec
import pytest
from msgspec import Meta
from PIL import Image, ImageCms

from liren.web import Form, Upload
from liren.web import forms as web_forms
from liren.web.pictures import LONGEST, BadPicture, redrawn

SECRET = b"Canon EOS of Wang Fang"


def photograph(kind: str, *, size: tuple[int, int] = (40, 30), **saved: Any) -> bytes:
    """Red on the left, blue on the right; it says where, when and with what it was taken."""
    picture = Image.new("RGB", size, (200, 30, 30))
    picture.paste((30, 30, 200), (size[0] // 2, 0, *size))
    exif = picture.getexif()
    exif[0x0112], exif[0x010F] = 6, SECRET.decode()
    exif.get_ifd(0x8825)[1] = "N"
    out = io.BytesIO()
    picture.save(out, kind, exif=exif, comment=SECRET, **saved)
    return out.getvalue() + SECRET  # and something hidden behind the picture's end


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
async def test_a_photograph_keeps_its_picture_and_loses_the_rest(kind: str) -> None:
    taken = photograph(kind)
    kept = (await redrawn(Upload("a", taken))).content
    assert SECRET in taken
    assert SECRET not in kept
    after = Image.open(io.BytesIO(kept))
    assert (after.format, after.size) == (kind, (30, 40)), "turned upright"
    assert dict(after.getexif()) == {}
    assert "icc_profile" not in after.info
    above, below = after.convert("RGB").getpixel((15, 5)), after.convert("RGB").getpixel((15, 35))
    assert (above[0] > 150, below[2] > 150) == (True, True), "the left side is on top now"


async def test_a_large_photograph_becomes_small_and_one_beyond_measure_is_refused() -> None:
    kept = await redrawn(Upload("a.jpg", photograph("JPEG", size=(4000, 3000))))
    assert max(Image.open(io.BytesIO(kept.content)).size) == LONGEST
    wide = b"".join(_png_of(100_000, 100_000))
    with pytest.raises(BadPicture) as refused:
        await redrawn(Upload("b.png", wide))
    assert "四千万" in refused.value.zh


async def test_colours_of_another_profile_are_shown_as_they_were_meant() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    for given in (ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes(), profile, b"no profile"):
        kept = await redrawn(Upload("a.jpg", photograph("JPEG", icc_profile=given)))
        assert "icc_profile" not in Image.open(io.BytesIO(kept.content)).info


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16", "CMYK"])
async def test_every_kind_of_pixels_comes_through(mode: str) -> None:
    picture, out = Image.new("L", (20, 20), 90).convert(mode), io.BytesIO()
    picture.save(out, "JPEG" if mode == "CMYK" else "PNG")
    kept = await redrawn(Upload("a", out.getvalue()))
    assert Image.open(io.BytesIO(kept.content)).size == (20, 20)


@pytest.mark.parametrize(
    "content",
    [
        b"\xff\xd8\xff",
        b"\xff\xd8\xff\xe1\xff\xff",
        b"\x89PNG\r\n\x1a\n\0\0",
        photograph("PNG")[:120],
        photograph("JPEG")[:300],
    ],
)
async def test_what_is_no_whole_picture_is_refused_beside_its_field(content: bytes) -> None:
    data: dict[str, list[Any]] = {"photo": [Upload("坏.jpg", content)]}
    [(field, problem)] = await web_forms._draw_anew(_WithPhoto, data)
    form = Form.of(_WithPhoto, data)
    form.refuse_with(problem, field)
    assert not form.valid
    assert [(one.field, "坏.jpg" in one.text) for one in form.errors] == [("photo", True)]


class _WithPhoto(msgspec.Struct):
    photo: Annotated[Upload, Meta(title="照片", extra={"kinds": ("jpg", "png")})]


def _png_of(width: int, height: int) -> list[bytes]:
    """The head of a picture that says how large it is, and little else."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return [b"\x89PNG\r\n\x1a\n", chunk(b"IHDR", head), chunk(b"IDAT", zlib.compress(bytes(1000))), chunk(b"IEND", b"")]
