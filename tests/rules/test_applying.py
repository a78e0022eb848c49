"""Which lists serve a school: said by a programme, else to confirm, else not; and what is unknown is never a yes or a no."""

import pytest

from catalogue.lists.applying import Serving, Taught, Verdict, may_teach, serving

STI2D, SIO, CIEL = "series:sti2d", "bts:sio", "bac-pro:ciel"


def taught(*codes: str, declared: bool = False) -> Taught:
    return Taught(dict.fromkeys(codes, "un nom"), declared)


def test_a_list_without_programmes_serves_every_school() -> None:
    for known in (taught(), taught("track:general"), taught(declared=True)):
        assert serving("socle", [], known) == Serving("socle", Verdict.APPLIES)


def test_a_programme_brings_a_list_and_is_named() -> None:
    known = taught("track:technological", STI2D, CIEL)
    assert serving("sti2d", [STI2D], known) == Serving("sti2d", Verdict.APPLIES, (STI2D,))
    assert serving("sio", [SIO, CIEL, STI2D], known).because == (CIEL, STI2D)


def test_one_programme_known_makes_the_others_of_the_list_no_matter() -> None:
    """« Applies » is not mixed with what might be taught besides."""
    assert serving("sio", [SIO, CIEL], taught("track:vocational", CIEL)).because == (CIEL,)


@pytest.mark.parametrize(
    ("code", "track"),
    [(STI2D, "track:technological"), (CIEL, "track:vocational"), ("cap:cuisine", "track:vocational"), (SIO, "track:post-bac")],
)
def test_a_published_track_leaves_its_programmes_possible_and_the_others_not(code: str, track: str) -> None:
    assert serving("liste", [code], taught(track)) == Serving("liste", Verdict.TO_CONFIRM, (code,))
    assert serving("liste", [code], taught("track:general")).verdict is Verdict.OTHER


def test_a_school_of_which_nothing_is_known_may_teach_anything() -> None:
    assert serving("liste", [STI2D, SIO], taught()) == Serving("liste", Verdict.TO_CONFIRM, (STI2D, SIO))


def test_a_declaration_is_the_whole_list() -> None:
    known = taught("track:technological", "series:stmg", declared=True)
    assert serving("sti2d", [STI2D], known) == Serving("sti2d", Verdict.OTHER)
    assert not may_teach(SIO, taught("track:post-bac", declared=True))


def test_bts_are_published_together_so_the_missing_ones_are_not_taught() -> None:
    assert not may_teach("bts:cg", taught("track:post-bac", SIO))
    assert may_teach("bts:cg", taught("track:post-bac"))
    assert may_teach(STI2D, taught("track:technological", "track:post-bac", SIO))  # says nothing of series


def test_a_programme_of_a_kind_nobody_placed_is_possible_only_where_nothing_is_known() -> None:
    assert may_teach("mention:soudage", taught())
    assert not may_teach("mention:soudage", taught("track:vocational"))
