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
Pada Pilar 1, 2, dan 3 masing-masing ⟦+41⟧, ⟦+12⟧, dan ⟦!12 dari 50, 15, dan 14 aksi (82, 80, dan 79 persen)⟧ berjalan.
Pillars 1, 2 and 3 have ⟦+41⟧, ⟦+12⟧ and ⟦+11 of 50, 15 and 14 actions (82%, 80% and 79%)⟧ respectively.
Sebanyak 3, 4, dan ⟦?5 K/L⟧ hadir pada tiga pertemuan.
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
        "Komitmen Pilar 1, Pilar 2, dan Pilar 3 masing-masing mencapai ⟦+41 dari 50 aksi (82%)⟧, "
        "⟦+12 dari 15 aksi (80%)⟧, dan ⟦!12 dari 14 aksi (79%)⟧ sehingga total ⟦+64 dari 79 aksi⟧."
    ),
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
Pada Pilar 1, 2, dan 3 masing-masing ⟦+41⟧, ⟦+12⟧, dan ⟦!12 aksi⟧ telah dikomitmenkan pada tahun 2023.
Dari ⟦+135 aksi dalam rencana, 79 aksi⟧ masuk daftar tahun 2023.
Dari ⟦!135 aksi dalam rencana, 78 aksi⟧ masuk daftar tahun 2023.
Sebanyak ⟦+79 aksi⟧ masuk daftar tahun 2023.
Of the ⟦+135 actions in the plan, 79⟧ were on the table in 2023.
Komitmen 2023 di tiga pilar masing-masing ⟦?41⟧, ⟦?12⟧, dan ⟦?12 aksi⟧.
Pada 2023, sebanyak ⟦+64 aksi⟧ berkomitmen di tiga pilar, masing-masing ⟦+41⟧, ⟦+12⟧, dan ⟦+11 aksi⟧.
Pada 2023, sebanyak ⟦+64 aksi⟧ berkomitmen di tiga pilar, masing-masing ⟦!41⟧, ⟦!12⟧, dan ⟦!12 aksi⟧.
Total ⟦+64 aksi⟧ berkomitmen pada 2023. Komitmen di ketiga pilar masing-masing ⟦!41⟧, ⟦!12⟧, dan ⟦!12 aksi⟧.
Pada 2023, ⟦+64 aksi⟧ berkomitmen; ⟦?tiga K/L⟧ terbesar masing-masing menjawab ⟦?10⟧, ⟦?9⟧, dan ⟦?8 aksi⟧.
Pada tahun 2023 berturut-turut ⟦+41⟧, ⟦!13⟧, dan ⟦+11 aksi⟧ berkomitmen di Pilar 1, Pilar 2, dan Pilar 3.
In 2023 Pillars 1, 2 and 3 had ⟦+41⟧, ⟦+12⟧ and ⟦!12 committed actions⟧ respectively.
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

