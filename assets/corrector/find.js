// Find and replace in the whole document: every hit is shown before anything is changed.

const MOST_HITS = 200;
const TYPING_MS = 250;
const MOST_WAIT_MS = 1500;

function openFind(bench) {
    const { panel } = bench.parts;
    if (!panel.childElementCount) buildFind(bench);
    panel.hidden = false;
    const input = bench.rows.get(bench.current)?.input;
    const marked = input?.value.slice(input.selectionStart, input.selectionEnd);
    if (marked) panel.find.value = marked;
    panel.find.focus();
    panel.find.select();
    search(bench);
}

function closeFind(bench) {
    bench.parts.panel.hidden = true;
    bench.parts.panel.asked?.abort();
    if (bench.current) bench.goTo(bench.current);
}

function buildFind(bench) {
    const { panel } = bench.parts;
    const later = () => {
        clearTimeout(panel.timer);
        panel.asked?.abort();
        panel.run.disabled = true; // what is shown is not what is asked for any more
        panel.timer = setTimeout(() => search(bench), TYPING_MS);
    };
    panel.find = el("input", { type: "text", placeholder: "Find", "aria-label": "Find", oninput: later });
    panel.replacement = el("input", { type: "text", placeholder: "Replace with", "aria-label": "Replace with", oninput: later });
    const option = (name, words) => {
        panel[name] = el("input", { type: "checkbox", onchange: () => search(bench) });
        return el("label", {}, panel[name], words);
    };
    panel.hits = el("ul", { class: "hits" });
    panel.counted = el("span", { class: "small", role: "status" });
    panel.run = el("button", { type: "button", class: "first", onclick: () => replaceAll(bench) }, "Replace");
    panel.append(
        el("div", { class: "line" }, panel.find, panel.replacement, panel.run, button("close", "Close (Esc)", () => closeFind(bench))),
        el("div", { class: "line" }, option("whole_word", "Whole words"), option("match_case", "Upper and lower case"), option("regex", "Regular expression"), panel.counted),
        panel.hits,
    );
    panel.addEventListener("keydown", (event) => {
        if (event.key === "Enter" && event.target === panel.find) search(bench);
    });
}

function query({ find, whole_word, match_case, regex, replacement }) {
    return { find: find.value, whole_word: whole_word.checked, match_case: match_case.checked, regular: regex.checked, replacement: replacement.value };
}

/** Look for it now; a search that still goes on is given up. It does not wait in the queue of edits. */
async function search(bench) {
    const { panel } = bench.parts;
    clearTimeout(panel.timer);
    panel.asked?.abort();
    const { signal } = (panel.asked = new AbortController());
    const sought = query(panel);
    const show = (words, hits = []) => {
        if (signal.aborted) return;
        panel.counted.textContent = words;
        Object.assign(panel, { sought, found: hits });
        panel.run.disabled = !hits.length;
        panel.hits.replaceChildren(...hits.map((hit) => hitRow(bench, hit)));
    };
    if (!sought.find) return show("");
    try {
        await bench.keeper.saved(MOST_WAIT_MS); // what was just typed is to be found, too
        if (signal.aborted) return;
        const { lines, hits } = await request({ method: "POST", path: `/documents/${bench.documentId}/find?limit=${MOST_HITS}`, body: sought, signal });
        const all = `${lines.toLocaleString()} ${lines === 1 ? "line" : "lines"}`;
        show(lines > hits.length ? `The first ${hits.length} of ${all}; “Replace” changes all of them but those unticked` : all, hits);
    } catch (error) {
        show(error.message);
    }
}

/** One line with the words found in it, what it would say then, and a tick to leave it out. */
function hitRow(bench, hit) {
    const letters = [...hit.before];
    let at = 0;
    const words = hit.spans.flatMap(([start, end]) => {
        const part = [letters.slice(at, start).join(""), el("mark", {}, letters.slice(start, end).join(""))];
        at = end;
        return part;
    });
    hit.tick = el("input", { type: "checkbox", checked: true, "aria-label": `Replace in line ${hit.number} of page ${hit.page + 1}` });
    const changes = hit.after != null && hit.after !== hit.before;
    return el("li", {}, hit.tick,
        el("button", { type: "button", class: "where", title: "Go there", onclick: () => bench.pages.openLine(hit.page_id, hit.line_id) }, `p. ${hit.page + 1}, line ${hit.number}`),
        el("span", {}, ...words, letters.slice(at).join(""), ...(changes ? [el("ins", {}, hit.after)] : [])));
}

async function replaceAll(bench) {
    const { panel } = bench.parts;
    const but = panel.found.filter((hit) => !hit.tick.checked).map((hit) => hit.line_id);
    await operate(bench, "POST", `/documents/${bench.documentId}/replace`, { ...panel.sought, but });
    await search(bench);
}
