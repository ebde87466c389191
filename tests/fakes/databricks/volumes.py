"""Volumes: the Files API over folders, and the same folders as jobs see them below /Volumes."""

from __future__ import annotations

import datetime as dt
import os
import re
from email.utils import format_datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.fakes.databricks.wire import ApiError, Call, Reply, Route, reply

if TYPE_CHECKING:
    from tests.fakes.databricks.workspace import Workspace

MOUNT = "/Volumes/"
MENTION = re.compile(r"(?:(?<=^)|(?<=[=,:\s\"']))(?:dbfs:)?/Volumes/")


def mapped(text: str, root: Path) -> str:
    """A job's parameter with paths below /Volumes replaced by the folders they stand for."""
    return MENTION.sub(f"{root}/Volumes/", text)


def _located(workspace: Workspace, call: Call, privilege: str) -> Path:
    """The file or folder a request is about, where the caller holds the privilege on its volume."""
    path = "/" + call.parts[0].strip("/")
    parts = path.removeprefix(MOUNT).split("/")
    if not path.startswith(MOUNT) or len(parts) < 3:
        raise ApiError(400, "INVALID_PARAMETER_VALUE", f"Invalid path: {path} is not in a volume.")
    if any(part in ("", ".", "..") for part in parts):
        raise ApiError(400, "INVALID_PARAMETER_VALUE", f"Invalid path: {path}")
    volume = workspace.securables.get("VOLUME", ".".join(parts[:3]))
    workspace.privileges.require(call.principal, privilege, volume)
    assert volume.location is not None
    return volume.location.joinpath(*parts[3:])


def upload(workspace: Workspace, call: Call) -> Reply:
    """Writes a file as a whole; `overwrite=false` keeps one that is there."""
    path = _located(workspace, call, "WRITE VOLUME")
    if path.is_dir():
        raise ApiError(409, "ALREADY_EXISTS", f"A directory already exists at {call.parts[0]}.")
    path.parent.mkdir(parents=True, exist_ok=True)
    if call.request.query.get("overwrite", "true").lower() == "false":
        try:
            with path.open("xb") as file:
                file.write(call.request.body)
        except FileExistsError as error:
            raise ApiError(409, "ALREADY_EXISTS", "The file being created already exists.") from error
    else:
        partial = path.with_name(f".{path.name}.{os.getpid()}.{id(call)}")
        partial.write_bytes(call.request.body)
        partial.replace(path)
    return Reply(204)


def download(workspace: Workspace, call: Call) -> Reply:
    """The bytes of a file, or the asked-for range of them."""
    path = _file(workspace, call)
    content = path.read_bytes()
    asked = re.fullmatch(r"bytes=(\d+)-(\d*)", call.request.headers.get("Range", ""))
    if asked is None:
        return Reply(200, content, _headers(path, len(content)))
    start = int(asked[1])
    end = min(int(asked[2] or len(content)), len(content) - 1) + 1
    headers = {**_headers(path, end - start), "Content-Range": f"bytes {start}-{end - 1}/{len(content)}"}
    return Reply(206, content[start:end], headers)


def metadata(workspace: Workspace, call: Call) -> Reply:
    """Size and time of a file."""
    path = _file(workspace, call)
    return Reply(200, b"", _headers(path, path.stat().st_size))


def _file(workspace: Workspace, call: Call) -> Path:
    path = _located(workspace, call, "READ VOLUME")
    if not path.is_file():
        raise ApiError(404, "NOT_FOUND", "The file being accessed is not found.")
    return path


def _headers(path: Path, length: int) -> dict[str, str]:
    changed = dt.datetime.fromtimestamp(path.stat().st_mtime, dt.timezone.utc)
    return {
        "Content-Type": "application/octet-stream",
        "Content-Length": str(length),
        "Last-Modified": format_datetime(changed, usegmt=True),
    }


def delete(workspace: Workspace, call: Call) -> Reply:
    """Afterwards the file is gone; deleting none is an error."""
    path = _located(workspace, call, "WRITE VOLUME")
    if not path.is_file():
        raise ApiError(404, "NOT_FOUND", "The file being accessed is not found.")
    path.unlink()
    return Reply(204)


def create_directory(workspace: Workspace, call: Call) -> Reply:
    """Afterwards the directory is there, as it may have been before."""
    path = _located(workspace, call, "WRITE VOLUME")
    if path.is_file():
        raise ApiError(409, "ALREADY_EXISTS", f"A file already exists at {call.parts[0]}.")
    path.mkdir(parents=True, exist_ok=True)
    return Reply(204)


def directory_metadata(workspace: Workspace, call: Call) -> Reply:
    """Whether a directory is there."""
    _directory(workspace, call, "READ VOLUME")
    return Reply(200)


def list_directory(workspace: Workspace, call: Call) -> Reply:
    """The entries of a directory, by name and in pages."""
    path = _directory(workspace, call, "READ VOLUME")
    entries = sorted(path.iterdir(), key=lambda entry: entry.name)
    start = int(call.request.query.get("page_token") or 0)
    end = start + min(int(call.request.query.get("page_size") or 1000), 1000)
    shown = [_entry(f"/{call.parts[0].strip('/')}", entry) for entry in entries[start:end]]
    return reply({"contents": shown, **({"next_page_token": str(end)} if end < len(entries) else {})})


def _entry(folder: str, entry: Path) -> dict[str, Any]:
    shown = {"path": f"{folder}/{entry.name}", "name": entry.name, "is_directory": entry.is_dir()}
    if entry.is_dir():
        return shown
    return {**shown, "file_size": entry.stat().st_size, "last_modified": int(entry.stat().st_mtime * 1000)}


def delete_directory(workspace: Workspace, call: Call) -> Reply:
    """Afterwards the directory is gone; one that is not empty stays."""
    path = _directory(workspace, call, "WRITE VOLUME")
    if any(path.iterdir()):
        raise ApiError(400, "DIRECTORY_NOT_EMPTY", "The directory being deleted is not empty.")
    path.rmdir()
    return Reply(204)


def _directory(workspace: Workspace, call: Call, privilege: str) -> Path:
    path = _located(workspace, call, privilege)
    if not path.is_dir():
        raise ApiError(404, "NOT_FOUND", "The directory being accessed is not found.")
    return path


ROUTES = [
    Route("PUT", "/api/2.0/fs/files/**", upload, "files.files"),
    Route("GET", "/api/2.0/fs/files/**", download, "files.files"),
    Route("HEAD", "/api/2.0/fs/files/**", metadata, "files.files"),
    Route("DELETE", "/api/2.0/fs/files/**", delete, "files.files"),
    Route("PUT", "/api/2.0/fs/directories/**", create_directory, "files.files"),
    Route("GET", "/api/2.0/fs/directories/**", list_directory, "files.files"),
    Route("HEAD", "/api/2.0/fs/directories/**", directory_metadata, "files.files"),
    Route("DELETE", "/api/2.0/fs/directories/**", delete_directory, "files.files"),
]
