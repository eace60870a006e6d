// From the queue to the collector, in order: again until it is answered, and when the page is left.

const size = (text) => encoder.encode(text).length;

/** The oldest of these that fit into one request, as [name, message]. */
const batchOf = (candidates) => {
  const batch = [];
  let bytes = 1_500; // the envelope
  for (const name of candidates) {
    const [, at, text] = /^(\d*)(.*)$/s.exec(read(name) || "");
    if (at && Date.now() - at > DOUBT_MS) forget(name);
    else if (text) {
      bytes += size(text) + 1;
      if (bytes > BATCH_MAX_BYTES) break;
      batch.push([name, text]);
    }
  }
  return batch;
};

const envelope = (batch) => {
  // Asking for the time zone is dear the first time, and changes nothing afterwards.
  shared ||= {
    library: { name: "oncue.js", version: VERSION },
    locale: navigator.language,
    timezone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    userAgent: navigator.userAgent.slice(0, 500),
    screen: { width: screen.width, height: screen.height, density: window.devicePixelRatio },
  };
  const head = { writeKey: config.key, sentAt: new Date().toISOString(), context: shared };
  return JSON.stringify(head).slice(0, -1) + `,"batch":[${batch.map(([, text]) => text)}]}`;
};

/** Positive while the server is to be left alone; not for ever, if the clock was set back. */
const mustWaitMs = () => {
  const waitMs = parsed(read("retry"))?.at - Date.now();
  return waitMs <= RETRY_AFTER_MAX_MS ? waitMs : 0;
};

const postpone = (batch, afterS) => {
  for (const [name, text] of batch) {
    if (!read(name)) continue; // meanwhile consent was withdrawn, or another tab sent it
    write(name, text);
    mine.add(name);
  }
  const count = (parsed(read("retry"))?.count || 0) + 1;
  const backoffMs = Math.min(BACKOFF_MS * 2 ** (count - 1), BACKOFF_MAX_MS);
  const waitMs = afterS * 1000 || backoffMs * (0.5 + Math.random() / 2);
  const at = Date.now() + Math.min(waitMs, RETRY_AFTER_MAX_MS);
  write("retry", JSON.stringify({ count, at }));
};

const address = () => config.host + "/v1/batch";

/** Until the answer comes, nobody knows whether it arrived. */
const mark = (batch) => {
  for (const [name, text] of batch) {
    write(name, Date.now() + text);
    mine.delete(name);
  }
};

/** Send a batch; whether the next one may follow. As text: that needs no CORS pre-flight. */
const post = async (batch) => {
  mark(batch);
  let response;
  try {
    response = await fetch(address(), {
      method: "POST",
      body: envelope(batch),
      keepalive: true,
      credentials: "omit",
      signal: AbortSignal.timeout?.(TIMEOUT_MS),
    });
  } catch {
    response = { status: 503 }; // no network
  }
  const { status } = response;
  if (status === 408 || status === 429 || status >= 500) {
    postpone(batch, parseInt(response.headers?.get("retry-after")));
    return false;
  }
  if (status >= 400) warn(`${batch.length} messages refused with ${status}: is the key right?`);
  batch.forEach(([name]) => forget(name));
  forget("retry");
  return true;
};

/**
 * What this page is to send, in order: a tab may still see for a moment what another one has sent
 * and deleted, so that what is new is left to the page it comes from.
 */
const due = () => {
  const before = QUEUED + (Date.now() - ORPHAN_MS);
  return names(QUEUED).filter((name) => mine.has(name) || name < before);
};

const drain = async () => {
  while (mayTrack() && navigator.onLine !== false && mustWaitMs() <= 0) {
    const batch = batchOf(due());
    if (!batch.length || !(await post(batch))) return;
  }
};

/**
 * One tab sends at a time, for all of them; without locks (no HTTPS, a sandboxed frame) the ids
 * make it harmless. Offline, the event `online` calls again.
 */
const flush = guarded(async () => {
  clearTimeout(flushing);
  flushing = 0;
  if (isDraining) return;
  isDraining = true;
  await (navigator.locks?.request("oncue", drain).catch(drain) || drain());
  isDraining = false;
  if (mayTrack() && names(QUEUED).length && navigator.onLine !== false) {
    flushing ||= setTimeout(flush, Math.max(mustWaitMs(), GATHER_MS));
  }
});

/** The page may be gone in a moment: what it has not sent yet leaves in one last request. */
const leave = guarded(() => {
  settle();
  if (!mayTrack() || navigator.onLine === false || mustWaitMs() > 0) return;
  const batch = batchOf([...mine]);
  if (!batch.length) return;
  if ("keepalive" in Request.prototype) post(batch);
  else if (navigator.sendBeacon(address(), envelope(batch))) mark(batch);
});
