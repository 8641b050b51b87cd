"""A registered model in an environment that holds its own requirements and nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from mlflow.models import Model

from flows.registry.wine_flavor import mlflow_flavor
from pricing import WinePriceRegressor, clean
from pricing.estimators.baseline import baseline
from pricing.estimators.protocol import PriceEstimator
from pricing.synthetic import reviews
from tests.pace import patience
from tests.ports import free_port

pytestmark = pytest.mark.integration

ENVIRONMENT = Path(__file__).parents[3] / "deployments" / "local" / "environment.sh"

PROGRAM = """
import sys, warnings
warnings.simplefilter("ignore")
import mlflow, numpy as np, pandas as pd
folder, wines = sys.argv[1:]
frame = pd.read_csv(wines)
assert frame["millesime"].dtype.kind == "i" and frame["points"].dtype.kind == "i", frame.dtypes
loaded = mlflow.pyfunc.load_model(folder), mlflow.sklearn.load_model(folder)
for model in loaded:
    assert np.abs(model.predict(frame.drop(columns="log_price")) - frame["log_price"]).max() < 1e-9
four = frame[["country", "province", "description", "millesime"]]
assert np.isfinite(loaded[0].predict(four)).all()
assert list(loaded[1].estimate(four)) == ["log_price", "low", "high", "expected_error"]
import pricing
assert folder in pricing.__file__, pricing.__file__
mlflow.set_tracking_uri("sqlite:///" + folder + "/runs.db")
with mlflow.start_run():
    result = mlflow.models.evaluate(
        folder, frame, targets="log_price", model_type="regressor",
        evaluator_config={"log_model_explainability": False},
    )
assert result.metrics["root_mean_squared_error"] < 1e-9
print("all is well")
"""


@pytest.fixture(scope="module")
def wines() -> pd.DataFrame:
    return clean(reviews.sample(train_rows=500, test_rows=1).train)[0]


@pytest.fixture(scope="module")
def python(wines: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An interpreter whose environment is made from the model's own requirements."""
    uv = subprocess.run([ENVIRONMENT, "--uv"], capture_output=True, text=True, check=True).stdout.strip()
    folder = tmp_path_factory.mktemp("elsewhere")
    saved = save(WinePriceRegressor(rounds=5), wines, folder / "model")
    environment = folder / "environment"
    subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, str(environment)], check=True)
    command = [uv, "pip", "install", "--quiet", "--python", str(environment / "bin" / "python")]
    done = subprocess.run(
        [*command, "--requirement", str(saved / "requirements.txt")],
        capture_output=True, text=True, check=False, timeout=patience(280),
    )  # fmt: skip
    if done.returncode != 0 and "network" in done.stderr.lower() + done.stdout.lower():
        pytest.skip("needs the network, or a cache that `make test` has filled, for the model's requirements")
    assert done.returncode == 0, done.stderr
    return environment / "bin" / "python"


def save(estimator: PriceEstimator, wines: pd.DataFrame, folder: Path) -> Path:
    estimator.fit(wines, np.log(wines["price"]))
    mlflow_flavor.save_model(
        str(folder), Model(), estimator=estimator, example=wines, card={}, validate_serving_input=False
    )
    return folder


@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", ["wine", "baseline"])
def test_a_model_loads_where_its_requirements_are_and_nothing_else(
    python: Path, wines: pd.DataFrame, tmp_path: Path, name: str
) -> None:
    estimator = WinePriceRegressor(rounds=5) if name == "wine" else baseline()
    folder = save(estimator, wines, tmp_path / "model")
    whole = wines[wines["millesime"].str.isdigit()].head(40)
    whole = whole.assign(
        millesime=whole["millesime"].astype(int), points=whole["points"].fillna(88).astype(int)
    )
    whole = whole.drop(columns=["title", "price"], errors="ignore")
    whole.assign(log_price=estimator.predict(whole)).to_csv(tmp_path / "wines.csv", index=False)
    env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "MLFLOW_DISABLE_TELEMETRY": "true"}
    done = subprocess.run(
        [str(python), "-c", PROGRAM, str(folder), str(tmp_path / "wines.csv")],
        cwd=tmp_path, env=env, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout.strip().endswith("all is well"), done.stderr[-3000:]


@pytest.mark.timeout(600)
def test_mlflow_models_serve_prices_integers_as_pandas_gives_them(
    python: Path, wines: pd.DataFrame, tmp_path: Path
) -> None:
    import httpx  # noqa: PLC0415

    from tests.serving_kit.services import wait_for  # noqa: PLC0415

    folder = save(WinePriceRegressor(rounds=5), wines, tmp_path / "model")
    port = free_port()
    program = str(python.parent / "mlflow")
    command = [program, "models", "serve", "-m", str(folder), "-p", str(port), "--env-manager", "local"]
    env = {"PATH": f"{python.parent}:{os.environ['PATH']}", "HOME": str(tmp_path)}
    with (tmp_path / "serve.log").open("wb") as log:
        server = subprocess.Popen(
            command, cwd=tmp_path, env=env, stdout=log, stderr=log, start_new_session=True
        )
    url = f"http://127.0.0.1:{port}"
    try:
        wait_for(lambda: _pinged(f"{url}/ping"), what="mlflow models serve")
        record = {
            "country": "US",
            "province": "California",
            "millesime": 2012,
            "description": "ripe",
            "points": 90,
        }
        body = {"dataframe_records": [record]}
        answer = httpx.post(f"{url}/invocations", json=body, timeout=patience(30))
        assert answer.status_code == 200, answer.text
        assert 0 < answer.json()["predictions"][0] < 8
    finally:
        os.killpg(server.pid, 15)
        server.wait(patience(20))


def _pinged(url: str) -> bool:
    import httpx  # noqa: PLC0415

    try:
        return httpx.get(url, timeout=patience(2)).status_code == 200
    except httpx.HTTPError:
        return False
