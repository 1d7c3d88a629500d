"""The peer: what a user would write instead, FastAPI with SQLAlchemy's ORM and SQLite, on one uvicorn.

`peer_server.py FILE CUSTOMERS` fills the file and serves.
Rule: as their documentation has it, as sound as ours where it is measured: a purchase is answered when it
is on the disk (WAL, synchronous FULL), a key that comes again records nothing, totals lose no update. It has
no tokens, no limits and no journal.
"""

import socket
import sys
from collections.abc import Iterator
from datetime import datetime
from typing import Annotated

import uvicorn
from fastapi import Depends, FastAPI, Header, HTTPException
from pydantic import BaseModel, PositiveInt
from sqlalchemy import Engine, ForeignKey, create_engine, event, insert, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

THREADS = 40  # as many as FastAPI runs functions on
app = FastAPI()
engine = create_engine(f"sqlite:///{sys.argv[1]}", pool_size=THREADS, connect_args={"timeout": 60})


class Base(DeclarativeBase):
    pass


class Customer(Base):
    __tablename__ = "customers"
    customer_id: Mapped[str] = mapped_column(primary_key=True)
    display_name: Mapped[str]
    email: Mapped[str] = mapped_column(unique=True)
    purchase_count: Mapped[int] = mapped_column(default=0)
    total_cents: Mapped[int] = mapped_column(default=0)


class Purchase(Base):
    __tablename__ = "purchases"
    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[str] = mapped_column(ForeignKey(Customer.customer_id), index=True)
    cents: Mapped[int]
    currency: Mapped[str]
    purchase_time: Mapped[datetime]
    key: Mapped[str] = mapped_column(unique=True)


class CustomerAnswer(BaseModel, from_attributes=True):
    customer_id: str
    display_name: str
    email: str
    purchase_count: int
    total_cents: int


class NewPurchase(BaseModel):
    cents: PositiveInt
    currency: str
    purchase_time: datetime


class PurchaseAnswer(NewPurchase, from_attributes=True):
    id: int
    customer_id: str


@event.listens_for(Engine, "connect")
def make_durable(connection: object, record: object) -> None:
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")


def new_session() -> Iterator[Session]:
    with Session(engine) as session:
        yield session


SessionOf = Annotated[Session, Depends(new_session)]


def known(session: Session, customer_id: str) -> Customer:
    customer = session.get(Customer, customer_id)
    if customer is None:
        raise HTTPException(404, "there is no such customer")
    return customer


@app.get("/customers/{customer_id}", response_model=CustomerAnswer)
def get_customer(customer_id: str, session: SessionOf) -> Customer:
    return known(session, customer_id)


@app.post("/customers/{customer_id}/purchases", status_code=201, response_model=PurchaseAnswer)
def record_purchase(
    customer_id: str, new: NewPurchase, idempotency_key: Annotated[str, Header()], session: SessionOf
) -> Purchase:
    before = session.scalar(select(Purchase).where(Purchase.key == idempotency_key))
    if before is not None:
        return before
    customer = known(session, customer_id)
    purchase = Purchase(customer_id=customer_id, key=idempotency_key, **new.model_dump())
    session.add(purchase)
    customer.purchase_count = Customer.purchase_count + 1
    customer.total_cents = Customer.total_cents + new.cents
    session.commit()
    return purchase


def fill(customers: int) -> None:
    Base.metadata.create_all(engine)
    rows = [
        {
            "customer_id": f"c{number:07d}",
            "display_name": f"Reader {number}",
            "email": f"c{number}@example.com",
        }
        for number in range(customers)
    ]
    with Session(engine) as session:
        session.execute(insert(Customer), rows)
        session.commit()


if __name__ == "__main__":
    fill(int(sys.argv[2]))
    listening = socket.create_server(("127.0.0.1", 0))
    print(f"peer ready http=127.0.0.1:{listening.getsockname()[1]}", flush=True)
    uvicorn.Server(uvicorn.Config(app, access_log=False, log_level="warning")).run(sockets=[listening])
