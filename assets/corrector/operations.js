// What changes lines themselves: each is one step in the store, with everything typed before it kept first.

const PAGE_KINDS = ["order pages", "delete page", "turn page", "read page"];

/** Do it, show the page as it is then, and say so; what keeps it from being done is said, too. */
async function operate(...wanted) {
    try {
        await perform(...wanted);
    } catch (error) {
        wanted[0].say(error.message, true);
        if (error.status === 409) wanted[0].refresh(); // it was another page, or another line, than is shown
    }
}

/** The same, but it throws what keeps it from being done. */
async function perform(bench, method, path, body, { goTo, words } = {}) {
    const row = bench.rows.get(bench.current);
    if (row?.dirty) bench.keep(row);
    bench.frame.classList.add("busy");
    try {
        const change = await bench.keeper.call(method, path, body);
        await showChange(bench, change, goTo?.(change));
        bench.say(change?.note || words || change?.summary || "Nothing had to change.", Boolean(change?.note));
    } finally {
        bench.frame.classList.remove("busy");
    }
}

/** Fetch what a change touched and go to one of its lines, on another page if need be. */
async function showChange(bench, change, lineId) {
    bench.pages.near.clear();
    const [index] = change?.pages ?? [];
    if (PAGE_KINDS.includes(change?.kind)) {
        await bench.pages.follow();
        if (bench.pages.wanted) return; // turned meanwhile
        // A page that came back is shown.
        if (change.kind !== "order pages" && index !== undefined) await bench.pages.open({ index });
        return;
    }
    if (index !== undefined && index !== bench.pages.index && !change.pages.includes(bench.pages.index)) {
        await bench.pages.open({ index }, change.line_ids[0]);
        return;
    }
    const at = bench.order.indexOf(bench.current);
    const page = await bench.pages.fetch();
    if (bench.pages.wanted || page.id !== bench.page.id) return;
    for (const line of change?.line_ids ?? []) bench.rank.delete(line);
    bench.apply(page);
    const left = bench.current;
    bench.current = null;
    bench.drawLine(left);
    // A field that stays open does not take a new text by itself; this change was asked for.
    const open = [...bench.rows.values()].find((row) => document.activeElement === row.input);
    if (open && !open.dirty) open.take();
    const targets = [lineId, ...(change?.line_ids ?? []), bench.order[Math.min(at, bench.order.length - 1)]];
    const target = targets.find((id) => bench.lines.has(id));
    if (target) bench.goTo(target);
    bench.pages.fetchAhead().catch(() => {});
}

function undo(bench, event) {
    // What is typed and not confirmed yet is undone by the browser, letter by letter.
    if (event && bench.rows.get(bench.current)?.dirty) return false;
    return stepBack(bench, "undo", "There is nothing left to undo.", "Taken back");
}

function redo(bench, event) {
    if (event && bench.rows.get(bench.current)?.dirty) return false;
    return stepBack(bench, "redo", "There is nothing to redo.", "Done again");
}

async function stepBack(bench, what, nothing, done) {
    try {
        const change = await bench.keeper.call("POST", `/documents/${bench.documentId}/${what}`, undefined, { all: true });
        if (!change) return bench.say(nothing);
        await showChange(bench, change);
        const words = change.state === "kept" ? "Someone else changed these lines since, so they stay." : `${done}: ${change.summary}`;
        bench.say(change.note && change.state !== "kept" ? `${words}. ${change.note}` : words, Boolean(change.note));
    } catch (error) {
        bench.say(error.message, true);
    }
}

function setKind(bench, kind) {
    const line = bench.lines.get(bench.current);
    if (!line) return bench.say("Choose a line first.");
    // Pressed again on a list item, it goes one level deeper, and from the third back to none.
    const level = kind === "list_item" && line.kind === "list_item" ? ((line.level ?? 0) + 1) % 3 : 0;
    return operate(bench, "POST", "/lines/kind", { lines: [line.id], kind, level });
}

function splitLine(bench) {
    const row = bench.rows.get(bench.current);
    if (!row) return;
    const caret = [...row.text.slice(0, row.input.selectionStart)].length;
    if (caret === 0 || caret >= [...row.text].length) return bench.say("Put the caret where the line is to be split.");
    return operate(bench, "POST", `/lines/${row.line.id}/split`, { offset: caret, text: row.text }, { goTo: (change) => change.added[0] });
}

