"""All settings, from ``KHUB_*`` variables; each also as ``KHUB_…_FILE`` naming a file with the value."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field, fields
from email.utils import parseaddr
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

DEFAULT_SECRET = "not-a-secret"  # noqa: S105 - a production start refuses it
_MIN_SECRET = 32
_ADDRESS = re.compile(r"[!-~]+@[A-Za-z0-9.-]+")


class SettingsError(Exception):
    """A variable has a value khub cannot use; the message names it."""


def _setting(default: object, parse: Callable[[str], Any], doc: str, *, shown: str = "") -> Any:
    return field(default=default, metadata={"parse": parse, "doc": doc, "shown": shown or str(default)})


def _path(text: str) -> Path:
    if "\0" in text or not text.strip():
        raise ValueError("not a path")
    return Path(text).expanduser().absolute()


def _bool(text: str) -> bool:
    words = {
        "1": True,
        "true": True,
        "yes": True,
        "on": True,
        "0": False,
        "false": False,
        "no": False,
        "off": False,
    }
    try:
        return words[text.strip().lower()]
    except KeyError:
        raise ValueError("use true or false") from None


def _number(low: int, high: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            raise ValueError(f"not a whole number from {low} to {high}") from None
        if not low <= value <= high:
            raise ValueError(f"not a whole number from {low} to {high}")
        return value

    return parse


def _one_of(*choices: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text not in choices:
            raise ValueError(f"use one of: {', '.join(choices)}")
        return text

    return parse


def _url(text: str) -> str:
    if not text.startswith(("sqlite:///", "postgresql+psycopg://", "postgresql://")):
        raise ValueError("use sqlite:///PATH or postgresql://USER@HOST/NAME")
    return text.replace("postgresql://", "postgresql+psycopg://", 1)


def _sender(text: str) -> str:
    address = parseaddr(text)[1]
    if not text.isprintable() or not _ADDRESS.fullmatch(address):
        raise ValueError("use name@host or NAME <name@host>")
    return text.strip()


def _site(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("use https://HOST or https://HOST/PATH")
    return text.rstrip("/")


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting of an installation. Build with ``load``."""

    mode: str = _setting(
        "production",
        _one_of("production", "demo", "test"),
        "`production` refuses unsafe settings; `demo` shows its logins; `test` is for the test suite",
    )
    data: Path = _setting(
        Path("khub-data"), _path, "folder of the database, the index and caches", shown="./khub-data"
    )
    uploads: Path = _setting(Path("uploads"), _path, "folder of the received files", shown="./uploads")
    database_url: str = _setting(
        "", _url, "`sqlite:///PATH` or `postgresql://…`", shown="khub.db in KHUB_DATA"
    )
    secret_key: str = _setting(
        DEFAULT_SECRET,
        str,
        "signs cookies; at least 32 characters",
        shown="none: production refuses to start",
    )
    host: str = _setting("127.0.0.1", str, "address to listen on")
    port: int = _setting(8000, _number(0, 65535), "port to listen on")
    web_processes: int = _setting(1, _number(1, 64), "web server processes")
    web_threads: int = _setting(8, _number(1, 256), "threads of each web server process")
    max_upload_mb: int = _setting(64, _number(1, 1024), "largest file that is accepted, in MB")
    site_name: str = _setting("RAN PE", str, "name beside the logo")
    site_note: str = _setting("", str, "second line beside the logo")
    language: str = _setting("id", _one_of("id", "en"), "language of visitors who have chosen none")
    public: bool = _setting(
        default=False, parse=_bool, doc="whether approved `terbuka` keluaran are shown without signing in"
    )
    session_idle_minutes: int = _setting(
        30, _number(1, 1440), "a session ends after so long without a request"
    )
    session_hours: int = _setting(12, _number(1, 168), "a session ends after so long in any case")
    secure_cookies: bool = _setting(
        default=True, parse=_bool, doc="send cookies over HTTPS only; off in demo and test", shown="true"
    )
    trusted_proxies: int = _setting(
        0, _number(0, 8), "reverse proxies in front whose `X-Forwarded-*` are believed"
    )
    search_cache_mb: int = _setting(
        256, _number(8, 4096), "most memory for what search keeps decoded, in MB, per web process"
    )
    ocr: str = _setting(
        "auto",
        _one_of("auto", "off"),
        "`auto` reads scans with tesseract where it is installed, after everything else; `off` leaves them",
    )
    ocr_page_seconds: int = _setting(
        60, _number(1, 600), "processor time that reading one scanned page may take, in seconds"
    )
    clock_shift: int = _setting(
        0,
        _number(-(10**10), 10**10),
        "seconds that the clock runs ahead (negative: behind); for demo and test only",
    )
    base_url: str = _setting(
        "",
        _site,
        "public address of the site, for links in letters; needed with `KHUB_SMTP_HOST`",
        shown="the address listened on",
    )
    smtp_host: str = _setting(
        "", str.strip, "server that takes letters; without one they are only shown", shown="none"
    )
    smtp_port: int = _setting(587, _number(1, 65535), "its port")
    smtp_tls: str = _setting(
        "starttls", _one_of("none", "starttls", "tls"), "`none`, `starttls` or `tls`; never falls back"
    )
    smtp_user: str = _setting("", str, "name to sign in with, where it asks", shown="none")
    smtp_password: str = _setting("", str, "the password that goes with it", shown="none")
    smtp_ca: str = _setting("", str, "PEM file of an authority to trust besides the system's", shown="none")
    mail_from: str = _setting(
        "", _sender, "who letters come from: `name@host` or `NAME <name@host>`", shown="none"
    )
    second_look_percent: int = _setting(
        10, _number(0, 100), "share of approvals that a second reviewer looks at, in percent"
    )
    clock_file: str = _setting(
        "", str, "file with the instant that the clock runs on from (ISO 8601); for test only"
    )
    log_level: str = _setting(
        "INFO", _one_of("DEBUG", "INFO", "WARNING", "ERROR"), "least level that is logged"
    )

    @property
    def database(self) -> str:
        """Return the database URL in force."""
        return self.database_url or f"sqlite:///{self.data / 'khub.db'}"

    @property
    def address(self) -> str:
        """Return the address that links in letters start with, without a slash at the end."""
        return self.base_url or f"http://{'localhost' if self.host == '127.0.0.1' else self.host}:{self.port}"

    @property
    def index(self) -> Path:
        """Return the folder of the search index."""
        return self.data / "index"

    @property
    def kind_index(self) -> Path:
        """Return the folder of the search index of reports, actions and K/L."""
        return self.data / "index-kinds"

    @property
    def previews(self) -> Path:
        """Return the folder of cached page images."""
        return self.data / "previews"

    @property
    def exports(self) -> Path:
        """Return the folder of exported annual reports."""
        return self.data / "exports"

    @property
    def max_upload(self) -> int:
        """Return the largest accepted file in bytes."""
        return self.max_upload_mb << 20

    @property
    def cookies_secure(self) -> bool:
        """Tell whether cookies carry the Secure flag."""
        return self.secure_cookies and self.mode == "production"

    def check(self) -> Settings:
        """Return self, or raise ``SettingsError`` where a production start would be unsafe."""
        if self.mode == "production" and (
            self.secret_key == DEFAULT_SECRET or len(self.secret_key) < _MIN_SECRET
        ):
            raise SettingsError(
                f"KHUB_SECRET_KEY: a secret of at least {_MIN_SECRET} characters is needed; make one with\n"
                '  python -c "import secrets; print(secrets.token_hex(32))"'
            )
        if self.mode == "production" and self.clock_shift:
            raise SettingsError("KHUB_CLOCK_SHIFT: a production start keeps the true time")
        if self.mode == "production" and self.clock_file:
            raise SettingsError("KHUB_CLOCK_FILE: a production start keeps the true time")
        if self.smtp_host:
            self._check_mail()
        return self

    def _check_mail(self) -> None:
        for name in ("mail_from", "base_url"):
            if not getattr(self, name):
                raise SettingsError(f"{variable(name)}: needed once {variable('smtp_host')} is set")
        if self.smtp_user and self.smtp_tls == "none" and self.mode == "production":
            raise SettingsError("KHUB_SMTP_TLS: a password is only sent over TLS; use starttls or tls")


