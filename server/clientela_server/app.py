"""The composition root: the only place where objects are created and wired together.

Read `serve` from top to bottom: what there is, and in which order it starts and stops.
"""

import asyncio
import gc
import os
from typing import TYPE_CHECKING

import structlog
from google.protobuf import descriptor_pool
from grpc_health.v1 import health_pb2

from clientela_server import clock, descriptors, faults, logs, optional_features
from clientela_server.admin import create_first_token
from clientela_server.background_jobs import BackgroundJobs
from clientela_server.config import Address, Config, ServerError, shown
from clientela_server.discovery_file import DiscoveryFile
from clientela_server.grpc_server import new_grpc_server, open_port
from clientela_server.nouns import NOUNS
from clientela_server.recorded import RECORDED, recorded_servicers
from clientela_server.reports.reports import Reports
from clientela_server.rpc.gate.authentication import Authenticator
from clientela_server.rpc.gate.authorization import RuleMissing
from clientela_server.rpc.gate.gate import Gate
from clientela_server.rpc.gate.grpc_adapter import GrpcAdapter
from clientela_server.rpc.gate.rate_limit import RateLimit
from clientela_server.rpc.services.customers import CustomerService
from clientela_server.rpc.services.economics import EconomicsService
from clientela_server.rpc.services.feed import FeedService
from clientela_server.rpc.services.health import Health
from clientela_server.rpc.services.journal_writer import JournalWriter
from clientela_server.rpc.services.kept_answers import KeptAnswers
from clientela_server.rpc.services.purchases import PurchaseService
from clientela_server.rpc.services.reflection import V1, V1ALPHA, reflection
from clientela_server.rpc.services.segments import SegmentService
from clientela_server.rpc.services.spends import SpendService
from clientela_server.rpc.services.standing import StandingService, new_lists
from clientela_server.shutdown import Shutdown
from clientela_server.store.aggregates.policy import PolicyStore
from clientela_server.store.aggregates.ranking_thresholds import RankingThresholdsCache
from clientela_server.store.aggregates.rebuild import make_missing
from clientela_server.store.aggregates.rfm_cutpoints import RfmCutpointsCache
from clientela_server.store.database.connection import DatabaseUnusable, StoreError
from clientela_server.store.database.identity import load_epoch
from clientela_server.store.database.opening import open_database
from clientela_server.store.database.reading import head_revision
from clientela_server.store.filters.paging import PageTokens
from clientela_server.store.journal.committer import Committer
from clientela_server.store.journal.journal import Journal
from clientela_server.store.journal.transaction import Commit
from clientela_server.store.nouns.tokens import Token, find
from clientela_server.usecases.customer_aggregates import CustomerAggregatesWriter
from clientela_server.usecases.customers import CustomerWrites
from clientela_server.usecases.due_stage_job import DueStageJob
from clientela_server.usecases.policy import PolicyWrites
from clientela_server.usecases.purchase_imports import PurchaseImports
from clientela_server.usecases.purchases import PurchaseWrites
from clientela_server.usecases.segments import Memberships, SegmentWrites
from clientela_server.usecases.spends import Spends
from clientela_server.usecases.standings import StandingReads

if TYPE_CHECKING:
    from clientela_server.tls.tls import Trust
    from clientela_server.web.serving import WebPort

_log = structlog.get_logger("server")
# The servicers' modules import the generated ones, which add their services to the pool of descriptors.
_find = descriptor_pool.Default().FindServiceByName
_NOUNS = ("Customer", "Purchase", "Feed", "Standing", "Segment", "Spend", "Economics")
_HEALTH = _find(health_pb2.DESCRIPTOR.package + ".Health")
SERVICES = tuple(_find(f"clientela.v1.{noun}Service") for noun in (*_NOUNS, *RECORDED))
# For calls on their way when the clients were told that no more are taken, and for clients to hang up.
_LAST_CALLS_S = 0.2


