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
        this.beforeLeaving = (event) => this.queue.some((job) => job.edit?.unstored) && event.preventDefault();
        window.addEventListener("beforeunload", this.beforeLeaving);
    }

    close() {
        window.removeEventListener("beforeunload", this.beforeLeaving);
    }

    /** Edits the store does not have yet, those of an earlier visit included. */
    get waiting() {
        return this.queue.filter((job) => job.edit).length;
    }

    /** Those of them that the server failed at; they are tried again. */
    get troubled() {
        return this.queue.filter((job) => job.tries).map((job) => job.edit);
    }

    /** The newest edit of a line among them. */
    waitingIn(lineId) {
        return this.of(lineId).at(-1)?.edit;
    }

    /** The jobs of a line's edits, in the order they were typed. */
    of(lineId) {
        return this.queue.filter((job) => job.edit?.line === lineId).sort((a, b) => a.edit.at - b.edit.at);
    }

    /** Keep what a person wrote in a line. `before` is what the line said until then. */
    keep(line, text, before) {
        const edit = { line, text, before, at: Date.now(), key: `${this.prefix}${this.tab}:${Date.now()}:${++this.number}` };
        this.lay(edit);
        this.dropDraft(line);
        this.add(edit);
    }

    /** Lay an edit into the browser's storage, as it is now. */
    lay(edit) {
        edit.unstored = !store(localStorage, edit.key, JSON.stringify({ ...edit, unstored: undefined }));
    }

    /** `late` edits were typed a while ago: the store shows them only if nobody has written something else since. */
    add(edit, late = false) {
        this.queue.push({ edit, late });
        this.notify.changed();
        this.work();
    }

    /**
     * Ask the API for something once every edit so far is in the store, but for those it failed at: what would change
     * their lines, or undo the last of `all` edits, is not sent. Rejects with an Error.
     */
    call(method, path, body, { all = false } = {}) {
        if (this.offline) return Promise.reject(new Unreachable());
        return new Promise((resolve, reject) => {
            this.queue.push({ method, path, body, all, resolve, reject });
            this.work();
        });
    }

    /** What keeps a request from being sent, as a sentence; nothing if it may go. */
    obstacle({ method, path, body, all }) {
        const about = path + JSON.stringify(body ?? "");
        const edits = method === "GET" ? [] : this.troubled;
        if (all && edits.length) return "An edit is not in the store yet, so undo and redo have to wait. Please try again in a moment.";
        if (edits.some((edit) => about.includes(edit.line))) return "What you typed in this line is not in the store yet. Please try again in a moment.";
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
            // All that waits in the line goes along with what is late: only the newest of it has to be compared.
            const jobs = job.late ? this.of(job.edit.line) : [job];
            try {
                const why = !job.edit && this.obstacle(job);
                if (why) throw new Error(why);
                const answer = await request(job.edit ? correction(jobs, job.late) : job);
                [this.offline, silence] = [false, FIRST_PAUSE_MS];
                this.done(jobs);
                if (job.edit) this.stored(jobs, answer);
                else job.resolve(answer);
            } catch (error) {
                if (!job.edit) {
                    this.done(jobs);
                    job.reject(error);
                } else if (error instanceof Unreachable) {
                    this.offline = job.late = true;
                    this.notify.changed();
                    await pause(silence);
                    silence = Math.min(silence * 1.5, LONGEST_PAUSE_MS);
                } else if (error instanceof Trouble) {
                    this.offline = false;
                    job.late = true;
                    job.tries = (job.tries ?? 0) + 1;
                    job.due = Date.now() + Math.min(FIRST_PAUSE_MS * 2 ** job.tries, LONGEST_TROUBLE_MS);
                } else {
                    this.offline = false;
                    this.done(jobs);
                    for (const refused of jobs) this.refuse(refused, error);
                }
            }
        }
    }

    /** The store has the edits of these jobs, and says how their line stands. */
    stored(jobs, line) {
        for (const { edit } of jobs) forget(edit.key);
        const { edit } = jobs.at(-1);
        // What was typed on top of them is newer than they are, however long the answer took, also after a reload.
        for (const job of this.of(edit.line)) {
            if (job.edit.at <= edit.at) continue;
            job.edit.at = Date.now();
            this.lay(job.edit);
        }
        this.notify.told(edit, line);
    }

    refuse(job, error) {
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

    done(jobs) {
        this.queue = this.queue.filter((job) => !jobs.includes(job));
    }

    /** What this tab had not handed over before it was reloaded, and what closed tabs left behind, on whatever page. */
    leftBehind() {
        return entries(this.prefix).filter((edit) => !edit.refused && !this.queue.some((job) => job.edit?.key === edit.key) &&
            (edit.key.startsWith(this.prefix + this.tab) || Date.now() - edit.at > OTHER_TAB_MS)).sort((a, b) => a.at - b.at);
    }

    /** Hand over what an earlier visit left. */
    takeUp() {
        const left = this.leftBehind();
        for (const edit of left) this.add(edit, true);
        for (const line of new Set(left.map((edit) => edit.line))) this.notify.taken(this.waitingIn(line));
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

/** The request that brings edits of one line into the store. */
function correction(jobs, late) {
    const edits = jobs.map((job) => job.edit);
    const { line, text, at } = edits.pop();
    const since = late ? { earlier: edits.map((edit) => edit.text), age_ms: Math.max(Date.now() - at, 0) } : {};
    return { method: "PATCH", path: `/lines/${line}`, body: { text, ...since } };
}
