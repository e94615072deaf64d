// What the workbench knows: the page, its lines in the order they are shown, the current one, and what the store has.

const POLL_MS = 5000;

class Bench {
    constructor(root, { document: documentId, page, sure, line }, turned) {
        Object.assign(this, { root, documentId, sure, turned, page: null, wanted: null, current: null, onlyOpen: false, leastSureFirst: false });
        this.lines = new Map();
        this.rows = new Map();
        this.order = [];
        this.rank = new Map();
        this.stay = new Set();
        this.near = new Map(); // pages fetched ahead, by id
        this.pages = [];
        this.left = new AbortController(); // ends what listens to the whole screen
        buildLayout(this);
        followPresses(this);
        this.spelling = new Spelling(this);
        this.keeper = new Keeper(documentId, {
            told: (edit, line) => this.told(edit, line),
            taken: (edit) => this.taken(edit),
            refused: (edit, why) => this.say(`${why} Your text was: ${edit.text}`, true),
            changed: () => drawSaving(this),
        });
        this.sheet = new Sheet(this.parts.pane, {
            pick: (lineId) => this.goTo(lineId),
            drawn: (box) => insertBox(this, box),
            shaped: (lineId, box) => reshape(this, lineId, box),
            loaded: () => this.drawCurrentInk(),
        });
        new ResizeObserver(() => this.drawCurrentInk()).observe(this.parts.list);
        this.open({ index: page }, line || "keep").then(() => watchReread(this));
        this.timer = setInterval(() => this.refresh(), POLL_MS);
    }

    close() {
        clearInterval(this.timer);
        this.closed = true;
        this.left.abort();
        this.keeper.close();
        this.spelling.leave();
    }

    // Pages

    /** The place of the page that is on its way, or else of the one that is shown. */
    get index() {
        return (this.wanted ?? this.page).index;
    }

    path(index) {
        return `/documents/${this.documentId}/pages/${index}`;
    }

    /** The page that is shown, as it is in the store, whatever its place by now. */
    fetch() {
        return this.keeper.call("GET", `/pages/${this.page.id}`);
    }

    /**
     * Show a page, by its id or, where that is not known, by its index; `arrive` is "first", "last" or "doubt", the line
     * to begin with, or the id of a line.
     */
    async open(wanted, arrive = "keep") {
        const left = this.rows.get(this.current);
        if (left?.dirty) this.keep(left);
        this.wanted = wanted;
        this.current = null;
        try {
            const { id, index } = wanted;
            const near = this.near.get(id);
            // Keys pressed while a page is fetched must not go into a line of the page before.
            if (!near) document.activeElement?.closest(".row")?.querySelector("input").blur();
            const page = near ?? (await this.keeper.call("GET", id ? `/pages/${id}` : this.path(index)));
            if (this.wanted !== wanted) return; // turned again meanwhile
            this.wanted = null;
            if (page.index !== index) this.turned(page.index); // moved meanwhile
            this.stay.clear();
            this.rank.clear();
            this.parts.list.scrollTop = this.sheet.scroller.scrollTop = 0;
            this.apply(page);
            this.keeper.takeUp();
            const known = this.lines.has(arrive);
            const target = known ? arrive : arrive === "last" ? this.order.at(-1) : arrive === "doubt" ? this.doubts()[0] : null;
            if (arrive !== "keep") this.goTo(target ?? this.order[0]);
            if (near) this.refresh();
            await this.fetchAhead();
        } catch (error) {
            this.say(error.message, true);
            if (this.wanted !== wanted) return;
            if (!this.page) return setTimeout(() => this.open(wanted, arrive), 1500);
            this.wanted = null;
            this.turned(this.index);
            this.setCurrent(left?.line.id);
            drawPageChoice(this);
        }
    }

    listPages() {
        return this.keeper.call("GET", `/documents/${this.documentId}/pages`);
    }

    async fetchAhead() {
        // Moved again while they are listed, they are listed again by the next look.
        this.known = this.page.order;
        this.pages = await this.listPages();
        drawPageChoice(this);
        drawProgress(this);
        const here = this.pages.findIndex((page) => page.index === this.index);
        this.near.clear();
        for (const page of [this.pages[here + 1], this.pages[here - 1]]) {
            if (page) this.near.set(page.id, await this.keeper.call("GET", `/pages/${page.id}`));
        }
    }

    /** Turn to the page so many further on; false at the end of the document. */
    turn(by, arrive = "first") {
        const here = this.pages.findIndex((page) => page.index === this.index);
        const page = here < 0 ? null : this.pages[here + by];
        if (!page) return false;
        this.openPage(page, arrive);
        return true;
    }

    openPage(page, arrive = "first") {
        if (page.index === this.index) return;
        this.turned(page.index);
        return this.open(page, arrive);
    }

