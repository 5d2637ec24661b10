"""Where a database may live: not on a network, where file locks are a promise that nobody keeps."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from agentassist.errors import StoreError

MOUNTS = Path("/proc/mounts")

NETWORK = frozenset({
    "9p", "afs", "beegfs", "ceph", "cifs", "coda", "davfs", "gfs", "gfs2", "glusterfs", "gpfs", "lustre", "ncpfs",
    "nfs", "nfs4", "ocfs2", "orangefs", "smb3", "smbfs",
})  # fmt: skip
"""File system types whose files other machines can change; WAL needs shared memory that they do not have.

https://www.sqlite.org/wal.html: "WAL does not work over a network filesystem."
"""

NETWORK_FUSE = frozenset({
    "fuse.ceph", "fuse.davfs", "fuse.glusterfs", "fuse.goofys", "fuse.juicefs", "fuse.rclone", "fuse.s3fs",
    "fuse.sshfs", "fuse.grpcfuse", "fuse.osxfs",
})  # fmt: skip


def kind_of(path: Path, mounts: str) -> str:
    r"""Return the type of the file system that holds `path`, by the text of /proc/mounts; empty when unknown.

    Args:
        path: absolute, links resolved.
        mounts: lines of device, mount point, type, options; spaces in a name are written as \040.
    """
    best, kind = -1, ""
    for line in mounts.splitlines():
        fields = line.split(" ")
        if len(fields) < 3:
            continue
        point = Path(re.sub(r"\\([0-7]{3})", lambda found: chr(int(found.group(1), 8)), fields[1]))
        # A later mount hides an earlier one at the same place.
        if path.is_relative_to(point) and len(point.parts) >= best:
            best, kind = len(point.parts), fields[2]
    return kind


def refuse_network(path: Path, mounts: Path = MOUNTS) -> None:
    """Refuse a file that other machines could write too.

    Raises:
        StoreError: it is on a network file system.
    """
    kind = network_kind(path, mounts)
    if kind:
        raise StoreError(
            f"{path} is on a network file system ({kind}), where several writers would damage it",
            "Set AGENTASSIST_HOME to a folder on a disk of this machine.",
        )


def network_kind(path: Path, mounts: Path = MOUNTS) -> str:
    """Return the type of the network file system that holds `path`; empty for a local one or when it is not known."""
    if not sys.platform.startswith("linux"):
        return ""
    try:
        text = mounts.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        # Without /proc nothing can be known, and refusing every disk would be worse.
        return ""
    kind = kind_of(path.resolve(), text)
    return kind if kind in NETWORK or kind in NETWORK_FUSE else ""
