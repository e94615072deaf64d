// The parts of the screen, made once.

function button(name, label, run, extra = {}) {
    return el("button", { type: "button", title: label, "aria-label": label, class: "tool", onclick: run, ...extra }, icon(name));
}

function buildLayout(bench) {
    const parts = (bench.parts = {});
    parts.pageChoice = el("select", { "aria-label": "Page", onchange: () => bench.pages.open(bench.pages.list[parts.pageChoice.selectedIndex]) });
    parts.back = button("chevron_left", "Page before (Alt+Page up)", () => bench.pages.turn(-1));
    parts.on = button("chevron_right", "Next page (Alt+Page down)", () => bench.pages.turn(1));
    parts.progress = el("progress", { "aria-label": "Lines checked on this page", value: 0, max: 1 });
    parts.counted = el("span", { class: "counted" });
    parts.saving = el("button", { type: "button", class: "saving-words", onclick: () => openUnsaved(bench) });
    parts.openOnly = el("button", { type: "button", class: "toggle", title: "Show only lines nobody has checked (Alt+K)",
        onclick: () => bench.setFilter(!bench.onlyOpen, bench.leastSureFirst) }, "To check");
    parts.byDoubt = el("button", { type: "button", class: "toggle", title: "Least certain lines first (Alt+U)",
        onclick: () => bench.setFilter(bench.onlyOpen, !bench.leastSureFirst) }, "Least sure first");
    parts.allRight = button("done_all", "The rest of this page is right", () => confirmRest(bench));
    const bar = el("div", { class: "bar", role: "toolbar", "aria-label": "Page and lines", onkeydown: alongToolbar },
        el("div", { class: "turn" }, parts.back, parts.pageChoice, parts.on),
        el("div", { class: "progress" }, parts.progress, el("div", { class: "words" }, parts.counted, parts.saving)),
        el("div", { class: "actions" }, parts.openOnly, parts.byDoubt, parts.allRight,
            button("undo", "Undo (Ctrl+Z)", () => undo(bench)), button("redo", "Redo (Ctrl+Y)", () => redo(bench)),
            button("find_replace", "Find and replace (Alt+F)", () => openFind(bench)),
            button("spellcheck", "Your dictionary (Alt+Shift+W)", () => openDictionary(bench)),
            button("special_character", "Special characters (Alt+C)", () => togglePalette(bench)),
            button("visibility", "Read the page or the document anew (Alt+Shift+R)", () => openReread(bench, "page")),
            button("keyboard", "Keyboard shortcuts (? or F1)", () => openHelp(bench))));
    parts.pane = el("div", { class: "pane", "data-mode": "look" },
        el("div", { class: "scroller", tabindex: "-1" },
            el("div", { class: "paper" }, el("img", { alt: "", draggable: "false" }), svg("svg", { role: "img" }))),
        el("div", { class: "lens" },
            button("zoom_in", "Larger (Ctrl +)", () => bench.sheet.zoomBy(1.35)),
            button("zoom_out", "Smaller (Ctrl -)", () => bench.sheet.zoomBy(1 / 1.35)),
            button("fit_screen", "Whole page, or as wide as it goes (Ctrl+0)", () => bench.sheet.fit()),
            button("add_box", "Draw a box around a line that was missed (Alt+B)", () => drawBox(bench))),
        el("div", { class: "hint", role: "status" }));
    parts.hint = parts.pane.querySelector(".hint");
    parts.list = el("ol", { class: "rows", "aria-label": "Lines of this page" });
    parts.empty = el("p", { class: "empty", hidden: true });
    parts.ink = el("canvas", { class: "ink", role: "img", "aria-label": "The ink of this line" });
    parts.tools = el("div", { class: "tools", role: "toolbar", "aria-label": "This line", onkeydown: alongToolbar });
    parts.shelf = el("div", { hidden: true }, parts.ink, parts.tools);
    parts.panel = el("section", { class: "panel", hidden: true, "aria-label": "Find and replace" });
    parts.palette = el("div", { class: "palette", hidden: true, role: "group", "aria-label": "Special characters" });
    parts.said = el("div", { class: "said", role: "status", "aria-live": "polite" });
    parts.dialog = el("dialog", { class: "dialog" });
    const right = el("div", { class: "texts" }, parts.panel, parts.palette, parts.empty, parts.list,
        el("p", { class: "keys small" }, "Enter confirms and goes on · Tab finds the next uncertain line · F1 lists all keys"));
    bench.frame = el("div", { class: "bench" }, bar, el("div", { class: "halves" }, parts.pane, right), parts.said, parts.dialog, parts.shelf);
    const whileOpen = { signal: bench.left.signal };
    document.addEventListener("keydown", (event) => pressed(bench, event), whileOpen);
    document.addEventListener("selectionchange", () => drawWorn(bench), whileOpen);
    bench.root.replaceChildren(bench.frame);
    drawToggles(bench);
}

