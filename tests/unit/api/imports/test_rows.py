"""A file of every kind of the back office: as CSV, twice, and what of it is refused."""

from typing import Final

import msgspec
import pytest

from api.imports.imports import Import
from api.imports.rows import Rows
from engine.deadletters import DeadLetter
from engine.events import BonusBalanceChanged, Event
from engine.intake.backoffice import KINDS
from engine.intake.files.table import Table
from streams import wire
from streams.records import Record

NOON: Final = 1_795_435_200_000
MAY: Final = 1_777_593_600_000

FILES: Final = {
    "customers": "id,email,phone,traits.age:number,subscriptions.email\nada,a@b.example,,36,yes\n",
    "contacts": "customerId,channel,value,state\nada,email,a@b.example,invalid\n",
    "receipts": (
        "id,customerId,occurredAt,total,lines.productId,lines.quantity\n"
        "r1,ada,2026-05-01,9.90,k,1\nr1,ada,2026-05-01,9.90,m,2\n"
    ),
    "orders": "id,email,occurredAt,total,status\no1,ada@shop.example,2026-05-01,9.90,new\n",
    "order-status": "orderId,customerId,paymentStatus,occurredAt\no1,ada,paid,2026-05-01\n",
    "products": "id;name;categoryId;price;stock;updatedAt\nk;Kettle;c1;39.90;7;2026-05-01\n",
    "categories": "id\tname\tparentId\tupdatedAt\nc1\tKitchen\troot\t2026-05-01\n",
    "bonus-balances": (
        "customerId,active,updatedAt,expiring.at,expiring.amount\n"
        "ada,50,2026-05-01,2026-06-01,20\nada,50,2026-05-01,2026-07-01,30\n"
    ),
    "promo-codes": "customerId,code,issuedAt,expiresAt\nada,MAY5,2026-05-01,2026-06-01\n",
    "tags": 'customerId,add:json,updatedAt\nada,"[""vip""]",2026-05-01\n',
}


def imported(kind: str, content: str, *, now: int = NOON) -> tuple[Import, list[Record]]:
    job = Import(
        id="i", kind=kind, format="csv", file="f.csv", started_at=now, stated_at=MAY, region="DE"
    )
    rows, reader = Rows(job, now=lambda: now), Table(kind)
    found = [*reader.feed(content.encode()), *reader.finish()]
    return job, [rows.record(row) for row in found]


def event(record: Record) -> Event:
    return wire.decode_event(record.value, None).event


def test_there_is_a_file_of_every_kind() -> None:
    assert FILES.keys() == KINDS.keys()


@pytest.mark.parametrize("kind", FILES)
def test_a_table_of_each_kind_is_taken_and_the_same_table_later_is_the_same(kind: str) -> None:
    """e.6: running it again changes nothing, also where the rows say no time."""
    job, [record] = imported(kind, FILES[kind])

    _, [again] = imported(kind, FILES[kind], now=NOON + 86_400_000)

    assert (job.rows_count, job.accepted_count, job.refused) == (1, 1, [])
    assert (again.key, again.value) == (record.key, record.value)


def test_the_rows_of_one_balance_are_its_expiries() -> None:
    _, [record] = imported("bonus-balances", FILES["bonus-balances"])

    found = event(record)

    assert isinstance(found, BonusBalanceChanged)
    assert [str(one.amount) for one in found.expiring] == ["20", "30"]


@pytest.mark.parametrize("kind", FILES)
def test_a_row_of_nothing_but_commas_is_told_with_its_line(kind: str) -> None:
    header, first, *_ = FILES[kind].splitlines()
    empty = "".join(char for char in header if char in ",;\t")

    # Not blank: a line of blanks alone is none.
    job, records = imported(kind, f'{header}\n""{empty}\n{first}\n')

    assert (job.accepted_count, job.refused_count) == (1, 1)
    assert job.refused[0].line == 2
    letter = msgspec.json.decode(records[0].value or b"", type=DeadLetter)
    assert (letter.path.split(":")[0], letter.source) == ("line 2", "import/i")
