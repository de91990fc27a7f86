"""YAML in which nothing is said twice, and which is no larger than it looks.

YAML itself lets the last of equal keys win, and a few lines of aliases that stand for aliases become gigabytes.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any, Final

import yaml

from mailroom.core.errors import MailroomError

_MAX_VALUES: Final = 100_000
_MAX_QUOTE: Final = 60
_MERGE: Final = "tag:yaml.org,2002:merge"


class NotYaml(MailroomError):
    """The text is no YAML. Its own text is to follow the name of where that stands."""


class RefusedYaml(MailroomError):
    """The text is YAML that nobody can have meant so; `problems` are to follow the name of where it stands."""

    def __init__(self, *problems: str) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


def load_yaml(text: str) -> Any:
    """What the text says, in plain values. Raises `NotYaml` or `RefusedYaml`, neither of which quotes a value."""
    try:
        return yaml.load(text, Loader=_StrictLoader)  # noqa: S506 - it is a SafeLoader
    except yaml.MarkedYAMLError as error:
        line = f" near line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise NotYaml(f"not YAML{line}. Check indentation, colons and quotes there.") from None
    except yaml.YAMLError:
        raise NotYaml("not YAML. It must be plain text without control characters.") from None
    except RecursionError:
        raise RefusedYaml("nested too deep. Write one setting a line.") from None


class _StrictLoader(yaml.SafeLoader):
    def get_single_node(self) -> Any:
        """The tree, before merge keys and aliases are replaced in it."""
        root = super().get_single_node()
        if root is not None:
            mappings = [node for node in _Nodes(root).all if isinstance(node, yaml.MappingNode)]
            repeated = [problem for mapping in mappings for problem in _twice(self._key_lines(mapping))]
            if repeated:
                raise RefusedYaml(*repeated)
        return root

    def construct_object(self, node: Any, deep: bool = False) -> Any:  # noqa: FBT001, FBT002 - PyYAML's signature
        """A value. One that looks like a date or a number and is none is an error as marked as all others."""
        try:
            return super().construct_object(node, deep)
        except (ValueError, TypeError, AttributeError) as error:
            raise yaml.constructor.ConstructorError(None, None, str(error), node.start_mark) from error

    def _key_lines(self, mapping: yaml.MappingNode) -> dict[str, list[int]]:
        """In which lines each key stands, however it is spelled there. What a merge key brings may be overridden."""
        lines: defaultdict[str, list[int]] = defaultdict(list)
        for key, _value in mapping.value:
            if isinstance(key, yaml.ScalarNode):
                name = key.value if key.tag == _MERGE else str(self.construct_object(key))
                lines[name].append(key.start_mark.line + 1)
        return lines


class _Nodes:
    """Every node of a tree once. Raises `RefusedYaml` where aliases make the tree too large, or endless."""

    def __init__(self, root: yaml.Node) -> None:
        self.all: list[yaml.Node] = []
        self._sizes: dict[yaml.Node, int | None] = {}
        if self._size(root) > _MAX_VALUES:
            raise RefusedYaml("its aliases stand for too many values. Write them out.")

    def _size(self, node: yaml.Node) -> int:
        """How many values there are once every alias is replaced by what it stands for."""
        if node in self._sizes:
            size = self._sizes[node]
            if size is None:
                raise RefusedYaml(f"the alias in line {node.start_mark.line + 1} stands for itself. Remove it.")
            return size
        self.all.append(node)
        self._sizes[node] = None
        size = 1 + sum(map(self._size, _children(node)))
        self._sizes[node] = size
        return size


def _children(node: yaml.Node) -> Iterator[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        for pair in node.value:
            yield from pair
    elif isinstance(node, yaml.SequenceNode):
        yield from node.value


def _twice(key_lines: Mapping[str, list[int]]) -> Iterator[str]:
    for name, found in key_lines.items():
        if len(found) > 1:
            distinct = list(dict.fromkeys(found))
            where = f"line {distinct[0]}" if len(distinct) == 1 else f"lines {_listed(distinct)}"
            remedy = "Merge several by one: <<: [*a, *b]." if name == "<<" else "Keep one of them."
            yield f"the key {name[:_MAX_QUOTE]!r} is given {_times(len(found))}, in {where}. {remedy}"


def _listed(numbers: list[int]) -> str:
    *first, last = map(str, numbers)
    return f"{', '.join(first)} and {last}"


def _times(count: int) -> str:
    return "twice" if count == 2 else f"{count} times"  # noqa: PLR2004 - which has a word of its own
