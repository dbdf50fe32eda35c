"""`loosen routine check`: prints what the checks of a routine file found."""

from __future__ import annotations

import sys

import msgspec

from loosen.cli.options import print_data
from loosen.coach.routine_check import check_routine, vet
from loosen.routine.model import Routine
from loosen.routine.words import load_words


def check(routine: Routine, *, as_json: bool = False) -> int:
    """Check a routine, print each finding, and return the exit code: 0 if all held, 1 if not."""
    vet(routine)
    findings = []
    for finding in check_routine(routine, load_words(routine.language)):
        findings.append(finding)
        if not as_json:
            mark = "ok  " if finding.held else "FAIL"
            print(f"{mark} {finding.exercise}: {finding.tried}: {finding.said}", flush=True)
    failed = [finding for finding in findings if not finding.held]
    if as_json:
        whole = {"routine": routine.id, "held": not failed, "findings": findings}
        print_data(msgspec.json.encode(whole) + b"\n")
    elif failed:
        print(f"{routine.id}: {len(failed)} of {len(findings)} did not hold.", file=sys.stderr)
    else:
        print(f"{routine.id}: all {len(findings)} held.", file=sys.stderr)
    return 1 if failed else 0
