"""What is shipped for running: image, compose, Kubernetes; each held to the product's own names and limits."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from cache.rules import Rate
from sources import discover
from streams.broker.keys import AGGREGATE, IDENTIFY, Topology
from streams.config.settings import variables
from streams.operations.sizing import SPARE, UNLIMITED, most_workers, per_second

yaml = pytest.importorskip("yaml", reason="PyYAML comes with the extra crawl")
ROOT = Path(__file__).parents[2]
KUBERNETES = ROOT / "deploy" / "kubernetes"
GROUPS = {IDENTIFY, *discover(), AGGREGATE}


def compose(*files: str) -> dict[str, Any]:
    merged: dict[str, Any] = {}
    for file in files:
        merged |= yaml.safe_load((ROOT / file).read_text(encoding="utf-8"))
    return merged


def documents() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for path in sorted(KUBERNETES.glob("*.yaml")):
        found += [one for one in yaml.safe_load_all(path.read_text(encoding="utf-8")) if one]
    return found


def of_kind(kind: str) -> dict[str, dict[str, Any]]:
    return {one["metadata"]["name"]: one for one in documents() if one["kind"] == kind}


def script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / "deploy" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def images_in(file: str) -> list[str]:
    found: list[str] = script("pin_images").images((ROOT / file).read_text(encoding="utf-8"))
    return found


@pytest.fixture(scope="module")
def maker() -> ModuleType:
    return script("make_kubernetes")


def test_a_limit_feeds_no_more_workers_than_it_lets_requests_through() -> None:
    assert per_second((Rate(3, 1.0), Rate(60, 60.0))) == 1.0
    assert most_workers((Rate(1, 2.0),), 16) == 1 + SPARE
    assert most_workers((Rate(10, 1.0),), 16) == 7 + SPARE
    assert most_workers((), 16) == UNLIMITED


def test_the_manifests_are_what_the_sources_limits_make_of_them(maker: ModuleType) -> None:
    for name, content in maker.manifests().items():
        assert (KUBERNETES / name).read_text(encoding="utf-8") == content, "run deploy/make_kubernetes.py"


def test_every_group_is_scaled_by_what_is_unread_and_in_work_on_all_its_streams() -> None:
    scalers = of_kind("ScaledObject")
    assert set(scalers) == {group.replace("_", "-") for group in GROUPS}
    for group in GROUPS:
        spec = scalers[group.replace("_", "-")]["spec"]
        assert spec["scaleTargetRef"]["name"] in of_kind("Deployment")
        asked = [trigger["metadata"] for trigger in spec["triggers"]]
        assert {one["consumerGroup"] for one in asked} == {group}
        assert {one["address"] for one in asked} == {"redis.anime-enrich.svc:6379"}
        for what in ("lagCount", "pendingEntriesCount"):
            assert [one["stream"] for one in asked if what in one] == Topology().feeds(group)


def test_the_site_with_the_narrowest_limit_gets_the_fewest_workers() -> None:
    most = {name: one["spec"]["maxReplicaCount"] for name, one in of_kind("ScaledObject").items()}
    assert most["anidb"] == min(most.values()) < most["aggregate"]


def test_every_pod_runs_without_rights_it_does_not_need() -> None:
    pods = [
        one["spec"]["template"]["spec"] for one in documents() if one["kind"] in {"Deployment", "StatefulSet"}
    ]
    assert len(pods) == len(GROUPS) + 5
    for pod in pods:
        assert pod["securityContext"]["runAsNonRoot"]
        assert pod["automountServiceAccountToken"] is False
        for container in pod["containers"]:
            assert container["securityContext"]["readOnlyRootFilesystem"]
            assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
            assert container["resources"]["limits"]["memory"]


def test_kustomize_lists_every_manifest() -> None:
    listed = yaml.safe_load((KUBERNETES / "kustomization.yaml").read_text(encoding="utf-8"))["resources"]
    assert {*listed, "kustomization.yaml"} == {path.name for path in KUBERNETES.glob("*.yaml")}


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="no kubectl")
def test_kustomize_renders_them_all_into_one_namespace() -> None:
    command = ["kubectl", "kustomize", str(KUBERNETES)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    rendered = [one for one in yaml.safe_load_all(done.stdout) if one["kind"] != "Namespace"]
    assert {one["metadata"]["namespace"] for one in rendered} == {"anime-enrich"}
    assert len(rendered) == len(
        [one for one in documents() if one["kind"] not in {"Kustomization", "Namespace"}]
    )


def test_the_manifests_fit_kubernetes_own_schemas() -> None:
    validator = pytest.importorskip("kubernetes_validate", reason="pip install kubernetes-validate")
    own = [one for one in documents() if not one["apiVersion"].startswith(("keda.sh", "kustomize"))]
    for one in own:
        validator.validate(one, "1.34", strict=True)
    assert len(own) > len(GROUPS)


@pytest.mark.parametrize(
    "file", ["deploy/kubernetes/config.yaml", "deploy/compose.offline.yml", "docker-compose.yml"]
)
def test_only_settings_that_exist_are_set(file: str) -> None:
    content = next(iter(yaml.safe_load_all((ROOT / file).read_text(encoding="utf-8"))))
    services = [one for one in content.get("services", {}).values() if isinstance(one, dict)]
    maps = [content.get("data", {}), *(one.get("environment", {}) for one in services)]
    names = {name for one in maps for name in one if not name.startswith("GF_")}
    assert names
    assert names <= variables()


def test_compose_runs_every_group_and_the_played_sites_answer_for_each() -> None:
    services = compose("docker-compose.yml")["services"]
    assert set(services) >= GROUPS
    played = compose("deploy/compose.offline.yml")["services"]
    assert GROUPS | {"sites", "status", "scout"} == set(played)
    assert services["scout"]["command"] == ["up", "--stages", "scout"]
    for name in discover():
        assert services[name]["command"] == ["up", "--stages", "collect", "--sources", name]
        assert {f"{name.upper()}_BASE_URL", f"{name.upper()}_LIMITS"} <= set(played[name]["environment"])


@pytest.mark.parametrize("name", ["relay", "webhooks"])
def test_a_bridge_is_there_and_off_until_it_is_asked_for(name: str) -> None:
    service = compose("docker-compose.yml")["services"][name]
    assert service["profiles"] == [name]
    assert service["healthcheck"] == {"disable": True}, "it touches no file that a check could look at"
    spec = of_kind("Deployment")[name]["spec"]
    assert (spec["replicas"], spec["strategy"]) == (0, {"type": "Recreate"})
    (container,) = spec["template"]["spec"]["containers"]
    assert service["command"][0] == container["args"][0] == name
    assert len(service["command"]) == len(container["args"])


def test_what_is_fetched_from_a_registry_has_a_version_and_listens_on_this_machine_only() -> None:
    services = compose("docker-compose.yml")["services"]
    named = {image for name in script("pin_images").FILES for image in images_in(name)}
    assert len(named) == 4
    assert not [image for image in named if image.endswith(":latest")]
    assert all(port.startswith("127.0.0.1:") for one in services.values() for port in one.get("ports", []))


def test_prometheus_asks_the_status_service_at_its_port() -> None:
    config = yaml.safe_load((ROOT / "deploy/prometheus/prometheus.yml").read_text(encoding="utf-8"))
    (target,) = config["scrape_configs"][0]["static_configs"][0]["targets"]
    service, port = target.split(":")
    assert compose("docker-compose.yml")["services"][service]["environment"]["HTTP_PORT"] == port


def test_the_images_run_as_nobody_in_particular_and_know_how_they_are() -> None:
    stages = (ROOT / "Dockerfile").read_text(encoding="utf-8").split("\nFROM ")
    final = [stage for stage in stages if stage.startswith("base AS")]
    assert len(final) == 2
    assert all(stage.rstrip().splitlines()[-1] == "USER enrich" for stage in final)
    assert "HEALTHCHECK" in (ROOT / "Dockerfile").read_text(encoding="utf-8")


def _has_compose() -> bool:
    docker = shutil.which("docker")
    if docker is None:
        return False
    return subprocess.run([docker, "compose", "version"], check=False, capture_output=True).returncode == 0


@pytest.mark.docker
@pytest.mark.skipif(not _has_compose(), reason="no docker with its compose plugin")
@pytest.mark.parametrize(
    "more", [[], ["deploy/compose.offline.yml"], ["deploy/compose.browser.yml"]], ids=str
)
def test_compose_itself_accepts_the_files(more: list[str]) -> None:
    files = [word for file in ["docker-compose.yml", *more] for word in ("-f", file)]
    command = ["docker", "compose", *files, "--profile", "*", "config", "-q"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
