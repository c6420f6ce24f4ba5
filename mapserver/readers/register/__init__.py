"""Tables beside the map: the trail register, closures, benefits and ledgers."""

from mapserver.readers.register.benefits import BENEFITS, read_benefits
from mapserver.readers.register.closures import read_closures
from mapserver.readers.register.columns import SNAPSHOT_COLUMNS, drop_snapshot
from mapserver.readers.register.ledgers import (
    find_ledger_file,
    read_ledger_rows,
    read_ledgers,
    rename_ledger_columns,
    split_times,
)
from mapserver.readers.register.sums import leave_out_sums, make_sum_rule
from mapserver.readers.register.trails import (
    REGISTER_NAME,
    find_register,
    read_register_table,
    read_trail_register,
    report_state_columns,
    report_unread,
)

__all__ = [
    "BENEFITS",
    "REGISTER_NAME",
    "SNAPSHOT_COLUMNS",
    "drop_snapshot",
    "find_ledger_file",
    "find_register",
    "leave_out_sums",
    "make_sum_rule",
    "read_benefits",
    "read_closures",
    "read_ledger_rows",
    "read_ledgers",
    "read_register_table",
    "read_trail_register",
    "rename_ledger_columns",
    "report_state_columns",
    "report_unread",
    "split_times",
]
