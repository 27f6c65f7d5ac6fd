// What a Stepper and a Live explorer share: elements, the picture with its choosable parts, the code.

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

function announced(className) { // a paragraph whose changes a screen reader says
  const made = element("p", { className });
  made.setAttribute("aria-live", "polite");
  return made;
}

function codeAndButton() {
  const code = element("pre", { className: "code", hidden: true, tabIndex: 0 });
  code.setAttribute("aria-label", "the code of this state");
  code.setAttribute("role", "region");
  const show = button("show me the code", () => {
    code.hidden = !code.hidden;
    show.setAttribute("aria-expanded", String(!code.hidden));
  });
  show.setAttribute("aria-expanded", "false");
  return [code, show];
}

function explorerBox(name, ...parts) {
  const box = element("section", { className: "backprop-explorer" });
  box.setAttribute("aria-label", `Explorer: ${name}`);
  box.append(...parts);
  return box;
}

// The picture of a frame, its words, and a note on the part that is chosen. `goesTo(key)` may answer
// the choice itself: it returns true where a part leads somewhere instead of having a note.
function pictureOf(help, goesTo = () => false) {
  const stage = element("div", { className: "stage" });
  const says = announced("says");
  const note = announced("note");
  let chosen = null;
  let frame = null;
  let isHere = () => false;

  function choose(key) {
    if (goesTo(key)) return;
    chosen = chosen === key ? null : key;
    draw(frame, isHere);
  }

  function draw(newFrame, newIsHere = () => false) {
    [frame, isHere] = [newFrame, newIsHere];
    const hadFocus = stage.contains(document.activeElement)
      ? document.activeElement.dataset.key
      : null;
    stage.innerHTML = frame.svg;
    const svg = stage.querySelector("svg");
    svg?.setAttribute("role", "group");
    svg?.setAttribute("aria-label", frame.says);
    for (const part of stage.querySelectorAll("[data-key]")) {
      const key = part.dataset.key;
      const leads = key in frame.goto;
      if (!(key in frame.notes) && !leads) continue;
      part.setAttribute("tabindex", "0");
      part.setAttribute("role", "button");
      part.setAttribute("aria-label", part.dataset.label ?? key);
      part.setAttribute("aria-pressed", String(leads ? isHere(key) : key === chosen));
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
    const isNoted = chosen !== null && chosen in frame.notes;
    note.textContent = isNoted ? frame.notes[chosen] : help;
    note.classList.toggle("chosen", isNoted);
  }

  function forget() {
    chosen = null;
    if (frame) draw(frame, isHere);
  }

  return { stage, says, note, draw, forget };
}
