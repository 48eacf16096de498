"""The dependency audit believes nobody who could not have known."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

LOOKS_NOTHING_UP = "echo 'No known vulnerabilities found'"
KNOWS_THE_PLANTED = (
    "case $* in *require-hashes*) exit 0;; *) echo 'jinja2 2.10 PYSEC-2019-217';; esac"
)
KNOWS_MORE = "echo 'Jinja2 2.10 GHSA-462w-v97r-4m45'; exit 1"


@pytest.mark.parametrize(
    ("auditor", "status", "said"),
    [(LOOKS_NOTHING_UP, 0, "SKIPPED"), (KNOWS_THE_PLANTED, 0, "a.lock"), (KNOWS_MORE, 1, "b.lock")],
)
def test_an_audit_counts_only_when_it_reports_a_planted_old_release(
    tmp_path: Path, auditor: str, status: int, said: str
) -> None:
    program = tmp_path / "pip-audit"
    program.write_text(f"#!/bin/sh\n{auditor}\n")
    program.chmod(0o755)
    done = subprocess.run(
        [ROOT / ".ci" / "audit", program, "a.lock", "b.lock"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == status, done.stderr
    assert said in done.stdout
    assert ("of a.lock" in done.stdout) == (said != "SKIPPED")
