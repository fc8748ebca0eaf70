"""Kinds of legal texts: how each is written in full, and how it is shortened."""

from __future__ import annotations

from typing import Final, NamedTuple


class Kind(NamedTuple):
    """A kind of legal text: its words in full and its short names."""

    words: tuple[str, ...]
    shorts: tuple[str, ...]


#: Short names in use → words in full, in the ways they are written.
_KINDS = """
uu : undang undang
perppu perpu : peraturan pemerintah pengganti undang undang
perpres : peraturan presiden
keppres kepres : keputusan presiden
inpres : instruksi presiden
permen : peraturan menteri
kepmen : keputusan menteri
inmen : instruksi menteri
perban perba : peraturan badan
perka : peraturan kepala
kepka : keputusan kepala
perkada : peraturan kepala daerah
perda : peraturan daerah
pergub : peraturan gubernur
kepgub : keputusan gubernur
ingub : instruksi gubernur
perbup : peraturan bupati
kepbup : keputusan bupati
perwali perwal perwako : peraturan wali kota, peraturan walikota
kepwali kepwal : keputusan wali kota, keputusan walikota
perdes : peraturan desa
perma : peraturan mahkamah agung
pojk : peraturan otoritas jasa keuangan
perkap : peraturan kapolri
perpol : peraturan kepolisian
"""
#: Short names that mean other things as well: these words only where a number follows.
_DOUBTFUL = """
pp : peraturan pemerintah
se : surat edaran
pbi : peraturan bank indonesia
pmk : peraturan menteri keuangan
pma : peraturan menteri agama
kma : keputusan menteri agama
"""
#: How short names of ministers' texts end ("permendagri") → the ministry.
_MINISTRIES = """
dagri : dalam negeri
lu : luar negeri
han : pertahanan
ag : agama
kumham : hukum dan hak asasi manusia
kum : hukum
keu : keuangan
dikbud : pendidikan dan kebudayaan
dikbudristek : pendidikan kebudayaan riset dan teknologi
dikdasmen : pendidikan dasar dan menengah
kes : kesehatan
sos : sosial
naker : ketenagakerjaan
hub : perhubungan
kominfo : komunikasi dan informatika
komdigi : komunikasi dan digital
pppa ppa : pemberdayaan perempuan dan perlindungan anak
panrb pan : pendayagunaan aparatur negara dan reformasi birokrasi
pora : pemuda dan olahraga
tan : pertanian
dag : perdagangan
lhk : lingkungan hidup dan kehutanan
esdm : energi dan sumber daya mineral
kopolhukam : koordinator bidang politik hukum dan keamanan
kopmk : koordinator bidang pembangunan manusia dan kebudayaan
ppn : perencanaan pembangunan nasional
"""


def _table(text: str) -> list[tuple[list[str], list[tuple[str, ...]]]]:
    rows = (line.partition(" : ") for line in text.strip().splitlines())
    return [(shorts.split(), [tuple(way.split()) for way in ways.split(", ")]) for shorts, _, ways in rows]


def _ministers() -> list[tuple[list[str], list[tuple[str, ...]]]]:
    return [
        ([f"{kind}{ending}" for ending in endings], [(word, "menteri", *name) for name in names])
        for kind, word in (("permen", "peraturan"), ("kepmen", "keputusan"), ("inmen", "instruksi"))
        for endings, names in _table(_MINISTRIES)
    ]


_SURE = _table(_KINDS) + _ministers()


def _kinds() -> dict[tuple[str, ...], Kind]:
    """Return words in full, in every way they are written → the kind with all of its short names."""
    named: dict[tuple[str, ...], list[str]] = {}
    for shorts, ways in _SURE + _table(_DOUBTFUL):
        named.setdefault(ways[0], []).extend(shorts)
    return {
        way: Kind(ways[0], tuple(named[ways[0]])) for _, ways in _SURE + _table(_DOUBTFUL) for way in ways
    }


#: Words in full → the kind.
FULL: Final = _kinds()
#: Short name → the kind.
SHORT: Final = {short: kind for kind in FULL.values() for short in kind.shorts}
#: Short names that are read so only where a number follows.
DOUBTFUL: Final = frozenset(short for shorts, _ in _table(_DOUBTFUL) for short in shorts)
#: First words of kinds in full → how many words the longest of them has.
LONGEST: Final = {
    first: max(len(words) for words in FULL if words[0] == first) for first in {words[0] for words in FULL}
}


def is_legal_kind(term: str) -> bool:
    """Tell whether a folded ``term`` is the short name of a kind of legal text, as "perpres" is."""
    return term in SHORT