#: Classes of official prose: the clause between a pair and its percent, wholes named before, parts of a whole, targets.
PROSE = """
⟦!Of 44 ministries, 36 took part (92%)⟧.
⟦+Of 44 ministries, 36 took part (82%)⟧.
⟦!Of the 44 ministries and agencies invited, 36 sent their reports (80 percent)⟧.
⟦!Tiga puluh enam dari empat puluh empat K/L hadir (92 persen)⟧.
Sebanyak ⟦!36 dari 44 K/L mengirim laporan tepat waktu (92 persen)⟧.
Sebanyak ⟦?36 dari 44 K/L⟧ hadir (tingkat kepuasan ⟦?92 persen⟧).
⟦?Of the 50 actions, 41⟧ were completed (⟦?92 percent⟧ of the budget was spent).
⟦?41 dari 50 aksi⟧ terlaksana (⟦?90 persen⟧ anggaran terserap).
⟦?Dari 44 K/L, 36⟧ hadir (⟦?92 persen⟧ di antaranya puas).
⟦?Of 44 ministries, 36⟧ took part (⟦?92 percent⟧ of whom were satisfied).
Sebanyak ⟦?36 dari 44 K/L⟧ hadir (2022: ⟦?70 persen⟧).
Sebanyak ⟦?36 dari 44 K/L⟧ hadir (target ⟦?90 persen⟧).
⟦!36 of 44 ministries – 92 percent⟧ – have reported.
Peringkat 3 dari 14 (⟦?79 persen⟧).
Sebanyak ⟦?41 dari 50 aksi (di atas 80 persen)⟧ berkomitmen.
Sebanyak ⟦!45 perempuan dari 120 peserta (38,5 persen)⟧ hadir.
⟦!45 of the 120 participants were women (38.5 percent)⟧.
⟦+Dari 120 peserta, 45 adalah perempuan (37,5 persen)⟧.
⟦!Dari 120 peserta pelatihan, sebanyak 45 orang atau 38,5 persen⟧ adalah perempuan.
⟦!Dari 120 peserta pelatihan, 38,5 persen (45 orang)⟧ adalah perempuan.
Sebanyak ⟦!36 dari total 44 K/L telah menyampaikan laporan, dengan persentase sebesar 92 persen⟧.
⟦!36 of the 44 ministries submitted their report, or 92 percent⟧.
⟦!Out of the 135 actions listed in Presidential Regulation No. 7/2021, 110 (91.5%)⟧ had been implemented.
⟦!Dari 44 kasus, 36 kasus P-21 (92%)⟧, ⟦+8 kasus SP3 (18%)⟧.
Ada ⟦?44 K/L⟧. Sebanyak ⟦!36 di antaranya (92 persen)⟧ hadir.
There are ⟦?44 ministries⟧. Of these, ⟦+36 (82%)⟧ took part.
There are ⟦?44 ministries⟧. ⟦!36 of them (92%)⟧ took part.
RAN PE memuat ⟦?79 aksi⟧. Dari jumlah tersebut, ⟦!64 aksi (85 persen)⟧ telah berkomitmen.
Ada ⟦?79 aksi⟧ dan ⟦?44 K/L⟧. Dari jumlah itu, 36 (⟦?82 persen⟧) melapor.
Pelatihan diikuti ⟦?120 guru⟧. Dari jumlah itu, ⟦+20 dosen (17 persen)⟧ menjadi fasilitator.
⟦+Dari 44 K/L, 36 hadir (82 persen)⟧, ⟦+5 berhalangan (11 persen)⟧, dan ⟦+3 tidak menjawab (7 persen)⟧.
⟦+Dari 79 aksi, 64 aksi berkomitmen (81%)⟧ sedangkan ⟦!15 aksi (29%)⟧ belum.
⟦?Forty-four ministries⟧ were invited, of which ⟦!36 (92%)⟧ attended.
Sebanyak ⟦!1.250 orang⟧, terdiri atas ⟦!700 laki-laki⟧ dan ⟦!500 perempuan⟧, mengikuti pelatihan.
Sebanyak ⟦+1.250 orang⟧, terdiri atas ⟦+750 laki-laki⟧ dan ⟦+500 perempuan⟧, mengikuti pelatihan.
The training had ⟦!120 participants⟧, consisting of ⟦!40 teachers⟧, ⟦!50 lecturers⟧ and ⟦!20 students⟧.
Terdapat ⟦!12 kegiatan⟧, yaitu ⟦!7 lokakarya⟧ dan ⟦!4 seminar⟧.
Sebanyak ⟦?12 kegiatan⟧, antara lain ⟦?3 lokakarya⟧ dan ⟦?2 seminar⟧, dilaksanakan.
Lokakarya diikuti ⟦?120 peserta⟧ yang terdiri atas ⟦?14 provinsi⟧ dan ⟦?30 kabupaten⟧.
Sebanyak ⟦!44 K/L⟧, yaitu ⟦!20 kementerian⟧ dan ⟦!22 lembaga⟧, terlibat.
Sebanyak ⟦?20 K/L⟧ pada Pilar 1 dan ⟦?15 K/L⟧ pada Pilar 2, dengan total ⟦?30 K/L⟧.
Sebanyak ⟦+200 orang⟧, yaitu ⟦+110 perempuan⟧ dan ⟦+90 laki-laki⟧, serta 20 panitia hadir.
Sebanyak ⟦?15 kegiatan⟧, yaitu ⟦?10 pelatihan⟧ dengan ⟦?300 peserta⟧ dan ⟦?5 seminar⟧ dengan ⟦?200 peserta⟧.
Pilar 1, 2, dan 3 masing-masing berisi ⟦!50⟧, ⟦!15⟧, dan ⟦!14 aksi⟧, dengan total ⟦!80 aksi⟧.
Kegiatan dihadiri ⟦!40 orang⟧ pada hari pertama dan ⟦!35 orang⟧ pada hari kedua, sehingga totalnya ⟦!85 orang⟧.
BNPT menyampaikan ⟦!12 laporan⟧, Polri ⟦!8 laporan⟧, dan TNI ⟦!5 laporan⟧, sehingga total ⟦!26 laporan⟧.
Pillar 1 has ⟦!50 actions⟧, Pillar 2 has ⟦!15 actions⟧, and Pillar 3 has ⟦!14 actions⟧, for a total of ⟦!80 actions⟧.
⟦?Dari total 79 aksi, 41 aksi⟧ di Pilar 1 dan ⟦?12 aksi⟧ di Pilar 2 berkomitmen.
Realisasi melebihi target: ⟦+60 dari 50 kegiatan (120 persen)⟧.
Terealisasi ⟦+60 kegiatan dari rencana 50 kegiatan atau 120 persen⟧.
Realisasi ⟦!41 aksi dari target 50 aksi (92 persen)⟧.
""".strip().splitlines()

