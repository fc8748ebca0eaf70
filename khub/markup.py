"""How templates write values: escaped, without an object around each text.

The extension's own way marks every value as safe in an object of its own, 1,400 on a page of results.
What goes straight into the page needs no mark, only its signs escaped.
"""

from __future__ import annotations

from html import escape
from keyword import iskeyword
from typing import TYPE_CHECKING, Any

from flask.templating import Environment
from jinja2 import nodes
from jinja2.compiler import CodeGenerator
from markupsafe import Markup
from markupsafe import escape as escape_any

if TYPE_CHECKING:
    from collections.abc import MutableMapping

    from jinja2.compiler import Frame

_NUMBERS = (int, float)
#: Functions that need no context.
_PLAIN = ("_", "url_for")


def escaped(value: object) -> str:
    """Return ``value`` as it stands in a page; what is marked as safe stays as it is."""
    kind = type(value)
    if kind is str:
        return escape(value)  # type: ignore[arg-type] # its very type was asked
    if kind is Markup:
        return value  # type: ignore[return-value] # as above
    return str(value) if kind in _NUMBERS else escape_any(value)


class _Writing(CodeGenerator):
    """Compiles templates that write with ``escaped``, wherever it is known that they escape.

    What a page calls most is called as it is: it asks for nothing of the template's context.
    """

    def visit_Call(self, node: nodes.Call, frame: Frame, forward_caller: bool = False) -> None:  # noqa: FBT001, FBT002, N802 - Jinja's signature
        called = node.node
        plain = isinstance(called, nodes.Name) and called.name in _PLAIN
        if not plain or node.dyn_args or node.dyn_kwargs or any(map(iskeyword, (k.key for k in node.kwargs))):
            super().visit_Call(node, frame, forward_caller=forward_caller)
            return
        self.visit(called, frame)
        self.write("(")
        for argument in node.args:
            self.visit(argument, frame)
            self.write(", ")
        for named in node.kwargs:
            self.write(f"{named.key}=")
            self.visit(named.value, frame)
            self.write(", ")
        self.write(")")

    def _output_child_pre(
        self, node: nodes.Expr, frame: Frame, finalize: CodeGenerator._FinalizeInfo
    ) -> None:
        if frame.eval_ctx.volatile or not frame.eval_ctx.autoescape or finalize.src is not None:
            super()._output_child_pre(node, frame, finalize)
        else:
            self.write("environment.escaped(")


class Pages(Environment):
    """The environment of khub's templates."""

    code_generator_class = _Writing
    escaped = staticmethod(escaped)

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """Return what a template knows besides its page: in one table, whose names an import compares at once.

        All of it is there before the first template is read; the chain of tables that is usual here takes
        a step of Python a name, twenty times a page.
        """
        return {**self.globals, **(d or {})}
