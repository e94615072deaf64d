// The lines as fields, one below the other. The current one stands under its ink, with its tools below.

/** An element from its tag, attributes and children; `on...` are listeners. */
function el(tag, attributes = {}, ...children) {
    const element = document.createElement(tag);
    for (const [key, value] of Object.entries(attributes)) {
        if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
        else if (key.startsWith("aria-")) element.setAttribute(key, value);
        else if (value === true) element.setAttribute(key, "");
        else if (value !== false && value != null) element.setAttribute(key, value);
    }
    element.append(...children);
    return element;
}

const icon = (name) => el("span", { class: "icon", "aria-hidden": "true" }, name);

/** "checked", "sure" or "unsure". */
function markOf(line, sure) {
    return line.checked ? "checked" : line.confidence >= sure ? "sure" : "unsure";
}

const percent = (share) => `${Math.round(100 * share)} %`;
const KINDS = { text: "Text", heading: "Heading", list_item: "List item", formula: "Formula", figure: "Figure" };

class Row {
    constructor(bench, line) {
        this.bench = bench;
        this.line = line;
        this.input = el("input", { type: "text", spellcheck: "false", autocomplete: "off", autocapitalize: "off", enterkeyhint: "next" });
        this.marks = el("div", { class: "marks", "aria-hidden": "true" });
        this.field = el("div", { class: "field" }, this.marks, this.input);
        this.tag = el("span", { class: "tag", "aria-hidden": "true" });
        this.note = el("div", { class: "note", hidden: true });
        this.state = el("span", { class: "state" });
        this.body = el("div", { class: "body" }, this.field, this.note);
        this.element = el("li", { "data-line": line.id }, this.tag, this.body, this.state);
        this.input.addEventListener("focus", () => bench.pressing || bench.setCurrent(line.id));
        this.input.addEventListener("blur", ({ relatedTarget: to }) => bench.leave(line.id, to));
        this.input.addEventListener("input", () => this.typed());
        this.input.addEventListener("scroll", () => (this.marks.scrollLeft = this.input.scrollLeft));
        this.element.addEventListener("click", (event) => {
            if (!event.target.closest("input, button, select")) bench.goTo(line.id);
        });
        const draft = bench.keeper.draftOf(line.id);
        this.input.value = draft ?? line.text;
        this.basis = line;
        this.edited = draft !== null;
    }

    get text() {
        return this.input.value;
    }

    /** Whether the user wrote something here that is not confirmed. */
    get dirty() {
        return this.edited && this.text !== this.line.text;
    }

    /** The decorations of what the field says: those of the text they were told of last, moved by what was typed since. */
    get decorations() {
        return movedSpans(this.basis.decorations, this.basis.text, this.text);
    }

    typed() {
        this.edited = true;
        this.basis = { text: this.text, decorations: this.decorations };
        const { keeper } = this.bench;
        if (this.dirty) keeper.keepDraft(this.line.id, this.text);
        else keeper.dropDraft(this.line.id);
        this.drawMarks();
        this.drawState();
    }

    /** Put a text into the field because the user asked for it. */
    write(text, from, to) {
        this.input.value = text;
        if (from !== undefined && document.activeElement === this.input) this.input.setSelectionRange(from, to ?? from);
        this.typed();
    }

    /** Let the field say what the store says. */
    take() {
        this.input.value = this.line.text;
        this.basis = this.line;
        this.edited = false;
        this.note.hidden = true;
    }

    /** Show what the store says of the line. A field that is open or being written in keeps its text. */
    update(line, number) {
        const writing = this.dirty;
        this.line = line;
        const busy = document.activeElement === this.input;
        if (!writing && !busy) this.take();
        else if (this.text === line.text) [this.note.hidden, this.basis] = [true, line];
        else if (!writing) this.sayElsewhere(line.text);
        this.number = number;
        const shown = JSON.stringify([line, number, this.bench.current === line.id, this.text, Boolean(this.bench.keeper.waitingIn(line.id))]);
        if (shown === this.shown) return;
        this.shown = shown;
        this.tag.textContent = number;
        this.draw();
    }

    /** Someone else wrote in this line while its field is open here: offer their text, take nothing away. */
    sayElsewhere(text) {
        this.note.hidden = false;
        this.note.replaceChildren("Changed meanwhile: ", el("b", {}, text || "(empty)"), " ",
            el("button", { type: "button", class: "small", onclick: () => {
                this.write(text);
                this.note.hidden = true;
                this.input.focus();
            } }, "Take it"));
    }

