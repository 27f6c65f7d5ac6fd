// The controls of a Live explorer: what the student does goes to the kernel, a frame comes back.
// One request is under way at a time; what happens meanwhile is kept, the newest value of each
// drag only, so that nothing queues up. Stands behind drawing.js.

const WAITING_AFTER = 600; // ms without an answer until the student is told
const LOST_AFTER = 8000;
const PAUSE_BETWEEN_REPEATS = 120;

let views = 0;

// Each kind of control: its input, labelled, and how to read and write it.
const KINDS = {
  slider(control, changed) {
    const input = element("input", {
      type: "range", min: control.low, max: control.high, step: control.step,
    });
    const output = element("span", { className: "number" });
    const raised = (text) => text.replace(/./g, (char) => "⁰¹²³⁴⁵⁶⁷⁸⁹⁻"["0123456789-".indexOf(char)]);
    const spell = (value) =>
      control.power ? `10${raised(String(value))}` : value.toFixed(control.decimals);
    let exact; // Python's number may lie between two steps; it counts until the slider is moved
    const write = (value) => {
      exact = value;
      input.value = value;
      output.textContent = spell(Number(input.value)).replace("-", "−");
      input.setAttribute("aria-valuetext", output.textContent);
    };
    input.addEventListener("input", () => { write(Number(input.value)); changed(); });
    return { input, read: () => exact, write, after: [output] };
  },
  options(control, changed) {
    const input = element("select", { onchange: () => changed() });
    for (const option of control.options) {
      input.append(element("option", { value: option, textContent: option }));
    }
    return { input, read: () => input.value, write: (value) => { input.value = value; } };
  },
  toggle(control, changed) {
    const input = element("input", { type: "checkbox", onchange: () => changed() });
    const write = (value) => { input.checked = value; };
    return { input, read: () => input.checked, write };
  },
  textbox(control, changed) {
    const input = element("input", {
      type: "text", size: control.size, maxLength: control.longest,
      spellcheck: false, autocomplete: "off", oninput: () => changed(),
    });
    const write = (value) => { if (input.value !== value) input.value = value; };
    return { input, read: () => input.value, write };
  },
};

