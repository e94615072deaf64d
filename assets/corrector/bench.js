// What the workbench knows of the page that is shown: its lines in their order, the current one, and what the store has.

class Bench {
    constructor(root, { document: documentId, page, sure, line }, turned) {
        Object.assign(this, { root, documentId, sure, page: null, current: null, onlyOpen: false, leastSureFirst: false });
        this.lines = new Map();
        this.rows = new Map();
        this.order = [];
        this.rank = new Map();
        this.stay = new Set();
        this.pages = new Pages(this, turned);
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
        this.pages.show({ index: page }, line || "keep").then(() => watchReread(this));
    }

    close() {
        this.closed = true;
        this.pages.close();
        this.left.abort();
        this.keeper.close();
        this.spelling.leave();
    }

    // Its page

    /** Begin with another page; `arrive` as for `Pages.show`. */
    showPage(page, arrive) {
        this.stay.clear();
        this.rank.clear();
        this.parts.list.scrollTop = this.sheet.scroller.scrollTop = 0;
        this.apply(page);
        this.keeper.takeUp();
        const known = this.lines.has(arrive);
        const target = known ? arrive : arrive === "last" ? this.order.at(-1) : arrive === "doubt" ? this.doubts()[0] : null;
        if (arrive !== "keep") this.goTo(target ?? this.order[0]);
    }

    /** Nothing is current while another page is on its way; what was typed counts. Returns the line that was, if any. */
    leavePage() {
        const row = this.rows.get(this.current);
        if (row?.dirty) this.keep(row);
        this.current = null;
        return row?.line.id;
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
        else if (!this.pages.turn(by, by > 0 ? "first" : "last")) this.say(by > 0 ? "This is the last line." : "This is the first line.");
    }

    /** The next (or previous) line to look at, also of later pages; false if there is none. */
    stepToDoubt(by) {
        const here = this.order.indexOf(this.current);
        const doubts = this.doubts().map((id) => this.order.indexOf(id));
        const target = by > 0 ? doubts.find((at) => at > here) : doubts.findLast((at) => at < here);
        if (target !== undefined) return this.goTo(this.order[target]), true;
        const ahead = this.pages.list.filter((page) => page.lowest_confidence < this.sure && (page.index - this.pages.index) * by > 0);
        const page = by > 0 ? ahead[0] : ahead.at(-1);
        if (page) this.pages.open(page, "doubt");
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

    /**
     * A field is left for `to`: what was typed in it counts. The palette belongs to it, as its letters come into it; and
     * another window coming to the front is no leaving.
     */
    leave(lineId, to) {
        const row = this.rows.get(lineId);
        const within = (place) => place === row.input || this.parts.palette.contains(place);
        if (!row || within(to) || within(document.activeElement)) return;
        if (row.dirty) this.keep(row);
        else row.take();
    }

    keep(row) {
        const { line, text } = row;
        this.keeper.keep(line.id, text, line.text);
        if (!line.checked) this.pages.addChecked(1);
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
