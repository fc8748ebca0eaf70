"""Sentences as people write them, with what must be found: ⟦+…⟧ cocok, ⟦!…⟧ tidak cocok, ⟦?…⟧ tidak dikenali.

Everything outside the brackets must be left alone. They were written down before they were tried.
"""

from __future__ import annotations

ALONE = """
Hingga akhir Oktober, ⟦+41 dari 50 aksi (82 persen)⟧ sudah memiliki penanggung jawab.
Realisasi Pilar 3 tercatat ⟦!12 dari 14 aksi (79%)⟧.
⟦+Sebelas dari empat belas aksi (79 persen)⟧ telah disepakati.
⟦+Eleven of the fourteen actions (78.6 per cent)⟧ are on course.
⟦!Eleven of the fourteen actions (78.5 per cent)⟧ are on course.
Sebanyak ⟦+36 K/L dari total 44 K/L (81,8%)⟧ hadir.
⟦!36 kementerian/lembaga dari 44 kementerian/lembaga (80 persen)⟧ hadir.
Of the ⟦+79 actions, 64 (81%)⟧ have a focal point.
Dari ⟦!79 aksi, 65 aksi (81 persen)⟧ memiliki narahubung.
Capaiannya ⟦+82,0 persen (41 dari 50)⟧.
Capaiannya ⟦!82,5 persen (41 dari 50)⟧.
Angka itu setara ⟦+80 persen, yaitu 12 dari 15 aksi⟧.
Ada ⟦+25% (dua puluh dari delapan puluh peserta)⟧ yang kembali.
⟦+Seratus dua puluh dari dua ratus empat puluh dosen (50 persen)⟧ lulus.
⟦+1.250 dosen dari 2.500 dosen (50 persen)⟧ mengikuti pelatihan.
⟦+1,250 of the 2,500 teachers (50%)⟧ attended.
⟦!1.250 dari 2.500 dosen (55 persen)⟧ mengikuti pelatihan.
Pada tahun itu ⟦+5 dari 8 laporan (62 persen)⟧ masuk tepat waktu.
Pada tahun itu ⟦+5 dari 8 laporan (63 persen)⟧ masuk tepat waktu.
Pada tahun itu ⟦!5 dari 8 laporan (64 persen)⟧ masuk tepat waktu.
⟦+Two of three ministries (67 percent)⟧ replied.
⟦!Two of three ministries (66 percent)⟧ replied.
⟦?Sekitar 40 dari 50 aksi⟧ berjalan baik.
⟦?Hampir separuh satuan pendidikan⟧ ikut serta.
⟦?Sebagian besar kementerian⟧ setuju.
⟦?Almost half of the ministries⟧ agreed, and ⟦?most of the actions⟧ started.
⟦?Lebih dari 60 aksi⟧ tertunda.
⟦?82 persen aksi⟧ terlaksana.
Penyerapan mencapai ⟦?90,4 persen⟧.
Absorption stood at ⟦?90.4 per cent⟧.
⟦?36 dari 44 K/L⟧ terlibat.
⟦?Four of the five⟧ pillars were mentioned.
⟦?12–14 aksi⟧ direncanakan.
Perpres Nomor 7 Tahun 2021 ditetapkan pada 6 Januari 2021.
Perpres 7/2021, UU No. 5 Tahun 2018, dan Pasal 43A ayat (2) huruf b berlaku.
Hubungi (021) 555-0123 atau +62 812-3456-7890 pada pukul 08.30–15.00 WIB.
Anggaran sebesar Rp 12,5 miliar atau USD 800.000 disiapkan untuk 3 tahun.
Lihat halaman 41 dari buku itu, Tabel 2.1, dan Gambar 12.
See page 12, Article 4, and Resolution 1373 (2001).
Rapat diadakan 12/10/2023 dan 2023-10-31, lalu 9–13 Oktober 2023.
The plan runs 2020–2024 and the meeting took place on October 9, 2023 at 10:30 am.
Densus 88, Covid-19, G20, dan Top 10 bukan angka yang diperiksa.
Naik 12 dari 29 menjadi 41.
Sebanyak ⟦?120 peserta⟧ dari ⟦?14 provinsi⟧ hadir.
⟦?12 laporan⟧ dari ⟦?14 K/L⟧ diterima.
⟦!50 dari 41 aksi⟧ berkomitmen.
⟦!120 dari 100 laporan (120 persen)⟧ masuk.
Nilainya ⟦!41 (empat puluh dua) dari 50 (lima puluh) aksi⟧.
Nilainya ⟦+41 (empat puluh satu) dari 50 (lima puluh) aksi (82 persen)⟧.
Rinciannya ⟦+41 + 12 + 11 = 64 aksi⟧.
Rinciannya ⟦!41 + 12 + 12 = 64 aksi⟧.
⟦+41/50 aksi (82%)⟧ dan ⟦!12/14 aksi (79%)⟧.
Capaian: ⟦+82% (41/50)⟧.
Tahun ajaran 2022/2023 dimulai.
⟦+64 aksi dari 79 aksi atau 81 persen⟧ berkomitmen.
⟦+64 aksi, atau 81 persen, dari 79 aksi⟧ berkomitmen.
⟦+41 actions (82%) out of 50⟧ were pledged.
⟦+36 of the 44 participating ministries (82 percent)⟧ sent a report.
⟦+36 participating ministries out of 44 (82 percent)⟧ sent a report.
Persentasenya ⟦+82 persen atau 41 dari keseluruhan 50 aksi⟧.
Persentasenya ⟦!84 persen atau 41 dari keseluruhan 50 aksi⟧.
Tidak ada angka di sini, hanya kata.
Satu dari sekian banyak tantangan ialah waktu.
⟦?Satu dari lima aksi⟧ itu paling sulit.
Pilar 1, 2, dan 3 saling mendukung; Pilar Kedua paling muda.
Ketiga pilar dan sembilan tema dibahas.
Kegiatan berlangsung 3 hari, 2 malam, dan 24 jam.
There are ⟦+50 actions, 41 of which (82%)⟧ are committed.
Pilar 3 memiliki ⟦!14 aksi, 12 di antaranya berkomitmen (79 persen)⟧.
Sebanyak ⟦+41 aksi (82 persen dari 50 aksi)⟧ berkomitmen.
Dari ⟦+50 aksi tersebut 41 di antaranya (82 persen)⟧ telah berkomitmen.
⟦+82 percent of the 50 actions, or 41⟧, were committed.
⟦+36 dr 44 K / L (82 %)⟧
⟦+Forty-one of fifty actions (82 percent)⟧, ⟦+ninety-nine of one hundred and twenty (82.5%)⟧.
⟦+5 (lima) dari 10 (sepuluh) aksi atau 50% (lima puluh persen)⟧ selesai.
Sebanyak ⟦?41 dari 50 aksi⟧ didukung anggaran APBN (⟦?60 persen⟧).
⟦?41 dari 50 aksi⟧ (naik ⟦?12 persen⟧ dari tahun lalu) berkomitmen.
⟦?41 dari 50 aksi⟧, ⟦?12 persen⟧ di antaranya tertunda.
Menurut Pasal 3, ⟦+12 dari 14 ketentuan (86 persen)⟧ berlaku.
On October 9, ⟦+12 of 14 actions (86 percent)⟧ were running.
In 2023 ⟦+36 of 44 ministries (82%)⟧ took part.
Pada pukul 09.00 WIB ⟦+12 dari 14 peserta (86 persen)⟧ hadir.
⟦+Tujuh dari sepuluh laporan (70 persen)⟧ lengkap, tetapi ⟦!tiga dari sepuluh laporan (33 persen)⟧ kosong.
""".strip().splitlines()

