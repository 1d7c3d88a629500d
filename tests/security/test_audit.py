"""`make audit` distinguishes no known vulnerability, some, and no answer from the database."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from clientela_lab.patience import HANG_S

ROOT = Path(__file__).resolve().parents[2]
LOCK = ROOT / "requirements" / "dev.txt"
GOOD = {"name": "alembic", "version": "1.0", "vulns": []}
BAD = {"name": "grpcio", "version": "1.0", "vulns": [{"id": "CVE-2023-1428", "fix_versions": ["1.53"]}]}
SKIPPED = {"name": "uv", "skip_reason": "Dependency not found on PyPI and could not be audited: uv (0.1)"}
OFFLINE = "requests.exceptions.ConnectionError: HTTPSConnectionPool(host='pypi.org', port=443): Max retries"


@pytest.fixture
def audit(tmp_path: Path) -> Any:
    """Run the audit with a pip-audit that answers as it is told; the first answer is for a package alone."""

    def run(*answers: Any) -> subprocess.CompletedProcess[str]:
        program = tmp_path / "pip-audit"
        (tmp_path / "answers").write_text(json.dumps(answers))
        program.write_text(
            f"#!{sys.executable}\n"
            "import json, pathlib, sys\n"
            f"kept = pathlib.Path({str(tmp_path / 'answers')!r})\n"
            "first, *rest = json.loads(kept.read_text())\n"
            "kept.write_text(json.dumps(rest))\n"
            "if isinstance(first, str): sys.exit(first)\n"
            "print(json.dumps({'dependencies': first, 'fixes': []}))\n"
            "sys.exit(any(each.get('vulns') for each in first))\n"
        )
        program.chmod(0o755)
        path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
        command = [sys.executable, str(ROOT / ".ci" / "audit"), str(LOCK)]
        return subprocess.run(
            command,
            env={**os.environ, "PATH": path},
            capture_output=True,
            text=True,
            timeout=HANG_S,
            check=False,
        )

    return run


def test_no_known_vulnerability_is_a_success(audit: Any) -> None:
    ended = audit([GOOD], [GOOD, GOOD])

    assert (ended.returncode, ended.stdout) == (0, "audit: 2 packages, 0 of them vulnerable\n")


def test_a_vulnerability_is_a_failure_and_is_named(audit: Any) -> None:
    ended = audit([GOOD], [GOOD, BAD, SKIPPED])

    assert ended.returncode == 1
    assert "grpcio 1.0: CVE-2023-1428, mended in 1.53" in ended.stderr
    assert "not audited: uv" in ended.stderr
    assert "2 packages, 1 of them vulnerable" in ended.stdout


@pytest.mark.parametrize("answer", [[SKIPPED], OFFLINE])
def test_where_nobody_can_be_asked_that_is_said_and_the_rest_goes_on(audit: Any, answer: Any) -> None:
    ended = audit(answer)

    assert (ended.returncode, ended.stdout) == (0, "")
    assert "nothing was audited" in ended.stderr


def test_an_audit_that_breaks_down_is_not_taken_for_one_that_found_nothing(audit: Any) -> None:
    ended = audit([GOOD], "pip-audit: error: hashes do not match")

    assert (ended.returncode, ended.stdout) == (2, "")
    assert "hashes do not match" in ended.stderr
