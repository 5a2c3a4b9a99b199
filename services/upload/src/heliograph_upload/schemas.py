"""HTTP bodies of the upload service."""

from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from heliograph.photos import PHOTO_ID_PATTERN, Lane
from heliograph_upload.domain import FileAnswer, FileStatus, OfferedFile

MAX_FILES = 100
LANE = (
    "`backlog` for a bulk import: its photos are prepared and looked at without delaying those for which somebody "
    "waits, in this library or another. Offered again before its bytes have come, a file goes by the lane named last."
)
_EXAMPLE_SHA256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
_EXAMPLE_PHOTO_ID = "k5ftgq3rbz6ao2mlx4cwhv7edy"

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-fA-F]{64}$", examples=[_EXAMPLE_SHA256])]
ReturnedPhotoId = Annotated[str, Field(pattern=PHOTO_ID_PATTERN, examples=[_EXAMPLE_PHOTO_ID])]


class FileOffer(BaseModel):
    filename: str = Field(
        max_length=4096, description="Shown to you again, without folders.", examples=["DSCF2041.JPG"]
    )
    content_type: str = Field(max_length=200, description="Where it is empty, the name's ending counts.")
    size_bytes: int = Field(ge=0, examples=[3512044])
    sha256: Sha256
    file_modified_at: AwareDatetime | None = Field(
        default=None, description="For photos that don't say themselves when they were taken."
    )
    lane: Lane = Field(default=Lane.INTERACTIVE, description=LANE)

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "filename": "DSCF2041.JPG",
                    "content_type": "image/jpeg",
                    "size_bytes": 3512044,
                    "sha256": _EXAMPLE_SHA256,
                    "file_modified_at": "2024-06-01T17:20:00Z",
                }
            ]
        }
    )

    def offered(self) -> OfferedFile:
        """Return the offer as the use cases know it."""
        return OfferedFile(
            filename=self.filename,
            content_type=self.content_type,
            size_bytes=self.size_bytes,
            sha256=self.sha256.lower(),
            file_modified_at=self.file_modified_at,
            lane=self.lane,
        )


class UploadsRequest(BaseModel):
    files: list[FileOffer] = Field(min_length=1, max_length=MAX_FILES)


class FileProblem(BaseModel):
    code: str = Field(examples=["empty-file"])
    detail: str = Field(examples=["The file is empty."])


class FileUpload(BaseModel):
    method: Literal["PUT"] = "PUT"
    url: str = Field(description="Good for an hour, for one PUT of exactly these bytes.")
    headers: dict[str, str] = Field(
        description="Send all of them. `412` means that the bytes are there already.",
        examples=[
            {
                "Content-Type": "image/jpeg",
                "If-None-Match": "*",
                "x-amz-checksum-sha256": "n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=",
            }
        ],
    )


class FileResponse(BaseModel):
    filename: str
    sha256: str
    photo_id: ReturnedPhotoId | None = None
    status: FileStatus
    problem: FileProblem | None = Field(default=None, description="Why the file is rejected.")
    upload: FileUpload | None = Field(default=None, description="How to bring the bytes of an accepted file.")

    @classmethod
    def of(cls, answer: FileAnswer) -> "FileResponse":
        """Return the answer as it goes over the wire."""
        problem, upload = answer.problem, answer.upload
        return cls(
            filename=answer.filename,
            sha256=answer.sha256,
            photo_id=answer.photo_id,
            status=answer.status,
            problem=FileProblem(code=problem.code, detail=str(problem)) if problem else None,
            upload=FileUpload(url=upload.url, headers=dict(upload.headers)) if upload else None,
        )


class UploadsResponse(BaseModel):
    files: list[FileResponse] = Field(description="One for each file offered, in their order.")


class PhotoUploadResponse(BaseModel):
    photo_id: ReturnedPhotoId
    status: Literal[FileStatus.ACCEPTED, FileStatus.DUPLICATE]


DIRECT_UPLOAD_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {
                        "file": {"type": "string", "format": "binary"},
                        "lane": {
                            "type": "string",
                            "enum": [lane.value for lane in Lane],
                            "default": Lane.INTERACTIVE.value,
                            "description": LANE,
                        },
                    },
                }
            }
        },
    }
}
