"""Files as editors, containers and other systems leave them are read, or refused by what they are."""

from pathlib import Path

import pytest

from mailroom.core.text_file import MissingFile, UnreadableFile, read_text


class TestTextFile:
    """A settings file or a secret is read whatever editor wrote it, or the refusal says what it is instead."""

    @pytest.mark.parametrize("content", [b"abc\r\n", "\ufeffabc\r\n".encode()])
    def test_byte_order_mark_is_no_part_of_it(self, tmp_path: Path, content: bytes) -> None:
        """Some editors put one in front."""
        (tmp_path / "token").write_bytes(content)
        assert read_text(tmp_path / "token").strip() == "abc"

    @pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
    def test_utf_16_is_named(self, tmp_path: Path, encoding: str) -> None:
        """With a byte order mark or without."""
        (tmp_path / "token").write_bytes("abc\n".encode(encoding))
        with pytest.raises(UnreadableFile, match="It is in UTF-16: save it as UTF-8"):
            read_text(tmp_path / "token")

    def test_other_encodings_are_refused(self, tmp_path: Path) -> None:
        """There is no telling which one it is."""
        (tmp_path / "token").write_bytes("abcé".encode("latin-1"))
        with pytest.raises(UnreadableFile, match="It must be a UTF-8 text"):
            read_text(tmp_path / "token")

    def test_directory_is_named(self, tmp_path: Path) -> None:
        """Containers mount one where the file is missing."""
        with pytest.raises(UnreadableFile, match="It is a directory"):
            read_text(tmp_path)

    @pytest.mark.parametrize("path", ["missing", "there/missing", "~/missing"])
    def test_missing_file_is_told_from_others(self, bare: pytest.MonkeyPatch, tmp_path: Path, path: str) -> None:
        """Also below something that is no directory."""
        bare.setenv("HOME", f"{tmp_path}")
        Path("there").touch()
        with pytest.raises(MissingFile, match="There is no such file"):
            read_text(Path(path))

    def test_nul_in_a_path_is_no_crash(self) -> None:
        """No system has such a file."""
        with pytest.raises(UnreadableFile, match="Correct the path"):
            read_text(Path("a\0b"))

    def test_endless_file_is_refused(self) -> None:
        """A path may lead to a device."""
        with pytest.raises(UnreadableFile):
            read_text(Path("/dev/zero"))

    def test_home_that_nobody_knows(self) -> None:
        """The user may be misspelled."""
        with pytest.raises(UnreadableFile, match="the home directory of ~nobody-of-this-name is not known"):
            read_text(Path("~nobody-of-this-name/token"))
