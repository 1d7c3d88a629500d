"""The plugin that CI loads: a test that binds or calls a server's default port fails."""

from pathlib import Path

import pytest

from tests.plugins.test_no_skips import run

SERVES = """
from concurrent.futures import ThreadPoolExecutor
import grpc

def test_a():
    server = grpc.server(ThreadPoolExecutor(1), options=[("grpc.so_reuseport", 0)])
    assert server.add_insecure_port("127.0.0.1:{port}")
"""


@pytest.mark.parametrize("port", [50051, 8080])
def test_a_test_that_serves_on_a_default_port_fails(tmp_path: Path, port: int) -> None:
    result = run(tmp_path, SERVES.format(port=port), plugin="taken_ports")
    assert result.returncode == 1
    assert "1 failed" in result.stdout


def test_one_on_a_free_port_passes(tmp_path: Path) -> None:
    result = run(tmp_path, SERVES.format(port=0), plugin="taken_ports")
    assert "1 passed" in result.stdout
