from __future__ import annotations

from pathlib import Path

import pytest

from webapp.settings import BadSetting, Settings


def test_without_an_environment_the_server_is_for_this_machine_alone() -> None:
    settings = Settings.from_environment({})
    assert (settings.host, settings.port, settings.is_open) == ("127.0.0.1", 8000, False)
    assert settings.store_url == f"sqlite:///{Path('datasets').absolute() / '_app' / 'store.db'}"


def test_inside_databricks_apps_it_listens_where_the_platform_says() -> None:
    settings = Settings.from_environment({"DATABRICKS_APP_NAME": "idgraph", "DATABRICKS_APP_PORT": "8001"})
    assert (settings.host, settings.port, settings.in_databricks, settings.starter) == ("0.0.0.0", 8001, True, False)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_a_postgres_url_gets_the_driver_that_is_shipped(scheme: str) -> None:
    assert Settings.from_environment({"DATABASE_URL": f"{scheme}://u@h/d"}).database_url == "postgresql+psycopg://u@h/d"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "eighty"),
        ("PORT", "70000"),
        ("IDGRAPH_SLOTS", "0"),
        ("IDGRAPH_SLOTS", "1.5"),
        ("IDGRAPH_LEASE_SECONDS", "nan"),
        ("IDGRAPH_BACKEND", "moon"),
        ("DATABASE_URL", "mysql://u:hidden@h/d"),
    ],
)
def test_a_bad_setting_is_refused_with_its_name(name: str, value: str) -> None:
    with pytest.raises(BadSetting, match=name) as refused:
        Settings.from_environment({name: value})
    assert "hidden" not in str(refused.value)


def test_the_preview_socket_fits_a_socket_address_however_deep_the_folder_lies() -> None:
    assert len(str(Settings(datasets_dir=Path("/deep" * 60)).preview_socket)) < 100