    /** Go to a line that was found on a page, which may have been moved or deleted since. */
    async openLine(pageId, lineId) {
        try {
            if (this.wanted || pageId !== this.page.id) {
                const page = (await this.listPages()).find((one) => one.id === pageId);
                if (!page) return this.say("The page of this line was deleted meanwhile. Undo brings it back.", true);
                this.near.clear();
                this.turned(page.index);
                await this.open(page, lineId);
            } else {
                if (!this.lines.has(lineId)) await this.follow(); // it may be new
                this.goTo(lineId);
            }
            const here = !this.wanted && pageId === this.page.id;
            if (here && !this.lines.has(lineId)) this.say("This line is not there any more.", true);
        } catch (error) {
            this.say(error.message, true);
        }
    }

    /** Look for news of the page from time to time: others may work on it. */
    async refresh() {
        if (document.visibilityState !== "visible" || this.keeper.running || !this.page || this.wanted) return;
        await this.follow().catch(() => {}); // the next time
    }

    /** Show the page as it is in the store, wherever it was moved to, or say that it is gone; not while another is on its way. */
    async follow() {
        const { id, index } = this.page;
        const page = await this.fetch().catch((error) => {
            if (error.status !== 404) throw error;
        });
        const left = () => this.wanted || this.page.id !== id;
        if (left()) return;
        if (!page) {
            this.near.clear();
            this.pages = await this.listPages();
            if (left()) return;
            const next = this.pages[Math.min(index, this.pages.length - 1)];
            this.say(`The page you were on was deleted. This is page ${next.index + 1}. Undo brings it back.`, true);
            this.turned(next.index);
            return this.open(next);
        }
        if (this.sheet.mode !== "look") return;
        this.apply(page);
        if (page.index !== index) this.turned(page.index);
        if (page.order !== this.known) await this.fetchAhead();
    }

    /** Take over what the store says of this page, but for what is still on its way there. */
    apply(page) {
        const shape = (of) => JSON.stringify([of.image, of.figures, of.lines.map((line) => [line.id, line.polygon])]);
        const reshaped = this.page?.id !== page.id || shape(this.page) !== shape(page);
        this.page = page;
        this.lines = new Map(page.lines.map((line) => {
            const edit = this.keeper.waitingIn(line.id);
            return [line.id, edit ? rewritten(line, edit.text) : line];
        }));
        for (const line of page.lines) if (!this.rank.has(line.id)) this.rank.set(line.id, line.checked ? 1 : line.confidence);
        if (reshaped) this.sheet.show(page, `${API}/pages/${page.id}/image?is=${page.image}`);
        this.sheet.name(page);
        const at = this.order.indexOf(this.current);
        if (this.current && !this.lines.has(this.current)) this.current = null;
        this.draw();
        if (!this.current) this.setCurrent(this.order[Math.max(Math.min(at, this.order.length - 1), 0)]);
        if (reshaped) this.drawCurrentInk();
    }

    // Moving about

    /** Lines still to be checked of which the reader was not sure, in the order shown. */
    doubts() {
        return this.order.filter((id) => markOf(this.lines.get(id), this.sure) === "unsure");
    }

    setCurrent(lineId) {
        if (!lineId || this.current === lineId) return;
        const before = this.current;
        this.current = lineId;
        if (this.onlyOpen) this.stay.add(lineId);
        for (const id of [before, lineId]) this.drawLine(id);
        const { body, field } = this.rows.get(lineId);
        body.insertBefore(this.parts.ink, field);
        body.append(this.parts.tools);
        drawTools(this);
        this.drawCurrentInk();
        this.sheet.reveal(this.lines.get(lineId));
        this.rows.get(lineId).element.scrollIntoView({ block: "nearest" });
    }

    goTo(lineId) {
        if (!this.lines.has(lineId)) return;
        if (!this.rows.has(lineId)) {
            // The filter hides it, but it is asked for.
            this.stay.add(lineId);
            this.draw();
        }
        const row = this.rows.get(lineId);
        this.setCurrent(lineId);
        row.input.focus({ preventScroll: true });
        const caret = row.firstDoubt();
        row.input.setSelectionRange(caret, caret);
        row.element.scrollIntoView({ block: "nearest" });
    }

    /** The line above or below; over the end of the page to the next. */
    step(by) {
        const target = this.order[this.order.indexOf(this.current) + by];
        if (target) this.goTo(target);
        else if (!this.turn(by, by > 0 ? "first" : "last")) this.say(by > 0 ? "This is the last line." : "This is the first line.");
    }

