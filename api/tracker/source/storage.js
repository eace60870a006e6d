// Errors, ids, and what is kept in the browser.

const warn = (...why) => console.warn("oncue:", ...why);

/** Nothing here may break a page: what goes wrong is told on the console. */
const guarded = (work) => (...given) => {
  try {
    return work(...given);
  } catch (error) {
    warn(error);
  }
};

const unique = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join("");

// An entry for each message: several tabs never overwrite each other's.
const storage = (() => {
  try {
    return window.localStorage;
  } catch {
    return null; // forbidden; every use below falls back to memory
  }
})();

const read = (name) => memory.get(name) ?? storage?.getItem(PREFIX + name);

const write = (name, value) => {
  if (name !== "consent" && !mayTrack()) return;
  try {
    storage.setItem(PREFIX + name, value);
    memory.delete(name);
  } catch {
    memory.set(name, value);
  }
};

const forget = (name) => {
  memory.delete(name);
  storage?.removeItem(PREFIX + name);
};

/** What is stored under names that begin so, oldest first. */
const names = (beginning) => {
  const ours = Object.keys(storage || {}).filter((key) => key.startsWith(PREFIX));
  const found = new Set([...ours.map((key) => key.slice(PREFIX.length)), ...memory.keys()]);
  return [...found].filter((name) => name.startsWith(beginning)).sort();
};

const parsed = (text) => {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
};

const state = () => parsed(read("state")) || {};

const mayTrack = () => {
  const said = read("consent");
  return !!config && (said ? said === "yes" : !config.isConsentRequired);
};
