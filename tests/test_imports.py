"""The rooms keep their doors: who may import whom, and what stays light."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
HEAVY = {
    "numpy",
    "cv2",
    "av",
    "ai_edge_litert",
    "matplotlib",
    "starlette",
    "uvicorn",
    "asyncio",
    "dask",
    "pyarrow",
    "duckdb",
}


def test_the_rooms_are_entered_in_one_direction_only() -> None:
    done = subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports"))], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


def modules_after(statement: str) -> set[str]:
    code = f"{statement}\nimport sys\nprint('\\n'.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return {name.partition(".")[0] for name in done.stdout.split()}


@pytest.mark.parametrize(
    "module",
    [
        "loosen.journal.store.journal",
        "loosen.cli.journal_text",
        "loosen.routine.reader",
        "loosen.cli",
        "loosen.cli.doctor",
        "loosen.cli.archive",
    ],
)
def test_what_a_light_process_needs_stays_light(module: str) -> None:
    """The get-up service shares the journal and the routine, and must be small."""
    assert modules_after(f"import {module}") & HEAVY == set()


def test_a_session_in_the_journal_needs_neither_numpy_nor_the_web() -> None:
    modules = modules_after(
        "from loosen.journal.store.journal import Journal\n"
        "from datetime import datetime\n"
        "journal = Journal.in_memory()\n"
        "journal.begin_session('r', camera=True, now=datetime.now().astimezone())\n"
        "journal.sessions(); journal.close()"
    )
    assert modules & HEAVY == set()
