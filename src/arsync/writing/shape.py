"""A template's source becomes a tree that counts what it does, or is refused for its shape.

The tree is changed before it is compiled: what a loop goes through, each text of the template's own, `~`,
every list and what is compared or cut pass through filters of ours (their names end in an underscore, and no
template can write them).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from jinja2 import Environment, nodes
from jinja2.exceptions import TemplateSyntaxError

NESTED = 15
"""Blocks inside blocks, and brackets inside brackets."""
DEEP = 100
"""How deep the tree of a template goes: a thousand operators in a row are no letter."""
_BLOCKS = (
    nodes.For, nodes.If, nodes.With, nodes.Macro, nodes.CallBlock, nodes.FilterBlock, nodes.AssignBlock,
    nodes.Block, nodes.Scope,
)  # fmt: skip
_Parse = Callable[[str, "str | None", "str | None"], nodes.Template]


def prepared(
    environment: Environment, parse: _Parse, source: str, name: str | None, filename: str | None
) -> nodes.Template:
    """The tree of a source. Raises TemplateSyntaxError, with the line, for what no letter needs."""

    def refuse(problem: str, line: int) -> TemplateSyntaxError:
        return TemplateSyntaxError(problem, line, name, filename)

    for problem, line in _knots(environment, source):
        raise refuse(problem, line)
    tree = parse(source, name, filename)
    for node, depth, blocks in _walked(tree):
        line = node.lineno or 1
        if depth > DEEP or blocks > NESTED:
            raise refuse("this is nested too deeply", line)
        if isinstance(node, nodes.For) and node.recursive:
            raise refuse("a loop cannot be recursive", line)
        if isinstance(node, nodes.ScopedEvalContextModifier):
            raise refuse("autoescape cannot be switched in a template", line)
        if isinstance(node, (nodes.Filter, nodes.Test)) and node.name.endswith("_"):
            raise refuse(f"No filter named {node.name!r}.", line)
    _count(tree)
    return tree.set_environment(environment)  # type: ignore[return-value]


def _knots(environment: Environment, source: str) -> Iterator[tuple[str, int]]:
    """What would lead the parser too deep: brackets in brackets, signs before signs, choices in choices."""
    open_, row, choices = 0, 0, 0
    for line, kind, text in environment.lex(source):
        if kind.endswith("_begin"):
            open_ = row = choices = 0
        elif kind in ("operator", "name"):
            sign = text in ("-", "+", "not", "(", "[", "{")
            row = row + 1 if sign else 0
            open_ += (text in ("(", "[", "{")) - (text in (")", "]", "}"))
            choices += text == "else"
            if open_ > NESTED or row > NESTED or choices > NESTED:
                yield "this is nested too deeply", line


def _walked(tree: nodes.Node) -> Iterator[tuple[nodes.Node, int, int]]:
    """Every node with its depth and the number of blocks around it, without recursion."""
    waiting = [(tree, 0, 0)]
    while waiting:
        node, depth, blocks = waiting.pop()
        yield node, depth, blocks
        inner = blocks + isinstance(node, _BLOCKS)
        waiting += [(child, depth + 1, inner) for child in node.iter_child_nodes()]


def _count(node: nodes.Node) -> None:
    """Put the counting filters in, from the leaves up."""
    for name, value in list(node.iter_fields()):
        if isinstance(value, nodes.Node):
            _count(value)
            setattr(node, name, _counted(value))
        elif isinstance(value, list):
            for child in value:
                if isinstance(child, nodes.Node):
                    _count(child)
            setattr(node, name, [new for child in value for new in _each(child)])
    if isinstance(node, nodes.For):
        node.iter = _through("turns_", node.iter)


def _each(child: object) -> Iterator[object]:
    if isinstance(child, nodes.Output):
        weight = sum(len(part.data) for part in child.nodes if isinstance(part, nodes.TemplateData))
        step = nodes.Filter(nodes.Const(weight), "step_", [], [], None, None, lineno=child.lineno)
        yield nodes.ExprStmt(step, lineno=child.lineno)
    yield _counted(child) if isinstance(child, nodes.Node) else child


def _counted(node: nodes.Node) -> nodes.Node:
    match node:
        case nodes.Concat():
            parts = nodes.List(list(node.nodes), lineno=node.lineno)
            return nodes.Filter(parts, "joined_", [], [], None, None, lineno=node.lineno)
        case nodes.Compare():
            node.expr = _through("seen_", node.expr)
            for operand in node.ops:
                operand.expr = _through("seen_", operand.expr)
            return node
        case nodes.Getitem(arg=nodes.Slice()):
            node.node = _through("seen_", node.node)
            return node
        case nodes.List() | nodes.Dict() | nodes.Tuple(ctx="load"):
            return _through("flat_", node)
        case _:
            return node


def _through(name: str, node: nodes.Node) -> nodes.Filter:
    return nodes.Filter(node, name, [], [], None, None, lineno=node.lineno)
