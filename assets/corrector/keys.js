// The keyboard. One table says which key does what, to the program and to the sheet that lists them.

// Keys `inField` need a caret; those `onLine` also work while nothing has the focus, as when a document is just opened.
const inField = (event) => event.target.matches(".bench .row input");
const nowhere = (bench, event) => event.target.contains(bench.frame);

const COMMANDS = [
    { keys: ["Enter"], help: "Confirm the line and go on", onLine: true, run: (bench) => bench.confirm() },
    { keys: ["ArrowDown"], help: "Next line", onLine: true, run: (bench) => bench.step(1) },
    { keys: ["ArrowUp"], help: "Line before", onLine: true, run: (bench) => bench.step(-1) },
    { keys: ["Tab"], help: "Next uncertain line", inField: true, run: (bench) => bench.stepToDoubt(1) },
    { keys: ["Shift+Tab"], help: "Uncertain line before", inField: true, run: (bench) => bench.stepToDoubt(-1) },
    { keys: ["F6"], help: "To the buttons of this line", inField: true, run: (bench) => bench.parts.tools.querySelector("button").focus() },
    { keys: ["Escape"], help: "Back to what the store has", run: escape },
    { keys: ["Ctrl+Z"], help: "Undo, over lines, pages and earlier visits", run: (bench, event) => undo(bench, event) },
    { keys: ["Ctrl+Y", "Ctrl+Shift+Z"], help: "Redo", run: (bench, event) => redo(bench, event) },
    { keys: ["Alt+PageDown"], help: "Next page", run: (bench) => bench.pages.turn(1) },
    { keys: ["Alt+PageUp"], help: "Page before", run: (bench) => bench.pages.turn(-1) },
    { keys: ["Alt+A"], help: "Next other reading", run: (bench) => nextReading(bench) },
    { keys: ["Alt+S", "Ctrl+Enter"], help: "Split the line at the caret", run: (bench) => splitLine(bench) },
    { keys: ["Alt+J"], help: "Join with the next line", run: (bench) => mergeLine(bench) },
    { keys: ["Alt+Delete", "Alt+Backspace"], help: "Delete the line", run: (bench) => deleteLine(bench) },
    { keys: ["Alt+N"], help: "Insert a line below", run: (bench) => insertBelow(bench) },
    { keys: ["Alt+B"], help: "Draw a box for a new line", run: (bench) => drawBox(bench) },
    { keys: ["Alt+E"], help: "Move or resize the line: arrows, with Shift its corner, Enter", run: (bench) => shapeLine(bench) },
    { keys: ["Alt+ArrowUp"], help: "Move the line up in reading order", run: (bench) => reorder(bench, -1) },
    { keys: ["Alt+ArrowDown"], help: "Move the line down in reading order", run: (bench) => reorder(bench, 1) },
    { keys: ["Alt+T"], help: "Mark as plain text", run: (bench) => setKind(bench, "text") },
    { keys: ["Alt+H"], help: "Mark as heading", run: (bench) => setKind(bench, "heading") },
    { keys: ["Alt+L"], help: "Mark as list item; again: one level deeper", run: (bench) => setKind(bench, "list_item") },
    { keys: ["Alt+X"], help: "Mark as formula", run: (bench) => setKind(bench, "formula") },
    { keys: ["Alt+G"], help: "Mark as figure", run: (bench) => setKind(bench, "figure") },
    { keys: ["Ctrl+U"], help: "Underline the selected words, or not any more", inField: true, run: (bench) => decorate(bench, "underline") },
    { keys: ["Ctrl+Shift+X"], help: "Strike them out, or not any more", inField: true, run: (bench) => decorate(bench, "strike") },
    { keys: ["Alt+R"], help: "Read the line anew", run: (bench) => openReread(bench, "line") },
    { keys: ["Alt+Shift+R"], help: "Read the page anew", run: (bench) => openReread(bench, "page") },
    { keys: ["Alt+Y"], help: "History of the line", run: (bench) => openHistory(bench) },
    { keys: ["Alt+F", "Ctrl+H"], help: "Find and replace", run: (bench) => openFind(bench) },
    { keys: ["Alt+W"], help: "Next misspelt word, and what was meant", run: (bench) => bench.spelling.next() },
    { keys: ["Alt+Shift+W"], help: "Your dictionary", run: (bench) => openDictionary(bench) },
    { keys: ["Alt+C"], help: "Special characters: arrows, Enter", run: (bench) => usePalette(bench) },
    { keys: ["Alt+K"], help: "Only lines to check", run: (bench) => bench.setFilter(!bench.onlyOpen, bench.leastSureFirst) },
    { keys: ["Alt+U"], help: "Least certain lines first", run: (bench) => bench.setFilter(bench.onlyOpen, !bench.leastSureFirst) },
    { keys: ["Ctrl++", "Ctrl+="], help: "Larger page", run: (bench) => bench.sheet.zoomBy(1.35) },
    { keys: ["Ctrl+-"], help: "Smaller page", run: (bench) => bench.sheet.zoomBy(1 / 1.35) },
    { keys: ["Ctrl+0"], help: "Whole page, or as wide as it goes", run: (bench) => bench.sheet.fit() },
    { keys: ["F1", "?"], help: "This sheet (in a field: F1)", run: (bench) => openHelp(bench) },
];