class Server:
    """A running server: everything there is, made in the order in which it is needed."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.exit_code = 0
        self._stopped = asyncio.Event()
        self._budget = descriptors.share_out()
        self._tls = optional_features.load_tls(config, clock.now_us)
        self._figures = optional_features.load_figures(config)
        self.database = open_database(config.database)
        if made := make_missing(self.database.writer, NOUNS, clock.now_us()):  # of an older version's ledger
            _log.info("facts made", customers=made)
        self.journal = Journal(head_revision(self.database.writer))
        self._kept = KeptAnswers(self.journal.head)
        self._committer = Committer(
            self.database.writer,
            clock.now_us,
            on_commit=self._committed,
            on_failure=self._give_up,
            truncate_due=self.database.truncate_due,
        )
        self.journal.attach(self._committer)
        self._reports = Reports(self.database, self.journal)
        self.health = Health([service.full_name for service in SERVICES])
        self.gate = Gate(
            Authenticator(self._find_token, clock.now_us),
            RateLimit(config.calls_per_s) if config.calls_per_s else None,
            unread_s=config.unread_s,
            open_reflection=config.dev,
            count=self._figures.call if self._figures else None,
            write=logs.info,
        )
        self._grpc = new_grpc_server(self._budget.grpc)
        self._site = optional_features.load_site(config, self.gate, self._figures, self.journal)
        self._web: WebPort | None = None
        with faults.with_messages():
            self._register()

    def _register(self) -> None:
        """Register every service behind the gate."""
        adapter = GrpcAdapter(self.gate)
        served = [*zip(SERVICES, self._servicers(), strict=True), (_HEALTH, self.health)]
        for service, servicer in served:
            adapter.register(service, servicer)
            if self._site is not None:
                self._site.register(service, servicer)
        if self.config.reflection or self.config.dev:
            described, servicer = reflection([service.full_name for service, _ in served])
            for name in (V1, V1ALPHA):
                adapter.register(described, servicer, name)
        self._grpc.add_generic_rpc_handlers((adapter,))

    def _servicers(self) -> tuple[object, ...]:
        """Return the servicers of SERVICES, in that order, and make the jobs that share their parts."""
        writer = JournalWriter(self.journal, self.database.secret)
        pages = PageTokens(self.database.secret)
        policies = PolicyStore(NOUNS)
        aggregates = CustomerAggregatesWriter(NOUNS, policies)
        customers = CustomerWrites(NOUNS, aggregates)
        imports = PurchaseImports(NOUNS, customers, policies)
        cutpoints = RfmCutpointsCache(self.journal, clock.now_us, self._reports.rfm_cutpoints)
        lists = new_lists(cutpoints)
        thresholds = RankingThresholdsCache(self.database, self.journal, policies, clock.now_us)
        due_stages, memberships = DueStageJob(NOUNS, policies), Memberships(NOUNS, lists)
        self._jobs = BackgroundJobs(
            self.database,
            self.journal,
            clock.now_us,
            due_stages=due_stages,
            thresholds=thresholds,
            memberships=memberships,
            cutpoints=cutpoints,
        )
        policy_writes, reads = PolicyWrites(NOUNS), StandingReads(NOUNS, policies)
        segments, spends = SegmentWrites(NOUNS, lists), Spends(NOUNS)
        purchases = PurchaseWrites(NOUNS, aggregates)
        epoch, tell_lag = load_epoch(self.database.writer), self._figures.feed_lag if self._figures else None
        standing = StandingService(
            self.database,
            writer,
            pages,
            clock.now_us,
            policies=policy_writes,
            reads=reads,
            thresholds=thresholds,
            lists=lists,
            cutpoints=cutpoints,
            kept=self._kept,
        )
        return (
            CustomerService(self.database, writer, customers, pages, kept=self._kept),
            PurchaseService(self.database, writer, purchases, imports, pages, kept=self._kept),
            FeedService(self.database, self.journal, pages, epoch, nouns=NOUNS, tell_lag=tell_lag),
            standing,
            SegmentService(self.database, writer, pages, segments=segments, lists=lists, cutpoints=cutpoints),
            SpendService(self.database, writer, spends, pages),
            EconomicsService(self.database, pages, clock.now_us, reports=self._reports, spends=spends),
            *recorded_servicers(self.database, writer, pages),
        )

    async def start(self) -> Address:
        """Start serving gRPC; return the address with the bound port. ConfigError if it is taken."""
        address = open_port(self._grpc, self.config, self._tls.credentials() if self._tls else None)
        await self._grpc.start()
        self.database.follow(self._publish)
        self._jobs.start()
        return address

    async def start_web(self) -> str:
        """Start serving the web port; return its URL, or "off". ConfigError if it is taken."""
        if self.config.web is None or self._site is None:
            return "off"
        from clientela_server.web.serving import WebPort

        names, context, asked = list(self.config.web_names), None, self.config.web
        if self._tls is not None:
            names, context = names + self._tls.names(), self._tls.context()
        self._web = WebPort(
            asked, names, self._site, context, unread_s=self.config.unread_s, connections=self._budget.web
        )
        url = await self._web.open(elsewhere=self.config.web_elsewhere)
        if asked.port and not url.endswith(f":{asked.port}"):
            _log.warning(f"the web port {asked} is taken: it is {url} now; --web says where else")
        return url

    @property
    def trust(self) -> "Trust | None":
        """The trust anchor and name for clients; None without TLS."""
        return self._tls.trust() if self._tls else None

    async def wait(self) -> int:
        """Wait until somebody asks the server to stop; return the code to exit with."""
        await self._stopped.wait()
        return self.exit_code

    def ask_to_stop(self) -> None:
        """Let `wait` return."""
        self._stopped.set()

    async def _find_token(self, token: str) -> Token | None:
        """Read a token's current state: another process creates and revokes tokens."""
        self.database.refresh()
        return (await self.database.read(lambda connection: find(connection, token)))[0]

    def _committed(self, commit: Commit, writes: int) -> None:
        if self._figures is not None:
            self._figures.commit(writes)
        self._kept.announce(commit)
        self._publish(commit.head)

    def _publish(self, head: int) -> None:
        """Make a commit visible to readers, then wake waiting watches."""
        self.database.refresh()
        self.journal.publish(head)

    def _give_up(self, why: str) -> None:
        _log.error(why)
        self.health.stop()
        self.exit_code = 1
        self.ask_to_stop()

    async def stop(self) -> None:
        """End watches with their resume revision, finish open calls, commit the queue, close everything."""
        self.health.stop()
        self.journal.close()
        stopping = asyncio.create_task(self._grpc.stop(self.config.grace_s))
        # gRPC would wait out its grace for a connection that is idle at the other end: so wait for the calls.
        await asyncio.wait([stopping], timeout=_LAST_CALLS_S)
        await self.gate.drain(self.config.grace_s)
        # The last answers are on the wire; a client that reads them while we hang up might lose them.
        await asyncio.wait([stopping], timeout=_LAST_CALLS_S)
        await self._grpc.stop(None)
        await stopping
        await self.gate.drain()
        if self._web is not None:
            await self._web.close()
        await self._jobs.stop()
        await self._committer.close()
        await self._reports.close()
        self.database.close()


