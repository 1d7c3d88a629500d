"""`clientela lab watch` shows the traffic of any gRPC service, exits cleanly, or prints the error."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

import grpc
import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass
from grpc_health.v1 import health_pb2
from grpc_reflection.v1alpha import reflection

from clientela_client.cli.main import run
from clientela_lab.patience import HANG_S
from clientela_lab.servers.local_server import LocalServer
from clientela_lab.wire.proxy.upstream import ProxyTls, Upstream
from clientela_lab.wire.record.recording import read
from clientela_lab.wire.watch.watch_options import check_reachable
from tests.lab.wire.leaks import open_files
from tests.lab.wire.proxied import calling
from tests.security.certified import Authority

CHECK = health_pb2.HealthCheckRequest()
WITHIN_S = HANG_S


class Watching:
    """A running `clientela lab watch`."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self.address = self._wait_until_it_listens()

    def _wait_until_it_listens(self) -> str:
        assert self._process.stderr
        line = self._process.stderr.readline()
        assert line.startswith("listening at "), line
        return line.split()[2].rstrip(",")

    def line(self, *wanted: str) -> str:
        """Read on until a line holds all that is wanted."""
        out: IO[str] | None = self._process.stdout
        assert out
        for line in out:
            if all(text in line for text in wanted):
                return line
        raise AssertionError(f"no line holds {wanted}")

    def end(self, number: int = signal.SIGINT) -> tuple[int, str]:
        """Ask it to end; return the exit code, and what it says at the end."""
        self._process.send_signal(number)
        _, said = self._process.communicate(timeout=WITHIN_S)
        return self._process.returncode, said


@contextmanager
def watching(upstream: str, *words: str) -> Iterator[Watching]:
    command = [sys.executable, "-m", "clientela_client", "lab", "watch", "--upstream", upstream, *words]
    env = {key: value for key, value in os.environ.items() if not key.startswith("CLIENTELA_")}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env
    ) as process:
        try:
            yield Watching(process)
        finally:
            process.kill()


# ---- what it shows -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_shows_each_call_and_leaves_a_recording_and_a_page(
    server: LocalServer, tmp_path: Path, number: int
) -> None:
    record, page = tmp_path / "wire.jsonl", tmp_path / "wire.html"
    with watching(server.address, "--record", str(record), "--page", str(page)) as watch:
        with calling(watch.address, server.token) as caller:
            caller.health.Check(CHECK)
        assert "unary call" in watch.line("→", "Health/Check")
        assert 'status="SERVING"' in watch.line("←", "Health/Check")
        assert "ms" in watch.line("←", "Health/Check", "OK")
        exit_code, said = watch.end(number)
    assert exit_code == 0
    assert said.startswith("1 call (1 OK) on 1 connection; 0 faults in ")
    assert f"recording: {record}\npage: {page}\n" in said
    assert {"recording", "open", "frame", "call_begin", "message", "call_end", "close"} <= {
        event["event"] for event in read(record)
    }
    assert "<html" in page.read_text(encoding="utf-8")


def test_it_breaks_what_it_is_told_to_break(server: LocalServer) -> None:
    faults = ("--fault", "drop-reply Check 2", "--fault", "delay 1ms connection 1", "--seed", "7")
    with watching(server.address, *faults) as watch:
        with calling(watch.address, server.token) as caller:
            caller.health.Check(CHECK)
            with pytest.raises(grpc.RpcError):
                caller.health.Check(CHECK)
        watch.line("!", "drop-reply: the reply of Check 2 is lost")
        watch.line("✗", "Health/Check")
        exit_code, said = watch.end()
    assert exit_code == 0
    assert "2 calls" in said
    assert "3 faults" in said


def test_it_may_kill_the_process_that_it_is_given(tmp_path: Path) -> None:
    with LocalServer() as server:
        words = ("--server-pid", str(server.pid), "--fault", "kill Check 1")
        with watching(server.address, *words) as watch, calling(watch.address, server.token) as caller:
            with pytest.raises(grpc.RpcError):
                caller.health.Check(CHECK)
            watch.line("!", "the server was killed")
            assert watch.end()[0] == 0
        server.kill()


