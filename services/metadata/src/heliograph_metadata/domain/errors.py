"""What can be wrong with a request to the library."""

from heliograph.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError, UnprocessableError


class PhotoNotFoundError(NotFoundError):
    """No photo with this id belongs to the caller."""

    code = "photo-not-found"


class AlbumNotFoundError(NotFoundError):
    """No album with this id belongs to the caller."""

    code = "album-not-found"


class NoRenditionError(NotFoundError):
    """The photo has not been prepared, so there is no thumbnail and no preview of it."""

    code = "not-prepared"


class WrongAddressError(ForbiddenError):
    """The address of a thumbnail bears no signature of this deployment."""

    code = "wrong-address"


class AddressExpiredError(ForbiddenError):
    """The address of a thumbnail was good until a while ago."""

    code = "address-expired"


class ThumbnailNotFoundError(NotFoundError):
    """The photo of an address is deleted for good, or has no thumbnail yet."""

    code = "thumbnail-not-found"


class PhotoNotFailedError(ConflictError):
    """Only a failed photo can be tried again."""

    code = "photo-not-failed"


class PhotoNotTrashedError(ConflictError):
    """Only a photo in the trash can be deleted for good."""

    code = "photo-not-trashed"


class EditConflictError(ConflictError):
    """Others kept changing the same photo or album; the caller may try again."""

    code = "edit-conflict"


class InvalidCursorError(InvalidError):
    """The cursor is malformed, or belongs to another query or account."""

    code = "invalid-cursor"


class InvalidQueryError(InvalidError):
    """A filter cannot be understood or asks for more than is answered."""

    code = "invalid-query"

    def __init__(self, detail: str, position: int | None = None) -> None:
        super().__init__(detail)
        self.position = position
        """Of the character in the text of the search at which it goes wrong, counted from 0."""

    @property
    def extensions(self) -> dict[str, int]:
        """See `HeliographError.extensions`."""
        return {} if self.position is None else {"position": self.position}


class JobNotFoundError(NotFoundError):
    """No job with this id belongs to the caller, or it is too long ago."""

    code = "job-not-found"


class JobNotUndoableError(ConflictError):
    """The job is still at work, has been undone, or has done what nothing undoes."""

    code = "job-not-undoable"


class JobFinishedError(ConflictError):
    """There is nothing left of the job to be cancelled."""

    code = "job-finished"


class IdempotencyKeyReusedError(UnprocessableError):
    """The same key came with another request before."""

    code = "idempotency-key-reused"


class InvalidEditError(InvalidError):
    """The edit says nothing, or two things that do not go together."""

    code = "invalid-edit"


class NoDateError(UnprocessableError):
    """The photo has no date that could be moved."""

    code = "no-date"


class DateOutOfRangeError(UnprocessableError):
    """The new date lies before photography or absurdly far ahead."""

    code = "date-out-of-range"


class TooManyKeywordsError(UnprocessableError):
    """The photo would have more keywords than one can have."""

    code = "too-many-keywords"


class NoRoomInAlbumsError(UnprocessableError):
    """The photo would be in more albums than one can be in."""

    code = "too-many-albums"


class QuestionNotFoundError(NotFoundError):
    """The question is not asked any more, or never was."""

    code = "question-not-found"


class QuestionChangedError(ConflictError):
    """What was shown is not what the question is about any more."""

    code = "question-changed"


class QuestionAnsweredError(ConflictError):
    """The question was answered already, and what follows is still being done."""

    code = "question-answered"


class AnswerNotTakenError(UnprocessableError):
    """The question does not take such an answer."""

    code = "answer-not-taken"


class AnswerNotFoundError(NotFoundError):
    """No answer with this id belongs to the caller."""

    code = "answer-not-found"


class AnswerNotUndoableError(ConflictError):
    """What the answer has changed is too long ago to be given back."""

    code = "answer-not-undoable"
