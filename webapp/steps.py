"""The five steps of the wizard: one section of the configuration each."""

from __future__ import annotations

from enum import StrEnum

from generation.spec.problems import Problem


class Step(StrEnum):
    """A step, by the name in its address."""

    HOUSEHOLDS = "households"
    DEMOGRAPHICS = "demographics"
    ENGAGEMENT = "engagement"
    CAMPAIGNS = "campaigns"
    REVIEW = "review"

    @property
    def section(self) -> str:
        """The section of the configuration that the step asks for."""
        return "output" if self is Step.REVIEW else self.value

    @property
    def heading(self) -> str:
        """The step's heading."""
        return HEADINGS[self]

    @property
    def next(self) -> Step:
        """The step after this one; the last is its own."""
        steps = list(Step)
        return steps[min(steps.index(self) + 1, len(steps) - 1)]

    def is_after(self, other: Step) -> bool:
        """Whether this step comes later."""
        return list(Step).index(self) > list(Step).index(other)


HEADINGS = {
    Step.HOUSEHOLDS: "Households",
    Step.DEMOGRAPHICS: "Demographics & identity",
    Step.ENGAGEMENT: "Engagement & audiences",
    Step.CAMPAIGNS: "Campaigns & responses",
    Step.REVIEW: "Review",
}


def section_of(problem: Problem) -> str:
    """The section a problem belongs to; empty for one that concerns several."""
    return problem.pointer.split("/")[1] if problem.pointer.count("/") else ""


def problems_at(step: Step, problems: list[Problem]) -> list[Problem]:
    """The problems a step shows: its own and those that concern several sections; the last step shows all."""
    sections = {step.section, ""}
    known = {one.section for one in Step}
    return [
        problem
        for problem in problems
        if step is Step.REVIEW or section_of(problem) in sections or section_of(problem) not in known
    ]
