"""What can be wrong with a request to the library."""

from heliograph.errors import ConflictError, InvalidError, NotFoundError


class PhotoNotFoundError(NotFoundError):
    """No photo with this id belongs to the caller."""

    code = "photo-not-found"


class AlbumNotFoundError(NotFoundError):
    """No album with this id belongs to the caller."""

    code = "album-not-found"


class NoRenditionError(NotFoundError):
    """The photo has not been prepared, so there is no thumbnail and no preview of it."""

    code = "not-prepared"


class PhotoNotFailedError(ConflictError):
    """Only a failed photo can be tried again."""

    code = "photo-not-failed"


class EditConflictError(ConflictError):
    """Others kept changing the same photo or album; the caller may try again."""

    code = "edit-conflict"


class InvalidCursorError(InvalidError):
    """The cursor is malformed, or belongs to another query or account."""

    code = "invalid-cursor"


class InvalidQueryError(InvalidError):
    """A filter cannot be understood or asks for more than is answered."""

    code = "invalid-query"
