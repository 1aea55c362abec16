"use strict";
(() => {
  const $ = (id) => document.getElementById(id);
  const { steps, quiz } = JSON.parse($("steps").textContent);
  const page = $("player"), stage = $("stage"), sheet = $("sheet"), svg = sheet.querySelector("svg");
  const caption = $("caption"), phase = $("phase"), said = $("said"), hint = $("hint"), give = $("give");
  const marks = [...document.querySelectorAll("nav li")];
  const parts = new Map();  // from key to the elements that it names
  const put = (key, element) => parts.has(key) ? parts.get(key).push(element) : parts.set(key, [element]);
  for (const element of svg.querySelectorAll("[data-v], [data-f], [data-key]")) {
    put(element.dataset.key || element.dataset.v || element.dataset.f, element);
  }
  const text = (key) => parts.get(key).find((element) => element.localName === "text");
  const first = new Map();  // from key to the step that shows it
  steps.forEach((step, k) => step.shows.forEach((key) => first.set(key, k)));
  const edges = [...svg.querySelectorAll("[data-from]")];
  const each = (keys, f) => keys.forEach((key) => (parts.get(key) || []).forEach(f));
  const number = (key) => key.includes(".");
  let at = 0;

  // -- the quiz: numbers of later steps are asked for, one step at a time

  const asked = new Map();  // from key to its state
  if (quiz) {
    for (const [key, want] of Object.entries(quiz)) {
      if (parts.has(key) && text(key)) asked.set(key, { key, text: want, wrong: 0, state: "open", box: null });
    }
  }
  const open = (k) => steps[k].shows.filter((key) => asked.has(key) && asked.get(key).state === "open");

  function place(one) {
    const frame = svg.getBoundingClientRect(), element = text(one.key), spot = element.getBoundingClientRect();
    const size = parseFloat(getComputedStyle(element).fontSize) * frame.width / svg.viewBox.baseVal.width;
    Object.assign(one.box.style, {
      left: 100 * (spot.left + spot.width / 2 - frame.left) / frame.width + "%",
      top: 100 * (spot.top + spot.height / 2 - frame.top) / frame.height + "%",
      width: Math.max(spot.width + size, 3.6 * size) + "px",
      height: 1.5 * size + "px",
      fontSize: Math.max(size, 11) + "px",
    });
  }

  function ask(one, label) {
    const box = document.createElement("input");
    one.box = box;
    box.className = "blank of-" + one.key.split(".")[1];
    box.inputMode = "decimal";
    box.autocomplete = "off";
    box.setAttribute("aria-label", label);
    box.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();  // or the button that gets the focus would be pressed
      check(one);
    });
    box.addEventListener("change", () => check(one));
    sheet.append(box);
    place(one);
  }

  function read(text) {
    const dash = text.trim().replace(/[\u2212\u2013]/g, "-");
    const plain = /^-?\d{1,3}(,\d{3})+\.\d*$|(,\d{3}){2}/.test(dash) ? dash.replace(/,/g, "") : dash.replace(/,/g, ".");
    const [top, bottom, ...more] = plain.split("/").map((part) => part.trim() === "" ? NaN : Number(part));
    return more.length ? NaN : bottom === undefined ? top : top / bottom;
  }

  function check(one) {
    const typed = one.box ? one.box.value : "";
    if (one.state !== "open" || !typed.trim() || typed === one.last) return;
    one.last = typed;
    const want = Number(one.text), got = read(typed);
    const close = Math.abs(got - want) <= 0.01 * Math.abs(want) + (want === 0 ? 1e-6 : 0);
    if (close || typed.trim() === one.text) {
      settle(one, "right");
      return;
    }
    one.wrong += 1;
    one.box.classList.add("wrong");
    one.box.setAttribute("aria-invalid", "true");
    one.box.select();
    hint.textContent = one.wrong < 2 ? `${typed.trim()} is not it. Try again.` : steps[at].hint || "Look at what goes in.";
  }

  function settle(one, state) {
    one.state = state;
    if (one.box) one.box.remove();
    one.box = null;
    show(at);
    const next = [...asked.values()].find((other) => other.box);
    if (next) next.box.focus();
    else $("next").focus();
  }

  function score() {
    const all = [...asked.values()];
    const right = all.filter((one) => one.state === "right"), done = all.filter((one) => one.state !== "open");
    $("score").textContent = `${right.length} of ${all.length} right`;
    if (done.length < all.length) return "";
    const once = right.filter((one) => !one.wrong).length;
    return `Your score: ${right.length} of ${all.length} right, ${once} of them at the first try.`;
  }

  // -- one step

  function mark(element) {  // a light patch behind a number that has just appeared
    const { x, y, width, height } = element.getBBox(), halo = document.createElementNS(svg.namespaceURI, "rect");
    const place = { class: "halo", x: x - 6, y: y - 1, width: width + 12, height: height + 2, rx: 5 };
    Object.entries(place).forEach(([name, value]) => halo.setAttribute(name, value));
    element.before(halo);
  }

  function show(k, spoken = true) {
    at = Math.max(0, Math.min(steps.length - 1, k));
    const step = steps[at], missing = open(at);
    for (const [key, elements] of parts) {
      const known = !first.has(key) || first.get(key) <= at;
      const held = asked.has(key) && asked.get(key).state === "open";
      for (const element of elements) {
        element.classList.remove("used", "now");
        element.classList.toggle(number(key) ? "off" : "later", !known || held);
      }
    }
    svg.querySelectorAll(".halo").forEach((halo) => halo.remove());
    each(step.shows.filter(number), (element) => element.localName === "text" && !element.matches(".off") && mark(element));
    each(step.uses, (element) => element.classList.toggle("used", element.localName === "text"));
    if (step.operation) each([step.operation], (element) => element.classList.add("now"));
    for (const edge of edges) {
      const { from, to } = edge.dataset;
      const works = !!step.operation && (from === step.operation || to === step.operation);
      edge.classList.toggle("now", works);
      if (works) each([from, to], (element) => element.classList.toggle("now", element.matches(".wire, .now")));
      edge.classList.toggle("later", [from, to].some((key) => first.has(key) && first.get(key) > at));
    }
    page.className = step.phase + (asked.size ? " quiz" : "");
    marks.forEach((item, i) => {
      item.classList.toggle("done", i <= at);
      const button = item.firstElementChild;
      button.tabIndex = i === at ? 0 : -1;
      if (i === at) button.setAttribute("aria-current", "step");
      else button.removeAttribute("aria-current");
    });
    phase.textContent = { start: "Start", forward: "Forward", backward: "Backward" }[step.phase] + ` · ${at} / ${steps.length - 1}`;
    const words = missing.length ? step.question || step.sentence : step.sentence;
    if (said.textContent !== words) { said.textContent = words; hint.textContent = ""; }
    $("back").disabled = at === 0;
    $("next").disabled = at === steps.length - 1;
    if (asked.size) {
      for (const one of asked.values()) {
        const wanted = one.state === "open" && first.get(one.key) <= at;
        if (wanted && !one.box) ask(one, step.question || step.sentence);
        if (!wanted && one.box) { one.box.remove(); one.box = null; }
      }
      give.hidden = !missing.length;
      const end = score();
      if (end) hint.textContent = end;
      if (missing.length && spoken) asked.get(missing[0]).box.focus({ preventScroll: true });
    }
    middle();
    history.replaceState(null, "", "#step=" + at);
  }

  function middle() {  // on narrow screens: the operation at work comes into view
    const target = (parts.get(steps[at].operation) || [])[0];
    if (target) {
      const spot = target.getBoundingClientRect(), frame = stage.getBoundingClientRect();
      stage.scrollLeft += spot.left + spot.width / 2 - frame.left - frame.width / 2;
    } else stage.scrollLeft = steps[at].phase === "backward" ? stage.scrollWidth : 0;
  }

  // -- size: as large as the window allows, and never too small to read

  function fit() {
    const { width, height } = svg.viewBox.baseVal, style = getComputedStyle(stage);
    const wide = stage.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
    sheet.style.width = "0";
    const tall = stage.clientHeight - parseFloat(style.paddingTop) - parseFloat(style.paddingBottom);
    const scale = Math.max(Math.min(wide / width, tall / height, 2.4), Math.min(innerWidth < 700 ? 1 : 0.72, tall / height), 0.5);
    sheet.style.width = width * scale + "px";
    for (const one of asked.values()) if (one.box) place(one);
    middle();
  }

  // -- keys, buttons, touch, address

  const go = (k) => show(k);
  $("back").addEventListener("click", () => go(at - 1));
  $("next").addEventListener("click", () => go(at + 1));
  $("full").addEventListener("click", full);
  give.addEventListener("click", () => open(at).forEach((key) => settle(asked.get(key), "given")));
  marks.forEach((item, i) => item.firstElementChild.addEventListener("click", () => go(i)));
  function full() {
    if (document.fullscreenElement) document.exitFullscreen();
    else if (page.requestFullscreen) page.requestFullscreen();
  }
  addEventListener("keydown", (event) => {
    const inside = event.target.closest("input, summary, button");
    if (event.ctrlKey || event.metaKey || event.altKey || (inside && inside.tagName === "INPUT")) return;
    if (inside && (event.key === " " || event.key === "Enter")) return;
    const to = {
      ArrowRight: at + 1, PageDown: at + 1, " ": at + 1, ArrowLeft: at - 1,
      PageUp: at - 1, Home: 0, End: steps.length - 1,
    }[event.key];
    if (to !== undefined) { event.preventDefault(); go(to); }
    else if (event.key === "f") full();
  });
  let touch = null;
  page.addEventListener("touchstart", (event) => {
    const scrolls = stage.contains(event.target) && stage.scrollWidth > stage.clientWidth + 4;
    touch = event.touches.length === 1 && !scrolls ? event.touches[0] : null;
  }, { passive: true });
  page.addEventListener("touchend", (event) => {
    if (!touch) return;
    const x = event.changedTouches[0].clientX - touch.clientX, y = event.changedTouches[0].clientY - touch.clientY;
    touch = null;
    if (Math.abs(x) > 50 && Math.abs(x) > 2 * Math.abs(y)) go(at + (x < 0 ? 1 : -1));
  }, { passive: true });
  const address = () => Number((location.hash.match(/step=(\d+)/) || [0, 0])[1]);
  addEventListener("hashchange", () => { if (address() !== at) go(address()); });
  addEventListener("resize", fit);
  document.addEventListener("fullscreenchange", fit);
  addEventListener("beforeprint", () => { $("told").open = true; });

  document.documentElement.classList.add("on");
  document.querySelectorAll(".scripted").forEach((element) => { element.hidden = false; });
  if (!asked.size) { give.hidden = true; $("score").hidden = true; }
  if (!document.fullscreenEnabled) $("full").hidden = true;
  $("told").open = false;
  fit();
  show(address(), false);
  if (document.fonts) document.fonts.ready.then(fit);
})();
