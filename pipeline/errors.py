"""Every error a user can cause or meet: a sentence, an exit code for the shell and a status for HTTP."""

from typing import ClassVar


class InklineError(Exception):
    """Base of all errors whose message is meant for people."""

    exit_code: ClassVar[int] = 1
    http_status: ClassVar[int] = 500


class UnreadableFileError(InklineError):
    """The file is damaged, or of a kind that holds no pages."""

    exit_code, http_status = 2, 415


class PageError(InklineError):
    """One page of a readable file could not be read."""

    exit_code, http_status = 3, 422


class PasswordError(InklineError):
    """The PDF is encrypted and the password is missing or wrong."""

    exit_code, http_status = 4, 422


class LimitError(InklineError):
    """The file, page or page count is larger than the settings allow."""

    exit_code, http_status = 5, 413


class SourceError(InklineError):
    """The file or URL is not there, or can't be fetched."""

    exit_code, http_status = 6, 422


class EngineError(InklineError):
    """The reader asked for does not exist or can't be loaded here."""

    exit_code, http_status = 7, 422


class NotFoundError(InklineError):
    """No such document, page, line or job."""

    exit_code, http_status = 8, 404


class SettingsError(InklineError):
    """A setting has a value that can't be used."""

    exit_code, http_status = 9, 500


class MissingProgramError(InklineError):
    """A program that Inkline needs is not installed on this machine."""

    exit_code, http_status = 10, 500


class ExportError(InklineError):
    """The document can't be written in the format asked for."""

    exit_code, http_status = 11, 422


class RetouchError(InklineError):
    """The lines can't be changed that way."""

    exit_code, http_status = 12, 422


class PatternError(InklineError):
    """What to look for is no pattern that can be looked for."""

    exit_code, http_status = 13, 422


class ConflictError(InklineError):
    """Somebody else was quicker; what was sent is kept, but not shown."""

    exit_code, http_status = 14, 409


class SpellingError(InklineError):
    """What is to be added to the dictionary is no word."""

    exit_code, http_status = 15, 422
