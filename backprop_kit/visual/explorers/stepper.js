// Turns the pages of a Stepper: everything it shows was computed in Python and sent once.

const SECONDS_A_FRAME = 1.2;

function element(tag, properties, ...children) {
  const made = document.createElement(tag);
  const { dataset, ...rest } = properties ?? {};
  Object.assign(made, rest);
  Object.assign(made.dataset, dataset ?? {});
  made.append(...children);
  return made;
}

function button(label, act, title) {
  const made = element("button", { type: "button", textContent: label, onclick: act });
  made.setAttribute("aria-label", title ?? label);
  made.title = title ?? label;
  return made;
}

function render({ model, el }) {
  const frames = model.get("frames");
  const last = frames.length - 1;
  let chosen = null;
  let timer = null;

  const stage = element("div", { className: "stage" });
  const says = element("p", { className: "says" });
  says.setAttribute("aria-live", "polite");
  const note = element("p", { className: "note" });
  note.setAttribute("aria-live", "polite");
  const code = element("pre", { className: "code", hidden: true, textContent: model.get("code") });
  const scrub = element("input", { type: "range", min: 0, max: last, step: 1 });
  scrub.setAttribute("aria-label", "step");
  const count = element("span", { className: "count" });
  const play = button("▶ play", () => (timer ? pause() : start()), "play or pause (space)");
  const showCode = button("show me the code", () => {
    code.hidden = !code.hidden;
    showCode.setAttribute("aria-expanded", String(!code.hidden));
  });
  showCode.setAttribute("aria-expanded", "false");
  const controls = element(
    "div",
    { className: "controls" },
    button("|◀ reset", () => { pause(); chosen = null; go(0); }, "reset (Home)"),
    button("◀ back", () => { pause(); go(model.get("index") - 1); }, "one step back (left arrow)"),
    button("▶| step", () => { pause(); go(model.get("index") + 1); }, "one step on (right arrow)"),
    play,
    scrub,
    count,
    showCode,
  );

  function go(index) {
    model.set("index", Math.min(last, Math.max(0, index)));
    model.save_changes();
    draw();
  }

  function start() {
    if (model.get("index") === last) go(0);
    play.textContent = "❚❚ pause";
    timer = setInterval(() => {
      if (model.get("index") === last) pause();
      else go(model.get("index") + 1);
    }, 1000 * SECONDS_A_FRAME);
  }

  function pause() {
    clearInterval(timer);
    timer = null;
    play.textContent = "▶ play";
  }

  function choose(key) {
    const to = frames[model.get("index")].goto[key];
    if (to !== undefined) {
      pause();
      go(to);
      return;
    }
    chosen = chosen === key ? null : key;
    draw();
  }

  function draw() {
    const index = model.get("index");
    const frame = frames[index];
    const hadFocus = stage.contains(document.activeElement)
      ? document.activeElement.dataset.key
      : null;
    stage.innerHTML = frame.svg;
    const svg = stage.querySelector("svg");
    svg.setAttribute("role", "group");
    svg.setAttribute("aria-label", frame.says);
    for (const part of stage.querySelectorAll("[data-key]")) {
      const key = part.dataset.key;
      if (!(key in frame.notes) && !(key in frame.goto)) continue;
      part.setAttribute("tabindex", "0");
      part.setAttribute("role", "button");
      part.setAttribute("aria-label", part.dataset.label ?? key);
      const isShown = key in frame.goto ? frame.goto[key] === index : key === chosen;
      part.setAttribute("aria-pressed", String(isShown));
      part.classList.add("choice");
      part.classList.toggle("chosen", key === chosen);
      part.addEventListener("click", () => choose(key));
      part.addEventListener("keydown", (event) => {
        if (event.key !== "Enter") return;
        event.preventDefault();
        choose(key);
      });
      if (key === hadFocus) part.focus();
    }
    says.textContent = frame.says;
    note.textContent = chosen === null ? model.get("help") : frame.notes[chosen];
    note.classList.toggle("chosen", chosen !== null);
    scrub.value = index;
    scrub.setAttribute("aria-valuetext", `step ${index} of ${last}`);
    count.textContent = `${index} / ${last}`;
  }

  scrub.addEventListener("input", () => { pause(); go(Number(scrub.value)); });
  el.addEventListener("keydown", (event) => {
    event.stopPropagation(); // JupyterLab would take the arrows and the letters
    const act = {
      ArrowRight: () => { pause(); go(model.get("index") + 1); },
      ArrowLeft: () => { pause(); go(model.get("index") - 1); },
      Home: () => { pause(); go(0); },
      End: () => { pause(); go(last); },
      " ": () => (timer ? pause() : start()),
      Escape: () => { chosen = null; draw(); },
    }[event.key];
    const own = event.target.tagName === "BUTTON" && event.key === " ";
    if (!act || own || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    act();
  });
  model.on("change:index", draw);

  const box = element("section", { className: "backprop-explorer" });
  box.setAttribute("aria-label", `Explorer: ${model.get("name")}`);
  box.append(stage, controls, says, note, code);
  el.append(box);
  draw();
  return () => pause();
}

export default { render };
