// Words that look misspelt: waves under them, what was probably meant, and the user's dictionary.

const STILL_MS = 350; // how long nothing is typed before the page is checked again
const NEWS = "inkline-dictionary"; // between tabs: words were added or removed

class Spelling {
    constructor(bench) {
        this.bench = bench;
        this.checked = new Map(); // line id -> what it said when it was checked, its language and marks
        this.menu = el("div", { class: "menu", role: "listbox", id: "corrector-menu", "aria-label": "Spelling", hidden: true });
        this.menu.addEventListener("mousedown", (event) => event.preventDefault()); // the field keeps the focus
        bench.frame.append(this.menu);
        bench.frame.addEventListener("keydown", (event) => this.menuKey(event), true);
        bench.frame.addEventListener("mousedown", (event) => this.menu.contains(event.target) || this.close(), true);
        bench.frame.addEventListener("input", () => this.close());
        bench.parts.list.addEventListener("scroll", () => this.close());
        // A press makes its line the current one, which moves the lines: what is pressed is found before.
        bench.parts.list.addEventListener("pointerdown", (event) => (this.pressed = this.markAt(event)), true);
        bench.parts.list.addEventListener("contextmenu", (event) => this.asked(event));
        this.caretMoved = () => this.focused()?.dirty && this.focused().drawMarks();
        document.addEventListener("selectionchange", this.caretMoved);
        this.news = new BroadcastChannel(NEWS);
        this.news.onmessage = () => this.check(true);
    }

    leave() {
        clearTimeout(this.timer);
        this.news.close();
        document.removeEventListener("selectionchange", this.caretMoved);
    }

    // Marks

    /** The marks of a row's text in letters, as far as is known yet; if the text is new the page is checked soon. */
    marksOf(row) {
        const { text } = row;
        const known = this.checked.get(row.line.id);
        if (known?.text !== text || known.kind !== row.line.kind) this.later();
        if (!known) return [];
        const [start, end] = commonEnds([...known.text], [...text]);
        const shift = [...text].length - [...known.text].length;
        const from = [...known.text].length - end;
        return known.marks.filter((mark) => mark.end <= start || mark.start >= from)
            .map((mark) => (mark.end <= start ? mark : { ...mark, start: mark.start + shift, end: mark.end + shift }))
            .filter((mark) => !this.isBeingTyped(row, mark));
    }

    /** A word is not wrong before it is finished. */
    isBeingTyped(row, mark) {
        const { input } = row;
        return row.dirty && document.activeElement === input && input.selectionStart === input.selectionEnd && lettersBefore(input.value, input.selectionStart) === mark.end;
    }

    later() {
        clearTimeout(this.timer);
        this.timer = setTimeout(() => this.check(), STILL_MS);
    }

    /** Ask how the page is spelt; `anew` also if nothing was written since. Marks can wait, so nothing is said of trouble. */
    async check(anew = false) {
        const { page, rows } = this.bench;
        if (!page) return;
        const said = page.lines.map((line) => ({ line: line.id, kind: line.kind, text: rows.get(line.id)?.text ?? line.text }));
        const isKnown = ({ line, kind, text }) => this.checked.get(line)?.text === text && this.checked.get(line).kind === kind;
        if (!anew && said.every(isKnown)) return;
        this.request?.abort();
        const { signal } = (this.request = new AbortController());
        try {
            const lines = said.map(({ kind, text }) => (kind === "formula" ? "" : text));
            const found = await request({ method: "POST", path: "/spelling", body: { lines }, signal });
            if (!Array.isArray(found)) return;
            this.checked = new Map(said.map((one, at) => [one.line, { ...one, ...found[at] }]));
            for (const row of this.bench.rows.values()) row.drawMarks();
        } catch { /* the next time something is written */ }
    }

    // The menu of a marked word

    focused() {
        return [...this.bench.rows.values()].find((row) => document.activeElement === row.input);
    }

    /** To the next marked word of the page, from its last back to the first. */
    next() {
        const { bench } = this;
        const here = bench.rows.get(bench.current);
        const caret = here && document.activeElement === here.input ? lettersBefore(here.text, here.input.selectionEnd) : 0;
        const turned = [...bench.order.slice(bench.order.indexOf(bench.current)), ...bench.order.slice(0, bench.order.indexOf(bench.current))];
        const found = turned.flatMap((id) => this.marksOf(bench.rows.get(id)).map((mark) => ({ row: bench.rows.get(id), mark })));
        const past = ({ row, mark }) => row !== here || mark.start >= caret;
        const target = found.find(past) ?? found[0];
        if (!target) return bench.say("No word of this page looks misspelt.");
        bench.goTo(target.row.line.id);
        this.open(target.row, target.mark);
    }

    /** The row and mark under the pointer, if there is one. */
    markAt({ target, clientX }) {
        const row = [...this.bench.rows.values()].find((one) => one.input === target);
        const within = ({ left, right }) => left <= clientX && clientX <= right;
        const piece = [...(row?.marks.querySelectorAll(".misspelt") ?? [])].find((one) => within(one.getBoundingClientRect()));
        return piece ? this.markIn(row, Number(piece.dataset.at)) : null;
    }

    /** The row and its mark at so many letters. */
    markIn(row, at) {
        const mark = this.marksOf(row).find(({ start, end }) => start <= at && at <= end);
        return mark ? { row, mark } : null;
    }

