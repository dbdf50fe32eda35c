"""The report as a file: HTML or PDF, by its name."""

from __future__ import annotations

from pathlib import Path

from loosen.errors import InputError
from loosen.files import new_file
from loosen.journal.report.report import PeriodReport
from loosen.routine.words import Words


def write_report(path: Path, report: PeriodReport, words: Words) -> None:
    """Write a new file, .html or .pdf by its name, whole or not at all. Raises InputError."""
    if path.suffix.lower() not in (".html", ".pdf"):
        raise InputError(f"{path}: expected a name that ends in .html or .pdf.")
    with new_file(path) as part:
        part.write_bytes(report_bytes(report, path.suffix.lower(), words))


def report_bytes(report: PeriodReport, suffix: str, words: Words) -> bytes:
    """Return the report as HTML or PDF, by the file's suffix."""
    if suffix == ".html":
        from loosen.journal.report.html import as_html

        return as_html(report, words)
    from loosen.journal.report.pdf import as_pdf

    return as_pdf(report, words)
