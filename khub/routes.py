"""The policy table of routes: what each asks of the person.

The app refuses to start with a route that is not listed, and with a row that has no route.
"""

from __future__ import annotations

from khub.policy import Right

ROUTES: dict[str, Right] = {
    "static": Right.ANYONE,
    "main.home": Right.SIGNED_IN,
    "main.language": Right.ANYONE,
    "main.help_search": Right.ANYONE,
    "main.accessibility": Right.ANYONE,
    "main.healthz": Right.ANYONE,
    "main.readyz": Right.ANYONE,
    # accounts
    "accounts.login": Right.ANYONE,
    "accounts.logout": Right.ANYONE,
}
