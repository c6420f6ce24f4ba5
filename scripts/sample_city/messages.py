"""Messages to the direct line, made up so that their figures can be judged."""

from __future__ import annotations

import datetime as dt
import random

import pandas as pd

CATEGORIES = {"길·시설": 30, "청소": 24, "교통·주차": 22, "공원·나무": 14, "복지": 8, "기타": 10}
FIRST_DAY, LAST_DAY = dt.date(2025, 9, 1), dt.date(2026, 11, 20)
MESSAGES_A_DAY = 10
"""About as many as the 3,895 a year that the press reports of the district's line."""
LONGEST_H = 140


def draw_messages(neighborhoods: list[str]) -> pd.DataFrame:
    """Draw messages with the times of their answers, always the same ones.

    Parameters
    ----------
    neighborhoods
        Their names; the first of them write most.

    Returns
    -------
    DataFrame
        As ``layers/requests.csv`` has it.
    """
    source = random.Random(48)  # noqa: S311 -- the same sample each time, no secret
    # Unequal, so that some months of some neighbourhoods are too small to be shown.
    weights = [3 + 7 / (1 + position / 6) for position, _ in enumerate(neighborhoods)]
    rows = []
    for day in range((LAST_DAY - FIRST_DAY).days + 1):
        start = dt.datetime.combine(FIRST_DAY + dt.timedelta(days=day), dt.time())
        for _ in range(source.randint(MESSAGES_A_DAY - 4, MESSAGES_A_DAY + 4)):
            received = start + dt.timedelta(minutes=source.randrange(6 * 60, 24 * 60))
            rows.append(
                {
                    "received": received,
                    "answered": _draw_answer(received, source),
                    "neighborhood": source.choices(neighborhoods, weights)[0],
                    "category": source.choices([*CATEGORIES], [*CATEGORIES.values()])[0],
                    "sample": "yes",
                }
            )
    table = pd.DataFrame(rows).sort_values("received", kind="stable")
    times = {
        name: [
            f"{time:%Y-%m-%d %H:%M}" if time else ""
            for time in table[name].astype(object).where(table[name].notna(), None)
        ]
        for name in ("received", "answered")
    }
    return table.assign(**times)


def _draw_answer(received: dt.datetime, source: random.Random) -> dt.datetime | None:
    """Draw when a message is answered: in office hours, most within two days, a few never."""
    hours = source.choice((4, 8, 14, 20, 26, 30, 40, 46, 52, LONGEST_H))
    answered = received + dt.timedelta(hours=hours * source.uniform(0.5, 1))
    answered = answered.replace(hour=source.randint(9, 17))
    if answered <= received:
        answered += dt.timedelta(days=1)
    return None if source.random() < 0.01 or answered.date() > LAST_DAY else answered
