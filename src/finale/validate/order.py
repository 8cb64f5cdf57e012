"""Order among things that wait for each other. Nothing recurses: a chain may be as long as a manifest can be."""

from collections.abc import Mapping, Sequence

__all__ = ["find_cycle", "sorted_by_need"]


def find_cycle(needs: Mapping[str, Sequence[str]]) -> list[str]:
    """One circle of `needs` (name → names it waits for) with its first name repeated at the end, or an empty list."""
    done: set[str] = set()
    for root in needs:
        if root in done:
            continue
        trail, place = [root], {root: 0}
        pending = [iter(needs[root])]
        while pending:
            name = next(pending[-1], None)
            if name is None:
                pending.pop()
                left = trail.pop()
                del place[left]
                done.add(left)
            elif name in place:
                return [*trail[place[name] :], name]
            elif name in needs and name not in done:
                place[name] = len(trail)
                trail.append(name)
                pending.append(iter(needs[name]))
    return []


def sorted_by_need(needs: Mapping[str, Sequence[str]]) -> list[str]:
    """Names so that each comes after all it waits for, otherwise in the given order; those of a circle come last."""
    waiting = {name: sum(1 for need in set(wanted) if need in needs) for name, wanted in needs.items()}
    followers: dict[str, list[str]] = {}
    for name, wanted in needs.items():
        for need in set(wanted):
            followers.setdefault(need, []).append(name)
    order = [name for name in needs if not waiting[name]]
    for name in order:
        for follower in followers.get(name, ()):
            waiting[follower] -= 1
            if not waiting[follower]:
                order.append(follower)
    if len(order) < len(needs):
        placed = set(order)
        order += [name for name in needs if name not in placed]
    return order
