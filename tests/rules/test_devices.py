"""The list of one's sessions names each browser as its owner would, and keeps nothing finer."""

import pytest

from portal.account.devices import device
from portal.signin.models import OpenSession

WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
APPLE = "AppleWebKit/605.1.15 (KHTML, like Gecko)"
WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64)"
MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)"
ANDROID = "Mozilla/5.0 (Linux; Android 10; K)"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X)"


@pytest.mark.parametrize(
    ("user_agent", "said"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox – Windows"),
        ("Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox – Linux"),
        ("Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0", "Firefox – Android"),
        (f"{IPHONE} {APPLE} FxiOS/140.0 Mobile/15E148 Safari/605.1.15", "Firefox – iPhone"),
        (f"{WINDOWS} {WEBKIT} Chrome/138.0.0.0 Safari/537.36", "Chrome – Windows"),
        (f"{MAC} {WEBKIT} Chrome/138.0.0.0 Safari/537.36", "Chrome – macOS"),
        (f"{ANDROID} {WEBKIT} Chrome/138.0.0.0 Mobile Safari/537.36", "Chrome – Android"),
        (f"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) {WEBKIT} Chrome/138.0.0.0 Safari/537.36", "Chrome – ChromeOS"),
        (f"{IPHONE} {APPLE} CriOS/138.0.7204.119 Mobile/15E148 Safari/604.1", "Chrome – iPhone"),
        (f"Mozilla/5.0 (X11; Linux x86_64) {WEBKIT} Chromium/138.0.0.0 Chrome/138.0.0.0 Safari/537.36", "Chrome – Linux"),
        (f"{WINDOWS} {WEBKIT} Chrome/138.0.0.0 Safari/537.36 Edg/138.0.0.0", "Edge – Windows"),
        (f"{ANDROID} {WEBKIT} Chrome/138.0.0.0 Mobile Safari/537.36 EdgA/138.0.0.0", "Edge – Android"),
        (f"{IPHONE} {APPLE} Version/18.0 EdgiOS/138.0.3351.77 Mobile/15E148 Safari/604.1", "Edge – iPhone"),
        (f"{WINDOWS} {WEBKIT} Chrome/137.0.0.0 Safari/537.36 OPR/120.0.0.0", "Opera – Windows"),
        (f"{ANDROID} {WEBKIT} Chrome/137.0.0.0 Mobile Safari/537.36 OPR/90.0.0.0", "Opera – Android"),
        (f"{MAC} {APPLE} Version/18.5 Safari/605.1.15", "Safari – macOS"),
        (f"{IPHONE} {APPLE} Version/18.5 Mobile/15E148 Safari/604.1", "Safari – iPhone"),
        (f"Mozilla/5.0 (iPad; CPU OS 16_7 like Mac OS X) {APPLE} Version/16.6 Mobile/15E148 Safari/604.1", "Safari – iPad"),
        ("curl/8.14.1", ""),
        ("Mozilla/5.0 (compatible; robot)", ""),
        ("links (Linux 6.1)", "Linux"),
        ("", ""),
    ],
)
def test_a_browser_is_named_as_its_owner_would(user_agent: str, said: str) -> None:
    assert device(user_agent) == said


@pytest.mark.parametrize("user_agent", ["Firefox/140.0 Windows" * 1000, "<script>Firefox</script>", "Windows\x00Edg"])
def test_nothing_of_what_a_browser_says_is_kept_to_the_letter(user_agent: str) -> None:
    said = device(user_agent)
    assert len(said) <= OpenSession.model_fields["device"].metadata[0].max_length
    assert not set(said) - set("EdgeFirfox – Windows")