/** A pressed key by the name it has in the table: "Ctrl+Shift+Z". Cmd counts as Ctrl. */
function nameOf(event) {
    // With Alt some systems hand over another letter, so letters go by their place, unless the layout says a plain one.
    const letter = /^[a-z]$/i.test(event.key) ? event.key.toUpperCase()
        : event.altKey && /^Key[A-Z]$/.test(event.code) ? event.code.slice(3) : null;
    const key = letter ?? event.key;
    const shift = event.shiftKey && (letter || key.length > 1);
    return [(event.ctrlKey || event.metaKey) && "Ctrl", event.altKey && "Alt", shift && "Shift", key].filter(Boolean).join("+");
}

function pressed(bench, event) {
    // What else is on the screen, and windows of Streamlit before it, have their own keys.
    const here = bench.frame.contains(event.target) || (nowhere(bench, event) && !document.querySelector('[role="dialog"]'));
    if (!here || event.isComposing || event.getModifierState("AltGraph") || bench.parts.dialog.open) return;
    const name = nameOf(event);
    if (bench.sheet.mode === "shape" && shapeKey(bench, event, name)) return event.preventDefault();
    const command = COMMANDS.find((one) => one.keys.includes(name));
    if (!command) return;
    // A question mark typed into any field is a question mark.
    const writing = event.target.matches("input, textarea, select");
    if (name === "?" && writing) return;
    if (command.inField && !inField(event)) return;
    if (command.onLine && !inField(event) && !nowhere(bench, event)) return;
    if (writing && !inField(event) && !name.includes("Alt+") && !["F1", "Escape"].includes(name)) return;
    // What returns false leaves the key to the browser: Tab then goes on to the next part of the screen.
    if (command.run(bench, event) !== false) event.preventDefault();
}

function escape(bench) {
    const { parts, sheet } = bench;
    const within = (part) => part.contains(document.activeElement);
    if (sheet.mode !== "look") leaveMode(bench);
    else if (within(parts.tools)) toField(bench);
    else if (!parts.panel.hidden && !within(parts.palette)) closeFind(bench);
    else if (!parts.palette.hidden) togglePalette(bench);
    else bench.revert();
}

/** Back to the field of the current line, with its caret where it was. */
function toField(bench) {
    bench.rows.get(bench.current)?.input.focus({ preventScroll: true });
}

/** Left and right go along the buttons of a toolbar. */
function alongToolbar(event) {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[nameOf(event)];
    const buttons = [...event.currentTarget.querySelectorAll("button:enabled")];
    const at = buttons.indexOf(event.target);
    if (!by || at < 0) return;
    event.preventDefault();
    buttons.at((at + by) % buttons.length).focus();
}

/** Keys while a line's box is moved: arrows, Enter, Escape. True if the key was one of them. */
function shapeKey(bench, event, name) {
    const arrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    const arrow = arrows[event.key];
    const step = Math.max(bench.page.width / 300, 1);
    if (arrow) bench.sheet.nudge(arrow[0] * step, arrow[1] * step, event.shiftKey);
    else if (name === "Enter") reshape(bench, bench.sheet.shaping.id, bench.sheet.finishedBox());
    else return false;
    return true;
}

function openHelp(bench) {
    const shown = (key) => key.replace("Arrow", "").replace("Escape", "Esc").replace("Page", "Page ").replace("Ctrl++", "Ctrl +");
    const rows = COMMANDS.map(({ keys, help }) => el("div", { class: "shortcut" },
        el("dt", {}, ...keys.slice(0, 2).flatMap((key, at) => [at ? " or " : "", el("kbd", {}, shown(key))])), el("dd", {}, help)));
    showDialog(bench, "Keyboard shortcuts", el("dl", { class: "shortcuts" }, ...rows),
        el("p", { class: "small" }, "A page can also be zoomed with Ctrl and the mouse wheel, or two fingers, and moved by dragging it."));
}
