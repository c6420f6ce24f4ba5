"""Questions made of the API's own description: no 5xx, and no answer that breaks its schema.

python -m benchmarks.faults.description [--requests 10000] [--seed 1] [--city DIR] [--short]

Schemathesis makes questions for each operation of ``/api/openapi.json``, half of them as the
description allows and half as it does not, and each answer is held to it: status, media type,
schema and headers. Of those that are allowed, every other one about a feature or a tile is about
one that there is: what is made up is only ever not found. Prints how many there were, and each
failure with the question; an operation that has never answered is a failure, too.
"""

from __future__ import annotations

import argparse
import itertools
import logging
import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS, load_all_checks

ROOT = Path(__file__).parents[2]
SHORT = 700
HELD = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "response_headers_conformance",
)
"""What each answer is held to, as schemathesis calls it."""


@dataclass
class Outcome:
    """What came of the questions.

    Attributes
    ----------
    questions
        How many were asked.
    statuses
        How many were answered with each status.
    failures
        Sentences about answers that break the description, each once.
    statuses_of
        The same as ``statuses`` for each operation.
    """

    questions: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    failures: dict[tuple[str, str], str] = field(default_factory=dict)
    statuses_of: defaultdict[str, Counter[int]] = field(
        default_factory=lambda: defaultdict(Counter)
    )

    @property
    def unanswered(self) -> list[str]:
        """The operations of which no question was answered."""
        return [label for label, statuses in self.statuses_of.items() if not statuses[200]]


def ask_described(app: Flask, questions: int, first_seed: int) -> Outcome:
    """Ask an application what its own description makes possible.

    Parameters
    ----------
    app
        Answers in this process.
    questions
        How many there are, over all operations, about.
    first_seed
        The same number makes the same questions.
    """
    load_all_checks()
    operations = [
        result.ok()
        for result in schemathesis.openapi.from_wsgi("/api/openapi.json", app).get_all_operations()
    ]
    outcome = Outcome()
    each = max(2, round(questions / len(operations) / len(GenerationMode)))
    for operation in operations:
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            real = itertools.cycle(_list_real_places(app, operation, mode))
            _ask_operation(operation, mode, each, first_seed, outcome, real)
    return outcome


def _list_real_places(app: Flask, operation: Any, mode: GenerationMode) -> list[dict[str, Any]]:
    """List what paths of an operation may name and does exist; between, what is made up stays."""
    made_up: dict[str, Any] = {}
    names = set(re.findall(r"\{(\w+)\}", operation.path)) - {"collectionId"}
    if mode is GenerationMode.NEGATIVE or not names:
        return [made_up]
    client, places = app.test_client(), []
    for collection in client.get("/api/collections").json["collections"]:
        path, id_ = f"/api/collections/{collection['id']}", {"collectionId": collection["id"]}
        if "featureId" in names:
            found = client.get(f"{path}/items?limit=5").json["features"]
            places += [id_ | {"featureId": each["id"]} for each in found]
            continue
        tileset = client.get(f"{path}/tiles/WebMercatorQuad")
        for row in tileset.json["tileMatrixSetLimits"] if tileset.status_code == 200 else ():
            corner = {"tileRow": row["minTileRow"], "tileCol": row["minTileCol"]}
            places.append(id_ | {"tileMatrix": int(row["tileMatrix"])} | corner)
    return [each for place in places for each in (place, made_up)]


def _ask_operation(  # noqa: PLR0913, PLR0917 -- what a question is made of
    operation: Any,
    mode: GenerationMode,
    questions: int,
    first_seed: int,
    outcome: Outcome,
    real: Iterator[dict[str, Any]],
) -> None:
    checks = [(name, CHECKS.get_one(name)) for name in HELD]

    def ask(case: Any) -> None:
        case.path_parameters |= next(real)
        # In this process nobody unpacks answers.
        answer = case.call(headers={"Accept-Encoding": "identity"})
        outcome.questions += 1
        outcome.statuses[answer.status_code] += 1
        outcome.statuses_of[operation.label][answer.status_code] += 1
        for name, check in checks:
            try:
                case.validate_response(answer, checks=[check])
            except BaseExceptionGroup as failures:
                said = " ".join(str(failures.exceptions[0]).split())[:400]
                outcome.failures.setdefault(
                    (operation.label, name), f"{case.as_curl_command()[:300]}: {said}"
                )

    random.seed(first_seed)
    ask_all = settings(
        max_examples=questions,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )(given(operation.as_strategy(mode))(ask))
    seed(first_seed)(ask_all)()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--requests", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--city", type=Path, default=ROOT)
    parser.add_argument("--short", action="store_true", help=f"{SHORT} requests, for CI")
    options = parser.parse_args()
    from mapserver.settings import Settings
    from mapserver.web import create_app

    logging.getLogger("mapserver").setLevel(logging.CRITICAL)
    app = create_app(Settings(city=options.city, tile_url=""))
    outcome = ask_described(app, SHORT if options.short else options.requests, options.seed)
    print(f"{outcome.questions} questions with the seed {options.seed}")
    for status, count in sorted(outcome.statuses.items()):
        print(f"  {status}  {count}")
    for (label, name), sentence in outcome.failures.items():
        print(f"FAILURE {label}, {name}: {sentence}")
    for label in outcome.unanswered:
        print(f"FAILURE {label}: no question was answered")
    raise SystemExit(bool(outcome.failures or outcome.unanswered))


if __name__ == "__main__":
    main()
