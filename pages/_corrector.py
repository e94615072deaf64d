"""The correction workbench as a Streamlit component. Its scripts and looks lie in assets/corrector, without a build."""

from pathlib import Path

import streamlit as st

from pages._pictures import SURE

FOLDER = Path(__file__).resolve().parent.parent / "assets" / "corrector"
# One module in the browser; each file uses what stands in those before it.
SHOWN = ("request", "keeper", "ink", "sheet", "decorations", "rows", "layout", "pages", "bench")
DONE = ("operations", "spelling", "keys", "find", "dialogs", "palette", "reread", "main")


def corrector(document_id: str, index: int) -> None:
    """The workbench on a page of a document. Which page it turned to goes into the address.

    It reads and writes lines through the REST API on the same port, so an edit needs no run of this script.
    """
    key = f"corrector-{document_id}"

    def turned() -> None:
        st.query_params["page"] = str(st.session_state[key]["page"] + 1)
        st.query_params.pop("line", None)

    script = "\n".join((FOLDER / f"{name}.js").read_text(encoding="utf-8") for name in SHOWN + DONE)
    css = (FOLDER / "corrector.css").read_text(encoding="utf-8")
    mount = st.components.v2.component(
        "inkline_corrector", html='<div class="corrector"></div>', css=css, js=script, isolate_styles=False
    )
    # The browser looks at page and line only once, when it opens the document.
    line = st.query_params.get("line", "")
    data = {"document": document_id, "page": index, "sure": SURE, "line": line}
    mount(key=key, data=data, default={"page": index}, on_page_change=turned)
