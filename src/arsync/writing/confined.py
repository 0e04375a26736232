"""Jinja2 confined: what a template may touch, and how much it may do.

Every limit counts what the template does, never the time it takes, so that a template which renders on one
machine renders on all. A step is a turn of a loop, a call, a filter, a test, an operator, a comparison or a
text that is written; texts and lists that are handled cost a step for each sixteen characters or items.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping
from functools import wraps
from itertools import islice
from typing import Any

from jinja2 import pass_context, pass_eval_context
from jinja2.exceptions import SecurityError, TemplateRuntimeError
from jinja2.filters import FILTERS
from jinja2.nodes import EvalContext, Template
from jinja2.runtime import BlockReference, Context, LoopContext, Macro, Undefined, markup_join, str_join
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.tests import TESTS
from jinja2.utils import Cycler, Joiner, Namespace

from arsync.writing.growth import (
    FILTERS_THAT_GROW,
    METHODS_THAT_GROW,
    MOST,
    TooMuch,
    check_operator,
    grown,
    weigh,
)
from arsync.writing.shape import prepared

STEPS = 500_000
"""What a letter's text, and its page, may take."""

# Left out of Jinja's own: `safe`, `urlize` and `xmlattr` let a customer's name be markup or a link; `attr`,
# `pprint` and `tojson` show what is inside; what `random` writes is not the same twice.
_REFUSED = {"attr", "pprint", "random", "safe", "tojson", "urlize", "xmlattr"}
# They look at the outside of a list alone.
_AT_ONCE = {"count", "length", "first", "last", "default", "d"}
_TEXT_METHODS = frozenset(
    "capitalize casefold count endswith find index isalnum isalpha isascii isdecimal isdigit islower "
    "isnumeric isspace istitle isupper lower lstrip partition removeprefix removesuffix rfind rindex "
    "rpartition rsplit rstrip split splitlines startswith strip swapcase title upper".split()
)
_LIST_METHODS = frozenset({"count", "index", "copy", "items", "keys", "values", "get", "grouper", "list"})
_OURS = (Macro, BlockReference, Joiner)


