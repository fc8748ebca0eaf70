"""A report of 2023 in the office: four actions, two K/L, one commitment, a product of two pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from khub.annual.models import AnnualParagraph, AnnualReport, AnnualSection
from khub.plan.periods import Given
from khub.plan.terms import Answer
from khub.policy import SYSTEM
from khub.products.models import File
from tests.khub.conftest import PLAN

if TYPE_CHECKING:
    from khub.annual.service import Annual
    from khub.policy import Actor
    from tests.khub.conftest import Office

WORDS = "mampu menyebut ulang pendapat yang tidak disetujuinya"


@dataclass
class Desk:
    """A report and short ways to ask about it."""

    office: Office
    public_id: str

    @property
    def annual(self) -> Annual:
        return self.office.services.annual

    def who(self, login: str) -> Actor:
        return self.office.people[login]

    def paragraphs(self, section: str) -> list[AnnualParagraph]:
        """Return the paragraphs of a section in order."""
        with self.office.services.db.read() as session:
            return list(
                session.scalars(
                    sa.select(AnnualParagraph)
                    .join(AnnualSection, AnnualSection.id == AnnualParagraph.section_id)
                    .join(AnnualReport, AnnualReport.id == AnnualSection.report_id)
                    .where(
                        AnnualReport.public_id == self.public_id,
                        AnnualSection.key == section,
                        AnnualParagraph.deleted_at.is_(None),
                    )
                    .order_by(AnnualParagraph.position)
                )
            )

    def write(self, section: str, text: str) -> int:
        """Add a paragraph to a section; returns its id."""
        return self.annual.add(self.who("dewi"), self.public_id, section, text=text)

    def path(self, rest: str = "") -> str:
        return f"/laporan-pelaksanaan/{self.public_id}{rest}"

    def commit(self, *answers: tuple[str, str, Answer]) -> None:
        """Record answers (action, K/L, answer) for 2023; a minute passes."""
        given = [Given(PLAN, action, unit, 2023, answer) for action, unit, answer in answers]
        self.office.services.periods.record(SYSTEM, given)
        self.office.clock.forward(minutes=1)

    def product(self, title: str = "Modul Pelatihan Guru", *, sandbox, approve: bool = True, **said: object):
        """Hand in a text product that holds WORDS on page 1; returns (public id, file id)."""
        content = f"{title}\n\nPeserta dianggap berhasil bila {WORDS}.\n".encode()
        public_id = self.office.draft("budi", title, content=content)
        if said:
            self.office.say("budi", public_id, **said)
        self.office.submit("budi", public_id)
        self.office.read_files(sandbox)
        if approve:
            self.office.services.review.approve(self.who("dewi"), public_id, 1)
        with self.office.services.db.read() as session:
            file = session.scalars(sa.select(File.public_id).order_by(File.id.desc()).limit(1)).one()
        return public_id, file


@pytest.fixture
def desk(office: Office) -> Desk:
    """Return the report of 2023 as started by dewi, with one of four actions committed."""
    made = Desk(office, "")
    made.commit(("1.1.01", "kl-07", Answer.YES), ("1.1.02", "kl-07", Answer.NO))
    made.public_id = office.services.annual.create(office.people["dewi"], PLAN, 2023)
    return made
