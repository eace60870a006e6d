"""The one application: collector, links, administration, health, page."""

from collections.abc import Sequence

from starlette.applications import Starlette
from starlette.types import ASGIApp

from api import failures, links
from api.admin import endpoints, exporting
from api.admin.audiences import Audiences
from api.admin.backtests import Backtests
from api.admin.calls import Calls
from api.admin.campaigns import Campaigns
from api.admin.changes import Changes
from api.admin.consent import Consent
from api.admin.contacts import Contacts
from api.admin.customers import Customers
from api.admin.endpoints import Endpoint
from api.admin.erasures import Erasures
from api.admin.experiments import Experiments
from api.admin.explaining import Explanations
from api.admin.exporting import Exports
from api.admin.files import CustomerFiles
from api.admin.foreseeing import Foresight
from api.admin.guard import Guard
from api.admin.history import History
from api.admin.holdings import Holdings
from api.admin.imports import ImportEndpoints
from api.admin.jobs import JobEndpoints
from api.admin.mailbox import Mailbox
from api.admin.merges import Merges
from api.admin.metrics import Metrics
from api.admin.openapi import Documentation
from api.admin.participation import Participations
from api.admin.points import PointsPage
from api.admin.policies import Policies
from api.admin.pools import Pools
from api.admin.purchases import Purchases
from api.admin.quickactions import Actions
from api.admin.rehearsals import Rehearsals
from api.admin.rejections import Rejections
from api.admin.reports import Reports
from api.admin.rfm import Rfm
from api.admin.rows import Rows
from api.admin.rules import Rules
from api.admin.schemas import Schemas
from api.admin.segmentmetrics import SegmentMetrics
from api.admin.segments import Segments
from api.admin.selections import Selections
from api.admin.settings import SettingsPage
from api.admin.suppressions import Suppressions
from api.admin.templates import Templates
from api.admin.unmerges import Unmerges
from api.backtesting.jobs import Jobs
from api.backtesting.reading import Known
from api.collector import routes as collector_routes
from api.collector import rules
from api.collector.collector import Collector
from api.collector.credentials import Key, Keys
from api.health import Health
from api.imports.imports import Imports
from api.imports.running import Importer
from api.links import Redirects
from api.measuring import Measuring
from api.pages.overview import Overviews
from api.pages.page import Page
from api.security import SecurityHeaders
from api.services import Services, now_ms
from api.unmerging import replaying
from api.unmerging.unmerger import Unmerger
from channels.links import Links


def build(services: Services) -> ASGIApp:
    """Put the application together around what is open already.

    These three stand outside of Starlette, so that its last resort, a 500, passes through them.
    """
    settings = services.settings
    guarded = Guard(routed(services), token=settings.admin_token)
    is_https = settings.public_url.startswith("https://")
    return Measuring(SecurityHeaders(guarded, is_https=is_https))


def routed(services: Services) -> Starlette:
    """Every route there is, and its description."""
    health = Health(services=services)
    overviews = Overviews(services=services, health=health)
    documentation = Documentation()
    table = [*administration(services), *documentation.endpoints()]
    routes = [
        *collector_routes.routes(collector(services)),
        *links.routes(redirects(services)),
        *exporting.routes(exports(services)),
        *endpoints.routes(table),
        *health.routes(),
        *Page(services=services, overviews=overviews).routes(),
    ]
    documentation.describe(routes, table)
    app = Starlette(routes=routes, exception_handlers=failures.HANDLERS)
    # A path with a slash at its end is another path: a redirect would turn a POST into a GET.
    app.router.redirect_slashes = False
    return app


