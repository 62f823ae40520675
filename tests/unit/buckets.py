"""The table `limits` as one instance alone would find it: what it writes is there, and no condition fails."""

from typing import Any

from heliograph.limits import BucketItem


class Buckets:
    def __init__(self) -> None:
        self.items: dict[str, dict[str, Any]] = {}

    def update_or_read(self, item: BucketItem, actions: list[Any], _condition: Any = None) -> bool:
        """In the place of `tables.update_or_read`."""
        stored = self.items.setdefault(item.subject, {"subject": {"S": item.subject}})
        for action in actions:
            path, operand = action.values
            name = str(path)
            before = stored.get(name, {})
            if type(action).__name__ == "SetAction":
                stored[name] = operand.value if hasattr(operand, "value") else _sum(before, operand)
            else:
                given, former = set(operand.value["SS"]), set(before.get("SS", ()))
                stored[name] = {"SS": former | given if type(action).__name__ == "AddAction" else former - given}
        item.deserialize(stored)
        return True


def _sum(before: dict[str, str], increment: Any) -> dict[str, str]:
    return {"N": str(int(before.get("N", 0)) + int(increment.values[1].value["N"]))}
