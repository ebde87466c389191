"""Words for invented titles, advertisers and campaigns: the only import of Faker, used on the driver alone.

Faker gives word lists; which word is taken is decided by our own draws, so that a newer Faker with another generator
cannot change which position is drawn.
"""

from __future__ import annotations

import functools

from faker.providers.company.en_US import Provider as Company
from faker.providers.lorem.en_US import Provider as Lorem

from generation.engine.draw import driver_uniform

CATEGORY_NOUNS = {
    "news": ("Report", "Briefing", "Dispatch", "Chronicle", "Monitor"),
    "sports": ("Match", "Derby", "Sprint", "Final", "Season"),
    "drama": ("Secrets", "Harbor", "Inheritance", "Verdict", "Winter"),
    "comedy": ("Mishaps", "Roommates", "Detour", "Antics", "Wedding"),
    "lifestyle": ("Kitchen", "Garden", "Makeover", "Journey", "Studio"),
    "kids_family": ("Adventures", "Friends", "Forest", "Treasure", "Parade"),
    "gaming": ("Speedrun", "Arena", "Quest", "Walkthrough", "League"),
    "documentary": ("Origins", "Planet", "Witness", "Expedition", "Archive"),
    "music": ("Sessions", "Anthem", "Encore", "Remix", "Serenade"),
}
GOALS = (
    "Launch",
    "Season Sale",
    "Brand Story",
    "Welcome Offer",
    "Loyalty Days",
    "Holiday Push",
    "Spring Refresh",
    "Win Back",
)


@functools.cache
def words() -> tuple[str, ...]:
    """English words, sorted, so that their order is ours."""
    return tuple(sorted({word for word in Lorem.word_list if len(word) > 3 and word.isalpha()}))


@functools.cache
def company_endings() -> tuple[str, ...]:
    """Legal forms of companies, sorted."""
    return tuple(sorted(set(Company.company_suffixes)))


def _pick(options: tuple[str, ...], seed: int, decision: str, key: int) -> str:
    return options[int(driver_uniform(seed, decision, key) * len(options))]


def title_words(seed: int, content_id: int, category: str) -> str:
    """An invented title of a category."""
    first = _pick(words(), seed, "title word", content_id).capitalize()
    noun = _pick(CATEGORY_NOUNS[category], seed, "title noun", content_id)
    return f"{first} {noun} {content_id}"


def advertiser(seed: int, campaign_id: int) -> str:
    """An invented advertiser."""
    stem = _pick(words(), seed, "advertiser word", campaign_id).capitalize()
    return f"{stem} {_pick(company_endings(), seed, 'advertiser ending', campaign_id)} (synthetic)"


def campaign_goal(seed: int, campaign_id: int) -> str:
    """What a campaign is for."""
    return _pick(GOALS, seed, "campaign goal", campaign_id)
