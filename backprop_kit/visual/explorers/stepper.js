// Turns the pages of a Stepper: everything it shows was computed in Python and sent once.
// Stands behind drawing.js.

const SECONDS_A_FRAME = 1.2;

function render({ model, el }) {
  const frames = model.get("frames");
  const last = frames.length - 1;
  let timer = null;

  const picture = pictureOf(model.get("help"), (key) => {
    const to = frames[model.get("index")].goto[key];
    if (to === undefined) return false;
    pause();
    go(to);
    return true;
  });
  const [code, showCode] = codeAndButton();
  const scrub = element("input", { type: "range", min: 0, max: last, step: 1 });
  scrub.setAttribute("aria-label", "step");
  const count = element("span", { className: "count" });
  const play = button("▶ play", () => (timer ? pause() : start()), "play or pause (space)");
  const turn = (index) => { pause(); go(index); };
  const back = () => turn(model.get("index") - 1);
  const on = () => turn(model.get("index") + 1);
  const controls = element(
    "div",
    { className: "controls" },
    button("|◀ reset", () => { picture.forget(); turn(0); }, "reset (Home)"),
    button("◀ back", back, "one step back (left arrow)"),
    button("▶| step", on, "one step on (right arrow)"),
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

  function draw() {
    const index = model.get("index");
    picture.draw(frames[index], (key) => frames[index].goto[key] === index);
    code.textContent = frames[index].code;
    scrub.value = index;
    scrub.setAttribute("aria-valuetext", `step ${index} of ${last}`);
    count.textContent = `${index} / ${last}`;
  }

  scrub.addEventListener("input", () => turn(Number(scrub.value)));
  el.addEventListener("keydown", (event) => {
    event.stopPropagation(); // JupyterLab would take the arrows and the letters
    const act = {
      ArrowRight: on,
      ArrowLeft: back,
      Home: () => turn(0),
      End: () => turn(last),
      " ": () => (timer ? pause() : start()),
      Escape: () => picture.forget(),
    }[event.key];
    const own = event.target.tagName === "BUTTON" && event.key === " ";
    if (!act || own || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    act();
  });
  model.on("change:index", draw);

  el.append(explorerBox(
    model.get("name"), picture.stage, controls, picture.says, picture.note, code,
  ));
  draw();
  return () => { pause(); model.off("change:index", draw); };
}

export default { render };
