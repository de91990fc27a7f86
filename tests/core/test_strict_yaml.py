"""Settings that say something twice, or more than they seem to, are refused in words."""

import pytest

from mailroom.core.strict_yaml import NotYaml, RefusedYaml, load_yaml

LISTS = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12))
MERGES = "a0: &a0 {x: 1}\n" + "".join(f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 9)}]}}\n" for n in range(1, 12))


class TestDuplicateKeys:
    """Equal keys are refused, at every depth, with the key and its lines."""

    @pytest.mark.parametrize(
        ("text", "problem"),
        [
            ("a: 1\nb: 2\na: 3\n", "the key 'a' is given twice, in lines 1 and 3."),
            ("a: 1\n'a': 1\n\"a\": 1\n", "the key 'a' is given 3 times, in lines 1, 2 and 3."),
            ("{a: 1, a: 2}", "the key 'a' is given twice, in line 1."),
            ("a:\n  b: 1\n  b: 1\n", "the key 'b' is given twice, in lines 2 and 3."),
            ("- name: a\n  label: b\n  name: c\n", "the key 'name' is given twice, in lines 1 and 3."),
            ("a: &a\n  b: 1\n  b: 2\nc:\n  <<: *a\n", "the key 'b' is given twice, in lines 2 and 3."),
            ("a: &a {b: 1}\nc:\n  <<: *a\n  <<: *a\n", "the key '<<' is given twice, in lines 3 and 4."),
            ("1: a\n0x1: b\n", "the key '1' is given twice, in lines 1 and 2."),
        ],
    )
    def test_key_and_lines_are_named(self, text: str, problem: str) -> None:
        """However the key is quoted, and whatever the values are."""
        with pytest.raises(RefusedYaml) as refusal:
            load_yaml(text)
        (only,) = refusal.value.problems
        assert only.startswith(problem)

    def test_each_key_has_its_problem(self) -> None:
        """All at once."""
        with pytest.raises(RefusedYaml) as refusal:
            load_yaml("a: 1\na: 1\nb: {c: 1, c: 1}\n")
        assert len(refusal.value.problems) == 2

    def test_keys_of_two_mappings_are_no_duplicates(self) -> None:
        """Each entry of a list has a name."""
        assert load_yaml("- name: a\n- name: b\n") == [{"name": "a"}, {"name": "b"}]

    def test_what_is_merged_may_be_overridden(self) -> None:
        """That is what merge keys are for."""
        assert load_yaml("a: &a {b: 1}\nc:\n  <<: *a\n  b: 2\n")["c"] == {"b": 2}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (LISTS, "aliases stand for too many values"),
        (MERGES, "aliases stand for too many values"),
        ("a: &a [*a]", "the alias in line 1 stands for itself"),
        ("a: &a {b: {c: *a}}", "the alias in line 1 stands for itself"),
        ("[" * 5000, "nested too deep"),
    ],
)
def test_what_would_take_all_memory_is_refused(text: str, problem: str) -> None:
    """Before anything of it is built."""
    with pytest.raises(RefusedYaml, match=problem):
        load_yaml(text)


@pytest.mark.parametrize("value", ["2024-13-45", "9" * 5000, "!!int sekret", "!!timestamp sekret"])
def test_a_value_that_is_none_is_marked(value: str) -> None:
    """It looks like a date or a number, or says that it is something, and is not."""
    with pytest.raises(NotYaml, match=r"not YAML near line 2\.((?!sekret).)*$"):
        load_yaml(f"a: 1\nb: {value}\n")
