"""Bringing data in: files as planners hold them become part of a city, whole or not at all."""

from mapserver.importing.ledgers import LedgerPlan, LedgerWish, carry_out_ledger_plan, plan_ledger
from mapserver.importing.part import Part
from mapserver.importing.plan import Plan
from mapserver.importing.planning import make_plan
from mapserver.importing.wish import Wish
from mapserver.importing.writing import carry_out_plan

__all__ = [
    "LedgerPlan",
    "LedgerWish",
    "Part",
    "Plan",
    "Wish",
    "carry_out_ledger_plan",
    "carry_out_plan",
    "make_plan",
    "plan_ledger",
]
