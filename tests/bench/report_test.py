# SPDX-License-Identifier: Apache-2.0
"""The report from a small run's data (fixture/): broken data are refused with one line; the same data make the same charts, small, in the colours
and with the figures that they should have, and nothing of the machine's paths. Without matplotlib (`./dev test` fetches it) only the first half."""
import json
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree
from pathlib import Path

HERE = Path(__file__).resolve().parent
FIXTURE = HERE / "fixture"
VENV = HERE.parents[1] / "build" / "bench-venv" / "bin" / "python"
SVG_BYTES = 60000
BROKEN = [  # what is done to which file, and what must be said
    ("bench", lambda text: text[:100], "bench.json: not JSON: "),
    ("bench", lambda text: "[1]", 'bench.json: its "kind" is none of bench, scale, cores, secured, soak'),
    ("bench", lambda text: json.dumps({**json.loads(text), "results": {"null": {}}}), "bench.json: results.stator is missing or is none"),
    ("bench", lambda text: text.replace('"cpu_us":', '"cpu":', 1), "bench.json: results.null.get_item.cpu_us is no number"),
    ("scale", lambda text: text.replace('"get":', '"get":"much","was":', 1), "scale.json: parts.items[0].get is no number"),
    ("scale", lambda text: text.replace('"lmdb_rate":', '"lmdb_rate":NaN,"was":', 1), "scale.json: parts.durable.stator.puts[0].lmdb_rate is no number"),
    ("cores", lambda text: text.replace('"loops":', '"was":', 1), "cores.json: cores[0].loops is no number"),
    ("secured", lambda text: text.replace('"kept":', '"was":', 1), "secured.json: ways.shape.kept is missing or is none"),
    ("soak", lambda text: text.replace('"growth_mb":', '"was":', 1), "soak.json: growth_mb is missing or is none"),
    ("soak", lambda text: text.replace('"date":', '"was":', 1), "soak.json: date is missing or is none"),
]


def report(*arguments, python=sys.executable):
    return subprocess.run([str(python), "-B", str(HERE / "report.py"), *map(str, arguments)], capture_output=True, text=True)


def check_refusals(folder):
    for kind, change, wanted in BROKEN:
        text = (FIXTURE / f"{kind}.json").read_text()
        assert change(text) != text, wanted
        (folder / f"{kind}.json").write_text(change(text))
        done = report("--from", folder / f"{kind}.json", "--out", folder / "out")
        assert done.returncode == 1 and done.stderr.startswith("report: " + wanted) and done.stderr.count("\n") == 1, (wanted, done.stderr)
        assert not (folder / "out").exists(), wanted
    done = report("--from", folder / "missing.json")
    assert (done.returncode, done.stderr) == (1, "report: missing.json: No such file or directory\n"), done.stderr


def check_charts(folder, python):
    for name in ("first", "again"):
        done = report("--from", FIXTURE, "--out", folder / name, python=python)
        assert done.returncode == 0, done.stderr
    made = {path.name: path.read_text() for path in sorted((folder / "first").iterdir())}
    assert made == {path.name: path.read_text() for path in (folder / "again").iterdir()}, "two drawings of the same data differ"
    charts = [name for name in made if name.endswith(".svg")]
    assert charts == ["cores.svg", "cpu.svg", "durable.svg", "latency.svg", "memory.svg", "scale.svg", "throughput.svg"], charts
    for name, text in made.items():
        assert not re.search(r"/(work|tmp|home|root|usr|proc)\b", text), f"{name} has a path of this machine"
        if name in charts:
            xml.etree.ElementTree.fromstring(text)
            assert len(text) < SVG_BYTES, f"{name}: {len(text)} bytes"
            assert "<dc:date>" not in text and "fill: #ffffff" not in text, f"{name}: a date, or a white ground"
    data = {kind: json.loads((FIXTURE / f"{kind}.json").read_text()) for kind in ("bench", "scale", "cores")}
    for work in ("get_item", "query_100"):
        assert f">{data['bench']['results']['null'][work]['cpu_us']:.3g}<" in made["cpu.svg"], f"the figure of {work} is not in its chart"
    assert "#2f81f7" in made["cpu.svg"] and "Dynoxide" in made["cpu.svg"]
    again = report("--from", folder / "first", "--out", folder / "third", python=python)  # what it keeps can be drawn again
    assert again.returncode == 0 and (folder / "third" / "cpu.svg").read_text() == made["cpu.svg"], again.stderr
    assert "| http, `-auth verify` | " in made["figures.md"] and "verified signatures: throughput kept" in made["figures.md"]
    assert f"| {data['scale']['parts']['items'][0]['items']:,} |" in made["figures.md"] and "| no |" in made["figures.md"]


def check_readme_marks():
    text = (HERE.parents[1] / "README.md").read_text()
    assert text.count("<!-- figures: written by ./dev bench --report -->") == 1 and text.count("<!-- end of figures -->") == 1
    for name in re.findall(r"\]\((tests/bench/charts/[^)]+)\)", text):
        assert (HERE.parents[1] / name).exists(), f"README shows {name}, which is not there"


def draws(python):
    """Whether it has matplotlib. What ./dev test made stands there empty where nothing could be fetched."""
    return Path(python).exists() and subprocess.run([str(python), "-c", "import matplotlib"], capture_output=True).returncode == 0


def main():
    check_readme_marks()
    with tempfile.TemporaryDirectory() as folder:
        check_refusals(Path(folder))
    python = next((p for p in (VENV, sys.executable) if draws(p)), None)
    if python is None:
        print("skipped: no matplotlib (./dev bench --report fetches it)")
        sys.exit(77)
    with tempfile.TemporaryDirectory() as folder:
        check_charts(Path(folder), python)


if __name__ == "__main__":
    main()
