"""Words that a query may lose when others remain. Negations and "anti", "kontra" stay."""

from __future__ import annotations

from typing import Final

_INDONESIAN = """
ada adalah adapun agar akan antara apa apakah atas atau bagaimana bagi bahwa banyak beberapa begitu belum
berapa berapakah bila bisa boleh dalam dan dapat dari daripada demi dengan di dia dimana dimanakah disebut
guna hal hanya harus hingga ia ialah ini itu jika juga kah kapan kapankah karena ke kepada ketika khususnya
lagi lain lalu maka mana manakah mereka merupakan mengapa namun nya oleh pada para per pernah pula pun saat
saja sambil sampai sang seberapa sebagai sebelum sebuah secara sedang sejak selama seorang seperti serta
sesudah setelah setiap si siapa siapakah suatu sudah supaya tapi telah tentang terhadap tersebut tetapi
untuk yaitu yakni yang
"""
_ENGLISH = """
a about after an and any are as at be been but by can did do does for from had has have he her his how i if
in into is it its of on or our she so such than that the their them then there these they this those to was
we were what when where which who whom whose why will with would you your
"""
_STOP: Final = frozenset((_INDONESIAN + _ENGLISH).split())


def is_stop_word(term: str) -> bool:
    """Tell whether a folded ``term`` says nothing by itself."""
    return term in _STOP
