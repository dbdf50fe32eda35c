"""loosen: a coach on your own computer for a tight and sore lower back.

As a library (docs/library.md): recordings or live poses in, judged repetitions out. Nothing heavy is imported before
it is used.
"""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"
__all__ = ["Coach", "Measure", "Pose", "Rep", "Report", "Tracker", "read_routine", "to_dataframe", "watch"]

_HOMES = {
    "Coach": "loosen.coach.counting.coach",
    "Measure": "loosen.coach.counting.rep",
    "Pose": "loosen.body.pose",
    "Rep": "loosen.coach.counting.rep",
    "Report": "loosen.coach.counting.rep",
    "Tracker": "loosen.camera.blazepose.tracker",
    "watch": "loosen.camera.watch",
}

if TYPE_CHECKING:
    from loosen.body.pose import Pose
    from loosen.camera.blazepose.tracker import Tracker
    from loosen.camera.watch import watch
    from loosen.coach.counting.coach import Coach
    from loosen.coach.counting.rep import Measure, Rep, Report
    from loosen.routine.model import Routine
else:

    def __getattr__(name: str) -> Any:
        if name not in _HOMES:
            raise AttributeError(f"module 'loosen' has no attribute {name!r}")
        found = globals()[name] = getattr(import_module(_HOMES[name]), name)
        return found


def __dir__() -> list[str]:
    return [*__all__, "__version__"]


def read_routine(path: str | os.PathLike[str] | None = None) -> Routine:
    """Return the routine in a file (None: the one that comes with loosen).

    Raises RoutineError, with file and line, when it is not one, names a signal that does not exist, or asks for what
    its own figure cannot reach.
    """
    if path is None:
        from loosen.routine.reader import builtin

        return builtin()
    from pathlib import Path

    from loosen.coach.routine_check import load_routine

    return load_routine(Path(path))


def to_dataframe(*reports: Report) -> Any:
    """Return a pandas DataFrame (where there is no pandas, a polars one) with a row for each repetition.

    Columns: `input`, `exercise`, `number` (from 1 on), what a `Report` tells of each `Rep`, and for each measure its
    value and its `_plus_minus`; `range_unit` is the unit of the range. A measure that was not taken is missing.
    Raises MissingPart when neither library is installed.
    """
    import math
    from importlib.util import find_spec

    from loosen.coach.counting.rep import rows

    for name in ("pandas", "polars"):
        if find_spec(name) is not None:
            missing = math.nan if name == "pandas" else None  # pandas makes a column with None one of objects
            return import_module(name).DataFrame([row for one in reports for row in rows(one, missing)])
    from loosen.errors import MissingPart

    raise MissingPart("to_dataframe needs pandas or polars. Install one beside loosen: pip install pandas")