#: Line breaks, hyphens, notes, tables: escapes are Python's.
BROKEN = [
    "Sebanyak ⟦+41 dari\n50 aksi (82\npersen)⟧ berkomitmen.",
    "Sebanyak ⟦+41 dari 50 ak-\nsi (82 per-\nsen)⟧ berkomitmen.",
    "Tercatat ⟦!12 dari 14 aksi (79 persen)⟧1 pada Pilar 3.",
    "Tercatat ⟦!12 dari 14 aksi¹ (79 persen)⟧ pada Pilar 3.",
    "Tercatat ⟦!12 dari 14 aksi (79 persen)⟧[3] pada Pilar 3.",
    "Tercatat ⟦+41 dari 50 aksi2 (82%)⟧ pada Pilar 1.",
    "**⟦+41** dari **50** aksi (82 persen)⟧.",
    "⟦+41\u00a0dari\u00a050\u00a0aksi (82\u00a0%)⟧",
    "⟦+empat puluh satu dari lima\npuluh aksi (82 persen)⟧",
    "Pilar\tDaftar\tKomitmen\tPersen\n1\t50\t41\t⟦?82 %⟧\n2\t15\t12\t⟦?80 %⟧\n",
    "Pilar 1\n⟦+41 dari 50 aksi\n82 %⟧\nPilar 2\n⟦+12 dari 15 aksi\n80 %⟧\n",
    "1. ⟦+41 dari 50 aksi (82 persen)⟧\n2. ⟦+12 dari 15 aksi (80 persen)⟧\n3. ⟦!12 dari 14 aksi (79 persen)⟧",
    "- Pilar I: ⟦+41/50 (82%)⟧\n- Pilar II: ⟦+12/15 (80%)⟧\n- Pilar III: ⟦+11/14 (79%)⟧\n",
    "| Pilar 1 | ⟦+41 dari 50 aksi | 82 %⟧ |\n| Pilar 2 | ⟦!12 dari 15 aksi | 81 %⟧ |",
    "The third pillar (⟦!12 dari 14 aksi, 79 percent⟧) is mixed: ⟦+41 of 50 aksi (82 persen)⟧.",
    "“⟦+41 dari 50 aksi” (82 persen)⟧",
]

