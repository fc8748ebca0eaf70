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
    "main.jobs": Right.ADMIN,
    "main.retry_job": Right.ADMIN,
    # accounts
    "accounts.login": Right.ANYONE,
    "accounts.logout": Right.ANYONE,
    "accounts.reset": Right.ANYONE,
    "accounts.account": Right.SIGNED_IN,
    "accounts.change_password": Right.SIGNED_IN,
    "accounts.set_language": Right.SIGNED_IN,
    "accounts.revoke": Right.SIGNED_IN,
    "accounts.revoke_others": Right.SIGNED_IN,
    "accounts.parked": Right.SIGNED_IN,
    "accounts.send_parked": Right.SIGNED_IN,
    "accounts.discard_parked": Right.SIGNED_IN,
    "people.index": Right.ADMIN,
    "people.new": Right.ADMIN,
    "people.edit": Right.ADMIN,
    "people.add_membership": Right.ADMIN,
    "people.end_membership": Right.ADMIN,
    "people.set_active": Right.ADMIN,
    "people.issue_reset": Right.ADMIN,
    # products
    "products.new": Right.UPLOAD,
    "products.upload": Right.UPLOAD,
    "products.receive": Right.UPLOAD,
    "products.join": Right.UPLOAD,
    "products.edit": Right.UPLOAD,
    "products.save": Right.UPLOAD,
    "products.submit": Right.UPLOAD,
    "products.split": Right.UPLOAD,
    "products.become_version": Right.UPLOAD,
    "products.discard": Right.UPLOAD,
    "products.remove_file": Right.UPLOAD,
    "products.withdraw": Right.UPLOAD,
    "products.add_version": Right.UPLOAD,
    "products.retry_file": Right.SIGNED_IN,
    "products.index": Right.READER,
    "products.detail": Right.READER,
    "products.classify": Right.SIGNED_IN,
    "products.receipt": Right.SIGNED_IN,
    # review
    "review.queue": Right.REVIEW,
    "review.open": Right.REVIEW,
    "review.show": Right.REVIEW,
    "review.send_back": Right.REVIEW,
    "review.approve": Right.REVIEW,
    "review.reopen": Right.REVIEW,
    # audit
    "audit.trail": Right.AUDIT,
    "audit.verify": Right.AUDIT,
    "audit.export": Right.AUDIT,
    "audit.checker": Right.AUDIT,
    # search and reading
    "search.results": Right.READER,
    "search.matches": Right.READER,
    "search.page": Right.READER,
    "search.image": Right.READER,
    "search.download": Right.READER,
}
