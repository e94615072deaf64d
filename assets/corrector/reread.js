// Reading again with a reader of choice; nothing changes until the user has seen the difference and takes it.

const SCOPES = { line: "This line", page: "This page", document: "The whole document" };
const LOOK_MS = 700;
const FAR_LOOK_MS = 4000; // while no sheet shows how far it is
const MOST_PROPOSALS = 200;

const readingsOf = (bench) => `/documents/${bench.documentId}/readings`;
const goesOn = (task) => ["queued", "running"].includes(task?.state);

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
    bench.rereadSheet = (task) => {
        if (!result.isConnected || !bench.parts.dialog.open) return false;
        showProgress(bench, task, result);
        return true;
    };
    try {
        const models = await request({ path: "/models" });
        engine.append(...models.filter((model) => model.on_this_machine).map((model) => el("option", { value: model.name }, model.title)));
    } catch { /* the automatic choice is enough */ }
    // A reading of the whole document goes on without this sheet; what it proposed waits to be looked at.
    if (scope === "line" || await watchReread(bench) || result.hasChildNodes()) return;
    await showWaiting(bench, result).catch(() => {});
}

/** These requests take long, so no edit waits behind them. */
async function reread(bench, engine, scope, result, run) {
    run.disabled = true;
    result.replaceChildren("Reading…");
    try {
        if (scope === "document") {
            const task = await request({ method: "POST", path: readingsOf(bench), body: { engine } });
            showProgress(bench, task, result);
            watchReread(bench);
        } else {
            const lines = scope === "line" ? [bench.current] : null;
            const found = await request({ method: "POST", path: `${bench.pages.path}/readings`, body: { engine, lines, page: bench.page.id } });
            const others = found.filter((one) => one.text !== one.before);
            showProposals(bench, others, others.length, result);
        }
    } catch (error) {
        result.replaceChildren(error.message);
    } finally {
        run.disabled = false;
    }
}

/** Watch the reading of the whole document until it ends, whether a sheet is open or not; false if none goes on. */
async function watchReread(bench) {
    if (bench.watching) return true;
    const path = `${readingsOf(bench)}/task`;
    const look = (of) => request({ path: of }).catch((error) => (error.status ? null : { state: "running" }));
    let task = await look(path);
    if (!goesOn(task)) return false;
    bench.watching = true;
    (async () => {
        while (goesOn(task) && !bench.closed) {
            const seen = task.id && bench.rereadSheet?.(task);
            await pause(seen ? LOOK_MS : FAR_LOOK_MS);
            task = await look(task.id ? `${path}/${task.id}` : path);
        }
        bench.watching = false;
        if (!task || bench.closed || bench.rereadSheet?.(task)) return;
        if (task.state === "done") bench.say("The whole document is read anew. Alt+Shift+R shows the differences.", true);
        else if (task.error) bench.say(task.error, true);
    })();
    return true;
}

/** How far the reading of the whole document is, or what came of it. */
function showProgress(bench, task, result) {
    if (!goesOn(task)) {
        if (task.error) return result.replaceChildren(task.error);
        return showWaiting(bench, result, task.state === "done" ? "It reads the same." : "Stopped.").catch((error) => result.replaceChildren(error.message));
    }
    const stop = () => request({ method: "DELETE", path: `${readingsOf(bench)}/task/${task.id}` }).catch((error) => bench.say(error.message, true));
    result.replaceChildren(el("p", {}, `Reading the whole document… ${percent(task.progress)}. It goes on when this sheet is closed. `,
        el("button", { type: "button", onclick: stop }, "Stop")));
}

/** What is proposed in the whole document. */
async function showWaiting(bench, result, none = "") {
    const { lines, proposals } = await request({ path: `${readingsOf(bench)}?limit=${MOST_PROPOSALS}` });
    if (lines) showProposals(bench, proposals, lines, result);
    else result.replaceChildren(none);
}

/** The first of `all` proposals, each with a tick; the sheet closes once all of them are settled. */
function showProposals(bench, found, all, result) {
    const ticks = found.map((one) => el("input", { type: "checkbox", checked: one.confidence > one.before_confidence, "aria-label": one.text }));
    const shown = (ticked) => found.filter((_, at) => ticks[at].checked === ticked).map((one) => one.line_id);
    const problem = el("p", { role: "alert" });
    const settle = async (work) => {
        result.inert = true;
        try {
            await work();
            if (all > found.length) await showWaiting(bench, result);
            if (all <= found.length || !result.childElementCount) bench.parts.dialog.close();
        } catch (error) {
            problem.textContent = error.message;
        } finally {
            result.inert = false;
        }
    };
    const take = (body) => perform(bench, "POST", `${readingsOf(bench)}/take`, body);
    const drop = (body) => request({ method: "POST", path: `${readingsOf(bench)}/drop`, body });
    const takeTicked = () => settle(async () => {
        const [wanted, others] = [shown(true), shown(false)];
        if (wanted.length) await take({ lines: wanted });
        if (others.length) await drop({ lines: others });
    });
    const offer = (words, run, name = "") => el("button", { type: "button", class: name, onclick: run }, words);
    const more = all > found.length;
    result.replaceChildren(
        ...(more ? [el("p", { class: "small" }, `The first ${found.length} of ${all.toLocaleString()} lines that it reads otherwise.`)] : []),
        el("ul", {}, ...found.map((one, at) => el("li", {}, ticks[at],
            el("span", {}, ...marked(one.before, one.text, "del"), el("br"), ...marked(one.text, one.before, "ins")),
            el("span", { class: "small" }, `${bench.pages.list.length > 1 ? `p. ${one.page + 1}, ` : ""}${percent(one.confidence)}`)))),
        problem,
        ...(found.length ? [el("div", { class: "line" }, offer("Take what is ticked", takeTicked, "first"),
            ...(more ? [offer(`Take it wherever it is surer, in all ${all.toLocaleString()}`, () => settle(() => take({ but: shown(false), surer: true })))] : []),
            offer(more ? "Forget all" : "Forget them", () => settle(() => drop(more ? {} : { lines: found.map((one) => one.line_id) }))))] : ["It reads the same."]));
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
