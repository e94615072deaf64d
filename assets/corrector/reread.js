// Reading again with a reader of choice; nothing changes until the user has seen the difference and takes it.

const SCOPES = { line: "This line", page: "This page", document: "The whole document" };
const LOOK_MS = 700;

async function openReread(bench, scope) {
    const engine = el("select", { "aria-label": "Reader" }, el("option", { value: "auto" }, "Automatic"));
    const where = el("select", { "aria-label": "What to read" },
        ...Object.entries(SCOPES).map(([value, words]) => el("option", { value }, words)));
    where.value = scope;
    const result = el("div", { class: "proposals", role: "status" });
    const run = el("button", { type: "button", class: "first", onclick: () => reread(bench, engine.value, where.value, result, run) }, "Read anew");
    showDialog(bench, "Read anew",
        el("p", { class: "small" }, "Of a page or a document, lines that are checked stay as they are. You see each difference before you take it."),
        el("div", { class: "line" }, where, engine, run), result);
    run.focus();
    try {
        const models = await request({ path: "/models" });
        engine.append(...models.filter((model) => model.on_this_machine).map((model) => el("option", { value: model.name }, model.title)));
    } catch { /* the automatic choice is enough */ }
}

/** These requests take long, so no edit waits behind them. */
async function reread(bench, engine, scope, result, run) {
    run.disabled = true;
    result.replaceChildren("Reading…");
    try {
        const lines = scope === "line" ? [bench.current] : null;
        const found = scope === "document" ? await readDocument(bench, engine, result)
            : await request({ method: "POST", path: `${bench.path(bench.index)}/readings`, body: { engine, lines } });
        showProposals(bench, found.filter((one) => one.text !== one.before), result);
    } catch (error) {
        result.replaceChildren(error.message);
    } finally {
        run.disabled = false;
    }
}

/** Have all pages read in the background, and wait for it while the sheet is open. */
async function readDocument(bench, engine, result) {
    const path = `/documents/${bench.documentId}/readings`;
    let task = await request({ method: "POST", path, body: { engine } });
    while (["queued", "running"].includes(task.state)) {
        if (!bench.parts.dialog.open) return [];
        result.replaceChildren(`Reading… ${percent(task.progress)}`);
        await new Promise((done) => setTimeout(done, LOOK_MS));
        task = await request({ path: `${path}/${task.id}` });
    }
    if (task.state !== "done") throw new Error(task.error || "It was stopped.");
    return request({ path });
}

function showProposals(bench, found, result) {
    const surer = (one) => one.confidence > one.before_confidence;
    const ticks = found.map((one) => el("input", { type: "checkbox", checked: surer(one), "aria-label": one.text }));
    const take = async () => {
        const lines = found.filter((_, at) => ticks[at].checked).map((one) => one.line_id);
        bench.parts.dialog.close();
        if (lines.length) await operate(bench, "POST", `/documents/${bench.documentId}/readings/take`, { lines });
    };
    result.replaceChildren(
        el("ul", {}, ...found.map((one, at) => el("li", {}, ticks[at],
            el("span", {}, ...marked(one.before, one.text, "del"), el("br"), ...marked(one.text, one.before, "ins")),
            el("span", { class: "small" }, percent(one.confidence))))),
        found.length ? el("button", { type: "button", class: "first", onclick: take }, "Take what is ticked") : "It reads the same.");
}

/** A text as words, those that the other one does not have marked as <del> or <ins>. */
function marked(text, other, tag) {
    const [a, b] = [text.split(" "), other.split(" ")];
    // common[i][j]: how many words a[i...] and b[j...] have in common, in order
    const common = Array.from({ length: a.length + 1 }, () => new Array(b.length + 1).fill(0));
    for (let i = a.length - 1; i >= 0; i--) {
        for (let j = b.length - 1; j >= 0; j--) {
            common[i][j] = a[i] === b[j] ? common[i + 1][j + 1] + 1 : Math.max(common[i + 1][j], common[i][j + 1]);
        }
    }
    const pieces = [];
    for (let i = 0, j = 0; i < a.length; i++) {
        while (j < b.length && a[i] !== b[j] && common[i][j + 1] >= common[i + 1][j]) j++;
        const kept = a[i] === b[j];
        if (kept) j++;
        pieces.push(kept ? a[i] : el(tag, {}, a[i]), " ");
    }
    return pieces;
}
