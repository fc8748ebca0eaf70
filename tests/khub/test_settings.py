"""Settings: a wrong value names its variable, and production refuses what is unsafe."""

from __future__ import annotations

from pathlib import Path

import pytest

from khub.settings import DEFAULT_SECRET, SettingsError, environment, load, table

SAFE = {"KHUB_SECRET_KEY": "x" * 32}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("KHUB_PORT", "delapan"),
        ("KHUB_PORT", "65536"),
        ("KHUB_PORT", ""),
        ("KHUB_WEB_THREADS", "0"),
        ("KHUB_WEB_PROCESSES", "1.5"),
        ("KHUB_MODE", "prod"),
        ("KHUB_LANGUAGE", "fr"),
        ("KHUB_PUBLIC", "mungkin"),
        ("KHUB_DATABASE_URL", "mysql://x"),
        ("KHUB_DATA", "  "),
        ("KHUB_UPLOADS", "a\0b"),
        ("KHUB_LOG_LEVEL", "loud"),
        ("KHUB_MAX_UPLOAD_MB", "-1"),
        ("KHUB_SMTP_TLS", "ssl"),
        ("KHUB_SMTP_PORT", "smtp"),
        ("KHUB_MAIL_FROM", "khub"),
        ("KHUB_MAIL_FROM", "khub\r\nBcc: a@b.id <khub@contoh.go.id>"),
        ("KHUB_BASE_URL", "khub.contoh.go.id"),
        ("KHUB_BASE_URL", "https://khub.contoh.go.id/?a=b"),
    ],
)
def test_a_bad_value_names_its_variable(name, value):
    with pytest.raises(SettingsError, match=rf"^{name}: "):
        load({name: value})


def test_an_unknown_variable_is_named_with_typing_errors_in_mind():
    with pytest.raises(SettingsError, match="KHUB_SECRET_KEI: no such setting"):
        load({"KHUB_SECRET_KEI": "x" * 40})
    assert load({"PATH": "/bin", "OTHER_KHUB_X": "1"}).mode == "production"


def test_a_secret_can_stand_in_a_file(tmp_path):
    secret = tmp_path / "rahasia"
    secret.write_text("s" * 40 + "\n")
    assert load({"KHUB_SECRET_KEY_FILE": str(secret)}).secret_key == "s" * 40
    assert load({"KHUB_SECRET_KEY": "y" * 40, "KHUB_SECRET_KEY_FILE": str(secret)}).secret_key == "y" * 40
    with pytest.raises(SettingsError, match="KHUB_SECRET_KEY_FILE"):
        load({"KHUB_SECRET_KEY_FILE": str(tmp_path / "tidak-ada")})
    secret.write_bytes(b"\xff\xfe")
    with pytest.raises(SettingsError, match="KHUB_SECRET_KEY_FILE"):
        load({"KHUB_SECRET_KEY_FILE": str(secret)})


def test_a_mail_server_needs_a_sender_an_address_for_links_and_tls_for_its_password():
    mail = {"KHUB_SMTP_HOST": "smtp.contoh.go.id", **SAFE}
    with pytest.raises(SettingsError, match="KHUB_MAIL_FROM"):
        load(mail).check()
    mail["KHUB_MAIL_FROM"] = "khub RAN PE <khub@contoh.go.id>"
    with pytest.raises(SettingsError, match="KHUB_BASE_URL"):
        load(mail).check()
    mail["KHUB_BASE_URL"] = "https://khub.contoh.go.id/"
    assert load(mail).check().address == "https://khub.contoh.go.id"
    mail |= {"KHUB_SMTP_USER": "khub", "KHUB_SMTP_PASSWORD": "rahasia", "KHUB_SMTP_TLS": "none"}
    with pytest.raises(SettingsError, match="KHUB_SMTP_TLS"):
        load(mail).check()


def test_the_mail_password_can_stand_in_a_file(tmp_path):
    secret = tmp_path / "sandi"
    secret.write_text("rahasia\n")
    assert load({"KHUB_SMTP_PASSWORD_FILE": str(secret)}).smtp_password == secret.read_text().strip()


def test_a_bad_value_in_a_file_names_the_variable_too(tmp_path):
    file = tmp_path / "port"
    file.write_text("delapan ribu")
    with pytest.raises(SettingsError, match="KHUB_PORT"):
        load({"KHUB_PORT_FILE": str(file)})


@pytest.mark.parametrize("secret", [DEFAULT_SECRET, "pendek", "x" * 31])
def test_production_refuses_a_default_or_short_secret(secret):
    with pytest.raises(SettingsError, match="KHUB_SECRET_KEY"):
        load({}, secret_key=secret).check()
    assert load({}, secret_key=secret, mode="test").check().mode == "test"


def test_production_keeps_the_true_time_and_safe_cookies():
    with pytest.raises(SettingsError, match="KHUB_CLOCK_SHIFT"):
        load({**SAFE, "KHUB_CLOCK_SHIFT": "60"}).check()
    assert load(SAFE).check().cookies_secure
    assert not load(SAFE, mode="demo").cookies_secure


def test_a_child_process_loads_exactly_the_same(tmp_path, monkeypatch):
    monkeypatch.setenv("KHUB_PORT", "1")
    chosen = load(
        SAFE,
        data=tmp_path / "a b",
        uploads=tmp_path / "c",
        public=True,
        port=0,
        site_note="x = 'y'",
        clock_shift=-5,
        database_url="postgresql+psycopg://u:p%40ss@h/n",
    )
    child = environment(chosen)
    assert load({name: value for name, value in child.items() if name.startswith("KHUB_")}) == chosen


def test_the_table_for_the_readme_has_every_setting_and_no_secret():
    rows = {name: (default, meaning) for name, default, meaning in table()}
    assert "KHUB_DATABASE_URL" in rows
    assert DEFAULT_SECRET not in str(rows)
    assert str(Path.cwd()) not in str(rows)
    assert all(meaning for _, meaning in rows.values())