def administration(services: Services) -> Sequence[Endpoint]:
    """Everything behind the admin token, but its own description."""
    log, reader = services.definitions, services.reader
    rows = Rows(profiles=services.profiles, reader=reader)
    resources = (
        Campaigns(log=log, reader=reader, clock=now_ms),
        Experiments(log=log, judge=services.judge, clock=now_ms),
        Rehearsals(log=log, rows=rows, clock=now_ms),
        Backtests(log=log, jobs=backtests(services), clock=now_ms),
        Templates(log=log, clock=now_ms),
        Policies(log=log, clock=now_ms),
        Pools(log=log, reader=reader, clock=now_ms),
        SegmentMetrics(log=log, reader=reader, scales=services.scales),
        Rfm(quintiles=services.quintiles),
        Calls(log=log, producer=services.producer, fanning=services.fanning, clock=now_ms),
        Metrics(log=log, clock=now_ms),
        Rules(definitions=lambda: log.current),
        *sets(services),
        Schemas(log=log),
        SettingsPage(log=log, clock=now_ms),
        customers(services, rows),
        Holdings(
            rows=rows,
            producer=services.producer,
            settings=lambda: log.current.settings,
            catalogue=lambda: services.catalogue.current,
            clock=now_ms,
        ),
        PointsPage(rows=rows, producer=services.producer, clock=now_ms),
        Erasures(rows=rows, reader=reader, producer=services.producer, clock=now_ms),
        exports(services),
        Consent(rows=rows, producer=services.producer, log=log, clock=now_ms),
        Contacts(rows=rows),
        History(rows=rows, reader=reader, definitions=lambda: log.current),
        Explanations(rows=rows, reader=reader, definitions=lambda: log.current),
        Foresight(rows=rows, definitions=lambda: log.current, clock=now_ms),
        Participations(rows=rows, reader=reader, definitions=lambda: log.current),
        Changes(rows=rows, reader=reader),
        Purchases(rows=rows, reader=reader, log=log),
        Mailbox(reader=reader),
        Rejections(reader=reader),
        Reports(reader=reader),
        importing(services),
        Merges(rows=rows, reader=reader),
        suppressions(services),
        Unmerges(rows=rows, unmerger=unmerger(services, rows)),
    )
    return [endpoint for resource in resources for endpoint in resource.endpoints()]


def sets(
    services: Services,
) -> Sequence[Segments | Schemas | Selections | Audiences | Actions | JobEndpoints | CustomerFiles]:
    """Many customers at once, and what describes definitions."""
    log, reader, runner = services.definitions, services.reader, services.runner
    return (
        Segments(log=log, clock=now_ms),
        Schemas(log=log),
        Selections(reader=reader, log=log, clock=now_ms),
        Audiences(reader=reader, runner=runner, log=log, clock=now_ms),
        Actions(reader=reader, runner=runner, log=log, clock=now_ms),
        JobEndpoints(reader=reader, runner=runner, log=log),
        CustomerFiles(reader=reader, settings=lambda: log.current.settings),
    )


def backtests(services: Services) -> Jobs:
    """Replays history with a campaign as it might be."""
    return Jobs(
        reader=services.reader,
        known=lambda: Known(services.definitions.at, services.catalogue.current),
        clock=now_ms,
    )


def customers(services: Services, rows: Rows) -> Customers:
    """Customers as lists and profiles."""
    return Customers(
        rows=rows,
        reader=services.reader,
        log=services.definitions,
        catalogue=lambda: services.catalogue.current,
        clock=now_ms,
    )


def suppressions(services: Services) -> Suppressions:
    """What stands against addresses."""
    return Suppressions(
        reader=services.reader,
        producer=services.producer,
        profiles=services.profiles,
        clearance=services.clearance,
        region=lambda: services.definitions.current.settings.region,
        clock=now_ms,
    )


def unmerger(services: Services, rows: Rows) -> Unmerger:
    """Replays two people out of ClickHouse."""
    return Unmerger(
        find=rows.find,
        reader=services.reader,
        producer=services.producer,
        history=lambda: replaying.History(services.definitions.at, services.catalogue.current),
        clock=now_ms,
    )


def collector(services: Services) -> Collector:
    """The collector with the installation's keys."""
    settings = services.settings
    return Collector(
        producer=services.producer,
        keys=Keys(
            Key(name="web", value=settings.write_key),
            Key(name="back-office", value=settings.secret_key, is_secret=True),
        ),
        acknowledge_timeout_ms=settings.acknowledge_timeout_ms,
        now=now_ms,
        is_full=services.fullness.is_full,
        public_url=settings.public_url,
        rules=rules.of_settings(settings),
        region=lambda: services.definitions.current.settings.region,
    )


def importing(services: Services) -> ImportEndpoints:
    """Files into the log, at the installation's pace."""
    importer = Importer(
        producer=services.producer, now=now_ms, rows_per_s=services.settings.import_rows_per_s
    )
    return ImportEndpoints(
        importer=importer,
        imports=Imports(),
        reader=services.reader,
        now=now_ms,
        region=lambda: services.definitions.current.settings.region,
    )


def redirects(services: Services) -> Redirects:
    """What messages link to, signed with the installation's secrets."""
    return Redirects(links=signed(services), producer=services.producer, now=now_ms)


def exports(services: Services) -> Exports:
    """What is known of one customer, for the administration and for themselves."""
    return Exports(
        rows=Rows(profiles=services.profiles, reader=services.reader),
        reader=services.reader,
        log=services.definitions,
        links=signed(services),
        clock=now_ms,
    )


def signed(services: Services) -> Links:
    """Makes and reads the tokens of links."""
    settings = services.settings
    public_url = settings.public_url or f"http://{settings.host}:{settings.port}"
    return Links(secrets=settings.link_secret.split(","), public_url=public_url)
