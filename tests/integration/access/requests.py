"""What the rows of the authorisation matrix send: requests about things of Ada's, made anew for each caller."""

import secrets
import time
from collections.abc import Callable

from jose import jwt

from heliograph.photos import OwnerId, PhotoId
from heliograph_metadata.domain.thumbnail_addresses import ThumbnailSigner
from tests.client import PASSWORD
from tests.integration.access.world import PROOF, THUMBNAIL_SIGNING_KEY, Call, World
from tests.photos import hex_sha256

Request = Callable[[World], Call]


def plain(_: World) -> Call:
    return Call()


def asking(**query: str) -> Request:
    return lambda _: Call(query={name.rstrip("_"): value for name, value in query.items()})


def saying(body: object) -> Request:
    return lambda _: Call(json=body)


def confirming(world: World) -> Call:
    return Call(json={"token": world.link_in_a_letter(world.new_account().email, "verify"), "password": PASSWORD})


def forgetting(world: World) -> Call:
    return Call(json={"email": world.new_account().email})


def resetting(world: World) -> Call:
    email = world.new_account().email
    world.call("POST", "/password-resets", json={"email": email})
    token = world.link_in_a_letter(email, "reset-password")
    return Call(json={"token": token, "new_password": f"{PASSWORD} and another"})


def of_photo(world: World) -> Call:
    return Call({"photo_id": world.uploaded})


def of_thumbnail(*, of_another: bool = False) -> Request:
    """Return a request of Ada's thumbnail by a signed address; `of_another`: that was signed for another photo."""

    def request(world: World) -> Call:
        owner_id, photo_id = OwnerId(world.ada.account_id), PhotoId(world.uploaded)
        expires_at = int(time.time()) + 600
        signed = PhotoId("b" * 26) if of_another else photo_id
        signature = ThumbnailSigner(THUMBNAIL_SIGNING_KEY).signature(owner_id, signed, expires_at)
        return Call({"owner_id": owner_id, "photo_id": photo_id}, {"expires": str(expires_at), "signature": signature})

    return request


def of_stack(world: World) -> Call:
    return Call({"stack_id": world.stack()["stack_id"]})


def deciding(world: World) -> Call:
    stack = world.stack()
    return Call({"stack_id": stack["stack_id"]}, json={"version": stack["version"]})


def keeping(world: World) -> Call:
    stack = world.stack()
    kept = {"photo_ids": [stack["photos"][0]["photo_id"]], "version": stack["version"]}
    return Call({"stack_id": stack["stack_id"]}, json=kept)


def decided(world: World) -> Call:
    stack = world.stack()
    world.call("POST", f"/stacks/{stack['stack_id']}/dismiss", json={"version": stack["version"]})
    return Call({"stack_id": stack["stack_id"]})


def answering(world: World) -> Call:
    question = world.question()
    return Call({"question_id": question["question_id"]}, json={"answer": question["default"], "shown": []})


def of_question(world: World) -> Call:
    return Call({"question_id": world.question()["question_id"]})


def moving(world: World) -> Call:
    first, second = world.photo(), world.photo()
    return Call({"album_id": world.album(first, second)}, json={"photo_ids": [second], "before": first})


def of_shared(body: object = None) -> Request:
    return lambda world: Call({"album_id": world.shared_album()}, json=body)


def of_shared_photo(world: World) -> Call:
    photo_id = world.photo()
    return Call({"album_id": world.shared_album(photo_id), "photo_id": photo_id})


def taking_out(world: World) -> Call:
    photo_id = world.photo()
    return Call({"album_id": world.shared_album(photo_id)}, json={"remove": [photo_id]})


def moving_shared(world: World) -> Call:
    first, second = world.photo(), world.photo()
    return Call({"album_id": world.shared_album(first, second)}, json={"photo_ids": [second], "before": first})


def of_link(body: object = None) -> Request:
    def request(world: World) -> Call:
        album_id = world.shared_album()
        return Call({"album_id": album_id, "link_id": world.link(album_id)["link_id"]}, json=body)

    return request


def of_invitation(world: World) -> Call:
    album_id = world.shared_album()
    return Call({"album_id": album_id, "invitation_id": world.invitation(album_id)["invitation_id"]})


def of_member(body: object = None) -> Request:
    return lambda world: Call(
        {"album_id": world.shared_album(), "member_id": world.members["viewer"].account_id}, json=body
    )


def invited(world: World) -> Call:
    return Call(json={"secret": world.invitation(world.album())["secret"]})


def registering(_: World) -> Call:
    return Call(json={"email": f"{secrets.token_hex(8)}@example.org", "password": PASSWORD, "name": "Somebody"})


def changing_address(_: World) -> Call:
    return Call(json={"email": f"{secrets.token_hex(8)}@example.org"} | PROOF)


def signing_in(world: World) -> Call:
    return Call(form={"grant_type": "password", "username": world.guest.email, "password": PASSWORD})


def second_step(world: World) -> Call:
    return Call(json=world.second_step())


def of_somebody(body: object = None) -> Request:
    """Return a request about an account that nobody else is."""
    return lambda world: Call({"account_id": world.new_account().account_id}, json=body)


def another_session(world: World) -> Call:
    token = world.signed_in(world.ada).access_token
    return Call({"session_id": jwt.get_unverified_claims(token)["sid"]})


def of_export(world: World) -> Call:
    return Call({"export_id": world.export(), "number": "1"})


def announcing(world: World) -> Call:
    file = {"filename": "bus.jpg", "content_type": "image/jpeg", "size_bytes": len(world.file)}
    return Call(json={"files": [file | {"sha256": hex_sha256(world.file)}]})
