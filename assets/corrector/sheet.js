// The page with its lines drawn over it: click, zoom, pan, and boxes drawn, moved and resized.

const SVG = "http://www.w3.org/2000/svg";
const MOST_ZOOM = 8;

function svg(name, attributes = {}) {
    const element = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    return element;
}

class Sheet {
    /** `pick(lineId)` hears of clicks, `drawn(box)` of a new box, `shaped(lineId, box)` of a moved one; boxes in page pixels. */
    constructor(pane, { pick, drawn, shaped, loaded }) {
        Object.assign(this, { pane, pick, drawn, shaped, zoom: 1, page: null, shapes: new Map(), mode: "look", box: null });
        this.paper = pane.querySelector(".paper");
        this.image = pane.querySelector("img");
        this.layer = pane.querySelector("svg");
        this.scroller = pane.querySelector(".scroller");
        this.image.addEventListener("load", () => loaded());
        this.listen();
        new ResizeObserver(() => this.place()).observe(this.scroller);
    }

    /** Show a page whose picture is at `url`. */
    show(page, url) {
        const another = this.image.getAttribute("src") !== url;
        this.page = page;
        if (another) this.image.src = url;
        this.layer.setAttribute("viewBox", `0 0 ${page.width} ${page.height}`);
        this.layer.replaceChildren();
        this.shapes.clear();
        const size = page.width / 62;
        for (const { box: [x0, y0, x1, y1] } of page.figures) {
            this.layer.append(svg("rect", { class: "figure", x: x0, y: y0, width: x1 - x0, height: y1 - y0 }));
        }
        page.lines.forEach((line, position) => {
            const group = svg("g", { "data-line": line.id });
            group.append(svg("polygon", { points: line.polygon.join(" ") }));
            const [x0, y0, , y1] = boxOf(line.polygon);
            const label = svg("text", { x: Math.max(x0 - size * 0.4, size * 1.2), y: (y0 + y1) / 2 + size * 0.35, "font-size": size });
            label.textContent = position + 1;
            group.append(label);
            this.layer.append(group);
            this.shapes.set(line.id, group);
        });
        this.handles = svg("g", { class: "handles" });
        this.layer.append(this.handles);
        this.place();
    }

    /** What screen readers call the page, by the place it has now. */
    name({ index, lines }) {
        this.layer.setAttribute("aria-label", `Page ${index + 1} with ${lines.length} lines`);
    }

    /** Colour a line by its mark ("checked", "sure", "unsure") and say whether it is the current one. */
    mark(lineId, mark, current) {
        this.shapes.get(lineId)?.setAttribute("class", `line ${mark}${current ? " current" : ""}`);
    }

    /** Bring a line into sight, if it is not. */
    reveal(line) {
        const scale = this.paper.clientWidth / this.page.width;
        const [x0, y0, x1, y1] = boxOf(line.polygon).map((value) => value * scale);
        const { scrollTop, scrollLeft, clientHeight, clientWidth } = this.scroller;
        const top = y0 < scrollTop + 20 || y1 > scrollTop + clientHeight - 20 ? (y0 + y1 - clientHeight) / 2 : scrollTop;
        const wide = x1 - x0 > clientWidth;
        const left = x0 < scrollLeft || (x1 > scrollLeft + clientWidth && !wide) ? Math.max(x0 - 16, 0) : scrollLeft;
        if (top !== scrollTop || left !== scrollLeft) this.scroller.scrollTo({ top, left });
    }

    place() {
        if (!this.page) return;
        const width = this.scroller.clientWidth * this.zoom;
        this.paper.style.width = `${width}px`;
        this.paper.style.height = `${(width * this.page.height) / this.page.width}px`;
    }

    /** Zoom by a factor, keeping the point under (clientX, clientY), or the current line, where it is. */
    zoomBy(factor, clientX, clientY) {
        const frame = this.scroller.getBoundingClientRect();
        const line = this.layer.querySelector(".current polygon")?.getBoundingClientRect() ?? frame;
        const within = (value, from, to) => Math.min(Math.max(value, from), to) - from;
        const x = within(clientX ?? (line.left + line.right) / 2, frame.left, frame.right);
        const y = within(clientY ?? (line.top + line.bottom) / 2, frame.top, frame.bottom);
        const zoom = Math.min(Math.max(this.zoom * factor, 0.3), MOST_ZOOM);
        const ratio = zoom / this.zoom;
        const [left, top] = [(this.scroller.scrollLeft + x) * ratio - x, (this.scroller.scrollTop + y) * ratio - y];
        this.zoom = zoom;
        this.place();
        this.scroller.scrollTo({ left, top });
    }

    /** As wide as the pane, or all of it in sight: one after the other. */
    fit() {
        const { clientWidth, clientHeight } = this.scroller;
        const whole = Math.min(1, (clientHeight * this.page.width) / (this.page.height * clientWidth));
        this.zoom = this.zoom === 1 ? whole : 1;
        this.place();
    }

    /** "look", "draw" a new box, or "shape" the box of a line. */
    setMode(mode, line) {
        this.mode = mode;
        this.pane.dataset.mode = mode;
        this.shaping = mode === "shape" ? line : null;
        this.box = this.shaping ? boxOf(line.polygon) : null;
        this.drawHandles();
    }

