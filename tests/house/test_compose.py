import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OF_OURS = ["web", "worker", "beat", "migrate"]
EVERY = pytest.mark.parametrize("name", sorted(SERVICES))


def seconds(text: str) -> int:
    return int(text.removesuffix("s"))


def test_the_topology_is_the_one_that_is_promised() -> None:
    assert set(SERVICES) == {"nginx", "redis", "jobs", "postgres", *OF_OURS}
    assert "version" not in COMPOSE
    assert SERVICES["web"]["deploy"]["replicas"] == 2
    assert "--save" in SERVICES["redis"]["command"]
    assert SERVICES["redis"]["command"][SERVICES["redis"]["command"].index("--appendonly") + 1] == "no"
    assert SERVICES["jobs"]["command"][SERVICES["jobs"]["command"].index("--appendonly") + 1] == "yes"


def test_web_can_be_scaled() -> None:
    assert "container_name" not in SERVICES["web"]
    assert "ports" not in SERVICES["web"]
    assert "hostname" not in SERVICES["web"]


@EVERY
def test_a_container_can_do_no_more_than_its_work(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "cap_add" not in service
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert 0 < service["pids_limit"] <= 256
    user = str(service["user"]).split(":", maxsplit=1)[0]
    assert user.isdigit()
    assert int(user) > 0


@EVERY
def test_an_image_is_pinned_by_its_tag(name: str) -> None:
    service = SERVICES[name]
    if "build" in service:
        assert (ROOT / service["build"]["dockerfile"]).is_file()
    else:
        assert re.fullmatch(r"[a-z/]+:\d+(\.\d+)*-[a-z]+", service["image"])


@EVERY
def test_a_service_that_stays_tells_whether_it_works(name: str) -> None:
    if name != "migrate":
        assert SERVICES[name]["healthcheck"]["test"][0] in ("CMD", "CMD-SHELL")


def test_only_nginx_is_reachable_and_by_default_from_this_machine_only() -> None:
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["nginx"]
    assert SERVICES["nginx"]["ports"] == ["${PUBLISH:-127.0.0.1:8000}:8080"]
    assert COMPOSE["networks"]["back"] == {"internal": True}
    for name in ("postgres", "redis", "jobs", "migrate", "beat"):
        assert SERVICES[name]["networks"] == ["back"]


def test_a_stopping_web_process_has_time_for_its_drain() -> None:
    from chatproject import settings

    assert seconds(SERVICES["web"]["stop_grace_period"]) > settings.DRAIN_S + 10
    shutdown = re.search(r"worker_shutdown_timeout (\d+)s;", (ROOT / "deploy" / "nginx.conf").read_text())
    assert shutdown
    assert seconds(SERVICES["nginx"]["stop_grace_period"]) >= int(shutdown[1])


def test_nothing_of_ours_starts_before_the_tables_are_there() -> None:
    for name in ("web", "worker", "beat"):
        assert SERVICES[name]["depends_on"]["migrate"]["condition"] == "service_completed_successfully"
    assert SERVICES["migrate"]["depends_on"]["postgres"]["condition"] == "service_healthy"
    assert SERVICES["nginx"]["depends_on"]["web"]["condition"] == "service_healthy"


def test_every_file_secret_volume_and_network_that_is_named_is_there() -> None:
    for service in SERVICES.values():
        for volume in service.get("volumes", []):
            source = volume.split(":", maxsplit=1)[0]
            assert source in COMPOSE["volumes"] or (ROOT / source).exists()
        assert set(service.get("secrets", [])) <= set(COMPOSE["secrets"])
        assert set(service["networks"]) <= set(COMPOSE["networks"])


def test_no_secret_stands_in_the_file() -> None:
    for service in SERVICES.values():
        for name, value in service.get("environment", {}).items():
            assert not re.search(r"://[^/@]*:[^/@]+@", str(value))
            if re.search(r"KEY|PASSWORD|SECRET", name):
                assert name.endswith("_FILE")


@pytest.mark.parametrize("name", OF_OURS)
def test_the_settings_it_gives_are_settings_we_read(name: str) -> None:
    code = (ROOT / "chatproject" / "settings.py").read_text()
    read = set(re.findall(r"env_\w+\(\s*\"([A-Z0-9_]+)\"", code))
    assert {given.removesuffix("_FILE") for given in SERVICES[name]["environment"]} <= read


def test_the_examples_name_settings_we_read_and_services_we_have() -> None:
    code = (ROOT / "chatproject" / "settings.py").read_text()
    read = set(re.findall(r"env_\w+\(\s*\"([A-Z0-9_]+)\"", code)) | {"PUBLISH"}
    example = (ROOT / "deploy" / "env.example").read_text()
    assert set(re.findall(r"^#?([A-Z_]+)=", example, re.MULTILINE)) <= read
    override = re.sub(r"!override", "", (ROOT / "deploy" / "compose.override.example.yml").read_text())
    assert set(yaml.safe_load(override)["services"]) <= set(SERVICES)


def test_the_image_copies_what_there_is_and_runs_without_root() -> None:
    lines = (ROOT / "deploy" / "Dockerfile").read_text().splitlines()
    sources = [
        word
        for line in lines
        if line.startswith("COPY ") and "--from" not in line
        for word in line.split()[1:-1]
        if not word.startswith("--")
    ]
    assert sources
    assert [source for source in sources if not (ROOT / source).exists()] == []
    assert [line for line in lines if line.startswith("USER ")] == ["USER maru"]
    assert all(re.search(r"FROM [a-z]+:\d+(\.\d+)?-", line) for line in lines if line.startswith("FROM "))


@pytest.mark.parametrize("name", ["backup", "restore", "make-secrets"])
def test_a_script_of_the_operator_is_valid_and_can_be_run(name: str) -> None:
    path = ROOT / "deploy" / name
    assert path.stat().st_mode & 0o111
    subprocess.run(["sh", "-n", str(path)], check=True)
