# SPDX-License-Identifier: Apache-2.0
"""Codes read off a picture, as a phone reads them."""

from typing import Any

import zxingcpp


def scanned(picture: Any) -> list[zxingcpp.Barcode]:
    """The QR codes on a picture.

    No other kind is looked for: among the thousands of modules of a large code a row that passes for a bar code of the
    old kinds is now and then there by chance, whatever the code says.
    """
    return zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormat.QRCode)
