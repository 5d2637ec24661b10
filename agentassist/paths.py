"""The only module that knows directories.

`AGENTASSIST_HOME` moves them all. Nothing is created on import; `ensure` makes a directory only its owner can read.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

HOME_VARIABLE = "AGENTASSIST_HOME"


@dataclass(frozen=True, slots=True)
class Paths:
    """Where one user's files live.

    Attributes:
        config: folder of `config.toml`.
        data: folder of the records and the index.
        cache: what can be deleted at any time (embeddings, exported encoders).
        index: the folder that holds the published index bundles.
    """

    config: Path
    data: Path
    cache: Path
    index: Path

    @property
    def config_file(self) -> Path:
        """The configuration, TOML."""
        return self.config / "config.toml"

    @property
    def database(self) -> Path:
        """The records."""
        return self.data / "agentassist.db"

    @property
    def log_file(self) -> Path:
        """What the desk notes of its own troubles; no customer's words."""
        return self.data / "desk.log"


def default_paths() -> Paths:
    """Return the places of this user, honouring `AGENTASSIST_HOME`."""
    home = os.environ.get(HOME_VARIABLE)
    if home:
        return under(Path(home).expanduser())
    import platformdirs

    dirs = platformdirs.PlatformDirs("agentassist", appauthor=False)
    data = dirs.user_data_path
    return Paths(config=dirs.user_config_path, data=data, cache=dirs.user_cache_path, index=data / "index")


def under(home: Path) -> Paths:
    """Return the places inside one folder."""
    return Paths(config=home, data=home, cache=home / "cache", index=home / "index")


def ensure(folder: Path) -> Path:
    """Make `folder` and its parents if they are missing; a new one has mode 0700.

    Raises:
        OSError: it cannot be made.
    """
    if not folder.is_dir():
        ensure(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def sample_kb() -> Path:
    """Return the knowledge base that ships: inside an installed package, or beside a checkout."""
    package = Path(__file__).parent
    installed = package / "sample_kb"
    return installed if installed.is_dir() else package.parent / "kb"