class Confined(ImmutableSandboxedEnvironment):
    """An environment in which templates reach texts, numbers, lists and what is made of them, no more.

    `begin` has to be called before each letter. What goes too far raises an error of Jinja's kind, whose
    traceback leads to the line in the template.
    """

    intercepted_binops = frozenset(ImmutableSandboxedEnvironment.default_binop_table)

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._left = STEPS
        own: Mapping[str, Callable[..., Any]] = {
            "turns_": _turns,
            "step_": _step,
            "joined_": _joined,
            "flat_": _flat,
            "seen_": _seen,
        }
        plain = {name: _bounded(name, each) for name, each in FILTERS.items() if name not in _REFUSED}
        self.filters = {**plain, **own}
        tests: Mapping[str, Any] = TESTS
        self.tests = {name: _bounded(name, each) for name, each in tests.items()}
        self.globals.pop("lipsum", None)  # it writes without end
        self.globals["range"] = _range

    def begin(self) -> None:
        """A letter begins: it has all its steps before it."""
        self._left = STEPS

    def spend(self, weight: int = 0) -> None:
        """A step, and more for what is handled in it. Raises TooMuch when none is left."""
        self._left -= 1 + weight // 16
        if self._left < 0:
            raise TooMuch("the template does too much work: it repeats itself too often")

    def call(
        self,
        context: Context,
        called: Any,
        /,
        *args: Any,
        **named: Any,
    ) -> Any:
        """Call what a template calls, if it is one of its own or known to be harmless."""
        owner = getattr(called, "__self__", None)
        if isinstance(owner, (str, list, tuple)):
            self.spend(weigh(owner))
            args = tuple(map(_whole, args))
        self.spend(weigh([*args, *named.values()]))
        _check_callable(called, args, named)
        result = super().call(context, called, *args, **named)
        return grown(result) if isinstance(result, str) else result

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """An operator, once it is known that what comes of it is small."""
        self.spend(weigh(left) + weigh(right))
        check_operator(operator, left, right)
        return super().call_binop(context, operator, left, right)

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Fields of values, and methods that only look."""
        if not super().is_safe_attribute(obj, attr, value):
            return False
        if isinstance(obj, str):
            return attr in _TEXT_METHODS or attr in METHODS_THAT_GROW
        if isinstance(obj, (list, tuple, dict)):
            return attr in _LIST_METHODS
        if isinstance(obj, (LoopContext, Cycler)):
            return True
        return not isinstance(obj, (int, float, complex, range, type)) and not callable(obj)

    def get_template(self, name: Any, parent: str | None = None, globals: Any = None) -> Any:  # noqa: A002
        self.spend()
        return super().get_template(name, parent, globals)

    def _compile(self, source: str, filename: str) -> Any:
        with warnings.catch_warnings():  # of Python's, about code that no author has seen
            warnings.simplefilter("ignore", SyntaxWarning)
            return super()._compile(source, filename)

    def _parse(self, source: str, name: str | None, filename: str | None) -> Template:
        return prepared(self, super()._parse, source, name, filename)


def _check_callable(called: Any, args: tuple[Any, ...], named: Mapping[str, Any]) -> None:
    owner = getattr(getattr(called, "__wrapped__", called), "__self__", None)
    name = getattr(called, "__name__", "")
    if isinstance(owner, str):
        if name in METHODS_THAT_GROW:
            METHODS_THAT_GROW[name](owner, *args, **named)
            return
        if name in _TEXT_METHODS:
            return
    elif isinstance(owner, (list, tuple, dict)):
        if name in _LIST_METHODS:
            return
    elif (
        isinstance(owner, (LoopContext, Cycler))
        or called in (_range, dict, Namespace, Cycler, Joiner)
        or isinstance(called, _OURS)
    ):
        return
    raise SecurityError(f"{name or type(called).__name__!r} cannot be called in a template")


def _range(*bounds: int) -> range:
    turns = range(*bounds)
    if len(turns) > MOST:
        raise TooMuch(f"range too big: it has more than {MOST} turns")
    return turns


def _bounded(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """The filter or test, which counts what it is given and what it gives, and refuses what would grow too
    big."""

    def bounded(context: Context, *given: Any, **named: Any) -> Any:
        value, *more = map(_whole, given or (None,))
        environment = context.environment
        assert isinstance(environment, Confined)
        environment.spend(weigh(more) + (0 if name in _AT_ONCE else weigh(value)))
        if name in FILTERS_THAT_GROW:
            FILTERS_THAT_GROW[name](value, *more, **named)
        result = function(*_passed(function, context), value, *more, **named)
        environment.spend(0 if name in _AT_ONCE or hasattr(result, "__next__") else weigh(result))
        return result

    return pass_context(wraps(function, updated=())(bounded))


def _whole(value: Any) -> Any:
    """What an iterator gives, as a list, for it tells no size itself. Raises TooMuch where it gives more."""
    if not hasattr(value, "__next__") or isinstance(value, LoopContext):
        return value
    items = list(islice(value, MOST + 1))
    if len(items) > MOST:
        raise TooMuch(f"this list grows over {MOST} items")
    return items


def _passed(function: Callable[..., Any], context: Context) -> tuple[Any, ...]:
    """What a filter or test of Jinja's own wants to have before its value."""
    wanted = getattr(function, "jinja_pass_arg", None)
    if wanted is None:
        return ()
    return (
        {"context": context, "eval_context": context.eval_ctx, "environment": context.environment}[
            wanted.name
        ],
    )


@pass_context
def _turns(context: Context, value: Any) -> Iterator[Any]:
    """What a loop goes through, a step a turn."""
    environment = context.environment
    assert isinstance(environment, Confined)
    for item in value:
        environment.spend()
        yield item


@pass_context
def _step(context: Context, weight: int) -> str:
    """A text of the template's own is about to be written."""
    environment = context.environment
    assert isinstance(environment, Confined)
    environment.spend(weight)
    return ""


@pass_eval_context
def _joined(context: EvalContext, parts: list[Any]) -> str:
    """`~`, whose result is as long as its parts."""
    assert isinstance(context.environment, Confined)
    context.environment.spend(weigh(parts))
    return grown((markup_join if context.autoescape else str_join)(parts))


@pass_context
def _flat(context: Context, value: Any) -> Any:
    """A list or table as it is made."""
    environment = context.environment
    assert isinstance(environment, Confined)
    environment.spend(weigh(value))
    return value


@pass_context
def _seen(context: Context, value: Any) -> Any:
    """A value that is compared with another, or of which a part is taken."""
    environment = context.environment
    assert isinstance(environment, Confined)
    value = _whole(value)
    environment.spend(weigh(value))
    return value


def writable(value: object) -> object:
    """A value on its way into the letter. Raises TemplateRuntimeError for what people cannot read."""
    if isinstance(value, Undefined):
        return str(value)  # raises where it is the strict kind; `{{ a if b }}` gives the other
    if value is None or isinstance(value, (str, int, float)):
        return grown(value) if isinstance(value, str) else value
    what = "list" if isinstance(value, (list, tuple, dict, range)) or hasattr(value, "__next__") else "value"
    raise TemplateRuntimeError(f"a {what} cannot be written as it is; write one of its fields")
