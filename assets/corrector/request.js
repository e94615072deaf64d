// Requests to the REST API, and the browser's storage.

const API = "/api";
const SLOWEST_MS = 30_000;
const LARGEST_KEPT_ALIVE = 15_000; // letters; browsers stop at 64 KiB, and a letter takes up to four bytes
const GATEWAY = [502, 503, 504]; // somebody answers in the place of a server that is not there
const LATER = [408, 425, 429];

/** The server said no, and will say so again. */
class Refused extends Error {
    constructor(words, status) {
        super(words);
        this.status = status;
    }
}
/** Nobody answers. */
class Unreachable extends Error {
    constructor() {
        super("The server does not answer. Please try again in a moment.");
    }
}
/** The server answers, but failed at this. */
class Trouble extends Error {}

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

/** One request; what the server said, or Refused with its sentence, or Unreachable or Trouble when it may go better later. */
async function request({ method = "GET", path, body, signal }) {
    const content = body === undefined ? undefined : JSON.stringify(body);
    const slow = AbortSignal.timeout(SLOWEST_MS * (method === "PATCH" ? 1 : 10));
    let answer;
    try {
        answer = await fetch(API + path, {
            method,
            // Goes on though the page is left; browsers refuse that to large requests.
            keepalive: method === "PATCH" && content.length < LARGEST_KEPT_ALIVE,
            headers: body === undefined ? {} : { "Content-Type": "application/json" },
            body: content,
            signal: signal ? AbortSignal.any([signal, slow]) : slow,
        });
    } catch {
        throw new Unreachable();
    }
    if (GATEWAY.includes(answer.status)) throw new Unreachable();
    if (answer.status >= 500 || LATER.includes(answer.status)) throw new Trouble(`The server is in trouble (${answer.status}). Please try again in a moment.`);
    if (answer.status === 204) return null;
    const said = answer.json();
    if (answer.ok) return said.catch(() => Promise.reject(new Unreachable())); // it broke off
    const { detail } = await said.catch(() => ({}));
    throw new Refused(typeof detail === "string" ? detail : "The server did not understand that.", answer.status);
}

// The browser's storage may be full or switched off; then edits live in memory until the store has them.

/** Whether it could be kept. */
function store(where, key, value) {
    try {
        where.setItem(key, value);
        return true;
    } catch {
        return false;
    }
}

function remember(where, key) {
    try {
        return where.getItem(key);
    } catch {
        return null;
    }
}

function forget(key) {
    try {
        localStorage.removeItem(key);
    } catch { /* see above */ }
}

function keys(prefix) {
    try {
        return Object.keys(localStorage).filter((key) => key.startsWith(prefix));
    } catch {
        return [];
    }
}

function entries(prefix) {
    return keys(prefix).map((key) => JSON.parse(remember(localStorage, key))).filter(Boolean);
}
