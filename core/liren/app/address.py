# SPDX-License-Identifier: Apache-2.0
"""Whether the address to serve at can be had: asked before anything is opened or built, answered in words."""

import errno
import socket

from liren.errors import Busy, LirenError
from liren.settings import Settings


def can_be_had(settings: Settings, *, command: str = "liren serve") -> None:
    """
    :param command: what was typed, for the advice to take another port
    :raises LirenError: the port is taken or not ours to take, or the host is no address of this machine
    """
    host, port = settings.host, settings.port
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        for family, kind, protocol, _name, address in found:
            with socket.socket(family, kind, protocol) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(address)
    except OSError as error:
        raise _in_words(error, host, port, command) from error


def _in_words(error: OSError, host: str, port: int, command: str) -> LirenError:
    if error.errno == errno.EADDRINUSE:
        return Busy(
            f"端口 {port} 已经被占用。请先停下那个程序，或换一个：PORT=8001 {command}。",
            f"Port {port} is taken. Stop what uses it, or take another one: PORT=8001 {command}.",
        )
    if isinstance(error, PermissionError):
        return LirenError(
            f"不能用端口 {port}：1024 以下要管理员权限。请用 PORT=8000，网址由前面的 Caddy 转过来。",
            f"Port {port} may not be used: below 1024 it takes root. Use PORT=8000, and Caddy in front.",
        )
    return LirenError(
        f"LIREN_HOST 不是这台机器的地址：{host}（{error.strerror}）。一般不用设，默认 127.0.0.1。",
        f"LIREN_HOST is no address of this machine: {host} ({error.strerror}). Leave it out for 127.0.0.1.",
    )
