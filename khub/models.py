"""Every mapped class of every room, for migrations and tests of the schema."""

from __future__ import annotations

import khub.accounts.models
import khub.annual.models
import khub.asked.models
import khub.audit.models
import khub.coordination.models
import khub.kinds.models
import khub.mail.models
import khub.outbox
import khub.picks.models
import khub.plan.models
import khub.products.models
import khub.reports.models
import khub.review.models
import khub.saved.models
import khub.search.models
import khub.synonyms.models  # noqa: F401 - registers the tables
from khub.db import Base

metadata = Base.metadata
