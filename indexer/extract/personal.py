"""Patterns of personal data: counted, so that the uploader can be asked; never stored."""

import re
from collections.abc import Sequence

from indexer.extract.model import Page, PersonalFinding, PersonalKind

# NIK: province 11..96, regency, district, day (41..71 for women), month, year, serial not 0000.
_NIK = re.compile(
    r"(?<![\d.,/-])(?:1[1-9]|2[1]|3[1-6]|5[1-3]|6[1-5]|7[1-6]|8[1-2]|9[1-7])\d{4}"
    r"(?:0[1-9]|[12]\d|3[01]|4[1-9]|[56]\d|7[01])(?:0[1-9]|1[0-2])\d{2}(?!0000)\d{4}(?![\d/-])"
)
# Indonesian mobile numbers: 08…, 628… or +62 8…, 10 to 13 digits, written with spaces, dots or dashes.
_PHONE = re.compile(
    r"(?<![\d.,/+-])(?:\+?62[\s.-]?|0)8[1-9]\d(?:[\s.-]?\d{3,4}){2}(?:[\s.-]?\d{1,2})?(?![\d/])"
)


def find_personal(pages: Sequence[Page]) -> tuple[PersonalFinding, ...]:
    """Return one finding for each kind that occurs: how often, and on which pages."""
    findings = []
    for kind, pattern in ((PersonalKind.NIK, _NIK), (PersonalKind.PHONE, _PHONE)):
        hits = [(page.number, sum(1 for _ in pattern.finditer(page.text))) for page in pages]
        found = [(number, count) for number, count in hits if count]
        if found:
            total = sum(count for _, count in found)
            findings.append(PersonalFinding(kind, total, tuple(number for number, _ in found)))
    return tuple(findings)