def load(environ: Mapping[str, str] | None = None, **overrides: object) -> Settings:
    """Return the settings that ``environ`` (default: the process's) gives; ``overrides`` win.

    Raises ``SettingsError`` naming the variable whose value is unusable.
    """
    environ = os.environ if environ is None else environ
    values: dict[str, Any] = {"data": Path("khub-data").absolute(), "uploads": Path("uploads").absolute()}
    for item in fields(Settings):
        name = variable(item.name)
        text = environ.get(name)
        if text is None and (file := environ.get(f"{name}_FILE")):
            try:
                text = Path(file).read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError) as error:
                raise SettingsError(f"{name}_FILE: cannot read {file}: {error}") from error
        if text is None:
            continue
        try:
            values[item.name] = item.metadata["parse"](text)
        except ValueError as error:
            raise SettingsError(f"{name}: {text!r}: {error}") from error
    known = {f"{variable(item.name)}{end}" for item in fields(Settings) for end in ("", "_FILE")}
    if unknown := sorted(name for name in environ if name.startswith("KHUB_") and name not in known):
        raise SettingsError(f"{unknown[0]}: no such setting")
    values.update(overrides)
    return Settings(**values)


def variable(name: str) -> str:
    """Return the environment variable of a setting."""
    return f"KHUB_{name.upper()}"


def environment(chosen: Settings) -> dict[str, str]:
    """Return an environment in which a child process loads exactly ``chosen``."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("KHUB_")}
    for item in fields(Settings):
        value = getattr(chosen, item.name)
        if value != "":
            clean[variable(item.name)] = str(value).lower() if isinstance(value, bool) else str(value)
    return clean


def table() -> list[tuple[str, str, str]]:
    """Return (variable, default, meaning) of every setting, for the README."""
    return [
        (variable(item.name), str(item.metadata["shown"]), str(item.metadata["doc"]))
        for item in fields(Settings)
    ]
