"""Looking for viruses with clamd, where there is one (`CLAMD_SOCKET`): the INSTREAM command."""

from __future__ import annotations

import socket
import struct

from django.conf import settings

from apps.common.exceptions import Invalid

SECONDS = 30
CHUNK = 64 * 1024
CLEAN = b"stream: OK"


def is_on() -> bool:
    """Whether files are looked at."""
    return bool(settings.CLAMD_SOCKET)


def check(data: bytes) -> None:
    """Raises Invalid for a file that clamd finds harmful, and while clamd does not answer."""
    if not is_on():
        return
    try:
        answer = _answer(data)
    except OSError as error:
        raise Invalid(
            "The check for viruses does not answer. Try again in a few minutes.",
            {"file": "This file could not be checked for viruses. Try again in a few minutes."},
        ) from error
    if answer != CLEAN:
        found = "A check for viruses found something in this file."
        raise Invalid(found, {"file": f"{found} Tell whoever looks after your computers."})


def _answer(data: bytes) -> bytes:
    with _connected() as clamd:
        clamd.sendall(b"zINSTREAM\0")
        for start in range(0, len(data), CHUNK):
            part = data[start : start + CHUNK]
            clamd.sendall(struct.pack("!L", len(part)) + part)
        clamd.sendall(struct.pack("!L", 0))
        answer = b""
        while part := clamd.recv(4096):
            answer += part
    return answer.rstrip(b"\0\n")


def _connected() -> socket.socket:
    """A path is a Unix socket; anything else is host:port."""
    where = settings.CLAMD_SOCKET
    if where.startswith("/"):
        clamd = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        clamd.settimeout(SECONDS)
        clamd.connect(where)
        return clamd
    host, _, port = where.rpartition(":")
    return socket.create_connection((host, int(port)), timeout=SECONDS)
