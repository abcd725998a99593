# SPDX-License-Identifier: Apache-2.0
"""What the figures are held against: each target beside what was measured. Judged, never enforced: a loaded machine is no failure."""

# CPU per request: at most so many times the null server's, at most Dynoxide's divided by so much.
CPU = {
    "get_item": ("GetItem", 1.35, 6), "query_gsi_1": ("Query of a GSI, 1 item", 1.6, 8), "query_100": ("Query of 100", 4, 40),
    "put_item": ("PutItem with a GSI", 1.9, 10), "update_item": ("UpdateItem", 2.3, 11), "batch_write_25": ("BatchWriteItem of 25", None, 15),
    "transact_write_2": ("TransactWriteItems of 2", None, 12), "scan_filter_none": ("Scan page, none match", None, 25),
}
JSON_PARSE = 2
P50_AT_1 = 1.3
IDLE_MB = 6
STRIPPED_MB = 1.5
DURABLE_OVER_LMDB = 0.8
READS_BESIDE_WRITERS = 1 / 3
GET_ITEM_AT_SCALE = 1.5
P99_BESIDE_DELETE = 3
VERIFY_KEEPS = 0.85  # of GetItem's throughput
MANY_TABLES = 1.1  # "no more", within the noise


def row(name, value, target, unit="", at_least=False):
    if value is None:
        return None
    return {"name": name, "value": value, "target": target, "unit": unit, "sense": ">=" if at_least else "<=",
            "met": value >= target if at_least else value <= target}


def ratio_row(name, spread, target, at_least=False):
    made = row(name, spread and spread["median"], target, "x", at_least)
    return made and dict(made, spread=[spread["min"], spread["max"]])


def of_bench(data):
    """Of a run in memory; on disk the null server and these figures mean nothing."""
    ours = data["results"].get("stator")
    if ours is None or data["durable"]:
        return []
    rows = []
    for workload, (name, over_null, under_dynoxide) in CPU.items():
        if workload in ours:
            rows.append(over_null and ratio_row(f"{name}: CPU, null x", ours[workload]["over_null"], over_null))
            rows.append(ratio_row(f"{name}: Dynoxide's CPU / ours", ours[workload]["dynoxide_over"], under_dynoxide, at_least=True))
    if data["json_parse"]:
        rows.append(ratio_row("Scan page, none match: yyjson's parse x", data["json_parse"]["stator_over"], JSON_PARSE))
    if "get_item_1_connection" in ours:
        rows.append(ratio_row("GetItem at 1 connection: p50, null x", ours["get_item_1_connection"]["over_null_p50"], P50_AT_1))
    server, rival = data["servers"]["stator"], data["servers"].get("dynoxide")
    if server["start_ms"]:
        rows.append(rival and row("start to first answer (Dynoxide's)", server["start_ms"]["median"], rival["start_ms"]["median"], "ms"))
        rows.append(row("idle memory", server["idle_mb"]["median"], IDLE_MB, "MB"))
    rows.append(row("program, stripped", server["stripped_mb"], STRIPPED_MB, "MB"))
    return [r for r in rows if r]


def of_scale(parts):
    rows = []
    for made in parts.get("durable", {}).get("stator", {}).get("puts", []):
        rows.append(ratio_row(f"durable PutItem, {made['connections']} connections: LMDB alone x", made["over_lmdb"], DURABLE_OVER_LMDB, at_least=True))
    if "durable" in parts:
        rows.append(row("GetItem beside 16 durable writers: alone x", parts["durable"]["stator"]["reads_kept"], READS_BESIDE_WRITERS, "x", at_least=True))
    if len(sizes := parts.get("items", [])) > 1:
        first, last = sizes[0], sizes[-1]
        rows.append(row(f"GetItem's CPU at {last['items']:,} items: {first['items']:,} x", last["get"] / first["get"], GET_ITEM_AT_SCALE, "x"))
    if "delete" in parts:
        made = parts["delete"]
        rows.append(row(f"p99 of GetItem beside DeleteTable of {made['items']:,}: alone x", made["p99_us"] / made["alone_p99_us"], P99_BESIDE_DELETE, "x"))
    if "tables" in parts:
        rows.append(row("GetItem's CPU among 1,000 tables: 1 table x", parts["tables"]["over"], MANY_TABLES, "x"))
    return [r for r in rows if r]


def of_secured(ways):
    return [ratio_row("GetItem with verified signatures: throughput kept", ways["verify"]["kept"], VERIFY_KEEPS, at_least=True)]


def show(rows):
    if not rows:
        return
    wide = max(len(r["name"]) for r in rows)
    print(f"\n{'target':<{wide}}  {'measured':>10}  {'target':>11}  met")
    for r in rows:
        spread = f"  ({r['spread'][0]:.2f}-{r['spread'][1]:.2f})" if "spread" in r else ""
        print(f"{r['name']:<{wide}}  {r['value']:>10.2f}  {r['sense']} {r['target']:>5.2f} {r['unit']:<2}  {'yes' if r['met'] else 'NO '}{spread}")