def test_a_reader_of_its_lines_may_leave(server: LocalServer) -> None:
    with watching(server.address, "--frames") as watch:
        watch._process.stdout.close()
        watch._process.stdout = None
        with calling(watch.address, server.token) as caller, suppress(grpc.RpcError):
            caller.health.Check(CHECK)
        assert watch._process.wait(WITHIN_S) == 0


# ---- any gRPC service --------------------------------------------------------------------------------------

GREETER = FileDescriptorProto(name="greeter.proto", package="blue.v1", syntax="proto3")
for _name, _field in (("Greeting", "whom"), ("Welcome", "text")):
    _message = GREETER.message_type.add(name=_name)
    _message.field.add(name=_field, number=1, type="TYPE_STRING", label="LABEL_OPTIONAL")
GREETER.service.add(name="Greeter").method.add(
    name="Greet", input_type=".blue.v1.Greeting", output_type=".blue.v1.Welcome", server_streaming=True
)


@pytest.fixture
def greeter() -> Iterator[str]:
    """A server of a service that nobody here knows, which can tell about itself."""
    pool = DescriptorPool()
    pool.Add(GREETER)
    asked, answered = (GetMessageClass(pool.FindMessageTypeByName(f"blue.v1.{name}")) for name in NAMES)

    def greet(request: Any, _: grpc.ServicerContext) -> Iterator[Any]:
        yield answered(text=f"good morning, {request.whom}")
        yield answered(text="what may it be?")

    handler = grpc.unary_stream_rpc_method_handler(
        greet, request_deserializer=asked.FromString, response_serializer=answered.SerializeToString
    )
    server = grpc.server(ThreadPoolExecutor(4))
    server.add_generic_rpc_handlers(
        (grpc.method_handlers_generic_handler("blue.v1.Greeter", {"Greet": handler}),)
    )
    reflection.enable_server_reflection(("blue.v1.Greeter", reflection.SERVICE_NAME), server, pool)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    yield f"127.0.0.1:{port}"
    server.stop(None).wait()


NAMES = ("Greeting", "Welcome")
ANNA = b"\x0a\x04Anna"


def greet(address: str) -> int:
    with grpc.insecure_channel(address) as channel:
        return len(list(channel.unary_stream("/blue.v1.Greeter/Greet")(ANNA, timeout=WITHIN_S)))


@pytest.mark.parametrize("source", ["reflection", "file"])
def test_any_service_is_read_by_what_describes_it(greeter: str, tmp_path: Path, source: str) -> None:
    described = tmp_path / "greeter.binpb"
    described.write_bytes(FileDescriptorSet(file=[GREETER]).SerializeToString())
    words = ("--reflection",) if source == "reflection" else ("--descriptors", str(described))
    with watching(greeter, *words) as watch:
        assert greet(watch.address) == 2
        assert "server stream call" in watch.line("→", "Greeter/Greet")
        assert 'whom="Anna"' in watch.line("→", "Greeter/Greet")
        assert 'text="good morning, Anna"' in watch.line("←", "Greeter/Greet")
        assert 'text="what may it be?"' in watch.line("←", "Greeter/Greet")
        watch.line("←", "OK")


def test_a_service_that_nobody_describes_is_shown_by_numbers(greeter: str) -> None:
    with watching(greeter) as watch:
        assert greet(watch.address) == 2
        assert '1="Anna"' in watch.line("→", "Greeter/Greet", "1=")


# ---- what cannot work --------------------------------------------------------------------------------------


def free_address() -> str:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return f"127.0.0.1:{taken.getsockname()[1]}"