#: Several phrases that have to agree with one another.
PASSAGES = [
    (
        "Pada tahun 2023 sebanyak ⟦+64 dari 79 aksi berkomitmen (81 persen)⟧: ⟦+41 dari 50 aksi (82 persen)⟧ pada "
        "Pilar 1, ⟦+12 dari 15 aksi (80 persen)⟧ pada Pilar 2, dan ⟦!12 dari 14 aksi (79 persen)⟧1 pada Pilar 3. "
        "K/L yang terlibat mencapai ⟦?36 dari 44⟧."
    ),
    (
        "In 2023 the commitments were ⟦+41 of 50 actions (82 percent)⟧ under Pillar One, ⟦+12 of 15 actions "
        "(80 percent)⟧ under Pillar Two and ⟦!12 of 14 actions (79 percent)⟧ under Pillar Three, in total "
        "⟦+64 of 79 actions⟧."
    ),
    (
        "Pilar 1 sebanyak ⟦+41 dari 50 aksi⟧, Pilar 2 sebanyak ⟦+12 dari 15 aksi⟧, dan Pilar 3 sebanyak "
        "⟦+11 dari 14 aksi⟧. Total ⟦+64 dari 79 aksi⟧."
    ),
    (
        "Pilar 1 sebanyak ⟦!41 dari 50 aksi⟧, Pilar 2 sebanyak ⟦!12 dari 15 aksi⟧, dan Pilar 3 sebanyak "
        "⟦!12 dari 14 aksi⟧. Total ⟦!64 dari 79 aksi⟧."
    ),
    (
        "Total komitmen ⟦+64 aksi⟧, terdiri atas ⟦+41 aksi⟧ pada Pilar 1, ⟦+12 aksi⟧ pada Pilar 2, dan ⟦+11 aksi⟧ "
        "pada Pilar 3."
    ),
    (
        "Pada Pilar 1 ⟦+41 dari 50 aksi (82 persen)⟧ berkomitmen dan pada Pilar 2 ⟦+12 dari 15 aksi (80 persen)⟧. "
        "Secara nasional ⟦+64 dari 79 aksi (81 persen)⟧."
    ),
    (
        "Secara keseluruhan ⟦+64 dari 79 aksi (81 persen)⟧ berkomitmen. Pilar 1: ⟦?30 dari 50 aksi⟧ selesai "
        "dilaksanakan, Pilar 2: ⟦?10 dari 15 aksi⟧ selesai dilaksanakan, Pilar 3: ⟦?9 dari 14 aksi⟧ selesai "
        "dilaksanakan."
    ),
    (
        "K/L yang terlibat: ⟦?30 dari 40 K/L⟧ pada Pilar 1, ⟦?12 dari 15 K/L⟧ pada Pilar 2, total ⟦?36 dari 44 K/L⟧."
    ),
]