function drawToggles({ parts, onlyOpen, leastSureFirst }) {
    parts.openOnly.setAttribute("aria-pressed", onlyOpen);
    parts.byDoubt.setAttribute("aria-pressed", leastSureFirst);
}

function drawPageChoice(bench) {
    const { parts: { pageChoice, back, on }, pages: { list, place, index } } = bench;
    const words = (page, at) => `Page ${at + 1} of ${list.length}${page.error ? " (could not be read)" : ""}`;
    pageChoice.replaceChildren(...list.map((page, at) => el("option", { value: page.index }, words(page, at))));
    pageChoice.value = index;
    back.disabled = place <= 0;
    on.disabled = place === list.length - 1;
}

/** How many lines are checked, of this page and of all. */
function drawProgress({ page, pages: { list }, parts }) {
    const all = page.lines.length;
    const checked = page.lines.filter((line) => line.checked).length;
    const sum = (name) => list.reduce((total, one) => total + one[name], 0);
    const whole = list.length > 1 ? ` · ${sum("checked")} of ${sum("lines")} in all` : "";
    parts.progress.max = Math.max(all, 1);
    parts.progress.value = checked;
    parts.counted.textContent = `${checked} of ${all} ${all === 1 ? "line" : "lines"} checked${whole}`;
    parts.allRight.disabled = checked === all;
}

/** Whether the store has what was edited in this document in this tab, and by closed ones in this browser. */
function drawSaving({ keeper: { waiting, troubled, offline, refused, drafts }, parts }) {
    const count = (number, noun) => `${number} ${noun}${number === 1 ? "" : "s"}`;
    const edits = count(waiting, "edit");
    const words = offline ? `The server does not answer. ${edits} kept in this browser until it does.`
        : troubled.length ? `The server could not save ${count(troubled.length, "edit")}: kept in this browser, tried again.`
        : waiting ? `Saving ${edits}` : "Your edits are saved";
    const open = [refused.length && `${count(refused.length, "edit")} refused`, drafts.size && `${count(drafts.size, "text")} not confirmed`];
    parts.saving.textContent = [words, ...open.filter(Boolean)].join(" · ");
    parts.saving.disabled = !refused.length && !drafts.size;
    parts.saving.classList.toggle("offline", offline || troubled.length > 0 || refused.length > 0);
}

/** What can be done with the current line, below its field. */
function drawTools(bench) {
    const row = bench.rows.get(bench.current);
    const { line } = row;
    const others = line.checked ? [] : (line.alternatives ?? []).filter((text) => text !== line.text).slice(0, 3);
    const kinds = Object.entries({ text: ["notes", "T"], heading: ["title", "H"], list_item: ["format_list_bulleted", "L"], formula: ["function", "X"], figure: ["image", "G"] });
    const pick = (text) => {
        row.write(text);
        row.input.focus();
    };
    bench.parts.tools.replaceChildren(
        el("div", { class: "group", role: "group", "aria-label": "What this line is" },
            ...kinds.map(([kind, [symbol, key]]) => button(symbol, `${KINDS[kind]} (Alt+${key})`, () => setKind(bench, kind),
                { "aria-pressed": line.kind === kind }))),
        el("div", { class: "group" },
            button("content_cut", "Split at the caret (Alt+S)", () => splitLine(bench)),
            button("merge", "Join with the next line (Alt+J)", () => mergeLine(bench)),
            button("add_row_below", "Insert a line below (Alt+N)", () => insertBelow(bench)),
            button("transform", "Move or resize on the page (Alt+E)", () => shapeLine(bench)),
            button("delete", "Delete this line (Alt+Delete)", () => deleteLine(bench))),
        el("div", { class: "group" },
            button("format_underlined", "Underline the selected words (Ctrl+U)", () => decorate(bench, "underline"), { "data-decoration": "underline" }),
            button("format_strikethrough", "Strike out the selected words (Ctrl+Shift+X)", () => decorate(bench, "strike"), { "data-decoration": "strike" })),
        el("div", { class: "group" },
            button("visibility", "Read this line anew (Alt+R)", () => openReread(bench, "line")),
            button("history", "History of this line (Alt+Y)", () => openHistory(bench))),
        ...others.map((text) =>
            el("button", { type: "button", class: "chip", title: text, "aria-label": `Other reading: ${text}`, onclick: () => pick(text) }, difference(line.text, text))),
    );
    drawWorn(bench);
}

/** The words of `other` that `text` does not have at the same place, for a small label. */
function difference(text, other) {
    const [a, b] = [text.split(" "), other.split(" ")];
    const [start, end] = commonEnds(a, b);
    return b.slice(start, b.length - end).join(" ") || `without “${a.slice(start, a.length - end).join(" ")}”`;
}
