"""What the page shows of grpcurl is what it prints, with the grpcurl that the page has one install."""

import re
from pathlib import Path

import pytest

from tests.docs.walkthrough import agrees
from tests.e2e.languages.recipes import bash, block, require, section, shop

HEADING = "## From a shell: grpcurl"
INSTALL = re.findall(r"^    (go install .*)$", section(HEADING), re.MULTILINE)
TRANSCRIPT = "\n".join(re.findall(r"```console\n(.*?)\n```", section(HEADING), re.DOTALL)).splitlines()
COMMANDS = "\n".join(line[2:] for line in TRANSCRIPT if line.startswith(("$ ", "> ")))
ANSWERS = "\n".join(line for line in TRANSCRIPT if not line.startswith(("$ ", "> ")))


def told(text: str) -> str:
    """Make one of it, whether the client or the server is the first to see that a deadline is over."""
    return re.sub(r"(?i)(context )?deadline exceeded", "Deadline Exceeded", text)


@pytest.mark.long
class TestGrpcurl:
    """Installed once."""

    @pytest.fixture(scope="class")
    @classmethod
    def script(cls, tmp_path_factory: pytest.TempPathFactory) -> str:
        """What comes before each command: where grpcurl is, and the page's own function."""
        require(["go"])
        folder = tmp_path_factory.mktemp("grpcurl")
        (install,) = INSTALL
        with shop(folder) as opened:
            done = bash(install, opened.env, folder)
        assert done.returncode == 0, done.stderr
        return f"export PATH=$(go env GOPATH)/bin:$PATH\n{block(HEADING)}\nset +e\n"

    def test_it_prints_what_the_page_shows(self, script: str, tmp_path: Path) -> None:
        with shop(tmp_path, "--reflection", customer=False) as opened:
            done = bash(f"{script}exec 2>&1\n{COMMANDS}", opened.env, tmp_path)
        assert agrees(told(ANSWERS), told(done.stdout)), done.stdout

    def test_by_tls_it_asks_whom_clientela_trust_vouches_for(self, script: str, tmp_path: Path) -> None:
        ask = 'ask -d \'{"name": "customers/blue-door"}\' $SERVER clientela.v1.CustomerService/GetCustomer'
        with shop(tmp_path, "--reflection", "--tls", "auto") as opened:
            done = bash(f"{script}{block('### Across a network: TLS')}\n{ask}", opened.env, tmp_path)
        assert '"display_name": "Blue Door Café"' in done.stdout, done.stderr
