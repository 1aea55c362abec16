"""Places of boxes and lines: nothing overlaps, lines run forward, cross rarely, and are straight where they can be."""

import time
from itertools import combinations, pairwise

import numpy as np
import pytest

from dezero.viz.layout import Box, Line, Spacing, place


def graph(text, size=(40.0, 10.0)):
    """Boxes and lines of a text such as "a b > f, f > c"; operands are in order, and lower-case leaves are leaves."""
    lines = []
    for part in text.split(","):
        sources, _, targets = part.partition(">")
        for target in targets.split():
            lines += [Line(source, target, 0.0, 0.001 * i) for i, source in enumerate(sources.split())]
    targets = {line.target for line in lines}
    ids = dict.fromkeys(id for line in lines for id in (line.source, line.target))
    return [Box(id, size[0], size[1], size[1], leaf=id not in targets) for id in ids], lines


def random_graph(count, seed=0):
    choose = np.random.RandomState(seed)
    lines = []
    for n in range(4, count):
        for i in range(choose.randint(1, 4)):
            lines.append(Line(f"n{choose.randint(max(0, n - 15), n)}", f"n{n}", 0.0, 0.001 * i))
    targets = {line.target for line in lines}
    sizes = choose.randint(10, 60, (count, 3)).astype(float)
    ids = dict.fromkeys(id for line in lines for id in (line.source, line.target))
    return [Box(id, *sizes[int(id[1:])], leaf=id not in targets) for id in ids], lines


def extents(boxes, placed):
    for box in boxes:
        start, end, axis = placed.boxes[box.id]
        yield box.id, (start, axis - box.before, end, axis + box.after)


def overlap(a, b):
    return min(a[2], b[2]) - max(a[0], b[0]) > 0.01 and min(a[3], b[3]) - max(a[1], b[1]) > 0.01


@pytest.mark.parametrize("seed", range(4))
def test_boxes_keep_apart_and_lines_run_forward(seed):
    boxes, lines = random_graph(60, seed)
    placed = place(boxes, lines)
    for (_, a), (_, b) in combinations(extents(boxes, placed), 2):
        assert not overlap(a, b)
    for line, way in zip(lines, placed.routes):
        assert way[0][0] == placed.boxes[line.source][1]
        assert way[-1][0] == placed.boxes[line.target][0]
        mains = [main for main, _ in way]
        assert mains == sorted(mains)
    for _, (left, top, right, bottom) in extents(boxes, placed):
        assert left >= 0 and top >= -0.51 and right <= placed.size[0] and bottom <= placed.size[1] + 0.51


@pytest.mark.parametrize(
    "text",
    [
        "a b > f",
        "a b > f, f c > g",
        "a b > f, c d > g, f g > h, h e > i",
        "a > f, f > g h, g h > i",
        "a > f, f > g, g > h, f h > i",
        "a > f g h i j k",
        "a > f, b > g, a b > h",
        "c b a > f, f a > g",
    ],
)
def test_graphs_that_can_be_drawn_without_crossings_are(text):
    assert place(*graph(text)).crossings == 0


def test_operands_keep_their_order():
    placed = place(*graph("z y > f, x w > g, f g > h, h a > i"))
    order = sorted("zyxw", key=lambda id: placed.boxes[id][2])
    assert order == list("zyxw")
    assert placed.boxes["h"][2] < placed.boxes["a"][2]


def test_a_chain_is_straight():
    placed = place(*graph("a > f, f > g, g > h, h > i"))
    assert len({axis for _, _, axis in placed.boxes.values()}) == 1
    assert len({cross for way in placed.routes for _, cross in way}) == 1


def test_the_chain_stays_straight_where_leaves_join_it():
    placed = place(*graph("x a > f, f b > g, c g > h"))
    assert placed.boxes["f"][2] == placed.boxes["g"][2] == placed.boxes["h"][2]
    assert placed.boxes["c"][2] < placed.boxes["h"][2] < placed.boxes["b"][2]


def test_an_operation_stands_in_the_middle_of_its_leaves():
    placed = place(*graph("a b > f"))
    assert abs(placed.boxes["f"][2] - (placed.boxes["a"][2] + placed.boxes["b"][2]) / 2) <= 0.5


def test_a_leaf_stands_beside_its_first_user():
    placed = place(*graph("a > f, f > g, g b > h"))
    assert placed.boxes["b"][0] == placed.boxes["g"][0]


def test_a_long_line_runs_past_boxes():
    boxes, lines = graph("a > f, f > g, g > h, h a > i")
    placed = place(boxes, lines)
    way = placed.routes[lines.index(Line("a", "i", 0.0, 0.001))]
    for id, (start, top, end, bottom) in extents(boxes, placed):
        for (main, cross), (to_main, to_cross) in pairwise(way):
            if id not in ("a", "i") and cross == to_cross and main < end and to_main > start:
                assert not top < cross < bottom


def test_lines_of_one_port_run_together():
    boxes, lines = graph("a > f, f > g, g > h, h a > i, f a > j")
    ways = dict(zip([(line.source, line.target) for line in lines], place(boxes, lines).routes))
    assert ways["a", "i"][:3] == ways["a", "j"][:3]


def test_groups_hold_their_own_and_nothing_else():
    boxes, lines = graph("x W > f, f > r, r V > g, g t > h")
    home = {"W": "g1", "f": "g1", "r": "g0", "V": "g2", "g": "g2"}
    boxes = [Box(b.id, b.length, b.before, b.after, home.get(b.id, ""), b.leaf) for b in boxes]
    around = {"g0": "", "g1": "g0", "g2": "g0"}
    placed = place(boxes, lines, around, titles={"g2": 300.0})
    assert set(placed.groups) == set(around)
    for id, extent in extents(boxes, placed):
        for group, frame in placed.groups.items():
            inside = home.get(id) == group or around.get(home.get(id)) == group
            assert overlap(extent, frame) == inside
    assert placed.groups["g2"][2] - placed.groups["g2"][0] >= 300
    assert not overlap(placed.groups["g1"], placed.groups["g2"])
    for way in placed.routes:
        assert [main for main, _ in way] == sorted(main for main, _ in way)


def test_a_group_that_a_line_leaves_and_enters_again_is_taken_apart():
    boxes, lines = graph("a > f, f > g, g > h")
    home = {"f": "g0", "h": "g0"}
    boxes = [Box(b.id, b.length, b.before, b.after, home.get(b.id, ""), b.leaf) for b in boxes]
    assert place(boxes, lines, {"g0": ""}).groups == {}


def test_a_circle_is_refused():
    with pytest.raises(ValueError, match="without circles"):
        place(*graph("a c > f, f > c"))


def test_nothing_and_one_box():
    assert place([], []).size == (0.0, 0.0)
    assert place([Box("a", 40, 10, 20)], []).size == (40, 30)


def test_places_are_the_same_each_time():
    boxes, lines = random_graph(60)
    assert place(boxes, lines, spacing=Spacing()) == place(list(boxes), list(lines))


def test_three_hundred_boxes_are_placed_in_a_second():
    boxes, lines = random_graph(300)
    start = time.process_time()
    place(boxes, lines)
    assert time.process_time() - start < 5  # 0.9 s on two slow cores; a machine under load may take longer
