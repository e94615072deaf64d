// Edits on their way into the store.
//
// They go to the REST API, one after the other, each answered by itself: Streamlit's own way back to the server drops a
// value when the next one follows at once, and takes a run of the script for each. Until the store has an edit it lies
// in the browser's storage, so that neither a reload nor a server that is gone or in trouble loses it.

const OTHER_TAB_MS = 60_000;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 3000; // while nobody answers
const LONGEST_TROUBLE_MS = 60_000; // between two tries of an edit that the server fails at

class Keeper {
    /** `told(edit, line)` hears of each edit the store has; `taken(edit)` of one left by an earlier visit; `refused(edit, why)` of one it can't take; `changed()` of any news. */
    constructor(documentId, { told, taken, refused, changed }) {
        this.documentId = documentId;
        this.notify = { told, taken, refused, changed };
        this.queue = [];
        this.running = null;
        this.offline = false;
        this.number = 0;
        this.tab = remember(sessionStorage, "inkline:tab") ?? crypto.getRandomValues(new Uint32Array(2)).join("-");
        store(sessionStorage, "inkline:tab", this.tab);
        this.drafts = new Set(keys(this.draftKey("")).map((key) => key.slice(this.draftKey("").length)));
        this.refused = entries(this.prefix).filter((edit) => edit.refused);
        this.left = this.leftBehind();
        this.beforeLeaving = (event) => this.queue.some((job) => job.edit?.unstored) && event.preventDefault();
        window.addEventListener("beforeunload", this.beforeLeaving);
    }

    close() {
        window.removeEventListener("beforeunload", this.beforeLeaving);
    }

    /** Edits the store does not have yet, those of an earlier visit included. */
    get waiting() {
        return this.queue.filter((job) => job.edit).length + this.left.length;
    }

    /** Those of them that the server failed at; they are tried again. */
    get troubled() {
        return this.queue.filter((job) => job.tries).map((job) => job.edit);
    }

    isWaiting(lineId) {
        return this.queue.some((job) => job.edit?.line === lineId);
    }

    /** Keep what a person wrote in a line. `before` is what the line said until then. */
    keep(line, text, before) {
        const edit = { line, text, before, at: Date.now(), key: `${this.prefix}${this.tab}:${Date.now()}:${++this.number}` };
        edit.unstored = !store(localStorage, edit.key, JSON.stringify(edit));
        this.dropDraft(line);
        this.add(edit);
    }

    add(edit) {
        this.queue.push({ edit, method: "PATCH", path: `/lines/${edit.line}`, body: { text: edit.text } });
        this.work();
    }

    /** Ask the API for something once every edit so far is in the store, but for those it failed at. Rejects with an Error. */
    call(method, path, body) {
        if (this.offline) return Promise.reject(new Unreachable());
        const about = path + JSON.stringify(body ?? "");
        if (method !== "GET" && this.troubled.some((edit) => about.includes(edit.line))) {
            return Promise.reject(new Error("What you typed in this line is not in the store yet. Please try again in a moment."));
        }
        return new Promise((resolve, reject) => {
            this.queue.push({ method, path, body, resolve, reject });
            this.work();
        });
    }

    /** Once all edits so far are in the store, as far as it takes them; after so many ms in any case. */
    saved(most) {
        return Promise.race([this.running, pause(most)]);
    }

    work() {
        clearTimeout(this.timer);
        this.running ??= this.send().finally(() => {
            this.running = null;
            this.notify.changed();
            const due = this.next() ? 0 : Math.min(...this.queue.map((job) => job.due ?? Infinity));
            if (this.queue.length) this.timer = setTimeout(() => this.work(), Math.max(due - Date.now(), 0));
        });
    }

    /** The first job whose turn it is. An edit that waits to be tried again holds up only its own line. */
    next() {
        const held = new Set();
        return this.queue.find(({ edit, due = 0 }) => {
            if (edit && (due > Date.now() || held.has(edit.line))) return held.add(edit.line) && false;
            return true;
        });
    }

