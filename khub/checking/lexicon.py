"""The words by which figures are read, Indonesian and English together: texts mix them."""

from __future__ import annotations

from khub import months
from khub.checking.model import Role, Subject


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


MONTHS = months.NUMBER_OF

#: Nouns khub has records of. Several words of one thing stand in ``SUBJECT_PAIRS``.
SUBJECTS = {
    **dict.fromkeys(["aksi", "action", "actions"], Subject.ACTION.value),
    **dict.fromkeys(["k/l", "kl", "kementerian", "ministry", "ministries"], Subject.INSTITUTION.value),
    **dict.fromkeys(["laporan", "report", "reports"], Subject.REPORT.value),
    **dict.fromkeys(["keluaran", "output", "outputs"], Subject.OUTPUT.value),
}
SUBJECT_PAIRS = {
    ("rencana", "aksi"): Subject.ACTION.value,
    ("butir", "aksi"): Subject.ACTION.value,
    ("action", "items"): Subject.ACTION.value,
    ("action", "points"): Subject.ACTION.value,
    ("produk", "pengetahuan"): Subject.OUTPUT.value,
    ("knowledge", "products"): Subject.OUTPUT.value,
    ("government", "agencies"): Subject.INSTITUTION.value,
    ("state", "institutions"): Subject.INSTITUTION.value,
}
#: Words that go on naming ministries: "kementerian/lembaga", "ministries and agencies".
INSTITUTION_REST = _set("lembaga agency agencies institution institutions badan instansi")
#: Nouns that may be the same thing as K/L, or something else: never compared with records.
LIKE_INSTITUTIONS = _set("lembaga instansi agency agencies institution institutions badan")
#: Other things that reports count; found, and called unrecognised.
NOUNS = _set(
    "orang dosen guru peserta warga siswa mahasiswa pelajar santri anak perempuan pemuda tokoh pejabat personel "
    "petugas pelatih fasilitator penyuluh korban saksi napiter narapidana mantan jurnalis wartawan pendamping "
    "desa kelurahan kecamatan kabupaten kota provinsi sekolah madrasah pesantren kampus universitas satuan "
    "kegiatan program proyek modul pelatihan lokakarya seminar forum rapat pertemuan dokumen peraturan regulasi "
    "kebijakan kajian publikasi artikel konten video kerja komitmen kendala rekomendasi indikator target sasaran "
    "output mitra komunitas organisasi kelompok rumah perusahaan media negara wilayah daerah unit naskah berkas "
    "people persons participants teachers lecturers students villages districts provinces schools universities "
    "activities programs programmes projects modules trainings workshops meetings documents regulations policies "
    "studies publications partners communities organizations organisations groups countries regions commitments "
    "indicators targets victims witnesses officers trainers women youth children respondents responden lokasi laki "
    "pria wanita men boys girls males females anggota members webinar sosialisasi seminars webinars events"
)
#: Nouns of one class name parts of one whole: "45 perempuan dari 120 peserta", "7 lokakarya dari 12 kegiatan".
CLASSES = {
    **dict.fromkeys(
        _set(
            "orang dosen guru peserta warga siswa mahasiswa pelajar santri anak perempuan pemuda tokoh pejabat personel "
            "petugas pelatih fasilitator penyuluh korban saksi napiter narapidana mantan jurnalis wartawan pendamping laki "
            "pria wanita people persons participants teachers lecturers students victims witnesses officers trainers women "
            "men youth children respondents responden boys girls males females anggota members"
        ),
        "people",
    ),
    **dict.fromkeys(
        _set(
            "kegiatan pelatihan lokakarya seminar forum rapat pertemuan webinar sosialisasi activities trainings workshops "
            "meetings seminars webinars events"
        ),
        "events",
    ),
}
#: The same people are counted by sex and by trade: such parts never add up together.
SEXES = _set("laki perempuan pria wanita men women boys girls males females")
#: Behind a number these make it a measure, a time or money, never a figure to be checked.
UNITS = _set(
    "tahun bulan minggu pekan hari jam menit detik kali year years month months week weeks day days hour hours "
    "minute minutes second seconds times km meter m cm mm kg gram ton ha hektare hektar liter halaman lembar "
    "hlm page pages wib wita wit am pm gmt utc juta miliar milyar triliun million billion trillion rupiah dolar "
    "dollar dollars kb mb gb tb px watt volt derajat st nd rd th an poin point points bit rb jt mn bn "
    "tingkat level lantai kamar kelas ayat pasal"
)
#: Before a number these make it a name, an address or a rule.
LABELS = _set(
    "nomor no number num pasal ayat article articles art bab chapter bagian section sec lampiran annex appendix "
    "tabel table gambar figure fig bagan grafik halaman hal hlm page pages p pp lembar butir huruf angka poin "
    "perpres uu undang pp permen permendagri permenkumham keppres inpres kepmen peraturan keputusan perban perda "
    "law act regulation decree resolution resolusi versi version v edisi edition revisi revision volume vol jilid "
    "pukul jam telp telepon telpon tel hp fax faks wa whatsapp phone ext rt rw jl jalan gg lantai floor room ruang "
    "kamar blok kav gedung kodepos pos rp idr usd us eur covid densus kode code id nip nik isbn issn goal sdg sdgs "
    "tpb triwulan kuartal quarter semester kelas grade tahap phase fase tingkat level top step langkah pokja "
    "umur usia age aged peringkat ranking rank urutan kilometer skor score nilai indeks index ke abad century generasi batch angkatan sesi "
    "session hari day minggu week bulan month tahun year years periode seri series slide salindia item"
)
#: Labels behind which whole runs of numbers belong together (telephone numbers).
RUNS = _set("telp telepon telpon tel hp fax faks wa whatsapp phone ext nip nik isbn issn")
MONEY = frozenset({"rp", "idr", "usd", "$", "€", "£", "us", "eur"})

