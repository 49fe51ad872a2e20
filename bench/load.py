"""A server under load: eight connections that ask again as soon as they are answered."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

CONNECTIONS = 8


@contextmanager
def server(application: str, port: int) -> Iterator[None]:
    """gunicorn as the demo runs it, with this application."""
    child = subprocess.Popen(
        [str(Path(sys.executable).with_name("gunicorn")), application]
        + ["--bind", f"127.0.0.1:{port}", "--workers", "2", "--threads", "4", "--preload"]
        + ["--log-level", "warning"],
        env=os.environ.copy(),
    )
    try:
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                time.sleep(0.1)
        yield
    finally:
        child.terminate()
        child.wait()


def pages_per_second(port: int, path: str, cookie: str, seconds: float) -> float:
    """How many pages the server answers in a second. Raises AssertionError for any but a 200."""
    return asyncio.run(_load(port, path, cookie, seconds))


async def _load(port: int, path: str, cookie: str, seconds: float) -> float:
    until = time.perf_counter() + seconds
    request = (
        f"GET {path} HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\n"
        "Connection: keep-alive\r\n\r\n"
    ).encode()
    started = time.perf_counter()
    counts = await asyncio.gather(*(_ask(port, request, until) for _ in range(CONNECTIONS)))
    return sum(counts) / (time.perf_counter() - started)


async def _ask(port: int, request: bytes, until: float) -> int:
    count = 0
    reader = writer = None
    while time.perf_counter() < until:
        if writer is None:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
        assert reader is not None
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        assert b" 200 " in head.split(b"\r\n", 1)[0], head
        await _body(reader, head)
        count += 1
        if b"connection: close" in head:
            writer.close()
            writer = None
    if writer:
        writer.close()
    return count


async def _body(reader: asyncio.StreamReader, head: bytes) -> None:
    for line in head.split(b"\r\n"):
        if line.startswith(b"content-length:"):
            await reader.readexactly(int(line.split(b":")[1]))
            return
    while size := int((await reader.readline()).strip() or b"0", 16):
        await reader.readexactly(size + 2)
    await reader.readline()