    async send() {
        let silence = FIRST_PAUSE_MS;
        for (let job = this.next(); job; job = this.next()) {
            this.notify.changed();
            try {
                const answer = await request(job);
                [this.offline, silence] = [false, FIRST_PAUSE_MS];
                this.done(job);
                if (job.edit) {
                    forget(job.edit.key);
                    this.notify.told(job.edit, answer);
                } else job.resolve(answer);
            } catch (error) {
                if (!job.edit) {
                    this.done(job);
                    job.reject(error);
                } else if (error instanceof Unreachable) {
                    this.offline = true;
                    this.notify.changed();
                    await pause(silence);
                    silence = Math.min(silence * 1.5, LONGEST_PAUSE_MS);
                } else if (error instanceof Trouble) {
                    this.offline = false;
                    job.tries = (job.tries ?? 0) + 1;
                    job.due = Date.now() + Math.min(FIRST_PAUSE_MS * 2 ** job.tries, LONGEST_TROUBLE_MS);
                } else this.refuse(job, error);
            }
        }
    }

    refuse(job, error) {
        this.offline = false;
        this.done(job);
        // 409: the line is off its page, and the store has put the text into its history.
        if (error.status === 409) forget(job.edit.key);
        else {
            // It stays in the browser until the user lets go of it.
            const edit = { ...job.edit, refused: error.message };
            store(localStorage, edit.key, JSON.stringify(edit));
            this.refused.push(edit);
        }
        this.notify.refused(job.edit, error.message);
    }

    done(job) {
        this.queue.splice(this.queue.indexOf(job), 1);
    }

    /** What this tab had not handed over before it was reloaded, and what closed tabs left behind, on whatever page. */
    leftBehind() {
        return entries(this.prefix).filter((edit) => !edit.refused && !this.queue.some((job) => job.edit?.key === edit.key) &&
            (edit.key.startsWith(this.prefix + this.tab) || Date.now() - edit.at > OTHER_TAB_MS)).sort((a, b) => a.at - b.at);
    }

    /** Hand over what an earlier visit left, line by line. */
    async takeUp() {
        if (this.taking) return;
        this.taking = true;
        for (this.left = this.leftBehind(); this.left.length; ) {
            const { line } = this.left[0];
            const edits = this.left.filter((edit) => edit.line === line);
            const known = edits.flatMap(({ text, before }) => [text, before]);
            let theirs = null;
            try {
                const now = (await request({ path: `/lines/${line}/history` })).at(-1);
                // Somebody wrote something else since: both go into the history, and theirs stays.
                if (now.is_person && !known.includes(now.text)) theirs = now.text;
            } catch (error) {
                if (error instanceof Unreachable) {
                    this.offline = true;
                    this.notify.changed();
                    await pause(LONGEST_PAUSE_MS);
                    continue;
                }
                // Else they are refused, or tried again, in the usual way.
            }
            this.left = this.left.filter((edit) => edit.line !== line);
            for (const edit of edits) this.add(edit);
            if (theirs !== null) this.keep(line, theirs, edits.at(-1).text);
            this.notify.taken({ ...edits.at(-1), text: theirs ?? edits.at(-1).text });
        }
        this.taking = false;
        this.notify.changed();
    }

    /** The user lets go of an edit that was refused. */
    letGo(edit) {
        forget(edit.key);
        this.refused = this.refused.filter((other) => other !== edit);
        this.notify.changed();
    }

    // What stands in a field and is not confirmed yet.

    keepDraft(lineId, text) {
        store(localStorage, this.draftKey(lineId), text);
        this.drafts.add(lineId);
        this.notify.changed();
    }

    dropDraft(lineId) {
        if (!this.drafts.delete(lineId)) return;
        forget(this.draftKey(lineId));
        this.notify.changed();
    }

    draftOf(lineId) {
        return this.drafts.has(lineId) ? remember(localStorage, this.draftKey(lineId)) : null;
    }

    draftKey(lineId) {
        return `inkline:draft:${this.documentId}:${lineId}`;
    }

    get prefix() {
        return `inkline:edit:${this.documentId}:`;
    }
}
