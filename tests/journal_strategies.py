"""Any repetition at all, for property tests of the journal."""

from __future__ import annotations

from hypothesis import strategies as st

from loosen.coach.counting.report import Measure, Rep, Trace

numbers = st.floats(min_value=-1e6, max_value=1e6, allow_nan=False)
words = st.text(max_size=20)
sides = st.sampled_from(["left", "right", "both"])
measures = st.builds(Measure, value=numbers, unit=words, plus_minus=numbers)
thousandths = st.none() | st.integers(-(2**31) + 1, 2**31 - 1)
traces = st.integers(0, 40).flatmap(
    lambda n: st.builds(
        Trace,
        signal=words,
        unit=words,
        stop_s=st.none() | st.tuples(numbers, numbers),
        target=numbers,
        t_ms=st.tuples(*[thousandths] * n),
        thousandths=st.tuples(*[thousandths] * n),
    )
)
reps = st.builds(
    Rep,
    exercise=words,
    set_number=st.integers(0, 100),
    set_side=sides,
    side=sides,
    verdict=st.sampled_from(["full", "shallow", "rushed", "no-stop", "partial"]),
    counted=st.booleans(),
    start_s=numbers,
    peak_s=numbers,
    end_s=numbers,
    faults=st.lists(words, max_size=3).map(tuple),
    reasons=st.lists(words, max_size=3).map(tuple),
    measures=st.dictionaries(words, measures, max_size=4),
    signal=st.none() | traces,
)
