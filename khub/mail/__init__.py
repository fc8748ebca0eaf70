"""Letters to people: reminders, digests, decisions; the calendar and the feed they subscribe to."""
