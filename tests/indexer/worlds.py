"""Random small installations and random queries about them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from indexer.analysis import tokenise
from indexer.ports import PageText, Title
from indexer.query import Query, parse, widen
from indexer.running import cut_word, seam
from indexer.units import Unit, UnitTable

if TYPE_CHECKING:
    import random

WORDS = [
    "modul",
    "pelatihan",
    "latihan",
    "melatih",
    "guru",
    "toleransi",
    "terorisme",
    "teroris",
    "kontra",
    "narasi",
    "kontra-narasi",
    "kontranarasi",
    "pencegahan",
    "ekstremisme",
    "BNPT",
    "BPNT",
    "I-KHub",
    "undang-undang",
    "alat-alat",
    "Perpres",
    "7/2021",
    "Nomor 7",
    "Tahun 2021",
    "2021",
    "training",
    "trained",
    "teacher",
    "tidak",
    "yang",
    "dan",
    "di",
    "untuk",
    "apa",
    "masyarakat",
    "kemasyarakatan",
    "pelindungan",
    "perlindungan",
    "Polri",
    "monev",
]
#: What means the same; "melatih" is more often on its own than joined, "mengaji" stands nowhere.
SAME = {
    form: tuple(other for other in group if other != form)
    for group in (
        (("pelindungan",), ("perlindungan",), ("mengaji",)),
        (("terorisme",), ("teroris",)),
        (("bnpt",), ("kontra", "narasi"), ("undang", "undang", "guru")),
        (("pelatihan", "guru"), ("training",)),
    )
    for form in group
}
_BETWEEN = (" ",) * 12 + ("\n", ". ", ", ", "-\n", "-", " - ")
_HEADS = ("", "", "Modul guru {}\n", "- {} -\nUntuk masyarakat\n")
_FEET = ("", "", "\n{}", "\nhlm. {} dari 5\nPolri")
CLASSES = ("open", "kl1", "kl2", "draft")
SECRET = "secret"  # noqa: S105 - an access class
_VALUES = {
    "pilar": ("1", "2", "3"),
    "kl": ("bnpt", "polri"),
    "tahun": ("2021", "2022", "2023"),
    "jenis": ("modul", "laporan akhir"),
    "bahasa": ("id", "en"),
}


@dataclass
class World:
    """Texts by file, titles by product, units by product; what an index and a database would hold."""

    files: dict[int, list[PageText]] = field(default_factory=dict)
    titles: dict[int, list[Title]] = field(default_factory=dict)
    units: dict[int, list[Unit]] = field(default_factory=dict)

    def table(self) -> UnitTable:
        return UnitTable.empty().apply(self.units, 1)

    def without(self, access: str) -> World:
        """Return the world in which units of that class, their titles and their own files never were."""
        units = {
            product: kept
            for product, of_product in self.units.items()
            if (kept := [unit for unit in of_product if unit.access != access])
        }
        ids = {unit.unit for of_product in units.values() for unit in of_product}
        files = {file for of_product in units.values() for unit in of_product for file in unit.files}
        return World(
            {file: pages for file, pages in self.files.items() if file in files},
            {
                product: [title for title in titles if title.unit in ids]
                for product, titles in self.titles.items()
                if product in units
            },
            units,
        )


def text(rng: random.Random, words: int) -> str:
    return "".join(rng.choice(WORDS) + rng.choice(_BETWEEN) for _ in range(words))


def pages(rng: random.Random) -> list[PageText]:
    """Return the pages of a file; some have lines that run at the head or foot of each, some cut a word."""
    language = rng.choice(("id", "id", "id", "en", ""))
    head, foot = rng.choice(_HEADS), rng.choice(_FEET)
    bodies = [text(rng, rng.randint(1, 25)) for _ in range(rng.randint(1, 5))]
    for at in range(1, len(bodies)):
        if rng.random() < 0.4:
            word = rng.choice(WORDS)
            word = word.upper() if rng.random() < 0.2 else word
            letters = rng.randint(1, len(word) - 1)
            said = f"\n{word[letters:]} ..." if rng.random() < 0.2 else ""
            bodies[at - 1] += f"{word[:letters]}-{said}"
            bodies[at] = word[letters:] + rng.choice(_BETWEEN) + bodies[at]
    return [
        PageText(number, head.format(number) + body + foot.format(number), language)
        for number, body in enumerate(bodies, 1)
    ]


def product(rng: random.Random, world: World, number: int, classes: tuple[str, ...]) -> None:
    """Give ``world`` a product with one to three copies; copies share files, a few with other products."""
    files: list[int] = []
    for place in range(rng.randint(1, 3)):
        file = number * 10 + place
        world.files[file] = pages(rng)
        files.append(file)
    if world.units and rng.random() < 0.1:
        files.append(rng.choice(sorted(world.files)))
    world.units[number] = []
    world.titles[number] = []
    for rank in range(rng.randint(1, 3)):
        unit = number * 10 + rank
        facets = {
            name: tuple(rng.sample(values, rng.randint(0, min(2, len(values)))))
            for name, values in _VALUES.items()
        }
        chosen = tuple(rng.sample(files, rng.randint(1, len(files))))
        date = rng.choice((20210101, 20220615, 20230101, 20231009))
        world.units[number].append(Unit(unit, number, rank, rng.choice(classes), chosen, date, facets))
        world.titles[number].append(Title(unit, text(rng, rng.randint(1, 5)), "id"))


def world(rng: random.Random, products: int, classes: tuple[str, ...] = CLASSES) -> World:
    made = World()
    for number in range(1, products + 1):
        product(rng, made, number, classes)
    return made


def allowed(rng: random.Random) -> frozenset[str]:
    return frozenset(rng.sample(CLASSES, rng.randint(1, len(CLASSES))))


def filters(rng: random.Random) -> dict[str, frozenset[str]]:
    return {
        name: frozenset(rng.sample(values, rng.randint(1, 2)))
        for name, values in _VALUES.items()
        if rng.random() < 0.15
    }


def asked(rng: random.Random, world: World) -> Query:
    """Return a query of any kind: as it is read, with what means the same, or over a page break."""
    if rng.random() < 0.1 and (phrase := _over_a_break(rng, world)):
        return parse(phrase)
    found = parse(query(rng))
    return widen(found, SAME) if rng.random() < 0.4 else found


def _over_a_break(rng: random.Random, world: World) -> str:
    pages = world.files[rng.choice(sorted(world.files))]
    if len(pages) < 2:
        return ""
    place = rng.randrange(len(pages) - 1)
    first, second = pages[place].text, pages[place + 1].text
    end, begin = seam(first, second)
    before, after = (
        [token.term for token in tokenise(part) if not token.whole] for part in (first[:end], second[begin:])
    )
    if cut := cut_word(first, second, end, begin):
        before[-1:], after[:1] = [cut.term], []
    words = before[-rng.randint(1, 3) :] + after[: rng.randint(1, 3)]
    slop = rng.choice(("", "~1", "~3"))
    if slop and len(words) > 2:
        words.pop(rng.randrange(1, len(words) - 1))
    return f'"{" ".join(words)}"{slop} {rng.choice(WORDS)}'


def query(rng: random.Random, depth: int = 0) -> str:
    """Return the text of a query of any kind."""
    parts = [_part(rng, depth) for _ in range(rng.randint(1, 4))]
    return "".join(part + rng.choice((" ", " ", " ", " OR ", " AND ")) for part in parts[:-1]) + parts[-1]


def misspelt(rng: random.Random) -> str:
    """Return a word of which a letter is wrong, or two."""
    word = rng.choice([word for word in WORDS if word.isalpha() and len(word) >= 5]).lower()
    for _ in range(rng.choice((0, 1, 1, 2))):
        at = rng.randrange(len(word) - 1)
        word = rng.choice(
            (
                word[:at] + word[at + 1 :],
                word[:at] + "x" + word[at:],
                word[:at] + word[at + 1] + word[at] + word[at + 2 :],
            )
        )
    return word if len(word) >= 4 else "guru"


def _part(rng: random.Random, depth: int) -> str:
    word = rng.choice(WORDS)
    letters = "".join(c for c in word if c.isalnum())
    name = rng.choice(sorted(_VALUES))
    ranges = ("tahun:2021..2022", "tanggal:>=2022-01-01", "tahun:2023", "tanggal:2021")
    kinds = {
        word: 50,
        '"' + " ".join(rng.choice(WORDS) for _ in range(rng.randint(1, 3))) + '"': 10,
        '"' + " ".join(rng.choice(WORDS) for _ in range(rng.randint(2, 4))) + f'"~{rng.randint(0, 9)}': 6,
        f"{letters[: rng.randint(2, 6)]}*": 7,
        misspelt(rng) + rng.choice(("~", "~1", "~2")): 6,
        f"-{word}": 8,
        rng.choice(ranges): 4,
        f"judul:{word}": 4,
        f'{name}:"{rng.choice(_VALUES[name])}"': 8,
    }
    if depth < 2:
        kinds[f"({query(rng, depth + 1)})"] = 7
    return rng.choices(list(kinds), list(kinds.values()))[0]