    /** The next (or previous) line to look at, also of later pages; false if there is none. */
    stepToDoubt(by) {
        const here = this.order.indexOf(this.current);
        const doubts = this.doubts().map((id) => this.order.indexOf(id));
        const target = by > 0 ? doubts.find((at) => at > here) : doubts.findLast((at) => at < here);
        if (target !== undefined) return this.goTo(this.order[target]), true;
        const ahead = this.pages.filter((page) => page.lowest_confidence < this.sure && (page.index - this.index) * by > 0);
        const page = by > 0 ? ahead[0] : ahead.at(-1);
        if (page) this.openPage(page, "doubt");
        else this.say("No other uncertain line is left.");
        return Boolean(page);
    }

    // Texts

    /** What the field says is right: keep it and go on. */
    confirm() {
        const row = this.rows.get(this.current);
        if (!row) return;
        if (row.dirty || !row.line.checked) this.keep(row);
        this.step(1);
    }

    /** A field is left: what was typed in it counts. Another window coming to the front is no leaving. */
    leave(lineId) {
        const row = this.rows.get(lineId);
        if (!row || document.activeElement === row.input) return;
        if (row.dirty) this.keep(row);
        else row.take();
    }

    keep(row) {
        const { line, text } = row;
        this.keeper.keep(line.id, text, line.text);
        if (!line.checked) this.count(1);
        this.update({ ...line, text, checked: true, confidence: 1, alternatives: [], decorations: row.decorations });
    }

    /** The store has an edit. */
    told(edit, line) {
        const here = this.lines.get(edit.line);
        if (here && !this.keeper.waitingIn(edit.line)) this.update({ ...here, ...line });
        if (line.text !== edit.text) this.say(`Someone has written in this line since, and that stays. Its history has what you wrote: ${edit.text}`, true);
    }

    /** An edit of an earlier visit is on its way. */
    taken(edit) {
        const here = this.lines.get(edit.line);
        if (here) this.update(rewritten(here, edit.text));
    }

    update(line) {
        this.lines.set(line.id, line);
        this.page.lines = this.page.lines.map((other) => (other.id === line.id ? line : other));
        this.drawLine(line.id);
        drawProgress(this);
    }

    revert() {
        const row = this.rows.get(this.current);
        if (!row?.dirty) return;
        row.write(row.line.text, row.line.text.length);
        row.take();
        this.say("Back to what the store has.");
    }

    count(by) {
        const page = this.pages.find((page) => page.id === this.page.id);
        if (page) page.checked += by;
    }

    // Drawing

    setFilter(onlyOpen, leastSureFirst) {
        Object.assign(this, { onlyOpen, leastSureFirst });
        this.stay = new Set(this.current ? [this.current] : []);
        this.rank = new Map(this.page.lines.map((line) => [line.id, line.checked ? 1 : line.confidence]));
        this.draw();
        drawToggles(this);
        if (!this.order.includes(this.current)) this.setCurrent(this.order[0]);
    }

    draw() {
        const shown = this.page.lines.filter((line) => !this.onlyOpen || !line.checked || this.stay.has(line.id));
        this.order = shown.map((line) => line.id);
        if (this.leastSureFirst) this.order.sort((a, b) => this.rank.get(a) - this.rank.get(b));
        placeRows(this);
        for (const line of this.page.lines) this.drawLine(line.id);
        drawProgress(this);
        this.parts.empty.hidden = this.order.length > 0;
        this.parts.empty.textContent = this.page.error ? `This page could not be read: ${this.page.error}`
            : this.page.lines.length ? "Every line of this page is checked."
            : "No writing was found on this page. Draw a box around a line to add it.";
    }

    drawLine(lineId) {
        const line = this.lines.get(lineId);
        if (!line) return;
        this.rows.get(lineId)?.update(line, this.page.lines.findIndex((other) => other.id === lineId) + 1);
        this.sheet.mark(lineId, markOf(line, this.sure), lineId === this.current);
    }

    /** In the next frame: whoever types faster than that sees the ink of the line they stop at. */
    drawCurrentInk() {
        if (this.inkDue) return;
        this.inkDue = requestAnimationFrame(() => {
            this.inkDue = 0;
            const line = this.lines.get(this.current);
            const row = this.rows.get(this.current);
            if (!line || !row) return;
            // A line that was in sight stays so, with its tools, however large its ink becomes.
            const list = this.parts.list.getBoundingClientRect();
            const { top, bottom } = row.element.getBoundingClientRect();
            drawInk(this.parts.ink, this.sheet.image, this.page, line, row.body.clientWidth - 2);
            if (top > list.top - 1 && bottom < list.bottom + 1) row.element.scrollIntoView({ block: "nearest" });
        });
    }

    /** Tell the user something, and screen readers too. */
    say(words, stays = false) {
        this.parts.said.textContent = words;
        this.parts.said.classList.add("shown");
        clearTimeout(this.saying);
        this.saying = setTimeout(() => this.parts.said.classList.remove("shown"), stays ? 12_000 : 3500);
    }
}
