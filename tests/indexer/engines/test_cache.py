"""The cache keeps to its bytes, and forgets what was used longest ago."""

from __future__ import annotations

from indexer.engines.cache import ByteCache


def test_the_oldest_goes_first_and_use_keeps() -> None:
    cache: ByteCache[str] = ByteCache(10_000)
    for key in "abc":
        cache.put(key, key, 2_500)
    assert cache.get("a") == "a"
    cache.put("d", "d", 2_500)
    assert [key for key in "abcd" if cache.get(key)] == ["a", "c", "d"]
    assert cache.size <= cache.limit


def test_what_is_larger_than_the_cache_is_not_kept_and_moves_nothing_out() -> None:
    cache: ByteCache[str] = ByteCache(10_000)
    cache.put("a", "a", 5_000)
    cache.put("b", "b", 20_000)
    assert cache.get("b") is None
    assert cache.get("a") == "a"
    cache.clear()
    assert (cache.get("a"), cache.size, len(cache)) == (None, 0, 0)