function mergeLine(bench) {
    const at = bench.page.lines.findIndex((line) => line.id === bench.current);
    const next = bench.page.lines[at + 1];
    if (at < 0 || !next) return bench.say("There is no line after this one to join it with.");
    return operate(bench, "POST", "/lines/merge", { lines: [bench.current, next.id] });
}

function deleteLine(bench) {
    if (!bench.current) return;
    const at = bench.order.indexOf(bench.current);
    const next = bench.order[at + 1] ?? bench.order[at - 1];
    return operate(bench, "POST", "/lines/delete", { lines: [bench.current] }, { goTo: () => next, words: "1 line deleted. Ctrl+Z brings it back." });
}

/** A new line between the current one and the next, as wide as the current one, to be moved where it belongs. */
function insertBelow(bench) {
    const line = bench.lines.get(bench.current);
    if (!line) return drawBox(bench);
    const [x0, y0, x1, y1] = boxOf(line.polygon);
    const next = bench.page.lines[bench.page.lines.indexOf(line) + 1];
    const below = next ? boxOf(next.polygon) : null;
    const high = (y1 - y0) / 2;
    // Its middle lies between theirs, by which it finds its place in the reading order.
    const middle = below && below[3] > y1 ? (y0 + y1 + below[1] + below[3]) / 4 : y1 + high / 2;
    const bottom = Math.min(middle + high / 2, bench.page.height);
    return insertBox(bench, [x0, bottom - high, x1, bottom].map(Math.round), false);
}

/** On which page, and how it lies, a place is meant: on others it would be another place. */
const seenOn = ({ page: { id, image, turned } }) => ({ page: id, image, turned });

/** Put a new line in a box of the page and have it read. */
function insertBox(bench, box, read = true) {
    leaveMode(bench);
    if (box[2] - box[0] < 4 || box[3] - box[1] < 4) return bench.say("Draw the box around the whole line.");
    return operate(bench, "POST", `${bench.pages.path}/lines`, { outline: box, engine: read ? "auto" : null, ...seenOn(bench) }, { goTo: (change) => change.added[0] });
}

function reshape(bench, lineId, box) {
    leaveMode(bench);
    return operate(bench, "PUT", `/lines/${lineId}/outline`, { outline: box, ...seenOn(bench) }, { goTo: () => lineId });
}

function reorder(bench, by) {
    const ids = bench.page.lines.map((line) => line.id);
    const at = ids.indexOf(bench.current);
    if (at < 0 || !ids[at + by]) return;
    [ids[at], ids[at + by]] = [ids[at + by], ids[at]];
    const here = bench.current;
    return operate(bench, "PUT", `${bench.pages.path}/order`, { lines: ids }, { goTo: () => here });
}

function drawBox(bench) {
    if (bench.sheet.mode === "draw") return leaveMode(bench);
    bench.sheet.setMode("draw");
    bench.parts.hint.textContent = "Drag a box around a line. Esc leaves it.";
}

function shapeLine(bench) {
    const line = bench.lines.get(bench.current);
    if (!line) return;
    if (bench.sheet.mode === "shape") return leaveMode(bench);
    bench.sheet.setMode("shape", line);
    bench.parts.hint.textContent = "Drag the box or its corners, or press arrows and Enter. Esc leaves it.";
}

function leaveMode(bench) {
    bench.sheet.setMode("look");
    bench.parts.hint.textContent = "";
}

function nextReading(bench) {
    const row = bench.rows.get(bench.current);
    const readings = [row?.line.text, ...(row?.line.alternatives ?? [])];
    if (readings.length < 2) return bench.say("The reader offers no other reading of this line.");
    row.write(readings[(readings.indexOf(row.text) + 1) % readings.length], 0);
}

/** Confirm every line of the page that is not checked and says what is shown, as one step. */
function confirmRest(bench) {
    for (const row of bench.rows.values()) if (row.dirty) bench.keep(row);
    const open = bench.page.lines.filter((line) => !line.checked);
    const words = "Every line of this page is checked.";
    if (!open.length) return bench.say(words);
    const here = bench.current;
    const [lines, texts] = [open.map((line) => line.id), open.map((line) => line.text)];
    return operate(bench, "POST", "/lines/confirm", { lines, texts }, { goTo: () => here, words });
}
