"""How templates write values: escaped, without an object around each text.

The extension's own way marks every value as safe in an object of its own, 1,400 on a page of results.
What goes straight into the page needs no mark, only its signs escaped.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from flask.templating import Environment
from jinja2.compiler import CodeGenerator
from markupsafe import Markup
from markupsafe import escape as escape_any

if TYPE_CHECKING:
    from jinja2 import nodes
    from jinja2.compiler import Frame


def escaped(value: object) -> str:
    """Return ``value`` as it stands in a page; what is marked as safe stays as it is."""
    kind = type(value)
    if kind is str:
        return escape(value)  # type: ignore[arg-type] # its very type was asked
    if kind is Markup:
        return value  # type: ignore[return-value] # as above
    return str(value) if kind is int else escape_any(value)


class _Writing(CodeGenerator):
    """Compiles templates that write with ``escaped``, wherever it is known that they escape."""

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
