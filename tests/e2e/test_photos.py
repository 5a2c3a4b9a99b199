"""The whole way of a photo, as a person sees it: in by drag and drop, found by what is on it."""

import re
from pathlib import Path

from playwright.sync_api import expect

from tests.e2e.conftest import OpenWindow
from tests.e2e.library import File, Library, bus_in_lisbon, cat, coffee, temple_in_beijing
from tests.e2e.visitor import PIPELINE_MS, Account, Visitor
from tests.photos import a_truncated_jpeg, text_named_jpg


def on_disk(folder: Path, *files: File) -> list[Path]:
    """Write files into a folder; return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / file.name for file in files]
    for path, file in zip(paths, files, strict=True):
        path.write_bytes(file.content)
    return paths


def documents_of(visitor: Visitor) -> list[str]:
    """Return the addresses of the pages loaded as a whole since the registration."""
    return [request.url for request in visitor.requests if request.is_navigation_request()]


def test_a_person_registers_drops_photos_and_finds_them_by_what_is_on_them(visitor: Visitor, tmp_path: Path) -> None:
    page = visitor.page
    visitor.register(Account())
    expect(page.get_by_role("heading", name="Drop your photos here")).to_be_visible()

    visitor.drop(on_disk(tmp_path, bus_in_lisbon(), cat()))

    visitor.expect_uploaded("bus-in-lisbon.jpg", "cat.jpg")
    expect(page.get_by_text("2 photos done")).to_be_visible()
    expect(visitor.photos).to_have_count(2)
    expect(page.get_by_text("June 2024").first).to_be_visible()

    visitor.photo("bus-in-lisbon.jpg").click()
    page.keyboard.press("i")
    page.keyboard.press("b")
    viewer = page.get_by_role("dialog", name="bus-in-lisbon.jpg")
    for label in ("bus", "person"):
        found = viewer.get_by_role("link", name=re.compile(rf"^{label}\b"))
        expect(found).to_contain_text(re.compile(r"[5-9]\d %"))
        expect(viewer.locator(".box").filter(has_text=label).first).to_be_visible()
    details = viewer.get_by_role("complementary", name="Details")
    expect(details).to_contain_text(re.compile("Lisbo"))
    expect(details).to_contain_text("X-T4")
    page.keyboard.press("Escape")
    expect(viewer).to_be_hidden()

    page.get_by_role("combobox", name="Search your photos").fill("bu")
    page.get_by_role("option", name="bus label").click()
    expect(visitor.photos).to_have_count(1)
    expect(visitor.photo("bus-in-lisbon.jpg")).to_be_visible()


def test_labels_arrive_in_an_open_viewer_without_a_reload(visitor: Visitor, tmp_path: Path) -> None:
    visitor.register(Account())
    visitor.drop(on_disk(tmp_path, bus_in_lisbon()))
    visitor.photos.first.click(timeout=PIPELINE_MS)
    visitor.page.keyboard.press("i")
    label = visitor.page.get_by_role("dialog").get_by_role("link", name=re.compile(r"^bus\b"))
    expect(label).to_be_visible(timeout=PIPELINE_MS)
    assert len(documents_of(visitor)) == 1


def test_a_folder_is_taken_with_all_that_is_in_it(visitor: Visitor, tmp_path: Path) -> None:
    on_disk(tmp_path / "holidays", coffee())
    on_disk(tmp_path / "holidays" / "china", temple_in_beijing())
    visitor.register(Account())
    visitor.drop([tmp_path / "holidays"])
    visitor.expect_uploaded("coffee.jpg", "temple-in-beijing.jpg")
    expect(visitor.photos).to_have_count(2)


def test_a_folder_can_be_chosen_in_place_of_a_drop(visitor: Visitor, tmp_path: Path) -> None:
    on_disk(tmp_path / "holidays", coffee())
    visitor.register(Account())
    visitor.page.locator("input[data-upload=folder]").first.set_input_files(tmp_path / "holidays")
    visitor.expect_uploaded("coffee.jpg")


def test_a_duplicate_is_recognised_before_a_byte_travels(visitor: Visitor, library: Library, tmp_path: Path) -> None:
    visitor.sign_in(library.account)
    visitor.drop(on_disk(tmp_path, bus_in_lisbon("the-same-bus.jpg")))
    expect(visitor.upload_row("the-same-bus.jpg")).to_have_attribute("data-state", "duplicate")
    expect(visitor.upload_row("the-same-bus.jpg")).to_contain_text("Already in your library")
    assert visitor.sent("PUT") == []


def test_files_that_are_no_photos_say_why_and_the_rest_goes_on(visitor: Visitor, tmp_path: Path) -> None:
    visitor.register(Account())
    visitor.drop(
        on_disk(
            tmp_path,
            File("diary.jpg", text_named_jpg()),
            File("half.jpg", a_truncated_jpeg()),
            File("nothing.jpg", b""),
            File("notes.txt", b"Buy milk.\n"),
            coffee(),
        )
    )
    visitor.expect_uploaded("coffee.jpg")
    for filename, state, reason in (
        ("diary.jpg", "failed", "no picture"),
        ("half.jpg", "failed", "end of the picture is missing"),
        ("nothing.jpg", "rejected", "empty"),
        ("notes.txt", "rejected", "not a photo"),
    ):
        row = visitor.upload_row(filename)
        expect(row).to_have_attribute("data-state", state, timeout=PIPELINE_MS)
        expect(row).to_contain_text(reason)
    expect(visitor.page.get_by_text("Done, 4 problems")).to_be_visible()


def test_who_signs_out_and_in_again_finds_everything_and_a_stranger_nothing(
    visitor: Visitor, open_window: OpenWindow, library: Library
) -> None:
    visitor.sign_in(library.account)
    expect(visitor.photos).to_have_count(len(library.photo_ids))
    visitor.sign_out()
    visitor.sign_in(library.account)
    expect(visitor.photos).to_have_count(len(library.photo_ids))

    stranger = open_window()
    stranger.register(Account(name="Eve"))
    expect(stranger.page.get_by_role("heading", name="Drop your photos here")).to_be_visible()
    photo_id = library.photo_ids["cat.jpg"]
    stranger.expects(404, f"/api/v1/photos/{photo_id}")
    stranger.visit(f"/photos/{photo_id}")
    expect(stranger.page.get_by_text("This photo isn’t in your library")).to_be_visible()
    stranger.visit("/search?label=bus")
    expect(stranger.page.get_by_text("No photos found")).to_be_visible()


def test_a_wrong_password_is_told_beside_the_form(visitor: Visitor, library: Library) -> None:
    page = visitor.page
    visitor.expects(401, "/api/v1/tokens")
    visitor.visit("/sign-in")
    page.get_by_label("E-mail").fill(library.account.email)
    page.get_by_label("Password").fill("not the password")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("password")