BRANCHES = {
    "pilar": "pilar",
    "pillar": "pilar",
    "pillars": "pilar",
    "tema": "tema",
    "theme": "tema",
    "themes": "tema",
    "fokus": "fokus",
    "focus": "fokus",
}
ALL_OF = _set("seluruh semua setiap keseluruhan all every each both")

OF = _set("dari of dr")
#: Between "dari" and the total: "dari total 79", "of all the 14".
OF_QUALIFIERS = _set(
    "total seluruh keseluruhan semua sejumlah sebanyak jumlah the a an all of its these those ke daftar overall "
    "target sasaran rencana planned entire"
)
#: Before "dari" these make it no part of a whole.
NOT_OF = _set(
    "lebih kurang terdiri berasal mulai sejak bersumber berbeda terlepas meningkat menurun naik turun bertambah "
    "berkurang tumbuh beranjak bergerak berubah dikutip diambil diterima dimulai datang lepas selain total sum"
)
#: What is aimed at may be passed: 60 of a target of 50.
AIMS = _set(
    "target sasaran rencana ditargetkan direncanakan planned targeted targets melebihi melampaui exceeding"
)
CHANGES = _set(
    "naik turun meningkat menurun bertambah berkurang tambah kurang selisih tumbuh kenaikan penurunan peningkatan "
    "increase increased decrease decreased rose fell grew dropped up down"
)
THEN = _set("menjadi ke to")

#: Before a number: what follows is about a whole lot counted.
INTRODUCES = _set(
    "sebanyak sejumlah total berjumlah mencapai jumlah sebesar terdapat tercatat ada memuat mencakup meliputi baru "
    "hanya sudah telah adalah yaitu yakni ialah menjadi only just already some so far reached reaches totalling "
    "totaling totaled totalled a of is are was were there than now kini ini itu as many oleh by "
    "komitmen berkomitmen terlibat committed involved yang the with dengan"
)
APPROXIMATE = _set(
    "sekitar kira hampir nyaris setidaknya sedikitnya minimal maksimal kurang lebih paling about around "
    "approximately approx nearly almost over under roughly circa least most than ca kisaran ± ~ > < ≥ ≤ ≈ "
    "sekurangnya sekurang setidak above below beyond melebihi melampaui some"
)
#: Before a percent in or behind a ratio: "atau", "yaitu sebesar", "equal to".
EQUALS = _set(
    "atau or yaitu yakni ie i.e setara equal equivalent equals = – — - persentase sebesar adalah ekuivalen"
)
PERCENT_FILLERS = _set(
    "hanya baru sudah just only sebesar setara dengan sekitar to a the of with atau or yaitu yakni = persentase percentage kira hampir about "
    "approximately nearly almost capaian rate as much ie mencapai sama adalah approx roughly ± ~ ≈ kurang lebih"
)
COUNT_FILLERS = _set(
    "sebanyak sejumlah total atau or yaitu yakni sekitar ie mencapai a the of : = – — - dengan rincian berjumlah"
)
#: After the comma of "Dari 79 aksi, … 64".
THEN_COUNT = _set(
    "sebanyak sejumlah baru hanya sudah telah ada terdapat tercatat total mencapai komitmen berkomitmen yang "
    "only just so far a some already jumlah dengan capaian adalah were have had there are as many "
    "diantaranya di antaranya"
)

