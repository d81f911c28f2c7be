"""The flow of the benchmark in pandas and scikit-learn: import, features, RFM, k-means, score, target group.

Written as a practised analyst would: C parser, column types given, group-by aggregations, no row loops.
It keeps everything in memory and writes only the target group; Polku stores every step besides.
"""
import json
import os
import resource
import sys
import time

import numpy as np
import pandas as pd
from sklearn.cluster import KMeans
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

root, segments = sys.argv[1], int(sys.argv[2])
as_of = pd.Timestamp(sys.argv[3])
steps = {}
clock = time.perf_counter()


def done(name):
    global clock
    now = time.perf_counter()
    steps[name], clock = 1000 * (now - clock), now


customers = pd.read_csv(
    f"{root}/data/customers.csv",
    parse_dates=["since"],
    dtype={"city": "category", "email_permission": "category", "letter_permission": "category"},
)
done("customers")
orders = pd.read_csv(f"{root}/data/orders.csv", parse_dates=["ordered_at"], dtype={"category": "category"})
done("orders")

known = orders[orders.ordered_at < as_of]
ago = (as_of - known.ordered_at).dt.days
lines = pd.DataFrame({"customer_id": known.customer_id, "ago": ago, "amount": known.amount})
for days in (30, 90, 365):
    lines[f"orders_{days}"] = ago <= days
    lines[f"spend_{days}"] = known.amount.where(ago <= days, 0.0)
    lines[f"before_{days}"] = known.amount.where((ago > days) & (ago <= 2 * days), 0.0)
for category in known.category.cat.categories:
    lines[f"spend_{category}"] = known.amount.where(known.category == category, 0.0)
by_customer = lines.groupby("customer_id")
sums = {name: (name, "sum") for name in lines.columns if name.startswith(("orders_", "spend_", "before_"))}
bought = by_customer.agg(
    recency_days=("ago", "min"), first_days=("ago", "max"), frequency=("ago", "size"), monetary=("amount", "sum"), **sums
)
months = lines.loc[ago <= 360, ["customer_id"]].assign(month=(ago[ago <= 360] - 1) // 30).drop_duplicates()
bought["active_months"] = months.groupby("customer_id").size()
features = customers[["customer_id", "city", "since"]].merge(bought.reset_index(), on="customer_id", how="left")
features["tenure_days"] = (as_of - features.since).dt.days
features["mean_order"] = features.monetary / features.frequency
features["mean_gap_days"] = (features.first_days - features.recency_days) / (features.frequency - 1).replace(0, np.nan)
counted = [name for name in features.columns if name.startswith(("orders_", "spend_", "before_"))]
features[[*counted, "frequency", "monetary", "active_months"]] = features[
    [*counted, "frequency", "monetary", "active_months"]
].fillna(0)
for days in (30, 90, 365):
    now, before = features[f"spend_{days}"], features[f"before_{days}"]
    features[f"trend_{days}"] = ((now - before) / (now.abs() + before.abs()).replace(0, np.nan)).fillna(0)
features = features.drop(columns=[f"before_{days}" for days in (30, 90, 365)]).sort_values("customer_id")
done("features")

rfm = known.groupby("customer_id").agg(last=("ordered_at", "max"), frequency=("amount", "size"), monetary=("amount", "sum"))
rfm["recency"] = (as_of - rfm["last"]).dt.days
for letter, values in (("r", -rfm.recency), ("f", rfm.frequency), ("m", rfm.monetary)):
    rfm[letter] = 1 + np.floor(5 * (values.rank(method="min") - 1) / len(rfm)).astype(int)
rfm["rfm"] = rfm.r.astype(str) + "-" + rfm.f.astype(str) + "-" + rfm.m.astype(str)
done("rfm")

columns = features[["recency_days", "frequency", "monetary", "mean_order"]].copy()
for name in ("frequency", "monetary", "mean_order"):
    columns[name] = np.log1p(columns[name])
whole = columns.notna().all(axis=1)
scaled = StandardScaler().fit_transform(columns[whole])
features.loc[whole, "segment"] = KMeans(segments, n_init=10, random_state=1).fit_predict(scaled)
done("segments")

with open(f"{root}/models/buyer/1/model.json") as file:
    stored = json.load(file)
parts = []
for feature in stored["preprocessing"]["features"]:
    column = features[feature["column"]]
    if feature["kind"] == "numeric":
        value = np.log1p(column) if feature["log"] else column
        parts.append(((value.fillna(feature["fill"]) - feature["mean"]) / feature["deviation"]).to_numpy())
        if feature["indicator"]:
            parts.append(value.isna().to_numpy(dtype=float))
    else:
        parts.extend((column == level).to_numpy(dtype=float) for level in feature["levels"])
        if feature["other"]:
            parts.append((~column.isin([*feature["levels"], feature["reference"]])).to_numpy(dtype=float))
model = LogisticRegression()
model.classes_ = np.array([0, 1])
model.intercept_ = np.array([stored["parameters"]["intercept"]])
model.coef_ = np.array([stored["parameters"]["coefficients"]])
features["probability"] = model.predict_proba(np.column_stack(parts))[:, 1]
done("score")

people = features.merge(customers[["customer_id", "email_permission", "letter_permission"]], on="customer_id")
people["rank_value"] = people.probability * people.spend_365
people = people[(people.orders_365 > 0) & (people.rank_value >= 1)].sort_values("rank_value", ascending=False)
email = people.email_permission == "yes"
letter = ~email & (people.letter_permission == "yes")
letter &= letter.cumsum() <= 10000
people = people.assign(channel=np.where(email, "email", "letter"), cost=np.where(email, 0.05, 1.2))[email | letter]
target = people[people.cost.cumsum() <= 20000]
target.to_csv(f"{root}/pandas-target.csv", index=False)
done("target")

os.write(3, str(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024).encode())
print(json.dumps(steps))
