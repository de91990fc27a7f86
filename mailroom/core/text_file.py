"""Small files that people and programs write for Mailroom: the settings, and secrets."""

import codecs
from pathlib import Path
from typing import Final

from mailroom.core.errors import MailroomError

_MAX_SIZE: Final = 1024 * 1024
_OTHER_ENCODINGS: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE)
"""What a text in UTF-16 or UTF-32 begins with; UTF-32 in its other order begins like UTF-16."""


class UnreadableFile(MailroomError):
    """A file is not there, may not be read, or is no text. Its own text is to follow the file's name."""


class MissingFile(UnreadableFile):
    """Nothing is at this path."""


def read_text(file: Path) -> str:
    """The text, without the byte order mark that some editors put in front; `UnreadableFile` with the remedy."""
    try:
        with expanded(file).open("rb") as opened:
            octets = opened.read(_MAX_SIZE + 1)
        text = octets.decode("utf-8-sig")
    except (FileNotFoundError, NotADirectoryError) as error:
        raise MissingFile(f"({type(error).__name__}). There is no such file: correct the path.") from error
    except OSError as error:
        raise UnreadableFile(f"({type(error).__name__}). {_remedy(error)}") from error
    except UnicodeDecodeError as error:
        raise UnreadableFile(f"(UnicodeDecodeError). {_encoding_remedy(octets)}") from error
    except ValueError as error:
        raise UnreadableFile(f"({error}). Correct the path.") from error
    if "\0" in text[:2]:
        raise UnreadableFile(f"(NUL characters). {_encoding_remedy(octets)}")
    if len(octets) > _MAX_SIZE:
        raise UnreadableFile(f"(more than {_MAX_SIZE} octets). Give the path of another file.")
    return text


def expanded(path: Path) -> Path:
    """The path with the home directory in place of a `~` in front, which no shell replaces in `--config=~/x` or YAML.

    Raises ValueError where nobody knows that home.
    """
    try:
        return path.expanduser()
    except RuntimeError as error:
        raise ValueError(f"the home directory of {path.parts[0]} is not known") from error


def _remedy(error: OSError) -> str:
    match error:
        case IsADirectoryError():
            return "It is a directory, as containers mount for a file that is missing. Give the path of a file."
        case PermissionError():
            return "Make the file readable for the user that Mailroom runs as."
        case _:
            return "It must be a UTF-8 text that Mailroom may read."


def _encoding_remedy(octets: bytes) -> str:
    found = octets.startswith(_OTHER_ENCODINGS) or b"\0" in octets[:2]
    return "It is in UTF-16: save it as UTF-8." if found else "It must be a UTF-8 text: save it as UTF-8."