#: Held against the records of ``conftest.Noted``: 41/50, 12/15, 11/14, 64/79, 36/44 in 2023, as of 31 October.
RECORDED = """
K/L yang terlibat mencapai ⟦+36 dari 44⟧.
Sebanyak ⟦!35 dari 44 K/L⟧ terlibat.
Pada Pilar 3, ⟦!12 dari 14 aksi⟧ berkomitmen pada tahun 2023.
Pada Pilar Ketiga, ⟦+11 dari 14 aksi⟧ berkomitmen.
In the third pillar ⟦+11 of 14 actions⟧ were committed.
In Pillar III ⟦!10 of 14 actions⟧ were committed in 2023.
Pada 2023, ⟦+64 dari 79 aksi⟧ berkomitmen.
Pada 2023, ⟦!63 dari 79 aksi⟧ berkomitmen.
Pada 2022, ⟦?50 dari 79 aksi⟧ berkomitmen.
Pada Juni 2023 baru ⟦?30 dari 79 aksi⟧ berkomitmen.
Per 31 Oktober 2023 ⟦!63 dari 79 aksi⟧ berkomitmen.
Per 31 Agustus 2023 ⟦?50 dari 79 aksi⟧ berkomitmen.
Pada Januari–Oktober 2023 ⟦!65 dari 79 aksi⟧ berkomitmen.
BNPT menargetkan ⟦?70 dari 79 aksi⟧ berkomitmen.
Sebanyak ⟦?15 dari 79 aksi⟧ belum berkomitmen.
Only ⟦?3 of the 15 actions⟧ in Pillar 2 were not committed.
Di Jawa Timur ⟦?12 dari 20 aksi⟧ berkomitmen.
Dari ⟦?64 aksi yang berkomitmen, 41 aksi⟧ berada di Pilar 1.
Dari ⟦?64 aksi berkomitmen, 40⟧ sudah dilaksanakan.
⟦?53 dari 65 aksi⟧ pada Pilar 1 dan 2 berkomitmen.
Pada Tema 3 ⟦?5 dari 9 aksi⟧ berkomitmen.
Fokus 2 Pilar 1: ⟦?6 dari 8 aksi⟧ berkomitmen.
⟦?30 dari 50 aksi⟧ Pilar 1 telah selesai dilaksanakan.
Total ⟦+64 aksi⟧ berkomitmen pada tahun 2023.
Total ⟦!65 aksi⟧ berkomitmen pada tahun 2023.
⟦!41 dari 51 aksi⟧ pada Pilar 1 berkomitmen.
⟦!80 persen dari 50 aksi⟧ Pilar 1 berkomitmen.
⟦?One of the 79 actions⟧ committed in 2023 concerns prisons.
⟦?Sekitar 60 dari 79 aksi⟧ berkomitmen pada 2023.
Pada 2023, ⟦+64 dari 79 aksi⟧ berkomitmen, naik dari ⟦?50 dari 78 aksi⟧ pada 2022.
Sudah ⟦?36 dari 44 K/L⟧ menyampaikan ⟦?120 laporan⟧.
Seluruh ⟦!15 aksi⟧ Pilar 2 berkomitmen.
Sebelum perpanjangan tenggat, ⟦?55 dari 79 aksi⟧ berkomitmen.
Rata-rata ⟦?60 dari 79 aksi⟧ berkomitmen setiap tahun.
Only ⟦?28 of the 44 ministries⟧ involved sent photographs.
Sebanyak ⟦?11 dari 44 K/L⟧ terlibat dalam lebih dari satu pilar.
Komitmen baru mencakup ⟦?5 dari 79 aksi⟧.
In Pillar 1, ⟦?9 of the 50 actions⟧ lack commitment.
Draf menyebut ⟦?65 dari 79 aksi⟧ berkomitmen.
Sebanyak ⟦?20 dari 44 K/L⟧ terlibat dalam Pilar 1.
⟦?30 dari 50 aksi⟧ berkomitmen memperoleh penghargaan di Pilar 1.
Sekretariat mencatat ⟦!63 dari 79 aksi⟧ telah mendapat komitmen pada tahun 2023.
Di bawah Pilar 2 tercatat ⟦!13 dari 15 aksi⟧ yang dikomitmenkan.
The plan lists ⟦!65 of 79 actions⟧ as committed in 2023.
Kementerian Agama memiliki ⟦?12 aksi⟧ yang berkomitmen pada Pilar 1.
""".strip().splitlines()