    drawHandles() {
        this.handles?.replaceChildren();
        if (!this.box) return;
        const [x0, y0, x1, y1] = this.box;
        const [left, top] = [Math.min(x0, x1), Math.min(y0, y1)];
        this.handles.append(svg("rect", { class: "box", x: left, y: top, width: Math.abs(x1 - x0), height: Math.abs(y1 - y0), "data-grip": "all" }));
        if (!this.shaping) return;
        const size = 13 * this.page.width / this.paper.clientWidth;
        for (const [grip, x, y] of [["nw", x0, y0], ["ne", x1, y0], ["sw", x0, y1], ["se", x1, y1]]) {
            this.handles.append(svg("rect", { class: "grip", x: x - size / 2, y: y - size / 2, width: size, height: size, "data-grip": grip }));
        }
    }

    /** Move the box of the shaped line by these pixels, or its lower right corner only. */
    nudge(dx, dy, cornerOnly) {
        this.pull(cornerOnly ? "se" : "all", dx, dy);
    }

    pull(grip, dx, dy) {
        const [x0, y0, x1, y1] = this.box;
        const west = grip === "all" || grip.includes("w") ? dx : 0;
        const east = grip === "all" || grip.includes("e") ? dx : 0;
        const north = grip === "all" || grip.startsWith("n") ? dy : 0;
        const south = grip === "all" || grip.startsWith("s") ? dy : 0;
        this.box = [x0 + west, y0 + north, x1 + east, y1 + south];
        this.drawHandles();
    }

    /** The box as it stands, its corners in order and on the page. */
    finishedBox() {
        const [x0, y0, x1, y1] = this.box;
        const onPage = (value, most) => Math.round(Math.min(Math.max(value, 0), most));
        return [
            onPage(Math.min(x0, x1), this.page.width), onPage(Math.min(y0, y1), this.page.height),
            onPage(Math.max(x0, x1), this.page.width), onPage(Math.max(y0, y1), this.page.height),
        ];
    }

    toPage(event) {
        const frame = this.paper.getBoundingClientRect();
        const scale = this.page.width / frame.width;
        return [(event.clientX - frame.left) * scale, (event.clientY - frame.top) * scale];
    }

    listen() {
        const { scroller } = this;
        scroller.addEventListener("wheel", (event) => {
            if (!event.ctrlKey && !event.metaKey) return;
            event.preventDefault();
            this.zoomBy(Math.exp(-event.deltaY / 400), event.clientX, event.clientY);
        }, { passive: false });
        scroller.addEventListener("pointerdown", (event) => this.press(event));
        this.layer.addEventListener("click", (event) => {
            const lineId = event.target.closest("[data-line]")?.dataset.line;
            if (lineId && this.mode === "look" && !this.panned) this.pick(lineId);
        });
        let apart = 0;
        scroller.addEventListener("touchmove", (event) => {
            if (event.touches.length !== 2) return (apart = 0);
            event.preventDefault();
            const [a, b] = event.touches;
            const distance = Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY);
            if (apart) this.zoomBy(distance / apart, (a.clientX + b.clientX) / 2, (a.clientY + b.clientY) / 2);
            apart = distance;
        }, { passive: false });
        scroller.addEventListener("touchend", () => (apart = 0));
    }

    /** A drag pans with the mouse, draws in "draw" mode and pulls a grip in "shape" mode. */
    press(event) {
        if (event.button !== 0 || !this.page) return;
        this.panned = false;
        const grip = this.mode === "shape" ? event.target.dataset.grip : null;
        const drags = this.mode === "draw" || grip;
        if (!drags && event.pointerType !== "mouse") return; // fingers scroll by themselves
        let [x, y] = [event.clientX, event.clientY];
        if (drags) event.preventDefault();
        if (this.mode === "draw") this.box = [...this.toPage(event), ...this.toPage(event)];
        const scale = this.page.width / this.paper.clientWidth;
        const move = (next) => {
            const [dx, dy] = [next.clientX - x, next.clientY - y];
            if (!this.panned && Math.hypot(dx, dy) < 4) return;
            this.panned = true;
            [x, y] = [next.clientX, next.clientY];
            if (this.mode === "draw") this.pull("se", dx * scale, dy * scale);
            else if (grip) this.pull(grip, dx * scale, dy * scale);
            else this.scroller.scrollBy(-dx, -dy);
        };
        const end = () => {
            window.removeEventListener("pointermove", move);
            window.removeEventListener("pointerup", end);
            window.removeEventListener("pointercancel", end);
            if (this.mode === "draw" && this.panned) this.drawn(this.finishedBox());
            else if (grip && this.panned) this.shaped(this.shaping.id, this.finishedBox());
        };
        window.addEventListener("pointermove", move);
        window.addEventListener("pointerup", end);
        window.addEventListener("pointercancel", end);
    }
}

function boxOf(polygon) {
    const [xs, ys] = [polygon.map(([x]) => x), polygon.map(([, y]) => y)];
    return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
}
