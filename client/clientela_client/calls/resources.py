"""Descriptors that make a method from a request: blocking on one client, a coroutine on the other.

    class Customers:
        @rpc
        def get(self, name: str) -> One[Customer]:
            return UnaryRequest(GetCustomerRequest(name=name), Customer)

    class SyncCustomers(Customers, SyncResource): ...      get(...) -> Customer
    class AioCustomers(Customers, AioResource): ...        get(...) -> Coroutine[..., Customer]

`@rpc` is for one response, `@stream` for many. Type checkers see the types above; `help()` shows them too.
Read next: customers.py.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Coroutine
from functools import update_wrapper
from typing import TYPE_CHECKING, Any, Concatenate, Generic, ParamSpec, Self, TypeVar, overload

from clientela_client.calls.requests import Many, One

if TYPE_CHECKING:
    from clientela_client.calls.runner import Items, Runner
    from clientela_client.calls.runner_aio import AioItems, AioRunner

P = ParamSpec("P")
T_co = TypeVar("T_co", covariant=True)


class SyncResource:
    """The methods of one resource, blocking."""

    def __init__(self, runner: Runner) -> None:
        self.runner = runner


class AioResource:
    """The methods of one resource, on an event loop."""

    def __init__(self, runner: AioRunner) -> None:
        self.runner = runner


class Rpc(Generic[P, T_co]):
    """A method with one response."""

    def __init__(self, build: Callable[Concatenate[Any, P], One[T_co]]) -> None:
        self.build = build
        update_wrapper(self, build)  # type: ignore[arg-type]

    @overload
    def __get__(self, resource: None, owner: type) -> Self: ...
    @overload
    def __get__(self, resource: SyncResource, owner: type) -> Callable[P, T_co]: ...
    @overload
    def __get__(self, resource: AioResource, owner: type) -> Callable[P, Coroutine[Any, Any, T_co]]: ...
    def __get__(self, resource: Any, owner: type) -> Any:
        if resource is None:
            return self
        return _bound(resource, self.build, resource.runner.run, resource.runner.one_type)


class Stream(Generic[P, T_co]):
    """A method that returns an iterator."""

    def __init__(self, build: Callable[Concatenate[Any, P], Many[T_co]]) -> None:
        self.build = build
        update_wrapper(self, build)  # type: ignore[arg-type]

    @overload
    def __get__(self, resource: None, owner: type) -> Self: ...
    @overload
    def __get__(self, resource: SyncResource, owner: type) -> Callable[P, Items[T_co]]: ...
    @overload
    def __get__(self, resource: AioResource, owner: type) -> Callable[P, AioItems[T_co]]: ...
    def __get__(self, resource: Any, owner: type) -> Any:
        if resource is None:
            return self
        return _bound(resource, self.build, resource.runner.items, resource.runner.many_type)


rpc = Rpc
stream = Stream


def _bound(
    resource: Any, build: Callable[..., Any], run: Callable[[Any], Any], returns: str
) -> Callable[..., Any]:
    """Return the bound method, cached on the resource: the next attribute lookup bypasses the descriptor."""

    def method(*args: Any, **kwargs: Any) -> Any:
        return run(build(resource, *args, **kwargs))

    update_wrapper(method, build)
    method.__signature__ = _signature(build, returns)  # type: ignore[attr-defined]
    resource.__dict__[build.__name__] = method
    return method


def _signature(build: Callable[..., Any], returns: str) -> inspect.Signature:
    """Return the signature that the caller sees: no `self`, and the client's own return type."""
    built = inspect.signature(build)
    item = str(built.return_annotation).partition("[")[2].removesuffix("]")
    return built.replace(parameters=[*built.parameters.values()][1:], return_annotation=returns.format(item))
