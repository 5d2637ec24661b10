"""The demonstration's places."""

from __future__ import annotations

from pathlib import Path

import pytest

from agentassist import paths
from agentassist.clock import SystemClock
from agentassist.session import demo


@pytest.fixture
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the user's home, as it is set for this test."""
    monkeypatch.setenv(paths.HOME_VARIABLE, str(tmp_path / "home"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path / "home"


def test_the_records_go_when_it_ends(own_home: Path) -> None:
    """Nothing of it stays but the index in the user's cache."""
    with demo.home(SystemClock(), keep=False) as places:
        assert places.data.stat().st_mode & 0o777 == 0o700
    assert not places.data.exists()
    assert places.index.parent == own_home / "cache"


def test_what_is_kept_can_be_opened_again(own_home: Path) -> None:
    """Records and index are in one folder, which as AGENTASSIST_HOME is a whole desk."""
    with demo.home(SystemClock(), keep=True) as places:
        pass
    assert places.data.is_dir()
    assert places.data.parent == own_home
    assert (places.database, places.index) == (paths.under(places.data).database, paths.under(places.data).index)
