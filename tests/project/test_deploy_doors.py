"""What is shipped for running, as a thief would look at it: secrets, networks, images, the browser's sandbox."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
import tomllib
from pathlib import Path
from typing import Any

import pytest

from sources import discover
from streams.broker.embedded import find_binary
from streams.broker.keys import IDENTIFY
from tests.project.test_deploy import GROUPS, KUBERNETES, ROOT, compose, of_kind, script

CREDENTIALS = {
    name: {one.variable_of(name) for one in source.settings if one.required or one.secret}
    for name, source in discover().items()
}
OF_THE_PAGE = {"ADMIN_TOKEN", "API_TOKENS"}
ALL = OF_THE_PAGE.union(*CREDENTIALS.values())
OWN = {**CREDENTIALS, IDENTIFY: ALL - OF_THE_PAGE, "status": OF_THE_PAGE}
OF_BRIDGES = {"relay": set[str](), "webhooks": {"WEBHOOK_SECRET", "WEBHOOK_URLS"}}
"""What each process needs: a source its own, ``identify`` those of all sites, because it searches them, the page its tokens."""
OF_EVERY_WORKER = {"HEALTH_WEBHOOK_URL", "WEBHOOK_SECRET"}
"""Whichever looks posts a change of health."""


@pytest.mark.parametrize("name", sorted({*GROUPS, *OF_BRIDGES, "status"}))
def test_compose_gives_each_worker_only_its_own_secrets(name: str) -> None:
    given = compose("docker-compose.yml")["services"][name]["environment"]
    assert given.keys() >= ALL, "what is not named there comes out of .env"
    assert {one for one in ALL if given[one]} == OWN.get(name, set())
    assert not OF_EVERY_WORKER & given.keys(), "what is not named there comes out of .env"


@pytest.mark.parametrize("name", sorted({*GROUPS, *OF_BRIDGES, "status"}))
def test_kubernetes_gives_each_pod_only_its_own_secrets(name: str) -> None:
    pod = of_kind("Deployment")[name.replace("_", "-")]["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert not [source for source in container["envFrom"] if "secretRef" in source]
    keys = {
        one["valueFrom"]["secretKeyRef"]["key"]: one["valueFrom"]["secretKeyRef"].get("optional", False)
        for one in container["env"]
        if "valueFrom" in one
    }
    own = OF_BRIDGES[name] if name in OF_BRIDGES else OWN.get(name, set()) | OF_EVERY_WORKER
    assert keys == {**dict.fromkeys(own, True), "REDIS_PASSWORD": False}


def server_of_the_manifests() -> dict[str, Any]:
    (container,) = of_kind("StatefulSet")["redis"]["spec"]["template"]["spec"]["containers"]
    return dict(container)


def test_the_server_of_the_manifests_asks_for_its_password(tmp_path: Path) -> None:
    """Its own command, run by the server that the package brings."""
    folder = Path(find_binary()).parent
    command = server_of_the_manifests()["command"]
    at = f"unixsocket {tmp_path}/s\nport 0\nrequirepass"
    command[-1] = command[-1].replace("requirepass", at).replace("--appendonly yes", "--appendonly no")
    surroundings = {"PATH": f"{folder}:{os.environ['PATH']}", "REDIS_PASSWORD": "s3cret"}
    server = subprocess.Popen(command, env=surroundings, cwd=tmp_path, stdout=subprocess.DEVNULL)
    try:
        assert said_by(tmp_path / "s", None).startswith(b"-NOAUTH")
        assert said_by(tmp_path / "s", "s3cret") == b"+OK\r\n+PONG\r\n"
        assert "s3cret" not in Path(f"/proc/{server.pid}/cmdline").read_text(encoding="utf-8")
    finally:
        server.terminate()
        assert server.wait(10) == 0, "the signal reaches the server itself"


def said_by(address: Path, password: str | None) -> bytes:
    import socket

    words = f"AUTH {password}\r\nPING\r\n" if password else "PING\r\n"
    for _ in range(200):
        if address.exists():
            break
        time.sleep(0.05)
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(address))
        connection.sendall(words.encode())
        said = b""
        while said.count(b"\r\n") < words.count("\r\n"):
            said += connection.recv(1000)
    return said


def test_only_our_own_pods_and_the_scaler_reach_the_server() -> None:
    rules = {name: one["spec"] for name, one in of_kind("NetworkPolicy").items()}
    ((rule,), server) = rules["redis"]["ingress"], rules["redis"]["podSelector"]["matchLabels"]
    assert server == of_kind("StatefulSet")["redis"]["spec"]["selector"]["matchLabels"]
    assert rule["ports"] == [{"port": 6379}]
    assert len(rule["from"]) == 2
    assert "egress" not in rules["redis"]
    assert rules["workers"]["policyTypes"] == ["Ingress"]
    assert "ingress" not in rules["workers"], "nobody speaks to a worker"


def test_the_scaler_logs_in_and_wakes_a_group_as_every_version_of_it_understands() -> None:
    login = of_kind("TriggerAuthentication")["redis"]["spec"]["secretTargetRef"]
    assert login == [{"parameter": "password", "name": "anime-enrich", "key": "REDIS_PASSWORD"}]
    triggers = [one for scaler in of_kind("ScaledObject").values() for one in scaler["spec"]["triggers"]]
    assert {one["authenticationRef"]["name"] for one in triggers} == {"redis"}
    lags = [one["metadata"] for one in triggers if "lagCount" in one["metadata"]]
    assert {one["activationLagCount"] for one in lags} == {"1"}


def test_the_image_is_built_with_the_locked_uv_of_the_package_index() -> None:
    locked = tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))["package"]
    (version,) = [one["version"] for one in locked if one["name"] == "uv"]
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert f" uv=={version}\n" in dockerfile
    assert "COPY --from=astral" not in dockerfile


def test_one_command_writes_the_digests_of_all_images_or_of_none(tmp_path: Path) -> None:
    pins = script("pin_images")
    for name in pins.FILES:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    before = [(tmp_path / name).read_text(encoding="utf-8") for name in pins.FILES]

    def away(image: str) -> str:
        if image.startswith("valkey"):
            raise RuntimeError("no answer")
        return f"sha256:{'a' * 64}"

    with pytest.raises(RuntimeError, match="no answer"):
        pins.pin(tmp_path, away)
    assert [(tmp_path / name).read_text(encoding="utf-8") for name in pins.FILES] == before
    pins.pin(tmp_path, lambda _image: f"sha256:{'a' * 64}")
    found = pins.pin(tmp_path, lambda _image: f"sha256:{'b' * 64}")  # once more: newer ones take their place
    after = "".join((tmp_path / name).read_text(encoding="utf-8") for name in pins.FILES)
    assert all(f"{image}@{digest}" in after for image, digest in found.items())
    assert "a" * 64 not in after
    assert "anime-enrich:worker@" not in after


def denied(profile: dict[str, Any], call: str, first: int = 0) -> bool:
    """Whether ``profile`` refuses the system call ``call`` with ``first`` as its first argument."""
    for rule in profile["syscalls"]:
        if call not in rule["names"]:
            continue
        masks = [one for one in rule.get("args", []) if one["op"] == "SCMP_CMP_MASKED_EQ"]
        if masks == rule.get("args", []) and all((first & one["value"]) == one["valueTwo"] for one in masks):
            return bool(rule["action"] == "SCMP_ACT_ERRNO")
    return bool(profile["defaultAction"] == "SCMP_ACT_ERRNO")


def test_the_browsers_profile_opens_user_namespaces_and_no_other_door() -> None:
    (option,) = compose("deploy/compose.browser.yml")["x-crawler"]["security_opt"]
    profile = json.loads((ROOT / option.removeprefix("seccomp:")).read_text(encoding="utf-8"))
    user, mounts, names, messages = 0x10000000, 0x20000, 0x4000000, 0x8000000
    of_the_sandbox = user | 0x20000000 | 0x40000000  # processes and network, inside the user namespace
    for call in ("clone", "unshare"):
        assert not denied(profile, call, user)
        assert not denied(profile, call, of_the_sandbox)
        assert all(denied(profile, call, user | other) for other in (mounts, names, messages))
    assert not denied(profile, "chroot"), "the sandbox takes its files away with it"
    for call in ("mount", "setns", "bpf", "keyctl", "kexec_load", "init_module", "clone3", "userfaultfd"):
        assert denied(profile, call), call


def test_no_manifest_holds_a_digest_without_its_tag() -> None:
    for path in [ROOT / "docker-compose.yml", ROOT / "Dockerfile", *KUBERNETES.glob("*.yaml")]:
        for line in path.read_text(encoding="utf-8").splitlines():
            assert "@sha256:" not in line or ":" in line.partition("@")[0].rpartition("/")[2], line
