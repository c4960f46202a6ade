#!/usr/bin/env python3
"""Writes the manifests that follow from the sources: a Deployment and a ScaledObject for every group.

    python deploy/make_kubernetes.py

How far a group may grow comes from its site's declared limit (`streams.operations.sizing`); a test compares what lies there.
"""

from __future__ import annotations

from pathlib import Path

from sources.discovery import shipped
from streams.broker.keys import AGGREGATE, IDENTIFY, Topology
from streams.config.settings import Settings
from streams.operations.sizing import UNLIMITED, most_workers

FOLDER = Path(__file__).parent / "kubernetes"
LAG = 20
"""Unread entries, or entries in work, for which one more worker is wanted."""
SERVER = "redis.anime-enrich.svc:6379"
"""Asked by KEDA's operator, which lives in a namespace of its own."""
SCOUT = "scout"
"""Runs no group: it reads the sites' lists, if FOLLOW is set; a second one would only wait."""
OF_ALL = ("HEALTH_WEBHOOK_URL", "WEBHOOK_SECRET")
"""Whichever worker looks posts a change of health."""
BEGIN = "# Made by deploy/make_kubernetes.py; change that instead.\n"

WORKER = """\
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {name}
  labels: {{app.kubernetes.io/name: anime-enrich, app.kubernetes.io/component: {name}}}
spec:
  selector: {{matchLabels: {{app.kubernetes.io/component: {name}}}}}
  template:
    metadata:
      labels: {{app.kubernetes.io/name: anime-enrich, app.kubernetes.io/component: {name}}}
    spec:
      terminationGracePeriodSeconds: 40
      automountServiceAccountToken: false
      securityContext: {{runAsNonRoot: true, runAsUser: 10001, fsGroup: 10001, seccompProfile: {{type: RuntimeDefault}}}}
      containers:
        - name: worker
          image: {image}
          args: [{args}]
          envFrom: [{{configMapRef: {{name: anime-enrich}}}}]
          env:
{secrets}          securityContext:
            allowPrivilegeEscalation: false
            readOnlyRootFilesystem: true
            capabilities: {{drop: [ALL]}}
          resources:
            requests: {{cpu: 50m, memory: {memory}}}
            limits: {{memory: {limit}}}
          startupProbe:
            exec: {{command: [sh, -c, 'test -e "$ALIVE_FILE"']}}
            periodSeconds: 2
            failureThreshold: 60
          readinessProbe:
            exec: {{command: [sh, -c, 'test -n "$(find "$ALIVE_FILE" -newermt "-30 seconds")"']}}
            periodSeconds: 10
            timeoutSeconds: 5
          livenessProbe:
            exec: {{command: [sh, -c, 'test -n "$(find "$ALIVE_FILE" -newermt "-10 minutes")"']}}
            periodSeconds: 60
            timeoutSeconds: 5
          volumeMounts:
            - {{name: tmp, mountPath: /tmp}}
            - {{name: data, mountPath: /data}}
      volumes:
        - {{name: tmp, emptyDir: {{}}}}
        - {{name: data, emptyDir: {{sizeLimit: 2Gi}}}}
"""

KEPT_APART = """\
            - name: {name}
              valueFrom: {{secretKeyRef: {{name: anime-enrich, key: {name}{optional}}}}}
"""
SERVER_ADDRESS = """\
            - {name: REDIS_URL, value: "redis://:$(REDIS_PASSWORD)@redis:6379/0"}
"""

LOGIN = """\
---
apiVersion: keda.sh/v1alpha1
kind: TriggerAuthentication
metadata:
  name: redis
spec:
  secretTargetRef: [{parameter: password, name: anime-enrich, key: REDIS_PASSWORD}]
"""

SCALER = """\
---
apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata:
  name: {name}
  labels: {{app.kubernetes.io/name: anime-enrich, app.kubernetes.io/component: {name}}}
spec:
  scaleTargetRef: {{name: {name}}}
  minReplicaCount: 1
  maxReplicaCount: {most}
  pollingInterval: 10
  cooldownPeriod: 300
  triggers:
"""

TRIGGER = """\
    - type: redis-streams
      authenticationRef: {{name: redis}}
      metadata: {{address: {server}, stream: "{stream}", consumerGroup: {group}, {what}}}
"""


def groups() -> dict[str, int]:
    """Every group with the most workers that make sense."""
    concurrency = Settings.model_fields["worker_concurrency"].default
    capped = {name: most_workers(source.limits, concurrency) for name, source in shipped().items()}
    return {IDENTIFY: UNLIMITED, **capped, AGGREGATE: UNLIMITED}


def credentials(group: str) -> list[str]:
    """What ``group`` needs to log in at the sites that it asks; ``identify`` searches all of them, ``scout`` may."""
    asked = [source for name, source in shipped().items() if group in {IDENTIFY, SCOUT, name}]
    return [
        setting.variable_of(source.name)
        for source in asked
        for setting in source.settings
        if setting.required or setting.secret
    ]


def secrets(group: str) -> str:
    """The variables of a worker that come out of the Secret: the server's password, what its sites want, what posting takes."""
    own = [
        KEPT_APART.format(name=name, optional=", optional: true") for name in [*credentials(group), *OF_ALL]
    ]
    return "".join([KEPT_APART.format(name="REDIS_PASSWORD", optional=""), SERVER_ADDRESS, *own])


def worker(group: str) -> str:
    """The Deployment of a group."""
    stage = group if group in {IDENTIFY, AGGREGATE, SCOUT} else "collect"
    words = ["up", "--stages", stage, *(["--sources", group] if stage == "collect" else [])]
    crawled = group in shipped() and shipped()[group].crawled
    return WORKER.format(
        name=group.replace("_", "-"),
        image="anime-enrich:worker",
        args=", ".join(words),
        secrets=secrets(group),
        memory="128Mi",
        limit="1Gi" if crawled else "384Mi",
    )


def scaler(group: str, most: int) -> str:
    """The ScaledObject of a group: what is unread and what is in work, on every stream that it reads."""
    wants = (f'lagCount: "{LAG}", activationLagCount: "1"', f'pendingEntriesCount: "{LAG}"')
    triggers = [
        TRIGGER.format(server=SERVER, stream=stream, group=group, what=what)
        for stream in Topology().feeds(group)
        for what in wants
    ]
    return SCALER.format(name=group.replace("_", "-"), most=most) + "".join(triggers)


def manifests() -> dict[str, str]:
    """The files by name."""
    return {
        "workers.yaml": BEGIN + "".join(worker(group) for group in [*groups(), SCOUT]),
        "scaling.yaml": BEGIN + LOGIN + "".join(scaler(group, most) for group, most in groups().items()),
    }


if __name__ == "__main__":
    for name, content in manifests().items():
        (FOLDER / name).write_text(content, encoding="utf-8")
