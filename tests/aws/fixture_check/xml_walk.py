"""An XML document beside the shape it should have."""

from xml.etree.ElementTree import Element

from botocore.model import Shape

from .absent import LEFT_OUT
from .scalars import text_problem

NOT_IN_BODY = {"header", "headers", "statusCode", "uri", "querystring"}


def local_name(element: Element) -> str:
    return element.tag.rpartition("}")[2]


class XmlWalk:
    def __init__(self) -> None:
        self.problems: list[str] = []
        self.scalars = 0

    def value(self, shape: Shape, element: Element, path: str) -> None:
        kind = shape.type_name
        if kind == "structure":
            self.structure(shape, element, path)
        elif kind == "list":
            self.items(shape, list(element), path, element)
        elif kind == "map":
            self.entries(shape, list(element), path)
        else:
            self.scalar(shape, element, path)

    def structure(self, shape: Shape, element: Element, path: str) -> None:
        self.no_text(element, path)
        members = {
            wire_name(name, member): member
            for name, member in shape.members.items()
            if member.serialization.get("location") not in NOT_IN_BODY and not member.serialization.get("xmlAttribute")
        }
        attributes = [member for member in shape.members.values() if member.serialization.get("xmlAttribute")]
        self.scalars += sum(1 for member in attributes if has_attribute(element, member))
        children: dict[str, list[Element]] = {}
        for child in element:
            children.setdefault(local_name(child), []).append(child)
        for name, found in children.items():
            if name not in members:
                self.problems.append(f"{path}/{name} does not exist")
            elif is_flattened(members[name]):
                self.flattened(members[name], found, f"{path}/{name}")
            elif len(found) > 1:
                self.problems.append(f"{path}/{name} is there {len(found)} times")
            else:
                self.value(members[name], found[0], f"{path}/{name}")
        for name in shape.required_members:
            wanted = wire_name(name, shape.members[name])
            if wanted in members and wanted not in children and (shape.name, name) not in LEFT_OUT:
                self.problems.append(f"{path}/{wanted} is missing")

    def items(self, shape: Shape, elements: list[Element], path: str, parent: Element) -> None:
        self.no_text(parent, path)
        wanted = shape.member.serialization.get("name", "member")
        for index, item in enumerate(elements):
            if local_name(item) != wanted:
                self.problems.append(f"{path}/{local_name(item)} should be <{wanted}>")
            else:
                self.value(shape.member, item, f"{path}[{index}]")

    def flattened(self, shape: Shape, elements: list[Element], path: str) -> None:
        for index, item in enumerate(elements):
            if shape.type_name == "map":
                self.entry(shape, item, f"{path}[{index}]")
            else:
                self.value(shape.member, item, f"{path}[{index}]")

    def entries(self, shape: Shape, elements: list[Element], path: str) -> None:
        for index, entry in enumerate(elements):
            if local_name(entry) != "entry":
                self.problems.append(f"{path}/{local_name(entry)} should be <entry>")
            else:
                self.entry(shape, entry, f"{path}[{index}]")

    def entry(self, shape: Shape, element: Element, path: str) -> None:
        key_name = shape.key.serialization.get("name", "key")
        value_name = shape.value.serialization.get("name", "value")
        parts = {local_name(child): child for child in element}
        if set(parts) != {key_name, value_name}:
            self.problems.append(f"{path} should hold <{key_name}> and <{value_name}>")
            return
        self.value(shape.value, parts[value_name], path)

    def scalar(self, shape: Shape, element: Element, path: str) -> None:
        self.scalars += 1
        if len(element):
            self.problems.append(f"{path} is {shape.type_name}, but holds elements")
        elif problem := text_problem(shape, element.text or ""):
            self.problems.append(f"{path} {problem}")

    def without_child(self, element: Element, *names: str) -> Element:
        """A copy without the envelope's own child, which has to be there."""
        rest = Element(element.tag, element.attrib)
        rest.extend(child for child in element if local_name(child) not in names)
        if len(rest) == len(element):
            self.problems.append(f"has no <{names[0]}>")
        return rest

    def no_text(self, element: Element, path: str) -> None:
        texts = [element.text, *(child.tail for child in element)]
        if any(text and text.strip() for text in texts):
            self.problems.append(f"{path} holds text between its elements")


def wire_name(name: str, member: Shape) -> str:
    if is_flattened(member) and member.type_name == "list":
        return member.member.serialization.get("name", member.serialization.get("name", name))
    return member.serialization.get("name", name)


def is_flattened(shape: Shape) -> bool:
    return bool(shape.serialization.get("flattened"))


def has_attribute(element: Element, member: Shape) -> bool:
    wanted = member.serialization["name"].rpartition(":")[2]
    return any(name.rpartition("}")[2] == wanted for name in element.attrib)