function render({ model, el }) {
  const view = ++views;
  const picture = pictureOf(model.get("help"));
  const [code, showCode] = codeAndButton();
  const status = element("p", { className: "status" });
  status.setAttribute("role", "status");
  const fields = {};
  const errors = {};
  let serial = 0;
  let awaiting = null; // the serial number of the request under way
  let pending = []; // what happened since: [{values, act}]
  let repeated = null; // the action that is being repeated, and its button
  let timers = [];
  let resting = null; // runs out when typing pauses

  // Only what the student has changed is sent: an action under way may be changing the rest.
  const touched = new Set();
  const values = () => Object.fromEntries([...touched].map((key) => [key, fields[key].read()]));

  function happened(act) {
    const isDrag = (step) => step.act === null || step.act[0] === "point";
    const last = pending.at(-1);
    const sameDrag = last && isDrag(last) && act?.[0] !== "press"
      && (act === null ? last.act === null : last.act?.[1] === act[1] && act[4] === "move");
    const earlier = sameDrag ? pending.pop().values : {};
    pending.push({ values: { ...earlier, ...values() }, act });
    if (act) touched.clear(); // what is sent before an action must not be sent again behind it
    if (awaiting === null) ask();
  }

  function ask() {
    awaiting = ++serial;
    model.send({ steps: pending, answer: [view, serial] });
    pending = [];
    const say = (text) => () => { status.textContent = text; };
    timers = [
      setTimeout(say("The kernel is busy; the picture follows when it is free."), WAITING_AFTER),
      setTimeout(say("No answer from the kernel. If it was restarted, run this cell again."),
        LOST_AFTER),
    ];
  }

  function answered() {
    const shown = model.get("shown");
    const [toView, toSerial] = shown.answer;
    if (toView === view && toSerial === awaiting) {
      awaiting = null;
      timers.forEach(clearTimeout);
      status.textContent = "";
    }
    draw(shown);
    if (pending.length && awaiting === null) ask();
    else if (repeated && awaiting === null) again(shown);
  }

  function again(shown) {
    if (shown.over || shown.error) halt();
    else {
      const { key } = repeated;
      setTimeout(() => { if (repeated?.key === key) happened(["press", key]); },
        PAUSE_BETWEEN_REPEATS);
    }
  }

  function halt() {
    clearTimeout(resting);
    if (repeated) repeated.button.textContent = repeated.label;
    repeated = null;
  }

  function press(control, pressed) {
    const was = repeated?.key;
    halt();
    if (was === control.key) return;
    if (control.repeats) {
      repeated = { key: control.key, label: control.label, button: pressed };
      pressed.textContent = "❚❚ pause";
    }
    happened(["press", control.key]);
  }

  function draw(shown) {
    picture.draw(shown);
    code.textContent = shown.code;
    for (const [key, line] of Object.entries(errors)) {
      line.textContent = shown.error && shown.at === key ? shown.error : "";
    }
    if (shown.error && !(shown.at in errors)) status.textContent = shown.error;
    status.classList.toggle("error", Boolean(shown.error));
    const isCurrent = awaiting === null && pending.length === 0;
    if (shown.error) Object.keys(fields).forEach((key) => touched.add(key)); // all to be sent again
    if (!isCurrent || shown.error) return; // the controls stand where the student put them
    touched.clear();
    for (const [key, field] of Object.entries(fields)) field.write(shown.values[key]);
  }

  function pressedByTyping(control, input) {
    const then = () => { halt(); happened(["press", control.then]); };
    input.addEventListener("input", () => { resting = setTimeout(then, control.pause); });
    input.addEventListener("keydown", (event) => { if (event.key === "Enter") then(); });
  }

  function made(control) {
    if (control.kind === "action") {
      const pressed = button(control.label, () => press(control, pressed), control.title);
      return pressed;
    }
    const field = KINDS[control.kind](control, () => {
      touched.add(control.key);
      halt();
      happened(null);
    });
    fields[control.key] = field;
    field.write(control.value);
    field.input.dataset.control = control.key;
    if (control.then) pressedByTyping(control, field.input);
    const error = element("span", { className: "error" });
    error.setAttribute("role", "alert");
    errors[control.key] = error;
    const label = element("label", { className: control.kind }, control.label, field.input);
    return element("span", { className: "field" }, label, ...(field.after ?? []), error);
  }

  // A surface is a part of the picture in which every point can be pointed at.
  let held = null;
  function pointAt(event, kind) {
    const surface = picture.stage.querySelector(`[data-surface="${CSS.escape(held)}"]`);
    if (!surface) return;
    const box = surface.getBoundingClientRect();
    const [x0, x1, y0, y1] = surface.dataset.limits.split(" ").map(Number);
    const along = (at, size) => Math.min(1, Math.max(0, at / size));
    const x = x0 + (x1 - x0) * along(event.clientX - box.left, box.width);
    const y = y1 + (y0 - y1) * along(event.clientY - box.top, box.height);
    happened(["point", held, x, y, kind]);
  }
  picture.stage.addEventListener("pointerdown", (event) => {
    const surface = event.target.closest?.("[data-surface]");
    if (!surface || event.button !== 0) return;
    halt();
    held = surface.dataset.surface;
    picture.stage.setPointerCapture(event.pointerId);
    pointAt(event, "down");
  });
  picture.stage.addEventListener("pointermove", (event) => {
    const surface = held && picture.stage.querySelector(`[data-surface="${CSS.escape(held)}"]`);
    if (surface && "drag" in surface.dataset) pointAt(event, "move");
  });
  for (const ending of ["pointerup", "pointercancel"]) {
    picture.stage.addEventListener(ending, () => { held = null; });
  }

  el.addEventListener("keydown", (event) => {
    event.stopPropagation(); // JupyterLab would take the arrows and the letters
    if (event.key === "Escape") picture.forget();
  });
  model.on("change:shown", answered);

  const controls = element(
    "div",
    { className: "controls" },
    ...model.get("controls").map(made),
    button("|◀ reset", () => { halt(); picture.forget(); happened(["reset"]); }, "reset"),
    showCode,
  );
  el.append(explorerBox(
    model.get("name"), picture.stage, controls, status, picture.says, picture.note, code,
  ));
  draw(model.get("shown"));
  return () => {
    halt();
    timers.forEach(clearTimeout);
    model.off("change:shown", answered);
  };
}

export default { render };
