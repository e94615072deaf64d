// What Streamlit calls when it shows the workbench, and again after each run of the script: then there is nothing to do.

const benches = new WeakMap();

export default function ({ parentElement, data, setStateValue }) {
    const known = benches.get(parentElement);
    if (known) {
        known.send = setStateValue;
        return known.cleanUp;
    }
    const root = parentElement.querySelector(".corrector");
    const here = { send: setStateValue };
    const bench = new Bench(root, data, (index) => here.send("page", index));
    // Streamlit also calls this when one run overtakes another; the workbench goes only when its place is gone.
    here.cleanUp = () => setTimeout(() => root.isConnected || bench.close(), 1000);
    benches.set(parentElement, here);
    return here.cleanUp;
}
