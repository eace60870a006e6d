// What a message says, and where it waits.

const hashRoute = () => (/^#[!/]/.test(location.hash) ? location.hash : "");

const currentRoute = () => location.pathname + location.search + hashRoute();

const currentPage = () => ({
  path: location.pathname,
  referrer,
  search: location.search,
  title: document.title,
  url: location.origin + currentRoute(), // other hashes may hold tokens
});

const campaign = () => {
  let found;
  for (const [name, value] of new URLSearchParams(location.search)) {
    if (name.startsWith("utm_")) {
      found = { ...found, [name.slice(4).replace("campaign", "name")]: value };
    }
  }
  return found;
};

const record = (type, fields) => {
  if (!mayTrack()) return;
  const now = Date.now();
  const visitor = state();
  const isNew = !(now - visitor.at < IDLE_MS);
  visitor.id ||= unique();
  if (isNew) visitor.session = unique();
  visitor.at = now;
  write("state", JSON.stringify(visitor));
  if (isNew) record("track", { event: "Session Started", properties: currentPage() });
  stamp = Math.max(stamp + 1, now); // in order, within a millisecond too
  const id = stamp + unique();
  enqueue(id, {
    type,
    messageId: id,
    anonymousId: visitor.id,
    userId: visitor.user,
    originalTimestamp: new Date(now).toISOString(),
    context: {
      page: currentPage(),
      session: { id: visitor.session },
      campaign: campaign(),
      signature: visitor.signature,
    },
    ...fields,
  });
};

const enqueue = (id, message) => {
  const text = JSON.stringify(message);
  if (size(text) > MESSAGE_MAX_BYTES) return warn("too large, not sent:", message);
  write(QUEUED + id, text);
  mine.add(QUEUED + id);
  bound();
  flushing ||= setTimeout(flush, GATHER_MS);
};

/** The newest are worth most. */
const bound = () => {
  const waiting = names(QUEUED);
  let chars = waiting.reduce((sum, name) => sum + read(name).length, 0);
  while (waiting.length > QUEUE_MAX_COUNT || chars > QUEUE_MAX_CHARS) {
    const oldest = waiting.shift();
    chars -= read(oldest).length;
    forget(oldest);
    warn("too much waits to be sent, dropped the oldest");
  }
};
