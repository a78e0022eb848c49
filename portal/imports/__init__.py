"""Bringing files in: read with every fault told by line, compared with what is stored, then written or left alone."""

from portal.imports.cells import Column
from portal.imports.importer import Importer, load, write_rows
from portal.imports.plans import Plan, plan_import, report
from portal.imports.reading import Row, Source, Table, read_header, read_table

__all__ = [
    "Column",
    "Importer",
    "Plan",
    "Row",
    "Source",
    "Table",
    "load",
    "plan_import",
    "read_header",
    "read_table",
    "report",
    "write_rows",
]
