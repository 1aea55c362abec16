"use strict";
(() => {
  const $ = (id) => document.getElementById(id);
  const data = JSON.parse($("data").textContent);
  const named = (names, rows) => rows.map((row) => Object.fromEntries(names.map((name, i) => [name, row[i]])));
  const numbers = (row) => row && named(["shape", "dtype", "low", "high", "mean", "std", "norm", "nans", "infinities", "zeros", "histogram", "entries"], [row])[0];
  const groups = named(["path", "kind", "outer", "call", "times", "folded"], data.groups);
  const values = named(["kind", "name", "data", "grad", "maker", "order", "group"], data.values);
  const ops = named(["kind", "symbol", "detail", "group", "order", "line", "inputs", "outputs"], data.operations);
  values.forEach((v) => { v.data = numbers(v.data); v.grad = numbers(v.grad); v.users = []; });
  ops.forEach((f, i) => f.inputs.forEach((v) => { if (!values[v].users.includes(i)) values[v].users.push(i); }));

  // -- facts

  const figure = (x) => x === null || x === undefined ? "–" : String(Number(x.toPrecision(6)) + 0);
  const ordinal = (n) => n + (["th", "st", "nd", "rd"][n < 4 ? n : 0]);
  const brief = (x) => x >= 1e5 || x < 1e-3 ? x.toExponential(0).replace("+", "") : figure(Number(x.toPrecision(2)));
  const shaped = (n) => n ? (n.shape.length ? n.shape.join("×") : "scalar") : "";
  const size = (n) => n.shape.reduce((a, b) => a * b, 1);
  const count = (n, one) => `${n.toLocaleString("en")} ${one}${n === 1 ? "" : "s"}`;
  const safe = (text) => String(text).replace(/[&<>"]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c]).replace(/[\u0000-\u001f]/g, " ");
  const last = (path) => path.slice(path.lastIndexOf("/") + 1);
  const cut = (text, n) => text.length <= n ? text : text.slice(0, Math.ceil(n / 2)) + "…" + text.slice(-Math.floor(n / 2) + 1);
  const broken = (n) => !!n && n.nans + n.infinities > 0;
  const isRow = (v) => v.maker < 0 && (v.kind === "parameter" || v.kind === "constant");
  const dead = (f) => /relu/i.test(f.kind) && f.outputs.length > 0 && f.outputs.every((v) => values[v].data && size(values[v].data) > 0 && values[v].data.zeros === size(values[v].data));

  groups.forEach((g) => Object.assign(g, { kids: [], ops: [], all: [], chain: [] }));
  groups.forEach((g, i) => { if (g.outer >= 0) groups[g.outer].kids.push(i); });
  const chainOf = (g) => {  // the group and those around it, outermost first
    const chain = [];
    for (let at = g; at >= 0; at = groups[at].outer) chain.unshift(at);
    return chain;
  };
  groups.forEach((g, i) => { g.chain = chainOf(i); });
  ops.forEach((f, i) => {
    f.chain = f.group < 0 ? [] : groups[f.group].chain;
    if (f.group >= 0) groups[f.group].ops.push(i);
    f.chain.forEach((g) => groups[g].all.push(i));
  });
  const topGroups = groups.map((g, i) => i).filter((i) => groups[i].outer < 0);

  // Health: how large a gradient is, and what is wrong
  function healthOf(list) {
    const found = { grad: null, bad: false, dead: 0, badValue: false };
    for (const v of list) {
      const g = values[v].grad;
      if (broken(g)) found.bad = true;
      if (broken(values[v].data)) found.badValue = true;
      if (g && g.norm !== null) found.grad = Math.max(found.grad ?? 0, g.norm);
    }
    return found;
  }
  ops.forEach((f) => { f.health = healthOf(f.outputs); f.health.dead = dead(f) ? 1 : 0; });
  groups.forEach((g) => {
    g.health = healthOf(g.all.flatMap((i) => ops[i].outputs));
    g.health.dead = g.all.filter((i) => ops[i].health.dead).length;
    g.own = [...new Set(g.all.flatMap((i) => ops[i].inputs).filter((v) => values[v].kind === "parameter"))];
    g.parameters = g.own.reduce((sum, v) => sum + (values[v].data ? size(values[v].data) : 0), 0);
  });
  const norms = values.map((v) => v.grad && v.grad.norm).filter((x) => x > 0);
  const range = norms.length ? [Math.log10(Math.min(...norms)), Math.log10(Math.max(...norms))] : null;
  if (range && range[1] - range[0] < 1) { range[0] -= 0.5; range[1] += 0.5; }
  if (range && range[1] - range[0] > 12) range[0] = range[1] - 12;
  const RAMP = [[8, 44, 102], [66, 84, 118], [127, 124, 117], [187, 175, 113], [253, 234, 69]];  // cividis
  function ramp(t) {
    const at = Math.max(0, Math.min(1, t)) * (RAMP.length - 1), i = Math.min(RAMP.length - 2, Math.floor(at));
    return "#" + RAMP[i].map((c, k) => Math.round(c + (RAMP[i + 1][k] - c) * (at - i)).toString(16).padStart(2, "0")).join("");
  }
  const paint = (health) => health.bad || health.badValue ? "var(--bad)"
    : health.dead === 1 && health.dead === (health.of ?? 1) ? "url(#dead)"
    : health.grad === null || !range ? "var(--none)"
    : health.grad === 0 ? ramp(0) : ramp((Math.log10(health.grad) - range[0]) / (range[1] - range[0]));

  // -- what is open, and what is shown

  const open = new Set();
  const shown = { parameters: true, constants: true, gradients: !!norms.length || values.some((v) => broken(v.grad) || broken(v.data)) };
  let chosen = null, hovered = null;

  function visible(f) {  // the node that an operation is drawn in: its own, or the outermost closed layer around it
    for (const g of ops[f].chain) if (!open.has(g)) return "g" + g;
    return "f" + f;
  }
  function containers(key) {  // open groups around a node, outermost first
    const i = Number(key.slice(1));
    if (key[0] === "g") return groups[i].chain.slice(0, -1);
    if (key[0] === "f") return ops[i].chain;
    return values[i].home;
  }
  values.forEach((v) => { v.home = v.group < 0 ? [] : groups[v.group].chain; });

  // Opens layer by layer, from outside, as long as few nodes are on the page
  function openAtFirst() {
    const nodes = (g) => groups[g].ops.length + groups[g].kids.length;
    let total = ops.filter((f) => f.group < 0).length + topGroups.length, level = topGroups;
    while (level.length) {
      const more = level.reduce((sum, g) => sum + nodes(g) - 1, 0);
      if (total + more > data.few && !(level.length === 1 && total + more <= 3 * data.few)) break;
      const many = level.filter((g) => nodes(g) > 1);
      many.forEach((g) => open.add(g));
      total += more;
      level = many.flatMap((g) => groups[g].kids);
    }
  }

  // -- boxes and their texts

  const pen = document.createElement("canvas").getContext("2d");
  const letters = getComputedStyle(document.body).fontFamily;
  const widths = new Map();
  function wide(text, font) {
    const key = font + text;
    if (!widths.has(key)) { pen.font = `${font} ${letters}`; widths.set(key, pen.measureText(text).width); }
    return widths.get(key);
  }
  const TITLE = "600 14px", TEXT = "13px", SMALL = "11.5px", ROW = 19;

  function row(i, path) {  // a parameter or a constant inside the box of what uses it
    const v = values[i], constant = v.kind === "constant";
    const text = constant && v.data && v.data.entries && v.data.entries.length < 12 ? v.data.entries : shaped(v.data);
    const inside = [path, path.split("/").slice(1).join("/")].find((around) => around && v.name.startsWith(around + "/"));
    const name = inside ? v.name.slice(inside.length + 1) : v.name;
    if (!name) return { name: text || "constant", text: "", grad: -1 };
    return { name: cut(name, 26), text, grad: constant ? -1 : i };
  }
  function rowsOf(f, stubs) {
    const rows = [];
    ops[f].inputs.forEach((i) => {
      const v = values[i];
      if (!isRow(v) || !(v.kind === "parameter" ? shown.parameters : shown.constants)) return;
      rows.push(row(i, ops[f].group < 0 ? "" : groups[ops[f].group].path));
    });
    for (const from of stubs.get("f" + f) || []) rows.push({ name: "↥ " + cut(labelOf(from), 22), text: "", grad: -1, jump: from });
    return rows;
  }
  function labelOf(key) {
    const i = Number(key.slice(1));
    return key[0] === "g" ? last(groups[i].path) : key[0] === "f" ? ops[i].symbol : values[i].name || shaped(values[i].data);
  }
  const shapes = (list) => list.map((i) => {
    const v = values[i], text = v.data && !v.data.shape.length && v.data.entries ? v.data.entries : shaped(v.data);
    return v.name && v.kind === "output" ? `${v.name} ${text}` : text;
  }).join(", ");
  function card(key, stubs) {
    const i = Number(key.slice(1)), made = { key, rows: [], flag: "" };
    if (key[0] === "f") {
      const f = ops[i];
      made.title = cut(f.symbol, 30);
      made.detail = cut(f.detail, 34);
      made.rows = rowsOf(i, stubs);
      made.foot = shapes(f.outputs);
    } else if (key[0] === "g") {
      const g = groups[i];
      made.title = cut(last(g.path), 30) + (g.times > 1 ? ` × ${g.times}` : "") + (g.call ? ` (call ${g.call + 1})` : "");
      made.detail = g.kind === last(g.path) ? "" : cut(g.kind, 34);
      if (shown.parameters && g.own.length <= 3) made.rows = g.own.map((v) => row(v, g.path));
      const many = [g.all.length > 1 ? count(g.all.length, "operation") : "", g.parameters && !made.rows.length ? count(g.parameters, "parameter") : ""];
      made.foot = many.filter(Boolean).join(", ") || shapes(ops[g.all[0]].outputs);
    } else {
      const v = values[i];
      made.title = cut(v.name || v.kind, 30);
      made.detail = "";
      made.foot = v.data && !v.data.shape.length && v.data.entries ? v.data.entries : shaped(v.data);
    }
    const health = key[0] === "f" ? ops[i].health : key[0] === "g" ? groups[i].health : healthOf([i]);
    made.health = key[0] === "g" ? { ...health, of: groups[i].all.filter((f) => /relu/i.test(ops[f].kind)).length } : health;
    made.order = key[0] === "f" ? ops[i].order : 0;
    made.flag = health.bad || health.badValue ? "NaN" : health.dead ? (key[0] === "g" ? `${health.dead} dead` : "dead") : "";
    const sign = key[0] === "g" ? 20 : 0, flag = made.flag ? wide(made.flag, TITLE) + 12 : made.order ? wide(ordinal(made.order), SMALL) + 12 : 0;
    const across = [wide(made.title, TITLE) + (made.detail ? wide(made.detail, SMALL) + 8 : 0) + sign + flag, wide(made.foot, SMALL)]
      .concat(made.rows.map((row) => 16 + wide(row.name, TEXT) + (row.text ? wide(row.text, SMALL) + 14 : 0)));
    made.w = Math.ceil(Math.max(54, ...across)) + 30;
    made.h = 28 + made.rows.length * ROW + (made.foot ? 18 : 4) + (made.foot && made.rows.length ? 4 : 0);
    return made;
  }

  // -- layout: each open layer is laid out on its own, and is one box in the layer around it

  const GAP = 26, RANKS = 36, PAD = 18, BAR = 32, LONG = 500;

  function arranged(nodes, edges, stubs) {
    // nodes: {key, w, h, first, enters(from) -> offset, leaves(from) -> offset, pin}; edges: {a, b, from, to}
    const index = new Map(nodes.map((node, i) => [node.key, i]));
    nodes.forEach((node) => { node.out = []; node.in = []; });
    const lines = edges.map((edge) => ({ ...edge, a: index.get(edge.a), b: index.get(edge.b) }));
    lines.forEach((line, i) => { nodes[line.a].out.push(i); nodes[line.b].in.push(i); });
    // Ranks: the longest way from the beginning; where layers go round in a circle, the earliest one goes first
    const ports = nodes.some((node) => node.pin === "in") ? 1 : 0;
    const waiting = nodes.map((node) => node.in.length), rank = nodes.map((node) => node.pin === "in" ? 0 : ports), done = nodes.map(() => false);
    const ready = [];
    const later = nodes.map((node, i) => i).sort((i, j) => nodes[i].first - nodes[j].first);
    nodes.forEach((node, i) => { if (!waiting[i]) ready.push(i); });
    let next = 0;
    for (let left = nodes.length; left; left--) {
      let i = ready.shift();
      if (i === undefined) {
        while (done[later[next]]) next++;
        i = later[next];
      }
      if (done[i]) { left++; continue; }
      done[i] = true;
      for (const l of nodes[i].out) {
        const line = lines[l];
        if (done[line.b]) { line.back = true; continue; }
        rank[line.b] = Math.max(rank[line.b], rank[i] + 1);
        if (!--waiting[line.b]) ready.push(line.b);
      }
    }
    // What begins stands right above its first user
    nodes.forEach((node, i) => {
      const forward = node.out.filter((l) => !lines[l].back);
      if (!node.in.length && !node.pin && forward.length) rank[i] = Math.max(ports, Math.min(...forward.map((l) => rank[lines[l].b])) - 1);
    });
    const end = Math.max(0, ...rank.filter((r, i) => nodes[i].pin !== "out")) + 1;
    nodes.forEach((node, i) => { if (node.pin === "out") rank[i] = end; });
    // Of several lines into a box, the only one that comes from right above enters in the middle
    nodes.forEach((node, i) => {
      if (node.pin || node.box !== undefined || node.in.length < 2) return;
      const near = node.in.filter((l) => rank[i] - rank[lines[l].a] === 1);
      if (near.length !== 1) return;
      const plain = node.enters, shift = plain(lines[near[0]].from), most = node.w / 2 - 9;
      lines[near[0]].main = true;
      node.aside = true;
      node.enters = (from) => Math.max(-most, Math.min(most, plain(from) - shift));
    });
    // Lines over several ranks run through knots of their own; far ones are named at their end instead
    const all = nodes.slice();
    const ranks = [];
    const put = (i, r) => { (ranks[r] = ranks[r] || []).push(i); };
    nodes.forEach((node, i) => put(i, rank[i]));
    for (let r = 0; r < ranks.length; r++) ranks[r] = ranks[r] || [];
    const pieces = [], knots = new Map(), joined = new Map();  // lines from one place share their knots
    let cut = 0;
    lines.forEach((line) => {
      const span = rank[line.b] - rank[line.a];
      if (line.back || span < 1 || span > LONG) {
        line.stub = true;
        cut++;
        line.pairs.forEach(([from, to]) => { if (!stubs.has(to)) stubs.set(to, new Set()); stubs.get(to).add(from); });
        return;
      }
      let before = line.a;
      for (let r = rank[line.a] + 1; r <= rank[line.b]; r++) {
        const key = `${line.a} ${line.from} ${r}`;
        let next = r < rank[line.b] ? knots.get(key) : line.b;
        if (next === undefined) {
          next = all.length;
          all.push({ w: 8, h: 0, knot: true, first: nodes[line.b].first });
          rank.push(r);
          put(next, r);
          knots.set(key, next);
        }
        const name = `${before} ${next} ${line.from}`;
        let piece = joined.get(name);
        if (!piece) {
          const leaves = nodes[before] && nodes[before].leaves ? nodes[before].leaves(line.from) : 0;
          const enters = nodes[next] && nodes[next].enters ? nodes[next].enters(line.from) : 0;
          const bends = Number(!!all[before].knot) + Number(!!all[next].knot);
          piece = { a: before, b: next, from: line.from, leaves, enters, weight: line.main ? 9 : nodes[next] && nodes[next].aside ? 0.3 : [2, 2, 8][bends], pairs: [] };
          joined.set(name, piece);
          pieces.push(piece);
        }
        piece.pairs.push(...line.pairs);
        before = next;
      }
    });
    const up = all.map(() => []), down = all.map(() => []);
    pieces.forEach((piece) => { down[piece.a].push(piece); up[piece.b].push(piece); });
    // Order within ranks: barycentres, keeping the order with the fewest crossings
    const at = new Float64Array(all.length);
    const number = () => ranks.forEach((row) => row.forEach((i, k) => { at[i] = k; }));
    const seen = all.map(() => false), order = ranks.map(() => []);
    const visit = (start) => {
      const stack = [start];
      while (stack.length) {
        const i = stack.pop();
        if (seen[i]) continue;
        seen[i] = true;
        order[rank[i]].push(i);
        const next = [...up[i].map((p) => p.a), ...down[i].map((p) => p.b)].filter((j) => !seen[j]);
        for (let k = next.length - 1; k >= 0; k--) stack.push(next[k]);
      }
    };
    all.map((node, i) => i).sort((i, j) => rank[i] - rank[j] || all[i].first - all[j].first || i - j).forEach(visit);
    order.forEach((row, r) => { ranks[r] = row; });
    number();
    const crossings = () => {
      let sum = 0;
      for (let r = 1; r < ranks.length; r++) {
        const ends = [];
        ranks[r - 1].forEach((i) => down[i].map((p) => [at[i] + p.leaves / (2 * all[i].w + 1), at[p.b] + p.enters / (2 * all[p.b].w + 1)]).forEach((e) => ends.push(e)));
        ends.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
        const row = [];
        for (const [, y] of ends) {  // insertions into a sorted list count the inversions
          let low = 0, high = row.length;
          while (low < high) { const mid = (low + high) >> 1; if (row[mid] <= y) low = mid + 1; else high = mid; }
          sum += row.length - low;
          row.splice(low, 0, y);
        }
      }
      return sum;
    };
    let best = ranks.map((row) => row.slice()), least = crossings();
    for (let sweep = 0; sweep < 12 && least > 0; sweep++) {
      const downward = sweep % 2 === 0;
      for (let k = 1; k < ranks.length; k++) {
        const r = downward ? k : ranks.length - 1 - k;
        const mean = new Map();
        ranks[r].forEach((i) => {
          const near = downward ? up[i] : down[i];
          const sum = near.reduce((s, p) => s + (downward ? at[p.a] + p.leaves / (2 * all[p.a].w + 1) - p.enters / (2 * all[i].w + 1) : at[p.b] + p.enters / (2 * all[p.b].w + 1) - p.leaves / (2 * all[i].w + 1)), 0);
          mean.set(i, near.length ? sum / near.length : at[i]);
        });
        ranks[r].sort((i, j) => mean.get(i) - mean.get(j));
        ranks[r].forEach((i, k2) => { at[i] = k2; });
      }
      const now = crossings();
      if (now < least) { least = now; best = ranks.map((row) => row.slice()); }
    }
    best.forEach((row, r) => { ranks[r] = row; });
    number();
    // Across: each node as near to its neighbours as the others in its rank allow (least squares, pooled violators)
    const x = new Float64Array(all.length);
    const room = (i, j) => (all[i].w + all[j].w) / 2 + (all[i].knot && all[j].knot ? 8 : GAP);
    const settle = (row, wish, weight) => {
      let shift = 0;
      const blocks = [];
      row.forEach((i, k) => {
        if (k) shift += room(row[k - 1], i);
        let block = { sum: (wish[k] - shift) * weight[k], weight: weight[k], n: 1 };
        while (blocks.length && blocks[blocks.length - 1].sum / blocks[blocks.length - 1].weight > block.sum / block.weight) {
          const before = blocks.pop();
          block = { sum: before.sum + block.sum, weight: before.weight + block.weight, n: before.n + block.n };
        }
        blocks.push(block);
      });
      let k = 0;
      shift = 0;
      for (const block of blocks) {
        for (let n = 0; n < block.n; n++, k++) {
          if (k) shift += room(row[k - 1], row[k]);
          x[row[k]] = block.sum / block.weight + shift;
        }
      }
    };
    ranks.forEach((row) => settle(row, row.map(() => 0), row.map(() => 1)));
    const rounds = all.length > 1500 ? 8 : 16;
    for (let round = 0; round < rounds; round++) {
      const downward = round % 2 === 0, both = round >= rounds - 4;
      for (let k = 0; k < ranks.length; k++) {
        const row = ranks[downward ? k : ranks.length - 1 - k];
        const wish = [], weight = [];
        row.forEach((i) => {
          let sum = 0, total = 0;
          if (downward || both) for (const p of up[i]) { sum += p.weight * (x[p.a] + p.leaves - p.enters); total += p.weight; }
          if (!downward || both) for (const p of down[i]) { sum += p.weight * (x[p.b] + p.enters - p.leaves); total += p.weight; }
          wish.push(total ? sum / total : x[i]);
          weight.push(total || 0.1);
        });
        settle(row, wish, weight);
      }
    }
    // Lines that are almost straight become straight where there is room
    for (let pass = 0; pass < 2; pass++) {
      for (let k = 1; k < ranks.length; k++) {
        const row = ranks[pass ? ranks.length - 1 - k : k];
        row.forEach((i, n) => {
          const near = pass ? down[i] : up[i];
          if (!near.length || (!all[i].knot && !all[i].pin && near.length > 1)) return;
          const p = all[i].pin ? near.find((q) => !all[q.a].knot && !all[q.b].knot) || near[0] : near.find((q) => all[q.a].knot && all[q.b].knot) || near[0];
          const wish = pass ? x[p.b] + p.enters - p.leaves : x[p.a] + p.leaves - p.enters;
          const low = n ? x[row[n - 1]] + room(row[n - 1], i) : -Infinity, high = n + 1 < row.length ? x[row[n + 1]] - room(i, row[n + 1]) : Infinity;
          if ((all[i].pin || Math.abs(wish - x[i]) < 40) && wish >= low && wish <= high) x[i] = wish;
        });
      }
    }
    // Down: ranks as high as their highest box, further apart where lines run far across
    const top = [], height = ranks.map((row) => Math.max(0, ...row.map((i) => all[i].h)));
    const reach = ranks.map(() => 0);
    pieces.forEach((p) => { reach[rank[p.a]] = Math.max(reach[rank[p.a]], Math.abs(x[p.a] + p.leaves - x[p.b] - p.enters)); });
    ranks.forEach((row, r) => { top[r] = r ? top[r - 1] + height[r - 1] + RANKS * (height[r - 1] && height[r] ? 1 : 0.55) + Math.min(110, reach[r - 1] * 0.09) : 0; });
    const left = Math.min(...all.map((node, i) => x[i] - node.w / 2));
    const right = Math.max(...all.map((node, i) => x[i] + node.w / 2));
    nodes.forEach((node, i) => {
      node.x = x[i] - left - node.w / 2;
      node.y = top[rank[i]] + (height[rank[i]] - node.h) / 2;
    });
    const routes = pieces.map((piece) => {
      const a = all[piece.a], b = all[piece.b], r = rank[piece.a], x0 = x[piece.a] - left + piece.leaves, x1 = x[piece.b] - left + piece.enters;
      const points = [[x0, a.knot ? top[r] : a.y + a.h], [x0, top[r] + height[r]], [x1, top[r + 1]], [x1, b.knot ? top[r + 1] : b.y]];
      return { points, pairs: piece.pairs, tip: !b.knot && !b.pin && b.box === undefined };
    });
    return { w: right - left, h: ranks.length ? top[ranks.length - 1] + height[ranks.length - 1] : 0, routes, cut };
  }

  function layout(stubs) {
    const inner = new Map([[-1, new Map()]]), links = new Map([[-1, new Map()]]), into = new Map();
    const home = (g) => { if (!inner.has(g)) { inner.set(g, new Map()); links.set(g, new Map()); } return inner.get(g); };
    const nodes = new Map();
    const add = (key, first) => {
      if (nodes.has(key)) return;
      const chain = containers(key), outer = chain.length ? chain[chain.length - 1] : -1;
      const made = { ...card(key, stubs), first };
      nodes.set(key, made);
      home(outer).set(key, made);
      chain.forEach((g, k) => {
        const around = k ? chain[k - 1] : -1;
        home(g);
        const items = home(around);
        if (!items.has("g" + g)) items.set("g" + g, { key: "g" + g, box: g, first });
      });
    };
    const keys = ops.map((f, i) => visible(i));
    keys.forEach(add);
    values.forEach((v, i) => { if (v.maker < 0 && !v.users.length) add("v" + i, i); });
    const pairs = new Map();
    ops.forEach((f, i) => {
      const to = keys[i];
      f.inputs.forEach((v) => {
        const value = values[v];
        if (isRow(value)) return;
        let from;
        if (value.maker >= 0) from = keys[value.maker];
        else {
          if (value.home.some((g) => !open.has(g))) return;
          from = "v" + v;
          add(from, i - 0.5);
        }
        if (from === to || (stubs.get(to) || new Set()).has(from)) return;
        pairs.set(from + ">" + to, [from, to]);
        if (!into.has(to)) into.set(to, []);
        if (!into.get(to).includes(from)) into.get(to).push(from);
      });
    });
    const link = (g, a, b, from, to) => {
      const at = links.get(g), key = `${a}>${b}>${from}`;
      if (!at.has(key)) at.set(key, { a, b, from, to, pairs: [] });
      at.get(key).pairs.push([from, to]);
    };
    for (const [from, to] of pairs.values()) {
      const source = containers(from), target = containers(to);
      let common = 0;
      while (common < source.length && common < target.length && source[common] === target[common]) common++;
      const item = (chain, k, key) => k < chain.length ? "g" + chain[k] : key;
      link(common ? source[common - 1] : -1, item(source, common, from), item(target, common, to), from, to);
      for (let k = common; k < source.length; k++) link(source[k], item(source, k + 1, from), "out " + from, from, to);
      for (let k = common; k < target.length; k++) link(target[k], "in " + from, item(target, k + 1, to), from, to);
    }
    const spread = (node) => {  // operands enter in the order of the code
      const list = into.get(node.key) || [];
      return (from) => list.length < 2 ? 0 : (list.indexOf(from) - (list.length - 1) / 2) * Math.min(22, (node.w - 24) / (list.length - 1 || 1));
    };
    let cuts = 0;
    function lay(g) {
      const items = [...inner.get(g).values()], edges = [...links.get(g).values()];
      for (const item of items) {
        if (item.box === undefined) { item.enters = spread(item); continue; }
        item.level = lay(item.box);
        item.w = item.level.w;
        item.h = item.level.h;
        item.enters = (from) => item.level.ports.get("in " + from) - item.w / 2;
        item.leaves = (from) => item.level.ports.get("out " + from) - item.w / 2;
      }
      const ports = new Map();
      for (const edge of edges) {
        for (const key of [edge.a, edge.b]) {
          const pin = key.startsWith("in ") ? "in" : key.startsWith("out ") ? "out" : "";
          if (pin && !ports.has(key)) ports.set(key, { key, w: 8, h: 0, pin, first: pin === "in" ? -1 : Infinity });
        }
      }
      const everything = [...items, ...ports.values()];
      const level = arranged(everything, edges, stubs);
      cuts += level.cut;
      level.items = items;
      if (g < 0) return level;
      // The title stands between the lines that come in from above
      const ins = [...ports.values()].filter((p) => p.pin === "in").map((p) => p.x + 4 + PAD).sort((a, b) => a - b);
      const head = title(g);
      let start = 0, spot = null;
      for (const x of [...ins, Infinity]) {
        if (x - start > head.w + 24) { spot = start + (start ? 10 : 0); break; }
        start = x;
      }
      level.head = { ...head, x: spot ?? start + 10 };
      level.w = Math.max(level.w + 2 * PAD, level.head.x + head.w + 12);
      level.h += BAR + PAD + (ins.length ? 0 : 8);
      level.dy = BAR + (ins.length ? 0 : 8);
      level.g = g;
      level.ports = new Map([...ports.values()].map((p) => [p.key, p.x + 4 + PAD]));
      level.ends = [...ports.values()].map((p) => ({ key: p.key, pin: p.pin, x: p.x + 4 + PAD, y: p.y }));
      return level;
    }
    const root = lay(-1);
    // Absolute places
    const drawn = { nodes: [], boxes: [], lines: [], w: root.w, h: root.h };
    const compose = (level, x0, y0) => {
      for (const item of level.items) {
        item.x += x0;
        item.y += y0;
        if (item.box === undefined) { drawn.nodes.push(item); continue; }
        drawn.boxes.push({ key: item.key, x: item.x, y: item.y, w: item.w, h: item.h, head: item.level.head });
        compose(item.level, item.x + PAD, item.y + item.level.dy);
        for (const end of item.level.ends) {
          const from = end.key.slice(end.key.indexOf(" ") + 1), x = item.x + end.x;
          const y1 = item.y + item.level.dy + end.y;
          drawn.lines.push({ from, pairs: [...links.get(item.box).values()].filter((e) => e.a === end.key || e.b === end.key).flatMap((e) => e.pairs), points: end.pin === "in" ? [[x, item.y], [x, y1]] : [[x, y1], [x, item.y + item.h]], tip: false });
        }
      }
      level.routes.forEach((route) => drawn.lines.push({ ...route, points: route.points.map(([x, y]) => [x + x0, y + y0]) }));
    };
    compose(root, 0, 0);
    drawn.cuts = cuts;
    return drawn;
  }

  function title(g) {
    const group = groups[g], flag = group.health.bad || group.health.badValue;
    const text = cut(last(group.path), 30) + (group.times > 1 ? ` × ${group.times}` : "") + (group.call ? ` (call ${group.call + 1})` : "");
    const detail = group.kind === last(group.path) ? "" : cut(group.kind, 34);
    return { text, detail, flag, w: 34 + wide(text, TITLE) + (detail ? 8 + wide(detail, SMALL) : 0) + (flag ? 40 : 0) };
  }

  // -- drawing

  const world = $("world"), graph = $("graph"), view = $("view");
  graph.querySelector("defs").innerHTML = '<marker id="tip" viewBox="0 0 8 8" refX="7.5" refY="4" markerUnits="userSpaceOnUse" markerWidth="9" markerHeight="9" orient="auto"><path d="M0 .6L8 4L0 7.4z"/></marker>'
    + '<marker id="littip" viewBox="0 0 8 8" refX="7.5" refY="4" markerUnits="userSpaceOnUse" markerWidth="12" markerHeight="12" orient="auto"><path d="M0 .6L8 4L0 7.4z"/></marker>'
    + '<pattern id="dead" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="6" height="6" fill="var(--card)"/><rect width="3" height="6" fill="var(--ink)"/></pattern>';
  let drawn = null, elements = new Map(), touching = new Map();
  const camera = { x: 0, y: 0, k: 1 };
  const round = (x) => Math.round(x * 10) / 10;

  function curve(points) {
    let d = `M${round(points[0][0])} ${round(points[0][1])}`;
    for (let i = 1; i < points.length; i++) {
      const [x0, y0] = points[i - 1], [x, y] = points[i];
      if (Math.abs(x - x0) < 0.5 && Math.abs(y - y0) < 0.5) continue;
      if (Math.abs(x - x0) < 0.5) d += `V${round(y)}`;
      else d += `C${round(x0)} ${round((y0 + y) / 2)} ${round(x)} ${round((y0 + y) / 2)} ${round(x)} ${round(y)}`;
    }
    return d;
  }
  function spoken(key) {
    const i = Number(key.slice(1));
    if (key[0] === "g") return `Layer ${groups[i].path}, ${groups[i].kind}, ${count(groups[i].all.length, "operation")}`;
    if (key[0] === "f") return `${ops[i].kind}${ops[i].detail ? ", " + ops[i].detail : ""}, gives ${ops[i].outputs.map((v) => shaped(values[v].data)).join(" and ") || "a value"}${ops[i].health.bad || ops[i].health.badValue ? ", NaN or infinite" : ""}${ops[i].health.dead ? ", dead: all 0" : ""}`;
    return `${values[i].kind} ${values[i].name}, ${shaped(values[i].data)}`;
  }
  function nodeText(node) {
    const kind = node.key[0] === "g" ? "layer" : node.key[0] === "v" ? "leaf" : "operation";
    const stripe = shown.gradients ? `<rect class="stripe" x="0.5" y="0.5" width="9" height="${node.h - 1}" rx="4" fill="${paint(node.health)}"/>` : "";
    const left = 20;
    const order = node.key[0] === "f" ? ops[Number(node.key.slice(1))].order : 0;
    let text = `<g class="node ${kind}${order ? ` order${(order - 1) % 4 + 1}` : ""}" data-k="${node.key}" role="button" tabindex="-1" aria-label="${safe(spoken(node.key))}"${kind === "layer" ? ' aria-expanded="false"' : ""} transform="translate(${round(node.x)} ${round(node.y)})">`
      + `<rect class="card" width="${node.w}" height="${node.h}" rx="${kind === "leaf" ? node.h / 2.4 : 7}"/>${kind === "leaf" ? "" : stripe}`
      + `<text class="title" x="${kind === "leaf" ? node.w / 2 : left}" y="20">${safe(node.title)}${node.detail ? `<tspan class="small" dx="8">${safe(node.detail)}</tspan>` : ""}${node.flag && kind === "leaf" ? `<tspan class="flag" dx="8">${node.flag}</tspan>` : ""}</text>`;
    if (kind === "layer") text += `<text class="title sign" x="${node.w - 12}" y="20" text-anchor="end">+</text>`;
    if (node.flag && kind !== "leaf") text += `<text class="flag" x="${node.w - (kind === "layer" ? 30 : 12)}" y="20" text-anchor="end">${node.flag}</text>`;
    else if (order) text += `<text class="small" x="${node.w - 12}" y="20" text-anchor="end">${ordinal(order)}</text>`;
    node.rows.forEach((row, i) => {
      const y = 41 + i * ROW;
      if (row.grad >= 0 && shown.gradients) text += `<rect class="swatch" x="${left}" y="${y - 9}" width="9" height="9" rx="2" fill="${paint(healthOf([row.grad]))}"/>`;
      const at = left + (row.grad >= 0 && shown.gradients ? 15 : 0);
      text += `<text x="${at}" y="${y}"${row.jump ? ` data-jump="${row.jump}"` : ""}>${safe(row.name)}</text><text class="small" x="${node.w - 12}" y="${y}" text-anchor="end">${safe(row.text)}</text>`;
    });
    if (node.foot) text += `<text class="small" x="${kind === "leaf" ? node.w / 2 : left}" y="${node.h - 10}">${safe(node.foot)}</text>`;
    return text + "</g>";
  }
  function boxText(box) {
    const { head } = box;
    return `<g class="node box" data-k="${box.key}" role="button" tabindex="-1" aria-expanded="true" aria-label="${safe(spoken(box.key))}" transform="translate(${round(box.x)} ${round(box.y)})">`
      + `<rect class="card" width="${round(box.w)}" height="${round(box.h)}" rx="10"/>`
      + `<g class="handle"><rect class="bar" x="${round(head.x)}" y="3" width="${round(head.w)}" height="26" rx="6"/><text class="title" x="${round(head.x) + 12}" y="21">− ${safe(head.text)}${head.detail ? `<tspan class="small" dx="8">${safe(head.detail)}</tspan>` : ""}${head.flag ? '<tspan class="flag" dx="8">NaN</tspan>' : ""}</text></g></g>`;
  }

  function draw() {
    const stubs = new Map();
    drawn = layout(stubs);
    for (let again = 0; drawn.cuts && again < 3; again++) drawn = layout(stubs);
    const parts = drawn.boxes.map(boxText);
    drawn.lines.forEach((line, i) => parts.push(`<path class="line${line.tip ? " to" : ""}" data-l="${i}" d="${curve(line.points)}"/>`));
    drawn.nodes.forEach((node) => parts.push(nodeText(node)));
    world.innerHTML = parts.join("");
    elements = new Map([...world.querySelectorAll("[data-k]")].map((element) => [element.dataset.k, element]));
    touching = new Map();
    for (const path of world.querySelectorAll("path.line")) {
      for (const pair of drawn.lines[path.dataset.l].pairs) {
        for (const key of pair) {
          if (!touching.has(key)) touching.set(key, new Set());
          touching.get(key).add(path);
        }
      }
    }
    const start = elements.get(chosen) || elements.values().next().value;
    if (start) start.setAttribute("tabindex", "0");
    choose(elements.has(chosen) ? chosen : null, false);
    watch();
  }

  // -- the camera

  let framed = 0;
  function move(x, y, k) {
    Object.assign(camera, { x, y, k: Math.max(0.02, Math.min(4, k)) });
    if (framed) return;
    framed = requestAnimationFrame(() => {
      framed = 0;
      world.setAttribute("transform", `translate(${round(camera.x)} ${round(camera.y)}) scale(${camera.k})`);
      graph.classList.toggle("far", camera.k < 0.4);
      graph.classList.toggle("farther", camera.k < 0.16);
      watch();
    });
  }
  function watch() {  // of many nodes, only those in view are painted
    if (drawn.nodes.length < 400) return;
    const margin = 300 / camera.k, x0 = -camera.x / camera.k - margin, y0 = -camera.y / camera.k - margin;
    const x1 = x0 + view.clientWidth / camera.k + 2 * margin, y1 = y0 + view.clientHeight / camera.k + 2 * margin;
    for (const node of drawn.nodes) {
      const out = node.x > x1 || node.y > y1 || node.x + node.w < x0 || node.y + node.h < y0;
      if (out !== !!node.out_) { node.out_ = out; elements.get(node.key).style.display = out ? "none" : ""; }
    }
  }
  function zoom(factor, px = view.clientWidth / 2, py = view.clientHeight / 2) {
    const k = Math.max(0.02, Math.min(4, camera.k * factor)), f = k / camera.k;
    move(px - (px - camera.x) * f, py - (py - camera.y) * f, k);
  }
  function fit(least = 0) {
    const w = view.clientWidth, h = view.clientHeight, below = $("legend").hidden ? 24 : 64;
    const k = Math.max(least, Math.min((w - 48) / drawn.w, (h - 24 - below) / drawn.h, 1.25));
    move(drawn.w * k > w - 24 ? 24 : (w - drawn.w * k) / 2, drawn.h * k > h - below ? 24 : (h - below + 24 - drawn.h * k) / 2, k);
    const first = drawn.nodes[0];
    if (drawn.w * k > w - 24 && first) move(w / 2 - (first.x + first.w / 2) * k, camera.y, k);
  }
  function spotOf(key) {
    return drawn.nodes.find((node) => node.key === key) || drawn.boxes.find((box) => box.key === key);
  }
  function reveal(key, always = false) {
    const spot = spotOf(key);
    if (!spot) return;
    const k = Math.max(camera.k, 0.7), high = spot.head ? 30 : spot.h, w = view.clientWidth, h = view.clientHeight;
    const x = spot.x * camera.k + camera.x, y = spot.y * camera.k + camera.y;
    if (!always && camera.k >= 0.45 && x > 10 && y > 10 && x + spot.w * camera.k < w - 10 && y + high * camera.k < h - 10) return;
    move(w / 2 - (spot.x + spot.w / 2) * k, h / 2 - (spot.y + high / 2) * k, k);
  }

  // -- choosing, opening and closing

  function choose(key, move = true, focus = false) {
    for (const element of world.querySelectorAll(".chosen")) element.classList.remove("chosen");
    for (const path of world.querySelectorAll(".lit")) path.classList.remove("lit");
    chosen = key;
    if (key) {
      const element = elements.get(key);
      world.querySelectorAll('[tabindex="0"]').forEach((other) => other.setAttribute("tabindex", "-1"));
      element.setAttribute("tabindex", "0");
      element.classList.add("chosen");
      (touching.get(key) || []).forEach((path) => path.classList.add("lit"));
      if (focus) element.focus({ preventScroll: true });
      if (move) reveal(key);
    }
    tell(key);
  }
  function toggle(key) {
    const g = Number(key.slice(1)), before = spotOf(key);
    const x = before.x * camera.k + camera.x, y = before.y * camera.k + camera.y;
    if (open.has(g)) open.delete(g);
    else open.add(g);
    chosen = key;
    draw();
    const after = spotOf(key);
    move(x - after.x * camera.k + (before.w - after.w) * camera.k / 2, y - after.y * camera.k, camera.k);
    elements.get(key).focus({ preventScroll: true });
  }
  function jump(key) {  // to an operation, a value or a layer, wherever it is
    const i = Number(key.slice(1));
    const around = key[0] === "g" ? groups[i].chain.slice(0, -1) : key[0] === "f" ? ops[i].chain : values[i].home;
    if (key[0] === "v" && isRow(values[i])) { jump("f" + values[i].users[0]); return; }
    if (around.some((g) => !open.has(g))) { around.forEach((g) => open.add(g)); draw(); }
    choose(key, false);
    reveal(key, true);
  }

  // -- facts about one node

  function statistics(n) {
    if (!n) return "";
    const rows = [["Shape", n.shape.length ? n.shape.join(" × ") : "scalar"], ["Type", n.dtype]];
    if (n.entries) rows.push(["Value", n.entries]);
    if (n.low !== null && size(n) > 1) rows.push(["Min", figure(n.low)], ["Mean", figure(n.mean)], ["Max", figure(n.high)], ["Std", figure(n.std)]);
    if (n.norm !== null) rows.push(["Norm", figure(n.norm)]);
    if (n.zeros && size(n) > 1) rows.push(["Zeros", `${n.zeros.toLocaleString("en")} of ${size(n).toLocaleString("en")}`]);
    let text = `<dl>${rows.map(([name, value]) => `<dt>${name}</dt><dd>${safe(value)}</dd>`).join("")}</dl>`;
    if (broken(n)) text += `<p class="warning">${[n.nans ? `${n.nans} NaN` : "", n.infinities ? `${n.infinities} infinite` : ""].filter(Boolean).join(", ")}</p>`;
    if (n.histogram.length > 1 && size(n) > 1) {
      const most = Math.max(...n.histogram, 1), w = 300 / n.histogram.length;
      text += `<svg class="bars" viewBox="0 0 300 54" preserveAspectRatio="none" role="img" aria-label="Histogram">${n.histogram.map((c, i) => `<rect x="${round(i * w + 0.5)}" y="${round(54 - 52 * c / most)}" width="${round(w - 1)}" height="${round(52 * c / most + (c ? 1 : 0))}"/>`).join("")}</svg><div class="range"><span>${figure(n.low)}</span><span>${figure(n.high)}</span></div>`;
    }
    return text;
  }
  function valueText(i, head) {
    const v = values[i];
    let text = `<h3>${safe(head)}</h3>` + (statistics(v.data) || "<p>Its numbers were not kept.</p>");
    if (v.kind !== "constant") text += v.grad ? `<h3>Gradient of ${safe(v.name || head.toLowerCase())}</h3>${statistics(v.grad)}` : "<p>No gradient.</p>";
    return text;
  }
  function tell(key) {
    const panel = $("facts");
    if (!key) {
      const total = values.filter((v) => v.kind === "parameter" && v.data).reduce((sum, v) => sum + size(v.data), 0);
      panel.innerHTML = `<h2>${safe(data.title)}</h2><p>${count(ops.length, "operation")}${groups.length ? `, ${count(groups.length, "layer")}` : ""}${total ? `, ${count(total, "parameter")}` : ""}</p>`
        + "<p>Point at a box to see its numbers; a click opens or closes a layer. Keys: / searches, arrows move, Enter opens, + and − zoom, 0 shows everything.</p>";
      return;
    }
    const i = Number(key.slice(1));
    let text;
    if (key[0] === "f") {
      const f = ops[i];
      text = `<h2>${safe(f.symbol)}</h2><p>${safe(f.kind)}${f.detail ? `, ${safe(f.detail)}` : ""}${f.group >= 0 ? ` in ${safe(groups[f.group].path)}` : ""}${f.order ? `, of derivative ${f.order}` : ""}</p>`;
      if (f.line) text += `<p><code>${safe(f.line)}</code></p>`;
      if (f.health.dead) text += '<p class="warning">Dead: every output is 0, so no gradient passes.</p>';
      f.outputs.forEach((v, k) => { text += valueText(v, values[v].name || (f.outputs.length > 1 ? `Output ${k + 1}` : "Output")); });
      f.inputs.forEach((v) => { if (isRow(values[v])) text += valueText(v, values[v].name || "Constant"); });
    } else if (key[0] === "g") {
      const g = groups[i];
      text = `<h2>${safe(g.path)}</h2><p>${safe(g.kind)}${g.times > 1 ? `, ${g.times} alike one after another` : ""}${g.call ? `, call ${g.call + 1}` : ""}</p>`
        + `<p>${count(g.all.length, "operation")}${g.parameters ? `, ${count(g.parameters, "parameter")}` : ""}</p>`;
      if (g.health.bad || g.health.badValue) text += '<p class="warning">There are NaN or infinite numbers inside.</p>';
      if (g.health.dead) text += `<p class="warning">${count(g.health.dead, "dead ReLU")} inside.</p>`;
      const leaving = [...new Set(g.all.flatMap((f) => ops[f].outputs))].filter((v) => !values[v].users.length || values[v].users.some((u) => !ops[u].chain.includes(i)));
      leaving.slice(0, 3).forEach((v) => { text += valueText(v, values[v].name || "Output"); });
    } else text = `<h2>${safe(values[i].name || values[i].kind)}</h2><p>${safe(values[i].kind)}</p>` + valueText(i, "Value");
    panel.innerHTML = text;
  }

  // -- pointer, keys, buttons

  const keyAt = (target) => {
    const node = target.closest && target.closest("[data-k]");
    if (!node) return null;
    return node.classList.contains("box") && !target.closest(".handle") ? null : node.dataset.k;
  };
  const pointers = new Map();
  let moved = 0, pinch = 0;
  view.addEventListener("pointerdown", (event) => {
    if (event.target.closest("button") || event.button > 0) return;
    pointers.set(event.pointerId, event);
    if (pointers.size === 1) moved = 0;
  });
  addEventListener("pointermove", (event) => {
    const before = pointers.get(event.pointerId);
    if (!before) return;
    const box = view.getBoundingClientRect();
    pointers.set(event.pointerId, event);
    moved += Math.abs(event.clientX - before.clientX) + Math.abs(event.clientY - before.clientY);
    if (pointers.size === 1 && moved > 4) {
      view.classList.add("drags");
      move(camera.x + event.clientX - before.clientX, camera.y + event.clientY - before.clientY, camera.k);
    } else if (pointers.size === 2) {
      const [a, b] = [...pointers.values()], distance = Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY);
      const x = (a.clientX + b.clientX) / 2 - box.left, y = (a.clientY + b.clientY) / 2 - box.top;
      if (pinch) zoom(distance / pinch, x, y);
      move(camera.x + (event.clientX - before.clientX) / 2, camera.y + (event.clientY - before.clientY) / 2, camera.k);
      pinch = distance;
    }
  });
  const release = (event) => {
    pointers.delete(event.pointerId);
    if (pointers.size < 2) pinch = 0;
    if (!pointers.size) view.classList.remove("drags");
  };
  addEventListener("pointerup", release);
  addEventListener("pointercancel", release);
  view.addEventListener("click", (event) => {
    if (event.target.closest("button") || moved > 4) return;
    const to = event.target.dataset && event.target.dataset.jump, key = keyAt(event.target);
    if (to) jump(to);
    else if (key && key[0] === "g") toggle(key);
    else choose(key, false, true);
  });
  world.addEventListener("pointerover", (event) => {
    const key = keyAt(event.target);
    if (key === hovered || pointers.size) return;
    hovered = key;
    tell(key || chosen);
  });
  world.addEventListener("focusin", (event) => {
    const key = event.target.dataset.k;
    if (key && key !== chosen) choose(key, event.target.matches(":focus-visible"));
  });
  view.addEventListener("wheel", (event) => {
    event.preventDefault();
    const box = view.getBoundingClientRect(), unit = event.deltaMode === 1 ? 24 : event.deltaMode === 2 ? 400 : 1;
    const pad = event.deltaMode === 0 && !event.ctrlKey && (event.deltaX !== 0 || Math.abs(event.deltaY) < 40);
    if (pad) move(camera.x - event.deltaX, camera.y - event.deltaY, camera.k);
    else zoom(Math.exp(-Math.max(-120, Math.min(120, event.deltaY * unit)) * (event.ctrlKey ? 0.01 : 0.002)), event.clientX - box.left, event.clientY - box.top);
  }, { passive: false });
  graph.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const steps = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };
    if (steps[event.key]) {
      event.preventDefault();
      const [dx, dy] = steps[event.key];
      if (event.shiftKey || !chosen) { move(camera.x - 80 * dx, camera.y - 80 * dy, camera.k); return; }
      const from = spotOf(chosen), middle = (s) => [s.head ? s.x + s.head.x + 40 : s.x + s.w / 2, s.head ? s.y + 15 : s.y + s.h / 2];
      const [x, y] = middle(from);
      let best = null, least = Infinity;
      for (const spot of [...drawn.nodes, ...drawn.boxes]) {
        const [sx, sy] = middle(spot), along = dx ? (sx - x) * dx : (sy - y) * dy, aside = Math.abs(dx ? sy - y : sx - x);
        if (spot.key === chosen || along <= 1 || (dx && aside > along * 1.5)) continue;
        const cost = along + 2 * aside;
        if (cost < least) { least = cost; best = spot.key; }
      }
      if (best) choose(best, true, true);
    } else if ((event.key === "Enter" || event.key === " ") && chosen) {
      event.preventDefault();
      if (chosen[0] === "g") toggle(chosen);
    }
  });
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, dialog")) return;
    if (event.key === "/") { event.preventDefault(); $("find").focus(); }
    else if (event.key === "+" || event.key === "=") zoom(1.25);
    else if (event.key === "-") zoom(0.8);
    else if (event.key === "0") fit();
    else if (event.key === "Escape") choose(null, false);
  });
  $("in").addEventListener("click", () => zoom(1.25));
  $("out").addEventListener("click", () => zoom(0.8));
  $("fit").addEventListener("click", () => fit());
  const redraw = (change) => { change(); draw(); fit(); };
  $("open").addEventListener("click", () => redraw(() => groups.forEach((g, i) => open.add(i))));
  $("close").addEventListener("click", () => redraw(() => { open.clear(); if (topGroups.length === 1) open.add(topGroups[0]); }));
  $("gradients").disabled = !shown.gradients;
  for (const name of ["parameters", "constants", "gradients"]) {
    $(name).checked = shown[name];
    $(name).addEventListener("change", () => { shown[name] = $(name).checked; draw(); legend(); });
  }

  // -- search

  const called = (g) => g.call ? ` (call ${g.call + 1})` : "";
  const find = $("find"), hits = $("hits");
  const words = [
    ...groups.map((g, i) => ({ key: "g" + i, name: g.path, more: g.kind + called(g) })),
    ...ops.map((f, i) => ({ key: "f" + i, name: f.kind === f.symbol || !/\w/.test(f.symbol) ? `${f.kind} ${/\w/.test(f.symbol) ? "" : f.symbol}` : `${f.symbol} (${f.kind})`, more: [f.group >= 0 ? groups[f.group].path + called(groups[f.group]) : "", f.line, f.outputs.map((v) => values[v].name).filter(Boolean).join(" ")].filter(Boolean).join(" · ") })),
    ...values.map((v, i) => ({ key: "v" + i, name: v.name, more: v.kind + " " + shaped(v.data), skip: !v.name || v.maker >= 0 })),
  ].filter((entry) => !entry.skip);
  words.forEach((entry) => { entry.text = (entry.name + " " + entry.more).toLowerCase(); });
  let found = [], pick = 0;
  function search() {
    const asked = find.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
    found = asked.length ? words.filter((entry) => asked.every((word) => entry.text.includes(word))) : [];
    found.sort((a, b) => a.name.toLowerCase().indexOf(asked[0]) === 0 ? (b.name.toLowerCase().indexOf(asked[0]) === 0 ? 0 : -1) : b.name.toLowerCase().indexOf(asked[0]) === 0 ? 1 : 0);
    pick = 0;
    list();
  }
  function list() {
    hits.hidden = !find.value.trim();
    find.setAttribute("aria-expanded", String(!hits.hidden));
    hits.innerHTML = found.slice(0, 30).map((entry, i) => `<li role="option" id="hit${i}" data-i="${i}" aria-selected="${i === pick}">${safe(entry.name)}<small>${safe(entry.more)}</small></li>`).join("")
      + (found.length > 30 ? `<li aria-disabled="true"><small>and ${found.length - 30} more</small></li>` : found.length ? "" : '<li aria-disabled="true"><small>Nothing found</small></li>');
    if (found.length) find.setAttribute("aria-activedescendant", "hit" + pick);
    else find.removeAttribute("aria-activedescendant");
    const item = $("hit" + pick);
    if (item) item.scrollIntoView({ block: "nearest" });
  }
  function take(i) {
    if (!found[i]) return;
    hits.hidden = true;
    find.setAttribute("aria-expanded", "false");
    jump(found[i].key);
  }
  find.addEventListener("input", search);
  find.addEventListener("focus", () => find.value && search());
  find.addEventListener("blur", () => setTimeout(() => { hits.hidden = true; }, 150));
  find.addEventListener("keydown", (event) => {
    const n = Math.min(found.length, 30);
    if (event.key === "ArrowDown" && n) { event.preventDefault(); pick = (pick + 1) % n; list(); }
    else if (event.key === "ArrowUp" && n) { event.preventDefault(); pick = (pick + n - 1) % n; list(); }
    else if (event.key === "Enter") take(pick);
    else if (event.key === "Escape") { find.value = ""; search(); if (chosen) elements.get(chosen).focus({ preventScroll: true }); }
  });
  hits.addEventListener("pointerdown", (event) => {
    const item = event.target.closest("[data-i]");
    if (item) { event.preventDefault(); take(Number(item.dataset.i)); }
  });

  // -- legend, table, file

  function legend() {
    const box = $("legend"), parts = [];
    if (shown.gradients) {
      if (range) {
        const stops = RAMP.map((c, i) => `<stop offset="${i / (RAMP.length - 1)}" stop-color="rgb(${c})"/>`).join("");
        parts.push(`<span><i>Norm of the gradient</i> ${brief(10 ** range[0])} <svg width="90" height="12"><defs><linearGradient id="ramp">${stops}</linearGradient></defs><rect width="90" height="12" rx="3" fill="url(#ramp)"/></svg> ${brief(10 ** range[1])}</span>`);
      }
      const key = (fill, text) => parts.push(`<span><svg width="12" height="12"><rect x=".5" y=".5" width="11" height="11" rx="2" stroke="var(--edge)" fill="${fill}"/></svg>${text}</span>`);
      if (ops.some((f) => f.health.grad === null && !f.health.bad)) key("var(--none)", "no gradient");
      if (ops.some((f) => f.health.bad || f.health.badValue)) key("var(--bad)", "NaN or infinite");
      if (ops.some((f) => f.health.dead)) key("url(#dead)", "dead ReLU");
    }
    [...new Set(ops.map((f) => f.order))].sort((a, b) => a - b).forEach((order) => {
      if (order) parts.push(`<span><svg width="12" height="12" class="order${(order - 1) % 4 + 1}"><rect class="card" x=".5" y=".5" width="11" height="11" rx="2" stroke="var(--edge)"/></svg>${ordinal(order)} derivative</span>`);
    });
    box.innerHTML = parts.join("");
    box.hidden = !parts.length;
  }
  $("list").addEventListener("click", () => {
    const cell = (n, name) => `<td class="figure">${n ? figure(n[name]) : ""}</td>`;
    const rows = ops.flatMap((f, i) => f.outputs.map((v) => {
      const n = values[v].data, g = values[v].grad;
      const state = [f.health.bad || f.health.badValue ? "NaN or infinite" : "", f.health.dead ? "dead" : ""].filter(Boolean).join(", ");
      return `<tr><td>${f.group >= 0 ? safe(groups[f.group].path) : ""}</td><td><button type="button" data-to="f${i}">${safe(f.kind)}</button> ${safe(f.detail)}</td><td>${safe(values[v].name)}</td><td>${shaped(n)}</td><td>${n ? n.dtype : ""}</td>${cell(n, "low")}${cell(n, "mean")}${cell(n, "high")}${cell(n, "std")}<td class="figure">${g ? figure(g.norm) : "–"}</td><td>${state}</td><td>${safe(f.line)}</td></tr>`;
    }));
    $("table").querySelector("div").innerHTML = `<table><thead><tr><th>Layer<th>Operation<th>Result<th>Shape<th>Type<th class="figure">Min<th class="figure">Mean<th class="figure">Max<th class="figure">Std<th class="figure">Gradient norm<th>State<th>Line</tr></thead><tbody>${rows.join("")}</tbody></table>`;
    $("table").showModal();
  });
  $("table").addEventListener("click", (event) => {
    const to = event.target.dataset.to;
    if (to) { $("table").close(); jump(to); }
  });
  function picture() {  // the graph as it stands, in a file of its own, in the colours of the page
    const style = getComputedStyle(document.documentElement);
    const names = [...new Set([...$("colours").textContent.matchAll(/--[\w-]+(?=:)/g)].map((found) => found[0]))];
    const colours = names.map((name) => `${name}:${style.getPropertyValue(name).trim()}`).join(";");
    const w = Math.ceil(drawn.w + 48), h = Math.ceil(drawn.h + 48);
    const copy = world.cloneNode(true);
    copy.removeAttribute("transform");
    copy.querySelectorAll("[style]").forEach((element) => element.removeAttribute("style"));
    copy.querySelectorAll(".chosen, .lit").forEach((element) => element.classList.remove("chosen", "lit"));
    copy.querySelectorAll("[tabindex]").forEach((element) => ["tabindex", "role", "aria-expanded"].forEach((name) => element.removeAttribute(name)));
    const inside = new XMLSerializer().serializeToString(copy).replace(/ xmlns="[^"]*"/g, "");
    const defs = new XMLSerializer().serializeToString(graph.querySelector("defs")).replace(/ xmlns="[^"]*"/g, "");
    return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="-24 -24 ${w} ${h}" width="${w}" height="${h}" role="img" aria-label="${safe(data.title)}"><style>svg{${safe(colours).replace(/&quot;/g, "'")}}\n${$("ink").textContent}</style>${defs}<rect x="-24" y="-24" width="${w}" height="${h}" fill="var(--paper)"/>${inside}</svg>`;
  }
  $("save").addEventListener("click", () => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([picture()], { type: "image/svg+xml" }));
    link.download = (data.title.replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-|-$/g, "") || "graph") + ".svg";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  });
  view.picture = picture;

  if (data.notice) { $("notice").textContent = data.notice; $("notice").hidden = false; }
  if (!groups.length) { $("open").hidden = true; $("close").hidden = true; }
  openAtFirst();
  legend();
  draw();
  fit(0.8);
  if (drawn.h * camera.k > view.clientHeight) move(camera.x, 24, camera.k);
  addEventListener("resize", () => watch());
})();