    /** A right click, the menu key or a long press on a marked word; elsewhere the browser's own menu comes. */
    asked(event) {
        const byKey = event.type === "contextmenu" && event.button !== 2 && event.pointerType !== "touch";
        const here = this.focused();
        const asked = byKey ? here && this.markIn(here, lettersBefore(here.text, here.input.selectionStart)) : this.pressed;
        if (!asked) return;
        event.preventDefault();
        asked.row.input.focus();
        this.open(asked.row, asked.mark);
    }

    async open(row, mark) {
        const { bench } = this;
        const letters = [...row.text];
        const place = [letters.slice(0, mark.start).join("").length, letters.slice(0, mark.end).join("").length];
        row.input.setSelectionRange(...place);
        const { language } = this.checked.get(row.line.id);
        const asked = new URLSearchParams({ word: mark.text, language });
        const words = await request({ path: `/spelling/suggestions?${asked}` }).catch(() => []);
        if (this.focused() !== row || row.text.slice(...place) !== mark.text) return; // went on meanwhile
        const option = (words, run, extra = {}) => el("div", { role: "option", onclick: () => (this.close(), run()), ...extra }, words);
        this.menu.replaceChildren(
            ...words.map((word) => option(word, () => this.replace(row, place, word), { class: "meant" })),
            option(`Add “${mark.text}” to your dictionary`, () => this.addFromMenu(mark.text), { class: "small" }),
            option("Your dictionary…", () => openDictionary(bench), { class: "small" }),
        );
        [...this.menu.children].forEach((item, at) => {
            item.id = `corrector-menu-${at}`;
            item.onmousemove = () => this.choose(at);
        });
        this.menu.hidden = false;
        this.put(row, mark);
        row.input.setAttribute("aria-controls", this.menu.id);
        this.choose(0);
    }

    /** Below the word, or above it where there is no room. */
    put(row, mark) {
        const word = row.marks.querySelector(`[data-at="${mark.start}"]`)?.getBoundingClientRect() ?? row.input.getBoundingClientRect();
        const frame = this.bench.frame.getBoundingClientRect();
        const { offsetWidth, offsetHeight, style } = this.menu;
        const below = word.bottom + 4 + offsetHeight <= Math.min(frame.bottom, innerHeight);
        style.left = `${Math.max(Math.min(word.left, frame.right - offsetWidth) - frame.left, 0)}px`;
        style.top = `${(below ? word.bottom + 4 : word.top - 4 - offsetHeight) - frame.top}px`;
    }

    close() {
        if (this.menu.hidden) return;
        this.menu.hidden = true;
        this.focused()?.input.removeAttribute("aria-activedescendant");
    }

    choose(at) {
        const items = [...this.menu.children];
        this.at = (at + items.length) % items.length;
        items.forEach((item, other) => item.setAttribute("aria-selected", other === this.at));
        this.focused()?.input.setAttribute("aria-activedescendant", items[this.at].id);
    }

    /** Arrows, Enter and Esc are the menu's while it is open; whatever else is typed closes it and is typed. */
    menuKey(event) {
        if (this.menu.hidden || ["Shift", "Control", "Alt", "Meta"].includes(event.key)) return;
        const keys = {
            ArrowDown: () => this.choose(this.at + 1),
            ArrowUp: () => this.choose(this.at - 1),
            Enter: () => this.menu.children[this.at].click(),
            Escape: () => this.close(),
        };
        const run = keys[nameOf(event)];
        if (!run) return this.close();
        run();
        event.preventDefault();
        event.stopPropagation();
    }

    replace(row, [start, end], word) {
        row.input.focus();
        row.input.setRangeText(word, start, end, "end");
        row.typed();
    }

    // The dictionary

    add(word) {
        return this.change({ method: "POST", path: "/dictionary", body: { word } });
    }

    remove(word) {
        return this.change({ method: "DELETE", path: `/dictionary/${encodeURIComponent(word)}` });
    }

    /** One change of the dictionary, seen at once here and in other tabs. Throws what keeps it from being made. */
    async change(wanted) {
        await request(wanted);
        this.news.postMessage(null);
        await this.check(true);
    }

    async addFromMenu(word) {
        try {
            await this.add(word);
            this.bench.say(`“${word}” is in your dictionary now.`);
        } catch (error) {
            this.bench.say(error.message, true);
        }
    }
}

/** How many letters stand before a place in a text that counts UTF-16 units. */
function lettersBefore(text, place) {
    return [...text.slice(0, place)].length;
}

/** The user's words, to be removed, and a field to add one. */
async function openDictionary(bench) {
    const { spelling } = bench;
    const said = el("p", { class: "small", role: "status" });
    const list = el("ul", { class: "versions" });
    const field = el("input", { type: "text", "aria-label": "Word to add", placeholder: "Word to add", spellcheck: "false" });
    const change = async (made) => {
        try {
            await made?.();
            const words = await request({ path: "/dictionary" });
            list.replaceChildren(...words.map((word) => el("li", {}, el("span", { class: "said-then" }, word),
                el("button", { type: "button", "aria-label": `Remove ${word}`, onclick: () => change(() => spelling.remove(word)) }, "Remove"))));
            said.textContent = words.length ? "These words are marked in no document." : "There are no words yet.";
        } catch (error) {
            said.textContent = error.message;
        }
    };
    const add = async (event) => {
        event.preventDefault();
        await change(() => spelling.add(field.value).then(() => (field.value = "")));
    };
    showDialog(bench, "Your dictionary", el("form", { class: "line", onsubmit: add }, field, el("button", { class: "first" }, "Add")), said, list);
    field.focus();
    await change();
}
