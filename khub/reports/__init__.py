"""Reports per aksi × K/L × period: task list, rows, receipts, offline sheet."""
