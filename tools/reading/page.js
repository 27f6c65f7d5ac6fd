// What a page does by itself: it sets the formulas, and it steps the explorers whose frames it has.

window.MathJax = {
  tex: { inlineMath: [["$", "$"]], processEscapes: true },
  options: { enableMenu: false },
  startup: {
    pageReady: () => MathJax.startup.defaultPageReady().then(reachByKeyboard),
  },
};

// What an anywidget asks of its model, where no kernel listens.
function modelOf(state) {
  const listeners = {};
  return {
    get: (key) => state[key],
    set(key, value) {
      if (state[key] === value) return;
      state[key] = value;
      for (const told of listeners[`change:${key}`] ?? []) told();
    },
    save_changes() {},
    on(event, told) { (listeners[event] ??= []).push(told); },
    off(event, told) { listeners[event] = (listeners[event] ?? []).filter((one) => one !== told); },
  };
}

async function step(box) {
  const state = JSON.parse(box.querySelector("script").textContent);
  const source = URL.createObjectURL(new Blob([state._esm], { type: "text/javascript" }));
  const { default: widget } = await import(source);
  URL.revokeObjectURL(source);
  const style = document.createElement("style");
  style.textContent = state._css;
  const el = document.createElement("div");
  box.replaceChildren(style, el);
  await widget.render({ model: modelOf(state), el });
}

// What is wider than the page scrolls, so the arrow keys must reach it.
function reachByKeyboard() {
  for (const wide of document.querySelectorAll("pre, .table, .outputs > div, mjx-container")) {
    if (wide.scrollWidth > wide.clientWidth) wide.tabIndex = 0;
  }
}

document.addEventListener("toggle", reachByKeyboard, true); // what was folded had no width
document.querySelectorAll(".explorer.steps").forEach(step);