    draw() {
        const { line } = this;
        const mark = markOf(line, this.bench.sure);
        this.element.className = `row ${mark} ${line.kind}${this.bench.current === line.id ? " current" : ""}`;
        this.element.classList.toggle("bulleted", /^\s*([•◦▪*–—-]|\w{1,2}[.)])\s/.test(line.text));
        this.element.style.setProperty("--level", line.level ?? 0);
        const about = line.checked ? "checked" : `${percent(line.confidence)} sure`;
        const kind = line.kind === "text" ? "" : `, ${KINDS[line.kind].toLowerCase()}`;
        this.input.setAttribute("aria-label", `Line ${this.number}${kind}, ${about}`);
        this.drawMarks();
        this.drawState();
    }

    drawState() {
        const { line, bench } = this;
        const saving = Boolean(bench.keeper.waitingIn(line.id));
        const [name, words] = this.dirty ? ["edit", "Not confirmed yet: press Enter"]
            : saving ? ["sync", "On its way into the store"]
            : line.checked ? ["check", "Checked and in the store"] : [null, "How sure the reader was"];
        this.element.classList.toggle("dirty", this.dirty);
        this.element.classList.toggle("saving", saving);
        this.state.replaceChildren(name ? icon(name) : percent(line.confidence));
        this.state.title = words;
    }

    /** Underline what the reader was unsure of, and with waves what looks misspelt, on words decorated as in the ink. */
    drawMarks() {
        const letters = [...this.text];
        const looks = this.doubts(letters);
        const misspelt = this.bench.spelling.marksOf(this);
        for (const { start, end } of misspelt) for (let at = start; at < end; at++) looks[at] += " misspelt";
        if (misspelt.length) this.input.setAttribute("aria-invalid", "spelling");
        else this.input.removeAttribute("aria-invalid");
        const { decorations } = this;
        this.input.setAttribute("aria-description", spokenDecorations(this.text, decorations));
        const worn = decorationLooks(letters, decorations);
        this.marks.replaceChildren(...stretches(worn).map(([first, last]) => el("span", { class: worn[first] || null },
            ...stretches(looks.slice(first, last)).map(([from, to]) => {
                const [at, text] = [first + from, letters.slice(first + from, first + to).join("")];
                return looks[at] ? el("span", { class: looks[at], "data-at": at }, text) : text;
            }))));
        this.marks.scrollLeft = this.input.scrollLeft;
        if (this.bench.current === this.line.id) drawWorn(this.bench);
    }

    /** How unsure the reader was of each letter, as far as the text is still the reader's: "bad", "weak" or "". */
    doubts(letters) {
        const { line } = this;
        const sureness = line.character_confidences ?? [];
        const read = [...line.text];
        if (line.checked || sureness.length !== read.length) return letters.map(() => "");
        const [start, end] = commonEnds(letters, read);
        return letters.map((_, at) => {
            const sure = at < start ? sureness[at] : at >= letters.length - end ? sureness.at(at - letters.length) : 1;
            return sure < 0.5 ? "bad" : sure < 0.8 ? "weak" : "";
        });
    }

    /** Select the word at the caret, as a double click does, or all that the field says. */
    select(all) {
        const { input, text } = this;
        if (all || !text) return input.select();
        const words = new Intl.Segmenter(undefined, { granularity: "word" }).segment(text);
        const caret = input.selectionStart;
        const [here, before] = [words.containing(caret), words.containing(Math.max(caret - 1, 0))];
        const { index, segment } = here?.isWordLike ? here : before;
        input.setSelectionRange(index, index + segment.length);
    }

    /** Where the caret is best on arrival: before the first letter the reader was unsure of. */
    firstDoubt() {
        const sureness = this.line.character_confidences ?? [];
        const doubt = this.line.checked ? -1 : sureness.findIndex((sure) => sure < 0.5);
        return doubt < 0 || this.dirty ? 0 : [...this.line.text].slice(0, doubt).join("").length;
    }
}

/** How many letters, or words, two lists of them share at their beginnings, and of the rest at their ends. */
function commonEnds(a, b) {
    const most = Math.min(a.length, b.length);
    let start = 0;
    while (start < most && a[start] === b[start]) start++;
    let end = 0;
    while (end < most - start && a.at(-1 - end) === b.at(-1 - end)) end++;
    return [start, end];
}

/** A row for each line that is shown, in order. */
function placeRows(bench) {
    const { rows, order, lines, parts } = bench;
    const focused = document.activeElement;
    const caret = [focused?.selectionStart, focused?.selectionEnd];
    for (const [id, row] of rows) {
        if (lines.has(id) && order.includes(id)) continue;
        if (id === bench.current) parts.shelf.append(parts.ink, parts.tools);
        row.element.remove();
        rows.delete(id);
    }
    let place = parts.list.firstElementChild;
    for (const id of order) {
        const row = rows.get(id) ?? new Row(bench, lines.get(id));
        rows.set(id, row);
        if (row.element === place) place = place.nextElementSibling;
        else parts.list.insertBefore(row.element, place);
    }
    // Rows that change places lose the focus.
    if (document.activeElement !== focused && focused?.isConnected && parts.list.contains(focused)) {
        focused.focus({ preventScroll: true });
        focused.setSelectionRange?.(...caret);
    }
}

/**
 * A line pressed with the mouse becomes current when the press is over: its field would move from under the mouse, and
 * with it what the mouse selects. All further presses of that click count in its field, wherever that is by then.
 */
function followPresses(bench) {
    const { rows, left: { signal } } = bench;
    const on = (type, listener) => document.addEventListener(type, listener, { capture: true, signal });
    let over = 0;
    const settle = () => {
        bench.pressing = false;
        const pressed = [...rows.values()].find(({ input }) => input === document.activeElement);
        if (pressed) bench.setCurrent(pressed.line.id);
    };
    on("pointerdown", (event) => {
        clearTimeout(over);
        bench.pressing = event.pointerType === "mouse" && event.button === 0;
    });
    // After what the browser does with the same event; keys mean the line they are typed in at once.
    for (const end of ["pointerup", "pointercancel", "contextmenu"]) on(end, () => bench.pressing && (over = setTimeout(settle)));
    on("keydown", () => bench.pressing && settle());

    let row = null; // whose field was pressed first
    const strays = (event) => event.detail > 0 && row && event.target !== row.input;
    const hold = (event) => {
        event.preventDefault();
        event.stopPropagation();
    };
    on("mousedown", (event) => {
        if (event.detail < 2) row = [...rows.values()].find(({ input }) => input === event.target);
        if (!strays(event)) return;
        hold(event);
        row.select(event.detail > 2);
    });
    on("click", (event) => strays(event) && hold(event));
}
