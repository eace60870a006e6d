"use strict";

// What is fixed, and all that changes. The files of this folder share one scope (`make tracker`).

const VERSION = "1.0.0";
const PREFIX = "oncue.";
const QUEUED = "m.";

const IDLE_MS = 30 * 60_000; // a longer silence ends the session
const SETTLE_MS = 50; // single-page applications set the title after the address
const GATHER_MS = 300; // messages of one moment share a request
const ORPHAN_MS = 2_000; // older messages of other tabs are sent by whoever is there
const TIMEOUT_MS = 15_000;
const BACKOFF_MS = 1_000; // doubled with each failure, up to the next line
const BACKOFF_MAX_MS = 300_000;
const RETRY_AFTER_MAX_MS = 3_600_000;
// Sent but not answered: for so long it is sent again. The server knows repetitions for 15 minutes.
const DOUBT_MS = 600_000;
const MESSAGE_MAX_BYTES = 32_000; // the collector takes 32 KiB
const BATCH_MAX_BYTES = 60_000; // browsers let 64 KiB outlive their page
const QUEUE_MAX_COUNT = 300;
const QUEUE_MAX_CHARS = 400_000; // of the 5 million a site has

const PRODUCT = "data-oncue-product";
const CATEGORY = "data-oncue-category";
const ADD = "data-oncue-add";
const REMOVE = "data-oncue-remove";

const before = window.oncue; // calls made before this script was there; or an element with that id
const queued = Array.isArray(before) ? before : [];

const tag = document.currentScript || document.querySelector("script[data-key][src*='oncue']");
const encoder = new TextEncoder();
const memory = new Map(); // what localStorage did not take: private mode, or it is full
const mine = new Set(); // messages this page is to send, and that are not on their way
let config; // until `load`, calls wait in `held`
let held = [];
let route; // the page view told last
let referrer = document.referrer;
let shown = new WeakMap(); // element: its attributes as they were told
let settling; // timers
let flushing;
let isDraining = false;
let stamp = 0;
let shared; // what goes for every message of this page
