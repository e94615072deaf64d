// The pages of the document: which one is shown, turning to another, and following the one shown while others work on it.

const POLL_MS = 5000;
const RETRY_MS = 1500; // while not even the first page could be fetched

class Pages {
    /** `turned` is told the index of each page that is turned to. */
    constructor(bench, turned) {
        Object.assign(this, { bench, turned, list: [], wanted: null, known: null });
        this.near = new Map(); // fetched ahead, by id
        this.timer = setInterval(() => this.refresh(), POLL_MS);
    }

    close() {
        clearInterval(this.timer);
        clearTimeout(this.retry);
    }

    /** The index of the page that is on its way, or else of the one that is shown. */
    get index() {
        return (this.wanted ?? this.bench.page).index;
    }

    /** Its place in the list of pages. */
    get place() {
        return this.list.findIndex((page) => page.index === this.index);
    }

    /** Where the API has the page that is shown, by its index. */
    get path() {
        return this.pathOf(this.bench.page.index);
    }

    pathOf(index) {
        return `/documents/${this.bench.documentId}/pages/${index}`;
    }

    /** The page that is shown, as it is in the store, whatever its place by now. */
    fetch() {
        return this.bench.keeper.call("GET", `/pages/${this.bench.page.id}`);
    }

    /**
     * Show a page, by its id or, where that is not known, by its index; `arrive` is "first", "last" or "doubt", the line
     * to begin with, or the id of a line.
     */
    async show(wanted, arrive = "keep") {
        const { bench } = this;
        const left = bench.leavePage();
        this.wanted = wanted;
        try {
            const { id, index } = wanted;
            const near = this.near.get(id);
            // Keys pressed while a page is fetched must not go into a line of the page before.
            if (!near) document.activeElement?.closest(".row")?.querySelector("input").blur();
            const page = near ?? (await bench.keeper.call("GET", id ? `/pages/${id}` : this.pathOf(index)));
            if (bench.closed || this.wanted !== wanted) return; // turned again or left meanwhile
            this.wanted = null;
            if (page.index !== index) this.turned(page.index); // moved meanwhile
            bench.showPage(page, arrive);
            if (near) this.refresh();
            await this.fetchAhead();
        } catch (error) {
            bench.say(error.message, true);
            if (bench.closed || this.wanted !== wanted) return;
            if (!bench.page) return (this.retry = setTimeout(() => this.show(wanted, arrive), RETRY_MS));
            this.wanted = null;
            this.turned(this.index);
            bench.setCurrent(left);
            drawPageChoice(bench);
        }
    }

    fetchList() {
        return this.bench.keeper.call("GET", `/documents/${this.bench.documentId}/pages`);
    }

    async fetchAhead() {
        const { bench } = this;
        // Moved again while they are listed, they are listed again by the next look.
        this.known = bench.page.order;
        this.list = await this.fetchList();
        drawPageChoice(bench);
        drawProgress(bench);
        const { place } = this;
        this.near.clear();
        for (const page of [this.list[place + 1], this.list[place - 1]]) {
            if (page) this.near.set(page.id, await bench.keeper.call("GET", `/pages/${page.id}`));
        }
    }

    /** Turn to the page so many further on; false at the end of the document. */
    turn(by, arrive = "first") {
        const { place } = this;
        const page = place < 0 ? null : this.list[place + by];
        if (!page) return false;
        this.open(page, arrive);
        return true;
    }

    open(page, arrive = "first") {
        if (page.index === this.index) return;
        this.turned(page.index);
        return this.show(page, arrive);
    }

    /** Go to a line that was found on a page, which may have been moved or deleted since. */
    async openLine(pageId, lineId) {
        const { bench } = this;
        try {
            if (this.wanted || pageId !== bench.page.id) {
                const page = (await this.fetchList()).find((one) => one.id === pageId);
                if (!page) return bench.say("The page of this line was deleted meanwhile. Undo brings it back.", true);
                this.near.clear();
                this.turned(page.index);
                await this.show(page, lineId);
            } else {
                if (!bench.lines.has(lineId)) await this.follow(); // it may be new
                bench.goTo(lineId);
            }
            const here = !this.wanted && pageId === bench.page.id;
            if (here && !bench.lines.has(lineId)) bench.say("This line is not there any more.", true);
        } catch (error) {
            bench.say(error.message, true);
        }
    }

    /** Look for news of the page from time to time: others may work on it. */
    async refresh() {
        const { keeper, page } = this.bench;
        if (document.visibilityState !== "visible" || keeper.running || !page || this.wanted) return;
        await this.follow().catch(() => {}); // the next time
    }

    /** Show the page as it is in the store, wherever it was moved to, or say that it is gone; not while another is on its way. */
    async follow() {
        const { bench } = this;
        const { id, index } = bench.page;
        const page = await this.fetch().catch((error) => {
            if (error.status !== 404) throw error;
        });
        const left = () => this.wanted || bench.page.id !== id;
        if (left()) return;
        if (!page) {
            this.near.clear();
            this.list = await this.fetchList();
            if (left()) return;
            const next = this.list[Math.min(index, this.list.length - 1)];
            bench.say(`The page you were on was deleted. This is page ${next.index + 1}. Undo brings it back.`, true);
            this.turned(next.index);
            return this.show(next);
        }
        if (bench.sheet.mode !== "look") return;
        bench.apply(page);
        if (page.index !== index) this.turned(page.index);
        if (page.order !== this.known) await this.fetchAhead();
    }

    /** So many more lines of the page that is shown are checked. */
    addChecked(by) {
        const page = this.list.find((page) => page.id === this.bench.page.id);
        if (page) page.checked += by;
    }
}
