# SPDX-License-Identifier: Apache-2.0
"""The charts of `./dev bench --report`: one function a chart, each from the run's own data. The ground is transparent and every colour stands out
from white and from a dark page alike; nothing that changes between two drawings of the same data is written (dates, random ids)."""
import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt
from matplotlib.ticker import FuncFormatter, NullFormatter

INK = "#7a7a7a"  # 4.3 : 1 against white and against #0d1117
COLOURS = {"null": "#8a8f98", "LMDB alone": "#8a8f98", "stator": "#2f81f7", "dynoxide": "#d9730d", "dynamodb-local": "#a371f7"}
MORE = ["#2f81f7", "#d9730d", "#2da44e", "#a371f7"]
NAMES = {"null": "null server", "stator": "Stator", "dynoxide": "Dynoxide", "dynamodb-local": "DynamoDB Local"}
WORK = {"get_item": "GetItem", "put_item": "PutItem, GSI", "update_item": "UpdateItem", "query_gsi_1": "Query GSI, 1", "query_100": "Query 100",
        "batch_write_25": "BatchWrite 25", "transact_write_2": "TransactWrite 2", "scan_filter_none": "Scan, filtered",
        "get_item_1_connection": "GetItem, 1 conn."}
STYLE = {
    "svg.hashsalt": "stator", "svg.fonttype": "none", "font.family": "sans-serif", "font.size": 10, "text.color": INK, "axes.edgecolor": INK,
    "axes.labelcolor": INK, "axes.titlecolor": INK, "axes.titlesize": 11, "xtick.color": INK, "ytick.color": INK, "axes.spines.top": False,
    "axes.spines.right": False, "legend.frameon": False, "figure.facecolor": "none", "axes.facecolor": "none", "savefig.facecolor": "none",
    "grid.color": INK, "grid.alpha": 0.25, "axes.axisbelow": True,
}


def number(value):
    """12.3k rather than 12345.6."""
    for limit, unit in ((1e6, "M"), (1e3, "k")):
        if abs(value) >= limit * 0.9995:
            return f"{value / limit:.3g}{unit}"
    return f"{value:.3g}"


def colour(name, i):
    return COLOURS.get(name, MORE[i % len(MORE)])


def scale_of(axis, which):
    """Logarithmic, with round figures."""
    getattr(axis, f"set_{which}scale")("log")
    side = getattr(axis, f"{which}axis")
    side.set_major_formatter(FuncFormatter(lambda v, _: number(v)))
    side.set_minor_formatter(NullFormatter())


def legend(axis, columns):
    axis.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=columns, handlelength=1.2, columnspacing=1.4)


def bars(figure_name, rows, series, label):
    """rows: names from top to bottom; series: (name, value for each row)."""
    figure, axis = plt.subplots(figsize=(7.2, 0.75 + 0.30 * len(rows) * (1 + len(series)) * 0.62))
    thick = 0.8 / len(series)
    for i, (name, values) in enumerate(series):
        places = [r + (i - (len(series) - 1) / 2) * thick for r in range(len(rows))]
        drawn = axis.barh(places, values, thick * 0.92, label=NAMES.get(name, name), color=colour(name, i))
        axis.bar_label(drawn, [number(v) for v in values], padding=3, fontsize=8)
    axis.set_yticks(range(len(rows)), rows)
    axis.invert_yaxis()
    scale_of(axis, "x")
    axis.grid(axis="x")
    axis.set_xlabel(label)
    least, most = min(min(v) for _, v in series), max(max(v) for _, v in series)
    axis.set_xlim(least / 2.5, most * 2.5)
    legend(axis, len(series))
    return figure_name, figure


def works(bench):
    return [w for w in bench["results"]["stator"]]


def chart_cpu(data):
    bench = data["bench"]
    return bars("cpu", [WORK.get(w, w) for w in works(bench)], [(name, [r[w]["cpu_us"] for w in works(bench)]) for name, r in bench["results"].items()],
                "the server's CPU per request, µs (log; less is better)")


def chart_throughput(data):
    bench = data["bench"]
    return bars("throughput", [WORK.get(w, w) for w in works(bench)],
                [(name, [r[w]["requests_per_second"] for w in works(bench)]) for name, r in bench["results"].items() if name != "null"],
                f"requests/s, {bench['connections']} connections (log; more is better)")


def chart_latency(data):
    """From p50 to p99."""
    bench, rows = data["bench"], works(data["bench"])
    figure, axis = plt.subplots(figsize=(7.2, 0.75 + 0.56 * len(rows)))
    shown = [n for n in bench["results"] if n != "null"]
    for i, name in enumerate(shown):
        places = [r + (i - (len(shown) - 1) / 2) * 0.36 for r in range(len(rows))]
        half = [bench["results"][name][w]["p50_us"] for w in rows]
        most = [bench["results"][name][w]["p99_us"] for w in rows]
        axis.hlines(places, half, most, color=colour(name, i), linewidth=2)
        axis.plot(half, places, "o", color=colour(name, i), label=f"{NAMES.get(name, name)}: p50 (dot) to p99 (bar)")
        axis.plot(most, places, "|", color=colour(name, i), markersize=9, markeredgewidth=2)
    axis.set_yticks(range(len(rows)), [WORK.get(w, w) for w in rows])
    axis.invert_yaxis()
    scale_of(axis, "x")
    axis.grid(axis="x")
    axis.set_xlabel(f"latency under {bench['connections']} busy connections, µs (log; less is better)")
    legend(axis, len(shown))
    return "latency", figure


