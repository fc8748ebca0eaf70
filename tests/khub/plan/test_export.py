"""What goes out comes back in unchanged, and no spreadsheet runs anything in it."""

from __future__ import annotations

import csv
import io
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from khub import migrations, wiring
from khub.errors import NotFoundError
from khub.plan import catalogue
from khub.policy import SYSTEM
from khub.settings import load

if TYPE_CHECKING:
    from collections.abc import Callable

    from khub.clock import FixedClock
    from khub.wiring import Services

CODE = "ran-pe-2020-2024"

_words = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cf", "Cs", "Co", "Cn"), exclude_characters=";"),
    min_size=1,
    max_size=40,
).filter(lambda text: any(char.isalnum() for char in text))
_risky = st.sampled_from(
    ["=1+1", "+62", "-x", "@a", "'=a", "''@b", "'apostrof", '"kutip"', "a,b", "baris\nbaru x"]
)
_text = st.one_of(_words, _risky)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_an_export_comes_back_with_nothing_to_change(planned: Services, kind: str) -> None:
    out = planned.plans.export(SYSTEM, CODE, kind)
    again = planned.plans.check(SYSTEM, out.data, out.name)
    assert again.problems == ()
    assert again.nothing_to_do
    assert (again.unchanged, again.left, again.warnings) == (4, (), ())


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_titles_survive_both_formats(
    row: Callable[..., dict[str, str]], csv_of: Any, clock: FixedClock, data: st.DataObject
) -> None:
    rows = [
        row(
            f"1.1.{number:02}",
            aksi=data.draw(_text),
            penanggung_jawab=data.draw(_text),
            keluaran=data.draw(_text),
            ukuran_keberhasilan=data.draw(st.one_of(st.just(""), _text)),
            sumber=data.draw(st.one_of(st.just(""), _text)),
        )
        for number in range(3)
    ]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        services = wiring.build(load({}, mode="test", data=folder / "d", uploads=folder / "u"), clock)
        migrations.upgrade(services.db)
        try:
            # As a spreadsheet would write it, with the guarding apostrophe that exports carry too.
            columns = [*rows[0]]
            guarded = [
                {
                    key: "'" + text
                    if text.lstrip("'")[:1] in tuple("=+-@\t\r") and text.lstrip("'")
                    else text
                    for key, text in each.items()
                }
                for each in rows
            ]
            done = services.plans.apply(SYSTEM, csv_of(guarded, columns=columns), "x.csv")
            assert len(done.added) == 3
            for kind in ("csv", "xlsx"):
                out = services.plans.export(SYSTEM, CODE, kind)
                again = services.plans.check(SYSTEM, out.data, out.name)
                assert (again.problems, again.changed, again.new_institutions) == ((), (), ())
                assert again.unchanged == 3
        finally:
            services.close()


def test_no_exported_cell_is_a_formula(
    services: Services, row: Callable[..., dict[str, str]], csv_of: Any
) -> None:
    title = '=HYPERLINK("http://x";"y")'
    services.plans.apply(
        SYSTEM,
        csv_of([row("1.1.01", aksi="'" + title, keluaran="'@modul", ukuran_keberhasilan="'-5")]),
        "x.csv",
    )
    text = services.plans.export(SYSTEM, CODE, "csv").data.decode("utf-8-sig")
    cells = next(iter(list(csv.reader(io.StringIO(text)))[1:]))
    assert not any(cell[:1] in "=+-@\t\r" for cell in cells if cell)
    assert "'" + title in cells
    book = openpyxl.load_workbook(io.BytesIO(services.plans.export(SYSTEM, CODE, "xlsx").data))
    values = [cell for line in book.worksheets[0].iter_rows() for cell in line if cell.value == title]
    assert [cell.data_type for cell in values] == ["s"]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_template_is_read_as_empty(services: Services, kind: str) -> None:
    out = services.plans.template(kind)
    found = catalogue.read(out.data, out.name)
    assert [each.message for each in found.problems] == [
        "Berkas ini hanya berisi judul kolom, tanpa satu aksi pun."
    ]
    assert found.warnings == ()


def test_unknown_plans_and_kinds_are_not_there(planned: Services) -> None:
    for plan, kind in (("tidak-ada", "csv"), (CODE, "exe")):
        with pytest.raises(NotFoundError):
            planned.plans.export(SYSTEM, plan, kind)
