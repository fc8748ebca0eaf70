"""Laporan Pelaksanaan: the annual report as a document, from live figures to frozen editions."""