#: Tables as Markdown and as DOCX gives them; ragged ones and those with subtotals are left alone.
TABLES = [
    "| 36 |\n⟦!Dari 44 K/L, 36 hadir (92 persen)⟧.",
    "| Pilar | Daftar | Komitmen |\n|---|---|---|\n| 1 | 50 | 41 |\n| 2 | 15 | 12 |\n| 3 | 14 | 12 |\n| Total | ⟦+79⟧ | ⟦!64⟧ |",
    "| Pilar | Daftar | Komitmen | Persen |\n|---|---:|---:|---:|\n| 1 | 50 | 41 | ⟦+82%⟧ |\n| 2 | 15 | 12 | ⟦+80%⟧ |\n| 3 | 14 | 11 | ⟦!97%⟧ |\n| **Total** | **⟦+79⟧** | **⟦+64⟧** | **⟦+81%⟧** |",
    "Provinsi\tGuru\tDosen\tTotal\nAceh\t10\t20\t⟦+30⟧\nBali\t5\t6\t⟦+11⟧\nRiau\t7\t8\t⟦!16⟧\nTotal\t⟦+22⟧\t⟦+34⟧\t⟦!56⟧\n",
    "No\tPilar\tAksi\tK/L\n1\tPencegahan\t41\t30\n2\tPenegakan\t12\t15\n3\tKemitraan\t12\t14\nJumlah\t⟦!64⟧\t36\n",
    "Kegiatan\tTanggal\tPeserta\nA\t1 Maret 2023\t120\nB\t2 Maret 2023\t80\nC\t3 Maret 2023\t100\nTotal\t⟦!310⟧\n",
    "Kegiatan\tPeserta\nA\t1.120\nSubtotal\t1.120\nB\t80\nSubtotal\t80\nTotal\t⟦?1.200⟧\n",
    "Pilar\tAksi\tK/L\n1\t41\t36\n2\t12\n3\t11\t30\nJumlah\t60\t44\n",
    "Uraian\tJumlah\nAksi dalam rencana\t135\nAksi dalam daftar\t79\nAksi berkomitmen\t64\n",
]
