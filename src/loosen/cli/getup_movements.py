"""What a prompt to get up may show by now, found out in a process of its own that ends at once.

So the service need not hold routine and journal in memory. It prints the movements as JSON, by id with their titles.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from loosen.cli.options import journal_of, now, routine_of
from loosen.coach.guidance.past import Past
from loosen.coach.guidance.session_plan import chosen_exercises
from loosen.errors import LoosenError
from loosen.getup.rule import WALK
from loosen.routine.model import Exercise, Routine


def titles_of(routine: Routine, past: Past) -> dict[str, str]:
    """Return the movements that a prompt may show, each in the person's own variant.

    Not among them: what he leaves out, what hurts, and what is left out because the first look at its family was worse.
    """
    if routine.get_up is None:
        return {}
    hurting = {name.partition(".")[0] for name in past.hurting}
    look = routine.first_look

    def may_be_shown(exercise: Exercise) -> bool:
        was_worse = look is not None and past.first_look == "worse" and look.family in exercise.family
        return exercise.base_id not in hurting and not was_worse

    known = {one.base_id: one.title for one in chosen_exercises(routine, past) if may_be_shown(one)}
    titles = {one: known[one] for one in routine.get_up.movements if one in known}
    return titles | ({WALK: routine.get_up.walk} if routine.get_up.walk else {})


def main(options: Sequence[str]) -> int:
    """Print the movements; `options` are those of the page, each with its value."""
    from loosen.journal.outcomes.past import read_past

    given = {name: Path(value) for name, value in zip(options[::2], options[1::2], strict=True)}
    try:
        routine = routine_of(given.get("--routine"))
        with journal_of(given.get("--journal")) as journal, journal.using() as db:
            print(json.dumps(titles_of(routine, read_past(db, routine, now()))))
    except LoosenError as error:
        print(f"loosen: {error}", file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
