"""The command `clientela-server`: arguments to config to app, nothing else."""

import argparse
import re
import sys
from collections.abc import Callable, Sequence

from clientela_server import maintenance
from clientela_server.before_grpc import configure_grpc
from clientela_server.config import (
    CALLS_PER_S,
    UNREAD_S,
    WEB,
    Config,
    ConfigError,
    ServerError,
    default_database,
    read_address,
    read_database,
    read_tls,
    read_web,
)
from clientela_server.harmless import harmless

_ROLES = ("admin", "clerk", "analyst")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code: 0 done, 1 failed, 2 wrong arguments, 130 interrupted."""
    options = _parser().parse_args(arguments)
    run: Callable[[argparse.Namespace], int] = options.run
    try:
        return run(options)
    except ConfigError as error:
        print(harmless(f"clientela-server: {error}"), file=sys.stderr)
        return 2
    except ServerError as error:
        print(harmless(f"clientela-server: {error}"), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="clientela-server",
        description="Serve the customer registry and the purchase ledger over gRPC.",
        epilog="The first start leaves an administrator's token in admin.token beside the database's file, "
        "or for PostgreSQL in this account's own data folder, where its clients find it by the address.",
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="show the version")
    _add_ports(parser)
    _add_database(parser)
    parser.add_argument(
        "--reflection", action="store_true", help="describe the services to callers that ask (grpcurl)"
    )
    parser.add_argument(
        "--tls",
        metavar="auto|CERT,KEY[,CA]",
        help="encrypt: auto makes certificates of its own and tells the fingerprint to give to clients "
        "(auto,NAME,...: for these names too); or PEM files; with CA clients must show a certificate of it",
    )
    parser.add_argument(
        "--dev", action="store_true", help="for trying out, on this machine only: reflection without a token"
    )
    parser.add_argument(
        "--calls-per-second",
        type=_number,
        metavar="N",
        default=CALLS_PER_S,
        help="how fast one token may call for long; 0: as fast as it can (default: %(default)g)",
    )
    parser.add_argument(
        "--unread-seconds",
        type=_number,
        metavar="N",
        default=UNREAD_S,
        help="end a watch or an export that its reader leaves unread for so long (default: %(default)g)",
    )
    parser.set_defaults(run=_serve)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    _add_token(commands.add_parser("token", help="make, list and revoke tokens"))
    maintenance.add_commands(commands, _add_database_of)
    return parser


def _add_ports(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--listen",
        metavar="HOST:PORT",
        default="127.0.0.1:50051",
        help="where to listen; port 0: any that is free (default: %(default)s)",
    )
    parser.add_argument(
        "--web",
        metavar="HOST:PORT|off",
        help="where browsers and curl find the same service, and the phone "
        f"(default: {WEB}, or with --dev another port where that one is taken)",
    )
    parser.add_argument(
        "--web-name",
        metavar="NAME",
        action="append",
        default=[],
        help="a name that browsers know the web port by, beside localhost; again for more",
    )
    parser.add_argument(
        "--trusted-proxy",
        metavar="ADDRESS",
        action="append",
        default=[],
        help="a proxy before the web port whose X-Forwarded-For is believed; again for more (default: none)",
    )


def _number(text: str) -> float:
    """Read a number as people write it: Python's own float() takes `1_0`, and digits of other scripts."""
    if not re.fullmatch(r"-?[0-9]{1,12}(?:[.][0-9]{1,12})?", text):
        raise argparse.ArgumentTypeError(f"{text} is no number")
    return float(text)


def _whole(text: str) -> int:
    if not re.fullmatch(r"-?[0-9]{1,12}", text):
        raise argparse.ArgumentTypeError(f"{text} is no whole number")
    return int(text)


class _Version(argparse.Action):
    """Looks the version up only where it is asked for: that takes as long as all else here."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from importlib.metadata import version

        print(f"clientela-server {version('clientela')}")
        parser.exit()


def _add_database(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--database",
        metavar="PATH",
        default=str(default_database()),
        help="a SQLite file, or postgresql://USER@HOST/DATABASE (default: %(default)s)",
    )


def _add_database_of(parser: argparse.ArgumentParser) -> None:
    """Let a command take --database too, behind its name; if not given there, the one before it counts."""
    parser.add_argument(
        "--database",
        metavar="PATH",
        default=argparse.SUPPRESS,
        help=f"a SQLite file, or postgresql://USER@HOST/DATABASE (default: {default_database()})",
    )


def _add_token(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(title="actions", metavar="ACTION", dest="action", required=True)
    create = actions.add_parser("create", help="make a token and print it, once")
    create.add_argument("--role", choices=_ROLES, required=True, help="what it may do")
    create.add_argument("--name", required=True, help="whose it is; stands in the journal with each write")
    create.add_argument("--expires-in-days", type=_whole, metavar="N", help="when it ends by itself")
    create.add_argument(
        "--link",
        metavar="URL",
        help="print a link that signs a phone in, and as a picture to be scanned; URL: where the phone finds "
        "the web port",
    )
    create.set_defaults(run=_token)
    listing = actions.add_parser("list", help="list tokens, without telling them")
    listing.set_defaults(run=_token)
    revoke = actions.add_parser("revoke", help="end a token for good")
    revoke.add_argument("name")
    revoke.set_defaults(run=_token)
    for action in (create, listing, revoke):
        _add_database_of(action)


def _config(options: argparse.Namespace) -> Config:
    return Config(
        read_address(options.listen),
        read_database(options.database),
        tls=read_tls(options.tls),
        web=read_web(WEB if options.web is None else options.web),
        web_names=tuple(options.web_name),
        trusted_proxies=tuple(options.trusted_proxy),
        reflection=options.reflection,
        dev=options.dev,
        calls_per_s=options.calls_per_second,
        unread_s=options.unread_seconds,
        web_elsewhere=options.dev and options.web is None,
    )


def _serve(options: argparse.Namespace) -> int:
    config = _config(options)
    configure_grpc()  # what it has to say of a port that is in use, we say ourselves
    import uvloop

    from clientela_server import logs
    from clientela_server.app import serve

    logs.open_closed_streams()
    logs.configure()
    try:
        return uvloop.run(serve(config))
    finally:
        logs.flush()


def _token(options: argparse.Namespace) -> int:
    from clientela_server import admin
    from clientela_server.links import read_url, sign_in

    path = read_database(options.database)
    match options.action:
        case "create":
            base = None if options.link is None else read_url(options.link)
            token = admin.create_token(path, options.name, options.role, options.expires_in_days)
            print(token if base is None else sign_in(base, token))
        case "list":
            print(admin.list_tokens(path))
        case "revoke":
            admin.revoke_token(path, options.name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
