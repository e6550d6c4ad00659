# SPDX-License-Identifier: Apache-2.0
"""A picture somebody sent, drawn anew: what is kept holds its pixels and nothing else.

Where it was taken, on whose phone, what was hidden behind its end: none of it survives being decoded and encoded
again, nor does a file made to break whoever opens it. Every form does this to JPEG and PNG (:mod:`liren.web.forms`).
"""

import asyncio
import io
import threading
from typing import TYPE_CHECKING, Final

from liren.errors import LirenError
from liren.web.uploads import Upload

if TYPE_CHECKING:
    from PIL.Image import Image

KINDS: Final = ("jpg", "png")
MAX_PIXELS: Final = 40_000_000
"""Forty megapixels: what the largest phone cameras of the day take in their ordinary mode."""
LONGEST: Final = 2560
"""Pixels kept along the longer side: a sheet of A4 at 220 dpi stays legible."""
_QUALITY: Final = 85
_PLAIN: Final = {"JPEG": {"L", "RGB"}, "PNG": {"1", "L", "LA", "P", "RGB", "RGBA"}}
"""Pixels kept as they are; all others become red, green, blue."""
_one_at_a_time = threading.Lock()
"""A picture at its largest needs some 160 MB while it is decoded; two at once would be too much for a small machine."""


class BadPicture(LirenError):
    """The file is no whole picture, or larger than anybody needs."""

    code = "bad-picture"


async def redrawn(sent: Upload) -> Upload:
    """The same picture, upright, at most ``LONGEST`` pixels wide and high, without metadata.

    :raises BadPicture: it cannot be decoded, or has more than ``MAX_PIXELS``
    """
    return Upload(sent.name, await asyncio.to_thread(_redraw, sent.content, sent.name))


def _redraw(content: bytes, name: str) -> bytes:
    from PIL import Image, ImageOps  # 60 ms to import: the first picture pays, not every start of the command line

    with _one_at_a_time:
        try:
            with Image.open(io.BytesIO(content), formats=("JPEG", "PNG")) as opened:
                if opened.width * opened.height > MAX_PIXELS:
                    raise _too_large(name)
                drawn_as = "PNG" if opened.format == "PNG" else "JPEG"
                if drawn_as == "JPEG":
                    opened.draft("RGB", (LONGEST, LONGEST))  # decodes no finer than is kept
                picture = ImageOps.exif_transpose(opened)
                picture.thumbnail((LONGEST, LONGEST))
                return _encoded(picture, drawn_as)
        except BadPicture:
            raise
        except Image.DecompressionBombError as error:
            raise _too_large(name) from error
        except Exception as error:  # a decoder fed with anything at all raises anything at all
            raise BadPicture(
                f"{name} 这张图片打不开，可能没传完整。请重新拍一张，或者存成 JPG 再传。",
                f"{name} cannot be opened as a picture; it may be incomplete. Take it again, or save it as a JPG.",
            ) from error


def _encoded(picture: "Image", drawn_as: str) -> bytes:
    plain = _in_srgb(picture)
    if plain.mode not in _PLAIN[drawn_as]:
        plain = plain.convert("RGB")
    clean = plain.copy()
    clean.info = {key: value for key, value in plain.info.items() if key == "transparency"}
    out = io.BytesIO()
    clean.save(out, drawn_as, **({"quality": _QUALITY} if drawn_as == "JPEG" else {}))
    return out.getvalue()


def _in_srgb(picture: "Image") -> "Image":
    """Colours as every screen shows them: the profile itself does not stay, it may carry text of its own."""
    from PIL import ImageCms

    profile = picture.info.get("icc_profile")
    if not profile or picture.mode not in {"RGB", "CMYK"}:
        return picture
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        shown = ImageCms.profileToProfile(picture, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError):
        return picture
    return picture if shown is None else shown


def _too_large(name: str) -> BadPicture:
    return BadPicture(
        f"{name} 这张图片的尺寸太大了（超过四千万像素），请用手机拍小一点的，或者压小再传。",
        f"{name} is larger than forty megapixels. Take a smaller one, or shrink it first.",
    )
