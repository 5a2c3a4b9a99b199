"""Which files of a folder are photos to import, and how the import sums up."""

from collections import Counter
from pathlib import Path

from tools.api_client import DemoAccount
from tools.import_photos import Summary, photos_in


def a_folder(tmp_path: Path, *names: str) -> Path:
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"bytes")
    return tmp_path


def test_photos_of_all_levels_are_found_in_order_whatever_the_case_of_their_suffix(tmp_path: Path) -> None:
    folder = a_folder(tmp_path, "b.JPG", "a.png", "2024/summer/c.webp", "2023/d.TIFF")

    found = [str(path.relative_to(folder)) for path in photos_in([folder], Counter())]

    assert found == ["a.png", "b.JPG", "2023/d.TIFF", "2024/summer/c.webp"]


def test_other_files_are_counted_by_suffix_and_hidden_ones_passed_over(tmp_path: Path) -> None:
    folder = a_folder(tmp_path, "film.mov", "film2.MOV", "README", ".hidden.jpg", ".thumbnails/e.jpg")
    unsupported: Counter[str] = Counter()

    assert list(photos_in([folder], unsupported)) == []
    assert unsupported == {".mov": 2, "(no suffix)": 1}


def test_the_summary_names_what_was_left_out_and_what_was_refused() -> None:
    summary = Summary(uploaded=3, duplicates=2, uploaded_bytes=1_500_000, seconds=2.0)
    summary.unsupported.update([".mov", ".mov", ".txt"])
    summary.refused.append("a.jpg: The file is empty.")

    assert str(summary).splitlines() == [
        "3 uploaded (1.5 MB in 2 s), 2 there already",
        "3 files of other kinds left out: 2 .mov, 1 .txt",
        "not taken: a.jpg: The file is empty.",
    ]


def test_the_demo_account_keeps_the_password_that_was_made_up_for_it(tmp_path: Path) -> None:
    file = tmp_path / "demo-account.json"

    made = DemoAccount.kept_in(file)

    assert DemoAccount.kept_in(file) == made
    assert file.stat().st_mode & 0o777 == 0o600
    assert made.password not in repr(made)
