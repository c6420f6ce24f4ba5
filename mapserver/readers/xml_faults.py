"""What is said of XML that is refused for what it could do."""

from __future__ import annotations

from mapserver.errors import N_, DataError


def describe_document_type(name: str) -> DataError:
    """Describe the error of XML with a document type, and how to mend it.

    A document type could define entities that expand to gigabytes, or name files of this machine;
    the parser says no more of it than its own name for that.
    """
    return DataError(
        N_("the file declares a document type (DTD), which could read other files"),
        where=name,
        mend=N_("Delete the line that begins with <!DOCTYPE"),
    )
