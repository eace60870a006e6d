// What pages call.

const product = (said) => {
  const { id, ...rest } = Object(said) === said ? said : { id: said };
  return id === undefined ? rest : { product_id: id, ...rest };
};

const calls = {
  /** Begin; the attributes of the script tag do the same. */
  load({ key, host, consent, auto }) {
    if (config) return;
    if (!key) throw new Error("load needs a key");
    config = {
      key,
      host: String(host || new URL(tag?.src || location.href).origin).replace(/\/+$/, ""),
      isConsentRequired: consent === "required",
      isAutomatic: auto !== false && auto !== "off",
    };
    held.splice(0).forEach((call) => api.push(call));
    const start = guarded(() => {
      names(QUEUED).forEach((name) => mine.add(name)); // what earlier pages left behind
      schedule(0);
      flush();
      watch();
    });
    // A page that is fetched ahead may never be seen; one that is not whole has no title yet.
    if (document.prerendering) document.addEventListener("prerenderingchange", start);
    else if (document.readyState !== "loading") start();
    else document.addEventListener("DOMContentLoaded", start);
  },
  page(name, properties) {
    route = currentRoute();
    record("page", { name, properties: { ...currentPage(), ...properties } });
    referrer = currentPage().url;
  },
  track(event, properties) {
    record("track", { event, properties });
  },
  /** `signature`, of the shop's server, proves the id. Without an id, traits of the visitor. */
  identify(user, traits, { signature } = {}) {
    if (Object(user) === user) return calls.identify(null, user);
    if (user) {
      const visitor = state();
      const isOther = visitor.user && visitor.user !== String(user); // nobody called `reset`
      const kept = isOther ? {} : visitor;
      write("state", JSON.stringify({ ...kept, signature, user: String(user) }));
    }
    record("identify", { traits });
  },
  /** After a logout: whoever comes next is somebody else. */
  reset() {
    forget("state");
  },
  consent(isGiven) {
    const wasGiven = mayTrack();
    if (isGiven) write("consent", "yes");
    if (isGiven && wasGiven) return;
    route = null;
    shown = new WeakMap();
    if (isGiven) return schedule(0);
    names("").forEach(forget);
    mine.clear();
    // Where consent is required, its absence says no; nothing at all is stored.
    if (!config.isConsentRequired) write("consent", "no");
  },
  product(said) {
    calls.track("Product Viewed", product(said));
  },
  category(said) {
    const { id, ...rest } = Object(said) === said ? said : { id: said };
    calls.track("Product List Viewed", { list_id: id, category: id, ...rest });
  },
  add(said, container = "cart") {
    const name = container === "wishlist" ? "Product Added to Wishlist" : "Product Added";
    calls.track(name, { ...product(said), container });
  },
  remove(said, container = "cart") {
    const name = container === "wishlist" ? "Product Removed from Wishlist" : "Product Removed";
    calls.track(name, { ...product(said), container });
  },
  /** All that a container holds now; what is not listed is out. */
  contents(products, container = "cart", properties = {}) {
    calls.track("Cart Viewed", { ...properties, products: products.map(product), container });
  },
  flush,
};

const push = (...all) => all.forEach(([name, ...given]) => api[name](...given));

const api = { version: VERSION, push, anonymousId: () => state().id };
for (const name of Object.keys(calls)) {
  api[name] = guarded((...given) => {
    if (!config && name !== "load") return void held.push([name, ...given]);
    if (name !== "consent" && name !== "page") settleFirst();
    return calls[name](...given);
  });
}
api.push = guarded(push);

const begin = guarded(() => {
  window.oncue = api;
  if (!tag?.dataset.key) return api.push(...queued);
  held = [...queued];
  api.load(tag.dataset);
});

// The tag may stand on the page twice.
if (!before?.version) begin();
