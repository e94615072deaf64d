// What opens over the lines: sheets, the history of a line, what is only in this browser.

function showDialog(bench, title, ...content) {
    const { dialog } = bench.parts;
    const close = button("close", "Close (Esc)", () => dialog.close());
    dialog.replaceChildren(el("header", {}, el("h2", { id: "corrector-title" }, title), close), ...content);
    dialog.setAttribute("aria-labelledby", "corrector-title");
    dialog.onclose = () => bench.current && bench.goTo(bench.current);
    if (!dialog.open) dialog.showModal();
}

/** A moment as the other screens write it: "21 Nov 2026, 19:05". */
function moment(iso) {
    return new Date(iso).toLocaleString("en-GB", { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" });
}

/** Who or what wrote what in this line, newest first, each to go back to. */
async function openHistory(bench) {
    const line = bench.lines.get(bench.current);
    if (!line) return;
    try {
        const versions = (await bench.keeper.call("GET", `/lines/${line.id}/history`)).reverse();
        const items = versions.map((version, at) => el("li", {},
            el("span", { class: "said-then" }, ...(version.text ? decoratedText(version.text, version.decorations) : ["(empty)"])),
            el("span", { class: "small" }, `${version.is_person || version.author === "user" ? "you" : version.author || "a reader"}, ${moment(version.created)}${version.restored ? " (taken back)" : ""}`),
            el("button", { type: "button", disabled: at === 0, onclick: () => goBack(bench, line.id, version) }, "Back to this")));
        showDialog(bench, "History of this line", el("ol", { class: "versions" }, ...items));
    } catch (error) {
        bench.say(error.message, true);
    }
}

async function goBack(bench, lineId, version) {
    bench.parts.dialog.close();
    await operate(bench, "POST", `/lines/${lineId}/versions/${version.number}`, undefined, { goTo: () => lineId });
}

/** What was typed in this document and is only in this browser: not confirmed, or refused by the server. */
function openUnsaved(bench) {
    const { keeper } = bench;
    const item = (text, why, letGo) => {
        const row = el("li", {}, el("span", { class: "said-then" }, text || "(empty)"), el("span", { class: "small" }, why),
            el("button", { type: "button", onclick: () => (letGo(), row.remove()) }, "Forget it"));
        return row;
    };
    const drafts = [...keeper.drafts].filter((lineId) => !bench.rows.get(lineId)?.dirty);
    showDialog(bench, "Only in this browser", el("ul", { class: "versions" },
        ...keeper.refused.map((edit) => item(edit.text, edit.refused, () => keeper.letGo(edit))),
        ...[...bench.rows.values()].filter((row) => row.dirty).map((row) => el("li", {}, el("span", { class: "said-then" }, row.text), el("span", { class: "small" }, `Line ${row.number}: press Enter in it to confirm`))),
        ...drafts.map((lineId) => item(keeper.draftOf(lineId), "Typed on another page and not confirmed", () => keeper.dropDraft(lineId)))));
}