def chart_memory(data):
    """Idle and after the run; and the hour of mixed load, where there is one."""
    servers, soak = data["bench"]["servers"], data.get("soak")
    figure, axes = plt.subplots(1, 2 if soak else 1, figsize=(7.2, 2.8), squeeze=False)
    axis, names = axes[0][0], list(servers)
    for i, key in enumerate(("idle_mb", "loaded_mb")):
        values = [servers[n][key]["median"] if servers[n][key] else 0 for n in names]
        drawn = axis.bar([x + (i - 0.5) * 0.38 for x in range(len(names))], values, 0.36, color=[colour(n, k) for k, n in enumerate(names)],
                         alpha=1 if i else 0.55)
        axis.bar_label(drawn, [number(v) for v in values], padding=2, fontsize=8)
    axis.set_xticks(range(len(names)), [NAMES.get(n, n) for n in names])
    axis.set_title("RSS, MB: idle (pale), 10,000 items after the run", fontsize=9)
    axis.margins(y=0.15)
    if soak:
        axis, samples = axes[0][1], soak["samples"]
        for i, (key, name) in enumerate((("rss", "RSS"), ("data", "data"), ("heap", "heap"))):
            axis.plot([s["seconds"] / 60 for s in samples], [s[key] for s in samples], color=MORE[i], label=name, linewidth=1.5)
        axis.set_ylim(bottom=0)
        axis.set_xlim(left=0)
        axis.grid(axis="y")
        axis.set_xlabel("minutes")
        axis.set_title(f"mixed load, {soak['rate']:.0f} requests/s: MB", fontsize=9)
        axis.legend(ncols=3, loc="lower right", handlelength=1.2, fontsize=8)
    return "memory", figure


def chart_scale(data):
    rows = data["scale"]["parts"]["items"]
    figure, axis = plt.subplots(figsize=(7.2, 2.9))
    for i, (key, name) in enumerate((("get", "GetItem"), ("put", "PutItem"), ("query", "Query of 10"), ("query_gsi", "GSI Query"))):
        axis.plot([r["items"] for r in rows], [r[key] for r in rows], "o-", color=MORE[i], label=name, linewidth=1.5)
    scale_of(axis, "x")
    axis.set_xticks([r["items"] for r in rows])
    axis.set_ylim(bottom=0)
    axis.grid(axis="y")
    axis.set_xlabel("items in the table (log)")
    axis.set_ylabel("CPU per request, µs")
    legend(axis, 4)
    return "scale", figure


def chart_cores(data):
    """What was measured, and what the loops could do by the CPU of a request where generator and server had to share."""
    rows = data["cores"]["cores"]
    works_here = list(dict.fromkeys(r["workload"] for r in rows))
    figure, axis = plt.subplots(figsize=(7.2, 2.8))
    for i, loops in enumerate(sorted({r["loops"] for r in rows})):
        at = {r["workload"]: r for r in rows if r["loops"] == loops}
        places = [x + (i - 0.5) * 0.38 for x in range(len(works_here))]
        shared = any(r["shared"] for r in at.values())
        values = [at[w]["rate"] for w in works_here]
        drawn = axis.bar(places, values, 0.36, color=MORE[i], label=f"{loops} loop{'s' if loops > 1 else ''}{', cores shared with wrk' if shared else ''}")
        axis.bar_label(drawn, [number(v) for v in values], padding=2, fontsize=8)
        could = [(x, at[w]["could"]) for x, w in zip(places, works_here) if at[w].get("could") and shared]
        if could:
            axis.plot(*zip(*could), "_", color=MORE[i], markersize=24, markeredgewidth=2, label="by CPU per request")
            for x, y in could:
                axis.annotate(number(y), (x, y), xytext=(0, 4), textcoords="offset points", ha="center", fontsize=8)
    axis.set_xticks(range(len(works_here)), [WORK.get(w, w) for w in works_here])
    axis.set_ylabel("requests/s")
    axis.yaxis.set_major_formatter(FuncFormatter(lambda v, _: number(v)))
    axis.grid(axis="y")
    axis.margins(y=0.12)
    legend(axis, 3)
    return "cores", figure


def chart_durable(data):
    parts = data["scale"]["parts"]["durable"]
    names = [n for n in ("stator", "dynoxide") if n in parts]
    rows = [f"{p['connections']} connections" for p in parts["stator"]["puts"]]
    series = [("LMDB alone", [p["lmdb_rate"] for p in parts["stator"]["puts"]])]
    return bars("durable", rows, series + [(n, [p["rate"] for p in parts[n]["puts"]]) for n in names],
                f"durable PutItem/s on {parts['filesystem']} (log; more is better)")


def drawable(data):
    """The charts that these data allow."""
    parts = data["scale"]["parts"] if "scale" in data else {}
    if "bench" in data:
        yield from (chart_throughput, chart_cpu, chart_latency, chart_memory)
    if "items" in parts:
        yield chart_scale
    if "durable" in parts:
        yield chart_durable
    if "cores" in data:
        yield chart_cores


def draw(data, folder):
    """Writes NAME.svg for each chart; returns the names."""
    names = []
    with plt.rc_context(STYLE):
        for chart in drawable(data):
            name, figure = chart(data)
            figure.tight_layout()
            figure.savefig(folder / f"{name}.svg", metadata={"Date": None, "Creator": None}, bbox_inches="tight", pad_inches=0.08)
            plt.close(figure)
            names.append(name)
    return names
