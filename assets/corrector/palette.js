// Special characters above the lines: a press puts one into the field of the current line, at its caret.

const PALETTE = {
    "Mathematics": "± × ÷ · ≈ ≠ ≤ ≥ √ ∞ ∑ ∏ ∫ ∂ ∇ ∈ ∉ ⊂ ∪ ∩ ∅ ∀ ∃ ¬ ∧ ∨ ∝ ∠ ⊥ ∥ ℝ ℕ ℤ",
    "Greek": "α β γ δ ε ζ η θ κ λ μ ν ξ π ρ σ τ φ χ ψ ω Γ Δ Θ Λ Π Σ Φ Ψ Ω",
    "High and low": "⁰ ¹ ² ³ ⁴ ⁿ ⁺ ⁻ ₀ ₁ ₂ ₃ ₄ ₙ ½ ⅓ ¼ ¾ ° ′ ″",
    "Arrows and marks": "→ ← ↔ ⇒ ⇐ ⇔ ↑ ↓ ↦ • – — … ✓ ✗ ☐ ★ § ¶ † « » “ ” ‘ ’ „ € £ ℃",
    "Letters": "à â ä æ ç è é ê ë î ï ñ ô ö œ ß ù û ü ÿ À Ç É È Ê Ô Œ",
};

/** Open it, or go to it; from there, back to the field. */
function usePalette(bench) {
    const { palette } = bench.parts;
    if (palette.contains(document.activeElement)) return togglePalette(bench);
    if (palette.hidden) togglePalette(bench);
    palette.querySelector("[tabindex='0']").focus();
}

function togglePalette(bench) {
    const { palette } = bench.parts;
    if (!palette.childElementCount) buildPalette(bench);
    if (palette.contains(document.activeElement)) toField(bench);
    palette.hidden = !palette.hidden;
    bench.rows.get(bench.current)?.element.scrollIntoView({ block: "nearest" });
}

function buildPalette(bench) {
    const { palette } = bench.parts;
    for (const [name, letters] of Object.entries(PALETTE)) {
        palette.append(el("div", { role: "group", "aria-label": name },
            ...letters.split(" ").map((letter) => el("button", { type: "button", tabindex: -1, onclick: () => insert(bench, letter) }, letter))));
    }
    palette.querySelector("button").tabIndex = 0;
    // Pressed with the mouse it leaves the focus, and the caret, in the field.
    palette.addEventListener("mousedown", (event) => event.preventDefault());
    palette.addEventListener("keydown", (event) => goAlong(palette, event));
    palette.addEventListener("focusout", ({ relatedTarget: to }) => bench.leave(bench.current, to));
}

/** With arrows from letter to letter; the last one is where Tab comes back to. */
function goAlong(palette, event) {
    const [right, down] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[nameOf(event)] ?? [0, 0];
    if (!right && !down) return;
    event.preventDefault();
    const letters = [...palette.querySelectorAll("button")];
    const here = event.target;
    const away = ({ offsetTop, offsetLeft }) => 1000 * Math.abs(offsetTop - here.offsetTop) + Math.abs(offsetLeft - here.offsetLeft);
    const next = right ? letters[letters.indexOf(here) + right]
        : letters.filter(({ offsetTop }) => (offsetTop - here.offsetTop) * down > 0).sort((a, b) => away(a) - away(b))[0];
    if (!next) return;
    [here.tabIndex, next.tabIndex] = [-1, 0];
    next.focus();
}

function insert(bench, letter) {
    const row = bench.rows.get(bench.current);
    if (!row) return;
    const { selectionStart, selectionEnd } = row.input;
    row.input.focus();
    row.input.setRangeText(letter, selectionStart, selectionEnd, "end");
    row.typed();
}
