"""Make en.txt.xz and fr.txt.xz from Debian's packages scowl, hunspell-fr-classical and hunspell-fr-revised.

    python assets/spelling/make_lists.py SCOWL_FOLDER FR_FILE.dic...

The `.aff` file that tells how words are inflected must lie beside each `.dic`.
"""

import argparse
import lzma
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent
VARIETIES = ("english", "american", "british", "british_z", "canadian", "australian", "british_variant_1", "variant_1")
CLASSES = ("words", "upper", "proper-names", "contractions", "abbreviations")
LARGEST = 70  # of SCOWL's sizes; what comes after are words that are likelier to be slips of the pen
WORD = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*")
NEEDS_AFFIX, UNUSUAL = "()", "--"  # flags of the French dictionary


def english(scowl: Path) -> Iterator[str]:
    """SCOWL's words of all spellings, without possessives."""
    words: set[str] = set()
    for variety in VARIETIES:
        for kind in CLASSES:
            for path in scowl.glob(f"{variety}-{kind}.*"):
                if int(path.suffix[1:]) <= LARGEST:
                    words.update(path.read_text("latin-1").split())
    return (word for word in words if not (word.endswith("'s") and word[:-2] in words))


def french(dictionary: Path) -> Iterator[str]:
    """All forms of a Hunspell dictionary's words; its prefixes, which are elisions and units, are left out."""
    endings: dict[str, list[tuple[str, str, re.Pattern[str]]]] = defaultdict(list)
    for line in dictionary.with_suffix(".aff").read_text("utf-8").splitlines():
        kind, *rest = line.split() or [""]
        if kind == "SFX" and len(rest) >= 4:
            flag, cut, added, condition = rest[:4]
            added = added.partition("/")[0]
            where = re.compile(f"(?:{condition})$")
            endings[flag].append((cut.replace("0", ""), added.replace("0", ""), where))
    for line in dictionary.read_text("utf-8").splitlines()[1:]:
        word, _, flags = line.split()[0].partition("/")
        own = [flags[at : at + 2] for at in range(0, len(flags), 2)]
        if UNUSUAL in own:
            continue
        if NEEDS_AFFIX not in own:
            yield word
        for flag in own:
            for cut, added, where in endings.get(flag, ()):
                if word.endswith(cut) and where.search(word):
                    yield word.removesuffix(cut) + added


def write(language: str, words: Iterator[str]) -> None:
    plain = (unicodedata.normalize("NFC", word).replace("’", "'") for word in words)
    kept = sorted({word for word in plain if len(word) > 1 and WORD.fullmatch(word)})
    (HERE / f"{language}.txt.xz").write_bytes(lzma.compress("\n".join(kept).encode(), preset=9 | lzma.PRESET_EXTREME))
    print(f"{language}: {len(kept):,} words")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("scowl", type=Path)
    parser.add_argument("french", type=Path, nargs="+")
    args = parser.parse_args()
    write("en", english(args.scowl))
    write("fr", (word for dictionary in args.french for word in french(dictionary)))


if __name__ == "__main__":
    main()
