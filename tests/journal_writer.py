"""A writer to be killed: keeps repetitions as fast as it can and prints each one's number once it is kept.

Arguments: the journal, the routine's name, how many repetitions, and how many bytes a file may have.
"""

from __future__ import annotations

import sys
from pathlib import Path

from journal_makers import EVENING, rep_done

from loosen.journal.store.journal import Journal

if __name__ == "__main__":
    path, tag = Path(sys.argv[1]), sys.argv[2]
    at_most = int(sys.argv[3]) if len(sys.argv) > 3 else 10**9
    if len(sys.argv) > 4:
        import resource

        resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[4]), int(sys.argv[4])))
    with Journal.open(path) as journal:
        session = journal.begin_session(tag, camera=True, now=EVENING)
        for number in range(at_most):
            journal.add_rep(session, rep_done(number))
            if journal.kept:
                print(number, flush=True)
            else:
                print(journal.trouble, file=sys.stderr, flush=True)
