// Underlined and struck-out words of a line, shown in its field and put on or taken off words that are selected.

const DECORATIONS = { underline: "Underlined", strike: "Struck out" };

/** Spans of a text as they lie in what it has become by one change. */
function movedSpans(spans, before, after) {
    const [old, now] = [[...before], [...after]];
    const [start] = commonEnds(old, now);
    const move = (place) => (place <= start ? place : Math.max(place + now.length - old.length, start));
    return spans.map((span) => ({ ...span, start: move(span.start), end: move(span.end) })).filter((span) => span.start < span.end);
}

/** A line whose text a person has written; until the store answers, decorations lie where they lay. */
function rewritten(line, text) {
    return { ...line, text, checked: true, decorations: movedSpans(line.decorations, line.text, text) };
}

/** The words of a text in letters, each with the kinds of its decorations. */
function decoratedWords(letters, spans) {
    const words = [];
    letters.forEach((letter, at) => {
        if (/\s/u.test(letter)) return;
        if (words.at(-1)?.end === at) words.at(-1).end++;
        else words.push({ start: at, end: at + 1 });
    });
    for (const word of words) word.kinds = Object.keys(DECORATIONS).filter((kind) =>
        spans.some((span) => span.kind === kind && span.start < word.end && word.start < span.end));
    return words;
}

/** For each letter the classes of its decorations; spaces have what the words on both sides share. */
function decorationLooks(letters, spans) {
    const looks = letters.map(() => "");
    let before = null;
    for (const word of decoratedWords(letters, spans)) {
        const shared = word.kinds.filter((kind) => before?.kinds.includes(kind));
        if (before) looks.fill(shared.join(" "), before.end, word.start);
        looks.fill(word.kinds.join(" "), word.start, word.end);
        before = word;
    }
    return looks;
}

/** Stretches of equal values, each as [from, to]. */
function stretches(values) {
    const starts = values.map((value, at) => at).filter((at) => at === 0 || values[at] !== values[at - 1]);
    return starts.map((from, number) => [from, starts[number + 1] ?? values.length]);
}

/** A text to be looked at, its words underlined and struck out. */
function decoratedText(text, spans) {
    const letters = [...text];
    const looks = decorationLooks(letters, spans);
    return stretches(looks).map(([from, to]) => el("span", { class: looks[from] }, letters.slice(from, to).join("")));
}

/** What a screen reader says of a line's decorations: "Underlined: first law. Struck out: old." */
function spokenDecorations(text, spans) {
    const words = decoratedWords([...text], spans);
    return Object.entries(DECORATIONS).map(([kind, name]) => {
        const said = words.filter((word) => word.kinds.includes(kind)).map((word) => [...text].slice(word.start, word.end).join(""));
        return said.length ? `${name}: ${said.join(" ")}.` : "";
    }).filter(Boolean).join(" ");
}

/** What is selected in a row's field, in letters, and its words; without a selection the word with the caret. */
function chosenWords({ text, input, decorations }) {
    const [start, end] = [input.selectionStart, input.selectionEnd].map((place) => lettersBefore(text, place));
    const touched = (word) => (start < end ? start < word.end && word.start < end : word.start <= start && start <= word.end);
    const words = decoratedWords([...text], decorations).filter(touched);
    return { start, end, words, worn: (kind) => words.length > 0 && words.every((word) => word.kinds.includes(kind)) };
}

/** Show on the buttons what the chosen words wear. */
function drawWorn({ rows, current, parts }) {
    const row = rows.get(current);
    if (!row) return;
    const { worn } = chosenWords(row);
    for (const one of parts.tools.querySelectorAll("[data-decoration]")) one.setAttribute("aria-pressed", worn(one.dataset.decoration));
}

/** Underline or strike out the selected words, or the one with the caret; where all are so already, take it off. */
async function decorate(bench, kind) {
    const row = bench.rows.get(bench.current);
    if (!row) return bench.say("Choose a line first.");
    const { text, input, line: { id } } = row;
    const { start, end, words, worn } = chosenWords(row);
    if (!words.length) return bench.say("Put the caret into a word, or select words.");
    const on = !worn(kind);
    try {
        if (row.dirty) bench.keep(row);
        await bench.keeper.call("POST", `/lines/${id}/decorations`, { start, end, kind, on, text });
        await bench.pages.follow();
        bench.say(on ? `${DECORATIONS[kind]}. Ctrl+Z takes it off.` : `Not ${DECORATIONS[kind].toLowerCase()} any more.`);
    } catch (error) {
        bench.say(error.message, true);
    }
    if (bench.current === id) input.focus({ preventScroll: true });
}
