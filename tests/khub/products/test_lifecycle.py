"""The transition table, walked whole."""

from __future__ import annotations

import itertools

import pytest

from khub.errors import ConflictError
from khub.products.lifecycle import EDITABLE, STEPS, Act, State, check, move
from khub.products.models import Version

#: The table of the domain, written down a second time on purpose.
_ALLOWED = {
    (State.DRAFT, Act.SUBMIT): State.SUBMITTED,
    (State.RETURNED, Act.SUBMIT): State.SUBMITTED,
    (State.SUBMITTED, Act.WITHDRAW): State.DRAFT,
    (State.SUBMITTED, Act.RETURN): State.RETURNED,
    (State.SUBMITTED, Act.APPROVE): State.APPROVED,
    (State.APPROVED, Act.REOPEN): State.RETURNED,
    (State.APPROVED, Act.LOCK): State.LOCKED,
    (State.LOCKED, Act.UNLOCK): State.APPROVED,
}


@pytest.mark.parametrize(("state", "act"), list(itertools.product(State, Act)))
def test_every_act_from_every_state(state, act):
    version = Version(state=state, reviewer_id=7, reserved_at=None)
    if (state, act) in _ALLOWED:
        assert check(state, act) is STEPS[act]
        move(version, act)
        assert version.state == _ALLOWED[state, act]
        assert version.reviewer_id is None
    else:
        with pytest.raises(ConflictError) as refused:
            move(version, act)
        assert refused.value.message
        assert (version.state, version.reviewer_id) == (state, 7)


def test_a_working_copy_is_open_exactly_in_the_states_in_which_it_may_be_changed():
    for step in STEPS.values():
        assert (step.working == "draft") == (step.target in EDITABLE)
