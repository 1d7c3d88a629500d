"""Makes methods of intents: each is written once, and is a plain method of one client, awaited in the other.

    class Customers:
        @rpc
        def get(self, name: str) -> One[Customer]:
            return Intent(GetCustomerRequest(name=name), Customer)

    class SyncCustomers(Customers, SyncNoun): ...      get(...) -> Customer
    class AioCustomers(Customers, AioNoun): ...        get(...) -> Coroutine[..., Customer]

`@rpc` is for one answer, `@stream` for many. Type checkers see the types above; `help()` shows them too.
Read next: customers.py.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Coroutine
from functools import update_wrapper
from typing import TYPE_CHECKING, Any, Concatenate, Generic, ParamSpec, Self, TypeVar, overload

from clientela_client.calls.requests import Many, One

if TYPE_CHECKING:
    from clientela_client.calls.runner import Items, Line
    from clientela_client.calls.runner_aio import AioItems, AioLine

P = ParamSpec("P")
T_co = TypeVar("T_co", covariant=True)


class SyncNoun:
    """The methods of one noun, blocking."""

    def __init__(self, line: Line) -> None:
        self.line = line


class AioNoun:
    """The methods of one noun, on an event loop."""

    def __init__(self, line: AioLine) -> None:
        self.line = line


class Rpc(Generic[P, T_co]):
    """A method with one answer."""

    def __init__(self, build: Callable[Concatenate[Any, P], One[T_co]]) -> None:
        self.build = build
        update_wrapper(self, build)  # type: ignore[arg-type]

    @overload
    def __get__(self, noun: None, owner: type) -> Self: ...
    @overload
    def __get__(self, noun: SyncNoun, owner: type) -> Callable[P, T_co]: ...
    @overload
    def __get__(self, noun: AioNoun, owner: type) -> Callable[P, Coroutine[Any, Any, T_co]]: ...
    def __get__(self, noun: Any, owner: type) -> Any:
        return self if noun is None else _bound(noun, self.build, noun.line.run, noun.line.one)


class Stream(Generic[P, T_co]):
    """A method with many answers, taken one by one."""

    def __init__(self, build: Callable[Concatenate[Any, P], Many[T_co]]) -> None:
        self.build = build
        update_wrapper(self, build)  # type: ignore[arg-type]

    @overload
    def __get__(self, noun: None, owner: type) -> Self: ...
    @overload
    def __get__(self, noun: SyncNoun, owner: type) -> Callable[P, Items[T_co]]: ...
    @overload
    def __get__(self, noun: AioNoun, owner: type) -> Callable[P, AioItems[T_co]]: ...
    def __get__(self, noun: Any, owner: type) -> Any:
        return self if noun is None else _bound(noun, self.build, noun.line.items, noun.line.many)


rpc = Rpc
stream = Stream


def _bound(
    noun: Any, build: Callable[..., Any], run: Callable[[Any], Any], returns: str
) -> Callable[..., Any]:
    """Make the noun's own method, and keep it there: the next look-up finds it without us."""

    def method(*args: Any, **kwargs: Any) -> Any:
        return run(build(noun, *args, **kwargs))

    update_wrapper(method, build)
    method.__signature__ = _signature(build, returns)  # type: ignore[attr-defined]
    noun.__dict__[build.__name__] = method
    return method


def _signature(build: Callable[..., Any], returns: str) -> inspect.Signature:
    """Make the signature that the caller sees: no `self`, and One[Customer] as this client returns it."""
    built = inspect.signature(build)
    item = str(built.return_annotation).partition("[")[2].removesuffix("]")
    return built.replace(parameters=[*built.parameters.values()][1:], return_annotation=returns.format(item))
