"""The wizard: five steps to a dataset."""