async def serve(config: Config) -> int:
    """Serve until SIGTERM or SIGINT; return the exit code."""
    os.umask(0o077)  # everything that a server writes is its account's own
    try:
        server = Server(config)
    except RuleMissing as error:
        raise ServerError(str(error)) from None
    except (DatabaseUnusable, StoreError) as error:
        raise ServerError(f"{shown(config.database)}: {error}") from None
    shutdown = Shutdown(server.ask_to_stop, config.grace_s)
    shutdown.listen()
    try:
        try:
            create_first_token(server.database.writer, config.token_file)
        except StoreError as error:
            raise ServerError(f"{shown(config.database)}: {error}") from None
        address = await server.start()
        web = await server.start_web()
        gc.freeze()  # what is there by now stays: the collector need not go through it again and again
        trust = server.trust
        with DiscoveryFile(
            address, config.token_file, trust.file if trust else None, trust.name if trust else ""
        ):
            _announce(config, address, web, trust, server.journal.head)
            optional_features.load_texts()
            return await server.wait()
    finally:
        with shutdown:
            await server.stop()


def _announce(config: Config, address: Address, web: str, trust: "Trust | None", revision: int) -> None:
    if config.dev:
        _log.warning("--dev: for trying out on this machine; anybody here may ask for the protos")
    more = f" tls=on fingerprint={trust.fingerprint}" if trust else ""
    more += " dev=on" if config.dev else ""
    database = shown(config.database)
    logs.print_line(
        f"clientela-server ready grpc={address} web={web} database={database} revision={revision}{more}"
    )
