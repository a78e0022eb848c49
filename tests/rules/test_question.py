"""One question, one address: what was asked is read once, written back the same, and odd input is left aside."""

from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.search.question import FACETS, LONGEST_TEXT, MOST_PER_PAGE, PER_PAGE, SORTS, Question

values = st.from_regex(r"[a-z0-9-]{1,12}", fullmatch=True)
questions = st.builds(
    Question.of,
    st.lists(
        st.one_of(
            st.tuples(st.just("q"), st.text(max_size=30)),
            st.tuples(st.sampled_from(FACETS), values),
            st.tuples(st.just("sort"), st.sampled_from(SORTS)),
            st.tuples(st.sampled_from(("page", "per_page")), st.integers(-5, 200_000).map(str)),
        ),
        max_size=12,
    ),
)


def read(address: str) -> Question:
    return Question.of(parse_qsl(urlsplit(address).query, keep_blank_values=True))


@given(questions)
def test_an_address_read_again_is_the_same_question(asked: Question) -> None:
    assert read(asked.url()).pairs() == asked.pairs()


@given(st.lists(st.tuples(st.text(max_size=10) | st.sampled_from(("q", "page", "sort", *FACETS)), st.text(max_size=300))))
def test_no_address_is_refused(pairs: list[tuple[str, str]]) -> None:
    asked = Question.of(pairs)
    assert len(asked.text) <= LONGEST_TEXT
    assert asked.page >= 1
    assert 1 <= asked.per_page <= MOST_PER_PAGE
    assert asked.sort in SORTS
    assert read(asked.url()).pairs() == asked.pairs()


@given(questions, st.sampled_from(FACETS), values)
def test_a_value_added_by_its_link_then_removed_by_its_link_leaves_the_question_as_it_was(
    asked: Question, facet: str, value: str
) -> None:
    chosen = asked.chosen.get(facet, ())
    before, after = asked.around()[facet]
    added = read(before + value + after)
    assert set(added.chosen[facet]) == {*chosen, value}
    assert added.page == 1
    removed = read(added.url_without(facet, value))
    left = {**asked.chosen, facet: tuple(one for one in chosen if one != value)}
    assert {name: found for name, found in removed.chosen.items() if found} == {
        name: found for name, found in left.items() if found
    }
    assert (removed.text, removed.sort, removed.per_page, removed.page) == (asked.text, asked.sort, asked.per_page, 1)


def test_every_value_of_a_large_facet_can_be_chosen_at_once() -> None:
    many = [("category", f"c{number}") for number in range(80)]
    assert len(Question.of(many).chosen["category"]) == 80


@pytest.mark.parametrize(
    ("name", "value", "page"),
    [("page", "0", 1), ("page", "-1", 1), ("page", "two", 1), ("page", "", 1), ("page", "7", 7), ("page", "9" * 9, 100_000)],
)
def test_a_page_is_a_number_that_can_be_reached(name: str, value: str, page: int) -> None:
    assert Question.of([(name, value)]).page == page


@pytest.mark.parametrize(("value", "size"), [("0", 1), ("40", 40), ("1000", MOST_PER_PAGE), ("all", PER_PAGE), ("٣", PER_PAGE)])
def test_a_page_has_twenty_five_lines_until_asked_otherwise(value: str, size: int) -> None:
    assert PER_PAGE == 25
    assert Question.of([]).per_page == PER_PAGE
    assert Question.of([("per_page", value)]).per_page == size


@pytest.mark.parametrize("value", ["", "Windows", "a b", "a'b", "<script>", "a" * 81, "é", "a_b", "a\n"])
def test_what_cannot_be_a_value_is_left_out(value: str) -> None:
    assert Question.of([("platform", value)]) == Question()


def test_what_is_not_a_facet_or_an_order_is_left_out() -> None:
    assert Question.of([("colour", "red"), ("sort", "price"), ("sort", ""), ("Q", "gimp")]) == Question()


def test_words_are_cleaned_and_the_first_that_say_something_are_kept() -> None:
    assert Question.of([("q", " \x00\t "), ("q", "  geo\x00 \n gebra "), ("q", "gimp")]).text == "geo gebra"
    assert Question.of([("q", "\ud800 gimp")]).text == "gimp"
    assert Question.of([("q", "é" * 1000)]).text == "é" * LONGEST_TEXT


def test_arguments_in_another_order_are_the_same_address() -> None:
    pairs = [("sort", "name"), ("q", "carte"), ("level", "seconde"), ("discipline", "svt"), ("discipline", "arts")]
    assert Question.of(pairs).url() == Question.of(reversed(pairs)).url()


def test_a_value_said_twice_counts_once() -> None:
    assert Question.of([("level", "seconde")] * 3).chosen == {"level": ("seconde",)}


def test_without_filters_words_and_order_remain() -> None:
    asked = Question.of([("q", "carte"), ("sort", "name"), ("level", "seconde"), ("page", "3")])
    assert asked.without_filters().url() == "/catalogue?q=carte&sort=name"


def test_another_page_of_a_question_keeps_the_rest() -> None:
    asked = Question.of([("q", "carte"), ("level", "seconde"), ("per_page", "10")])
    assert asked.url(page=3) == "/catalogue?q=carte&level=seconde&per_page=10&page=3"
    assert asked.url(page=1) == asked.url()


def test_nothing_asked_is_the_bare_address() -> None:
    assert Question.of([("page", "1"), ("per_page", "25"), ("sort", "relevance")]).url() == "/catalogue"