@pytest.mark.parametrize(
    ("words", "exit_code", "said"),
    [
        ("--upstream {free}", 7, "Unavailable: {free} was not reached: connection refused"),
        ("--upstream nowhere", 2, 'Usage: server address "nowhere" is not of the form host:port'),
        ("--upstream {up} --listen nowhere", 2, 'Usage: "nowhere" is not of the form host:port'),
        ("--upstream {up} --listen {up}", 1, "Error: {up}: address already in use"),
        ("--upstream {up} --fault dorp-reply", 2, 'Usage: fault "dorp-reply": there is no "dorp-reply"'),
        ("--upstream {up} --fault kill", 2, "Usage: fault kill is about the server's process: say which by"),
        (
            "--upstream {up} --tls one.pem",
            2,
            "Usage: Invalid value for '--tls': \"one.pem\" is not two",
        ),
        ("--upstream {up} --tls one.pem,two.pem", 2, "Usage: one.pem cannot be read: No such file"),
        ("--upstream {up} --upstream-ca {garbage}", 2, "Usage: {garbage} holds no certificate"),
        (
            "--upstream {up} --upstream-ca {folder}/no.pem",
            2,
            "Usage: Invalid value for '--upstream-ca': File '{folder}/no.pem' does not exist",
        ),
        (
            "--upstream {up} --upstream-ca system",
            7,
            "Unavailable: {up} was not reached: it answers without TLS (",
        ),
        (
            "--upstream {up} --upstream-name shop.example",
            7,
            "Unavailable: {up} was not reached: it answers without TLS (",
        ),
        ("--upstream {up} --upstream-cert one.pem,two.pem", 2, "Usage: one.pem cannot be read: No such file"),
        (
            "--upstream {up} --reflection",
            2,
            "Usage: the server describes nothing: it has no reflection, neither v1 nor v1alpha",
        ),
        ("--upstream {up} --descriptors {garbage}", 2, "Usage: {garbage} is no FileDescriptorSet"),
        ("--upstream {up} --reflection --descriptors {garbage}", 2, "Usage: --descriptors and --reflection"),
        (
            "--upstream {up} --record {folder}/no/a",
            2,
            "Usage: Invalid value for '--record': there is no folder",
        ),
        ("--upstream no.such.host.invalid:1", 7, "Unavailable: no.such.host.invalid:1 was not reached: "),
        ("", 2, "Usage: Missing option '--upstream'"),
    ],
)
def test_what_cannot_work_is_said_in_a_line(
    server: LocalServer,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    words: str,
    exit_code: int,
    said: str,
) -> None:
    (garbage := tmp_path / "garbage").write_bytes(b"garbage")
    facts = {"up": server.address, "free": free_address(), "garbage": garbage, "folder": tmp_path}
    assert run(["lab", "watch", *words.format(**facts).split()]) == exit_code
    written = capsys.readouterr()
    assert written.out == ""
    assert written.err.startswith(said.format(**facts))
    assert "Traceback" not in written.err


def test_a_server_that_wants_a_certificate_says_so_before_anything_begins(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    authority = Authority(tmp_path)
    issued = authority.issue("blue-door", "127.0.0.1")
    with LocalServer("--tls", issued.tls(authority.file)) as server:
        words = ["lab", "watch", "--upstream", server.address, "--upstream-ca", str(authority.file)]
        assert run(words) == 7
        assert f"{server.address} wants a certificate: --upstream-cert" in capsys.readouterr().err
        with watching(*words[3:], "--upstream-cert", f"{issued.certificate},{issued.key}") as watch:
            with calling(watch.address, server.token) as caller:
                caller.health.Check(CHECK)
            watch.line("←", "Health/Check", "OK")


@pytest.mark.long
def test_of_a_look_at_a_server_with_tls_nothing_is_left(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    issued = authority.issue("blue-door", "127.0.0.1")
    with LocalServer("--tls", issued.tls()) as server:
        before = open_files()
        asyncio.run(check_reachable(Upstream(server.address, ProxyTls.of_files(upstream_ca=authority.file))))
        assert open_files() == before


@pytest.mark.long
def test_a_server_with_tls_that_is_asked_without_to_describe_itself_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    issued = Authority(tmp_path).issue("blue-door", "127.0.0.1")
    with LocalServer("--tls", issued.tls(), "--reflection") as server:
        assert run(["lab", "watch", "--upstream", server.address, "--reflection"]) == 7
        assert "speaks TLS" in capsys.readouterr().err
