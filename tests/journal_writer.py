"""A writer to be killed: keeps repetitions as fast as it can and prints each one's number once it is kept."""

from __future__ import annotations

import sys
from pathlib import Path

from journal_makers import EVENING, rep_done

from loosen.journal.store import Journal

if __name__ == "__main__":
    path, tag = Path(sys.argv[1]), sys.argv[2]
    at_most = int(sys.argv[3]) if len(sys.argv) > 3 else 10**9
    with Journal.open(path) as journal:
        session = journal.begin_session(tag, camera=True, now=EVENING)
        for number in range(at_most):
            journal.add_rep(session, rep_done(number))
            if journal.kept:
                print(number, flush=True)
            else:
                print(journal.trouble, file=sys.stderr, flush=True)
