"""The report as one HTML file: everything inside it, nothing fetched from anywhere."""

from __future__ import annotations

from html import escape

from loosen.journal.report.panels import chart_svg, report_panels
from loosen.journal.report.report import PeriodReport
from loosen.routine.words import Words

_STYLE = """
@page { size: A4; margin: 12mm 13mm; }
body { font: 10pt/1.4 "Noto Sans", "DejaVu Sans", "Segoe UI", sans-serif; color: #1d2226; background: #fff;
  max-width: 184mm; margin: 8mm auto; padding: 0 4mm; }
h1 { font-size: 16pt; line-height: 1.15; margin: 0; }
header { border-bottom: 1.5pt solid #0b6b65; padding-bottom: 2mm; margin-bottom: 3mm; }
header p { margin: 1mm 0 0; color: #4d5357; }
.name { float: right; color: #4d5357; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 1mm 4mm; margin: 0 0 3mm; }
dt { font-weight: 600; } dd { margin: 0; }
table { border-collapse: collapse; width: 100%; font-size: 8.5pt; }
th, td { text-align: left; vertical-align: top; padding: 1mm 2mm 1mm 0; border-bottom: 0.5pt solid #c9c4b8; }
th { font-weight: 600; color: #4d5357; }
.charts { display: grid; grid-template-columns: 1fr 1fr; gap: 2mm 6mm; margin: 3mm 0; }
.charts svg { width: 100%; height: auto; }
.small { font-size: 8.5pt; color: #4d5357; margin: 1mm 0 0; }
@media print {
  body { margin: 0; padding: 0; max-width: none; font-size: 8.5pt; line-height: 1.28; }
  h1 { font-size: 14pt; } table { font-size: 7.5pt; } .small { font-size: 7.5pt; }
  .charts { grid-template-columns: 1fr 1fr 1fr; gap: 0 4mm; margin: 2mm 0 0; }
}
@media (max-width: 700px) {
  .charts { grid-template-columns: 1fr; }
  table { display: block; overflow-x: auto; }
  dl { display: block; }
  dd { margin-bottom: 2mm; }
}
"""


def as_html(report: PeriodReport, words: Words) -> bytes:
    """Return the report as a page that stands alone; every text in it is escaped."""
    facts = "".join(f"<dt>{escape(label)}</dt><dd>{escape(text)}</dd>" for label, text in report.facts)
    head = "".join(f'<th scope="col">{escape(text)}</th>' for text in report.head)
    rows = "".join(
        "<tr>"
        + f'<th scope="row">{escape(row[0])}</th>'
        + "".join(f"<td>{escape(text)}</td>" for text in row[1:])
        + "</tr>"
        for row in report.table
    )
    drawn = "".join(
        f'<figure style="margin:0" role="img" aria-label="{escape(label)}">{svg}</figure>'
        for label, svg in _charts(report, words)
    )
    method = "".join(f'<p class="small">{escape(text)}</p>' for text in report.method)
    return f"""<!doctype html>
<html lang="{escape(words.language)}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(report.title)}</title>
<style>{_STYLE}</style>
</head>
<body>
<header><p class="name">{escape(report.name)}</p><h1>{escape(report.title)}</h1><p>{escape(report.when)}</p></header>
<dl>{facts}</dl>
<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>
<p class="small">{escape(report.table_note)}</p>
<div class="charts">{drawn}</div>
{method}
</body>
</html>
""".encode()


def _charts(report: PeriodReport, words: Words) -> list[tuple[str, str]]:
    """Return each panel as a chart of its own: what it shows, and its SVG without the XML head."""
    drawn = []
    for label, draw in report_panels(report.period, report.weeks, report.titles, words):
        svg = chart_svg((1.5,), lambda axes, draw=draw: draw(axes[0]))  # type: ignore[misc]
        drawn.append((label, svg.decode().partition("?>")[2].partition('.dtd">')[2]))
    return drawn
