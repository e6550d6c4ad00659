# SPDX-License-Identifier: Apache-2.0
"""What a browser calls itself, in words its owner knows: 「微信 · Android」. Pure."""

from typing import Final

BROWSERS: Final = (
    ("MicroMessenger", "微信"),
    ("AlipayClient", "支付宝"),
    ("HuaweiBrowser", "华为浏览器"),
    ("Edg", "Edge"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
"""The first that occurs: browsers name those they descend from as well."""
SYSTEMS: Final = (
    ("HarmonyOS", "鸿蒙"),
    ("OpenHarmony", "鸿蒙"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


def device_name(said: str) -> str:
    """:param said: the ``User-Agent`` header; :returns: empty where it says nothing we know"""
    browser = next((name for mark, name in BROWSERS if mark in said), "")
    system = next((name for mark, name in SYSTEMS if mark in said), "")
    return " · ".join(part for part in (browser, system) if part)
