"""A Databricks workspace on this machine, for tests and for trying the app out; see README.md beside this file."""

from tests.fakes.databricks.workspace import Workspace, fake_workspace

__all__ = ["Workspace", "fake_workspace"]
