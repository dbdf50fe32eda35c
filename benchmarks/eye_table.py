"""The figures as a table on the terminal, and as a chart."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import peers

from loosen.cli.terminal import plain, table

Figures = dict[str, Any]
SHORT = {peers.ANGLE: "angle", peers.NEAREST: "nearest", peers.OFFLINE: "PCA*"}


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


def _of(figures: Figures | None, key: str) -> str:
    return "-" if figures is None else f"{figures[key]:.3f}" if key == "mae" else f"{figures[key]:.2f}"


def _spread(figures: Figures | None, unit: str) -> str:
    if figures is None:
        return "-"
    text = f"bias {figures['bias']:+.2f}, RMSE {figures['rmse']:.2f} {unit} (n {figures['n']})"
    return text + (f", +- covers {figures['covered']:.0%}" if "covered" in figures else "")


def lines(figures: Figures) -> Iterator[str]:
    """Yield the table, line by line."""
    yield f"{figures['recordings']} recordings; tuned on: {figures['tuned_on']}"
    yield from _counts(figures)
    yield from _targets(figures)


def _counts(figures: Figures) -> Iterator[str]:
    head = ["set", "movement", "view", "n", "exact", "OBO", "MAE", "attempts OBO"]
    rows = [head + [f"{name} {what}" for name in SHORT.values() for what in ("exact", "OBO")]]
    entries = [{"set": name, "definition": "all", "view": "", **group} for name, group in figures["groups"].items()]
    for entry in (*figures["by_movement"], *entries):
        own = entry["counted"]
        if own is None:
            continue
        rows.append([
            entry["set"], entry["definition"], entry["view"], str(own["recordings"]), _of(own, "exact"),
            _of(own, "obo"), _of(own, "mae"), _of(entry["attempts"], "obo"),
            *(_of(entry["peers"].get(name), key) for name in SHORT for key in ("exact", "obo")),
        ])  # fmt: skip
    yield from plain(table(rows, frozenset(range(3, len(rows[0])))))
    yield "* looks at the whole recording before it counts"


def _targets(figures: Figures) -> Iterator[str]:
    groups = figures["groups"]
    rows = [["on", "reach", "measured"]]

    def add(on: str, reach: str, measured: str) -> None:
        rows.append([on, reach, measured])

    if (group := groups.get("UI-PRMD correct")) and (own := group["counted"]):
        add(
            "UI-PRMD correct", "exact >= 0.97, OBO 1.00, MAE <= 0.005",
            f"exact {own['exact']:.3f}, OBO {own['obo']:.3f}, MAE {own['mae']:.4f}",
        )  # fmt: skip
    if (group := groups.get("UI-PRMD wrong")) and (own := group["attempts"]):
        add("UI-PRMD wrong: attempts", "OBO >= 0.97", f"OBO {own['obo']:.3f}, exact {own['exact']:.3f}")
    add("personal template", "AUC >= 0.93", f"AUC {figures['template']['mean']}")
    if (group := groups.get("real clips")) and (own := group["counted"]):
        add("real clips", "exact >= 0.90, OBO 1.00", f"exact {own['exact']:.3f}, OBO {own['obo']:.3f}")
    for name in ("the routine's counters", "all counters"):
        found = figures["ghosts"][name]
        counters = ", ".join(f"{k} {v}" for k, v in found["by_counter"].items())
        add(
            f"ghosts of {name}", "0",
            f"{found['ghosts']} on {found['recordings']} recordings" + (f" ({counters})" if counters else ""),
        )  # fmt: skip
    for name, families in figures["ghosts"]["peers"].items():
        said = ", ".join(f"{f} {c['ghosts']}/{c['recordings']}" for f, c in families.items())
        add(f"  peer: {name}", "", f"ghosts/recordings: {said or '-'}")
    found = figures["faults"]
    add(
        "rendered: faults", "all named, none false",
        f"{found['agree']}/{found['repetitions']} repetitions agree; {found['named']}/{found['faults']} faults named; "
        f"{found['good_called_good']}/{found['good']} good ones called good",
    )  # fmt: skip
    measures = figures["measures"]
    for name, value in measures["range"].items():
        unit = "leg" if "lazy" in name else "deg"
        add(f"range, {name}", "bias <= 3, RMSE <= 6 deg" if unit == "deg" else "", _spread(value, unit))
    add("stop length", "+-0.3 s", _spread(measures["stop_s"], "s"))
    add("drag time", "+-0.3 s", _spread(measures["drag_s"], "s"))
    for name, found in figures["robustness"].items():
        same = "" if found["same"] is None else f", same count {found['same']}/{found['recordings']}"
        add(
            f"robust: {name}", "as unchanged",
            f"right {found['right']}/{found['recordings']} (unchanged {found['right_unchanged']}){same}",
        )  # fmt: skip
    found = figures["recognition"]
    said = ", ".join(
        f"{k} {found[k]['right']}/{found[k]['recordings']}" for k in ("all", "shows one", "shows none", "lenient")
    )
    add("which exercise it is", ">= 0.95", said)
    for name, group in groups.items():
        times = group["timing"]
        said = ", ".join(
            f"{k.removesuffix('_s')} {times[k]['median']:.2f}/{times[k]['p95']:.2f}" for k in times if times[k]
        )
        add(f"times, {name}", "", f"median/p95 in s: {said}" if said else "-")
        side = group["sides"]
        if side["n"]:
            add(f"side, {name}", "", f"{side['right']}/{side['n']} right ({side['right_of_told']}/{side['told']} told)")
    for name, found in figures["poses"].items():
        if found["with_pose"] < found["frames"]:
            add(f"frames with a pose, {name}", "", f"{found['with_pose']}/{found['frames']}")
    yield ""
    yield from plain(table(rows))


def draw(path: Path, figures: Figures) -> None:
    """Draw the share of recordings counted exactly, ours and the peers', set by set, as PNG."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    groups = {name: group for name, group in figures["groups"].items() if group["counted"]}
    names = ["loosen", *SHORT]
    colours = ["#1f6f63", "#b4532a", "#d9a441", "#a8a297"]
    figure, axes = plt.subplots(figsize=(10, 4.2), layout="constrained")
    width = 0.8 / len(names)
    for index, (name, colour) in enumerate(zip(names, colours, strict=True)):
        shares = []
        for group in groups.values():
            found = group["counted"] if name == "loosen" else group["peers"].get(name)
            shares.append(found["exact"] if found else 0.0)
        at = [i + (index - (len(names) - 1) / 2) * width for i in range(len(groups))]
        bars = axes.bar(at, shares, width * 0.92, color=colour, label=name)
        axes.bar_label(bars, fmt="%.2f", fontsize=8, padding=1)
    axes.set_xticks(range(len(groups)), [f"{n}\n({g['counted']['recordings']})" for n, g in groups.items()])
    axes.set_ylim(0, 1.12)
    axes.set_ylabel("share of recordings counted exactly")
    axes.set_title("Counting, live, one pass", loc="left", fontsize=12)
    axes.legend(frameon=False, ncols=4, loc="upper center", bbox_to_anchor=(0.5, -0.12), fontsize=9)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    figure.savefig(path, dpi=110)
    plt.close(figure)
