// What the page shows, where it leads to, and what is clicked on it.

const schedule = (afterMs = SETTLE_MS) => {
  settling ||= setTimeout(settle, afterMs);
};

/** Tell what was navigated to and what is shown now; called before anything else is told. */
const settle = guarded(() => {
  clearTimeout(settling);
  settling = 0;
  if (!mayTrack() || !config.isAutomatic) return;
  if (currentRoute() !== route) calls.page();
  look(CATEGORY, calls.category);
  look(PRODUCT, calls.product);
});

const look = (attribute, tell) => {
  for (const element of document.querySelectorAll(`[${attribute}]`)) {
    const value = element.getAttribute(attribute);
    const told = shown.get(element) || {};
    if (told[attribute] === value) continue;
    shown.set(element, { ...told, [attribute]: value });
    guarded(() => tell(described(value)))();
  }
};

/** `{"id": ...}`, or the id alone. */
const described = (value) => (/^\s*\{/.test(value) ? JSON.parse(value) : value);

const clicked = guarded(({ target }) => {
  const element = target.closest?.(`[${ADD}],[${REMOVE}]`);
  if (!element) return;
  const isAdded = element.hasAttribute(ADD);
  const value =
    element.getAttribute(isAdded ? ADD : REMOVE) ||
    element.closest(`[${PRODUCT}]`)?.getAttribute(PRODUCT);
  if (!value) return warn("no product on", element);
  settleFirst();
  calls[isAdded ? "add" : "remove"](described(value), element.dataset.oncueContainer);
});

const settleFirst = () => (settling || route === undefined) && settle();

const watch = () => {
  addEventListener("pagehide", leave);
  document.addEventListener("visibilitychange", () => document.hidden && leave());
  addEventListener("online", () => {
    forget("retry");
    flush();
  });
  addEventListener("popstate", () => schedule());
  addEventListener("hashchange", () => schedule());
  addEventListener("pageshow", ({ persisted }) => {
    if (!persisted) return;
    route = null; // back from the browser's cache: seen again
    schedule();
  });
  new MutationObserver(() => schedule()).observe(document, {
    attributeFilter: [PRODUCT, CATEGORY],
    childList: true,
    subtree: true,
  });
  document.addEventListener("click", clicked, true);
  for (const name of ["pushState", "replaceState"]) {
    const original = history[name];
    history[name] = function (...given) {
      const result = original.apply(this, given);
      schedule();
      return result;
    };
  }
};