#: Words of khub's own numbers.
ROLES = {
    **dict.fromkeys(
        [
            "berkomitmen",
            "komitmen",
            "dikomitmenkan",
            "committed",
            "commitment",
            "commitments",
            "commit",
            "pledged",
            "berkomit",
        ],
        Role.COMMITTED.value,
    ),
    **dict.fromkeys(
        ["terlibat", "melibatkan", "keterlibatan", "dilibatkan", "involved", "involving", "involvement"],
        Role.INVOLVED.value,
    ),
    **dict.fromkeys(["disetujui", "approved"], Role.APPROVED.value),
    **dict.fromkeys(
        [
            "melapor",
            "melaporkan",
            "dilaporkan",
            "diterima",
            "masuk",
            "diajukan",
            "reported",
            "submitted",
            "received",
        ],
        Role.REPORTED.value,
    ),
}
#: Several words in a row, looked for as they stand.
ROLE_RUNS = {
    ("dalam", "daftar"): Role.ON_TABLE.value,
    ("masuk", "daftar"): Role.ON_TABLE.value,
    ("di", "daftar"): Role.ON_TABLE.value,
    ("atas", "meja"): Role.ON_TABLE.value,
    ("the", "table"): Role.ON_TABLE.value,
    ("dalam", "rencana"): Role.IN_PLAN.value,
    ("the", "plan"): Role.IN_PLAN.value,
}
#: What khub has no number for, what is only hoped for, and what denies: such phrases are not held
#: against the records.
FOREIGN = _set(
    "dilaksanakan terlaksana melaksanakan pelaksanaan selesai diselesaikan tercapai terealisasi realisasi "
    "implemented completed achieved finished delivered berjalan progress tertunda delayed terlambat ditolak "
    "rejected batal dibatalkan cancelled dianggarkan funded target ditargetkan menargetkan targeted akan "
    "diharapkan harus semestinya seharusnya if will would should could expected jika apabila bila misalnya contoh "
    "seandainya usulan diusulkan proposed belum tidak bukan tanpa kecuali selain tak not none never without except "
    "yet lalu sebelumnya semula awalnya previous previously last former earlier lama draf draft dikembalikan "
    "returned ditarik menunggu pending tersisa sisa sisanya remaining rest evaluasi dinilai prioritas priority "
    "revisi perubahan dihapus dicabut mendukung didukung supported masih hilang gagal failed rata average setiap every tambahan additional new lack lacks lacking lisan butuh perlu punya membutuhkan memerlukan need needs"
)
#: Verbs that only carry a role: "mendapat komitmen", "have secured commitments".
CARRIERS = _set(
    "mendapat mendapatkan memperoleh menerima menyatakan dinyatakan memiliki mempunyai diberi disertai terdapat "
    "tercatat resmi terkait penanggung jawab penanggungjawab responsible officially secured obtained received made "
    "declared got held penuh seluruhnya secara"
)
#: Time that moves a figure away from the day of the records.
TIME_MOVES = _set(
    "hingga sampai until sejak since sebelum sesudah setelah before after ketika januari februari maret april mei juni juli agustus september "
    "oktober november desember january february march june july august october december triwulan semester kuartal "
    "quarter semula awal akhir pertengahan kemarin minggu bulan"
)
TOTALS = _set(
    "total totalnya keseluruhan seluruhnya jumlah jumlahnya berjumlah overall altogether totaling totalling "
    "totals sum agregat kumulatif nasional nationally gabungan combined"
)
#: Between a total and its parts: what follows is all of it.
COMPOSED = _set(
    "terdiri rincian rinciannya rinci yaitu yakni meliputi mencakup consisting comprising comprises comprised "
    "namely masing respectively breakdown perinciannya dirinci ialah terbagi"
)
#: What announces all parts of a total, and what announces only some of them.
ALL_OF_IT = _set(
    "terdiri rincian rinciannya dirinci perinciannya yaitu yakni ialah terbagi consisting comprising comprises comprised "
    "namely made"
)
SOME_OF_IT = _set(
    "antara lain termasuk including includes among others misalnya seperti such diantaranya antaranya ditambah plus "
    "selain besides juga also sisanya rest minimal maksimal tidak bukan belum not masing setiap each per"
)
#: Between a number and an English noun these are no adjectives of it.
NO_ADJECTIVES = _set(
    "out or atau dan among di were did not no their its our sent gave made had filed wrote took held produced "
    "published issued drafted prepared provided completed signed"
)
#: Columns that no sum can be made of: names, shares, averages, and things counted once that stand in several rows.
NOT_ADDED = _set(
    "no nomor number kode code tahun year persen persentase percent percentage rasio ratio rata average mean indeks index "
    "skor score nilai rating peringkat rank urutan k/l kl kementerian lembaga instansi ministries ministry agencies "
    "institutions provinsi provinces kabupaten kota wilayah daerah negara countries mitra partners target bulan "
    "month kumulatif cumulative tingkat level median maksimum minimum unik unique"
)
JOINS = frozenset({"dan", "and", "&", "serta"})
#: What gives each of several branches its own of several numbers ("berturut-turut" is two words).
SHARES_OUT = frozenset({"masing", "berturut", "turut", "respectively"})
#: Words that say nothing about what is counted; a list item of only these takes the role of its sentence.
NEUTRAL = _set(
    "di pada untuk dalam dengan dan atau serta sedangkan sementara adapun yaitu yakni adalah ialah sebanyak sejumlah "
    "sebesar mencapai tercatat terdapat ada memiliki mencatat capaian tahun rincian masing total jumlah dari yang "
    "telah sudah baru hanya lalu kemudian selanjutnya terakhir berikutnya juga pula terdiri atas meliputi itu ini "
    "tersebut sehingga maka secara keseluruhan seluruhnya seluruh semua kini saat aksi rencana persen persentase "
    "lebih rinci berikut adapun demikian namun bahwa hasilnya angka angkanya berjumlah dicatat menjadi memuat oleh "
    "mencakup lain antara antaranya di antaranya berikutnya pertama kedua ketiga keempat kelima jumlahnya totalnya "
    "in on for under of the and or with while whereas from to at by a an is are was were has have had been being "
    "reached reaches stood stands totals total totalling totaling out all each namely consisting comprising "
    "followed then finally respectively also only which that these those there it its this as well percent "
    "actions action year during across within overall first second third fourth fifth one pillar pillars theme "
    "themes pilar tema ran pe plan i ii iii iv v vi vii viii ix x ke sebagai berikut follows saw recorded shows "
    "k/l kementerian lembaga ministries agencies sebaran distribution per kategori bidang"
)
#: Fractions and amounts without a number.
_VAGUE = tuple(
    tuple(run.split())
    for run in [
        "lebih dari separuh",
        "lebih dari setengah",
        "kurang dari separuh",
        "kurang dari setengah",
        "hampir separuh",
        "hampir setengah",
        "sekitar separuh",
        "sekitar setengah",
        "tidak sampai separuh",
        "hampir semua",
        "hampir seluruh",
        "hampir seluruhnya",
        "nyaris semua",
        "nyaris seluruh",
        "sebagian besar",
        "sebagian kecil",
        "sebagian",
        "separuh",
        "setengah",
        "mayoritas",
        "kebanyakan",
        "sepertiga",
        "seperempat",
        "seperlima",
        "puluhan",
        "ratusan",
        "ribuan",
        "belasan",
        "more than half",
        "less than half",
        "almost half",
        "nearly half",
        "about half",
        "around half",
        "over half",
        "roughly half",
        "just over half",
        "half of",
        "half the",
        "almost all",
        "nearly all",
        "most of",
        "the majority",
        "a majority",
        "majority of",
        "a third of",
        "one third",
        "a quarter of",
        "one quarter",
        "a fifth of",
        "one fifth",
        "dozens of",
        "hundreds of",
        "thousands of",
        "a handful of",
        "the bulk of",
        "the vast majority",
    ]
)
#: By their first word, the longest first.
VAGUE_RUNS = {
    first: tuple(sorted((run for run in _VAGUE if run[0] == first), key=len, reverse=True))
    for first in {run[0] for run in _VAGUE}
}
#: Vague only before a thing that khub counts: "beberapa aksi", "many ministries".
VAGUE_DETERMINERS = _set("beberapa banyak sedikit several many few some most sejumlah")
FRACTIONS = _set(
    "pertiga perempat perlima perdelapan thirds third quarters quarter fifths fifth tenths persepuluh"
)

FUNCTION_WORDS = {
    "id": _set(
        "yang dan dari pada di untuk dengan dalam oleh telah sudah ini itu adalah sebanyak aksi persen ke"
    ),
    "en": _set("the of and in for with by were was is are have has to actions percent that this on from"),
}
#: Words in capitals that name no K/L.
NOT_UNITS = _set("ran pe wib wita kl pdf docx bab ham nkri ii iii iv vi vii viii ix ri indonesia khub i")
UNIT_STARTS = (
    "kemen",
    "kementerian",
    "badan",
    "dinas",
    "provinsi",
    "kabupaten",
    "kota",
    "densus",
    "polda",
    "ministry",
)
SENTENCE_STARTERS = _set("bahwa dan sedangkan sementara serta namun tetapi while and but that adapun lalu")
