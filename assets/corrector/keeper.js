// Edits on their way into the store.
//
// They go to the REST API, one after the other, each answered by itself: Streamlit's own way back to the server drops a
// value when the next one follows at once, and takes a run of the script for each. Until the store has an edit it lies
// in the browser's storage, so that neither a reload nor a server that is gone loses it.

const API = "/api";
const OTHER_TAB_MS = 60_000;
const SLOWEST_MS = 30_000;

class Refused extends Error {
    constructor(words, status) {
        super(words);
        this.status = status;
    }
}
class Unreachable extends Error {}

class Keeper {
    /** `told(edit, line)` hears of each edit the store has; `refused(edit, why)` of one it can't take; `changed()` of any news. */
    constructor(documentId, { told, refused, changed }) {
        this.documentId = documentId;
        this.notify = { told, refused, changed };
        this.queue = [];
        this.working = false;
        this.offline = false;
        this.number = 0;
        this.tab = remember(sessionStorage, "inkline:tab") ?? crypto.getRandomValues(new Uint32Array(2)).join("-");
        store(sessionStorage, "inkline:tab", this.tab);
    }

    /** Edits the store does not have yet. */
    get waiting() {
        return this.queue.filter((job) => job.edit).length;
    }

    isWaiting(lineId) {
        return this.queue.some((job) => job.edit?.line === lineId);
    }

    /** Keep what a person wrote in a line. `before` is what the line said until then. */
    keep(line, text, before) {
        const edit = { line, text, before, at: Date.now(), key: `${this.prefix}${this.tab}:${Date.now()}:${++this.number}` };
        store(localStorage, edit.key, JSON.stringify(edit));
        this.add(edit);
    }

    add(edit) {
        this.queue.push({ edit, method: "PATCH", path: `/lines/${edit.line}`, body: { text: edit.text } });
        this.work();
    }

    /** Ask the API for something once every edit so far is in the store. Rejects with Refused or Unreachable. */
    call(method, path, body) {
        if (this.offline) return Promise.reject(new Unreachable("The server does not answer. Please try again in a moment."));
        return new Promise((resolve, reject) => {
            this.queue.push({ method, path, body, resolve, reject });
            this.work();
        });
    }

    async work() {
        if (this.working) return;
        this.working = true;
        let pause = 250;
        while (this.queue.length) {
            const job = this.queue[0];
            this.notify.changed();
            try {
                const answer = await request(job);
                this.queue.shift();
                this.offline = false;
                pause = 250;
                if (job.edit) {
                    forget(job.edit.key);
                    this.notify.told(job.edit, answer);
                } else job.resolve(answer);
            } catch (error) {
                if (error instanceof Unreachable && job.edit) {
                    this.offline = true;
                    this.notify.changed();
                    await new Promise((done) => setTimeout(done, pause));
                    pause = Math.min(pause * 1.5, 3000);
                    continue;
                }
                this.queue.shift();
                if (job.edit) {
                    // 409: the line is off its page, and the store has put the text into its history. Else the entry
                    // stays in the browser's storage: what was typed is not thrown away.
                    if (error.status === 409) forget(job.edit.key);
                    this.notify.refused(job.edit, error.message);
                } else job.reject(error);
            }
        }
        this.working = false;
        this.notify.changed();
    }

    /** Take up what this tab had not handed over before it was reloaded, and what closed tabs left behind. */
    takeUp(lineOf) {
        const left = entries(this.prefix).filter(
            (edit) => !this.queue.some((job) => job.edit?.key === edit.key) &&
                (edit.key.startsWith(this.prefix + this.tab) || Date.now() - edit.at > OTHER_TAB_MS),
        );
        for (const edit of left.sort((a, b) => a.at - b.at)) {
            const line = lineOf(edit.line);
            if (!line) continue; // of another page: its turn comes there
            this.add(edit);
            // Somebody wrote something else since: both go into the history, and theirs stays.
            if (line.checked && ![edit.text, edit.before].includes(line.text)) this.keep(line.id, line.text, edit.text);
            else Object.assign(line, { text: edit.text, checked: true });
        }
    }

    get prefix() {
        return `inkline:edit:${this.documentId}:`;
    }
}

/** One request; what the server said, or Refused with its sentence, or Unreachable when it may answer later. */
async function request({ method = "GET", path, body }) {
    let answer;
    try {
        answer = await fetch(API + path, {
            method,
            // Goes on though the page is left; browsers refuse that to large requests.
            keepalive: method === "PATCH",
            headers: body === undefined ? {} : { "Content-Type": "application/json" },
            body: body === undefined ? undefined : JSON.stringify(body),
            signal: AbortSignal.timeout(SLOWEST_MS * (method === "PATCH" ? 1 : 10)),
        });
    } catch {
        throw new Unreachable("The server does not answer. Please try again in a moment.");
    }
    if (answer.status >= 500) throw new Unreachable(`The server is in trouble (${answer.status}). Please try again.`);
    if (answer.status === 204) return null;
    const content = await answer.json().catch(() => ({}));
    if (answer.ok) return content;
    throw new Refused(typeof content.detail === "string" ? content.detail : "The server did not understand that.", answer.status);
}

// The browser's storage may be full or switched off; then edits live in memory until the store has them.

function store(where, key, value) {
    try {
        where.setItem(key, value);
    } catch { /* see above */ }
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

function entries(prefix) {
    try {
        return Object.keys(localStorage).filter((key) => key.startsWith(prefix)).map((key) => JSON.parse(localStorage.getItem(key)));
    } catch {
        return [];
    }
}

// What stands in a field and is not confirmed yet.

const draftKey = (lineId) => `inkline:draft:${lineId}`;
const keepDraft = (lineId, text) => store(localStorage, draftKey(lineId), text);
const draftOf = (lineId) => remember(localStorage, draftKey(lineId));
const dropDraft = (lineId) => forget(draftKey(lineId));
