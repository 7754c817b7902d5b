"""Which system packages are needed, which are missing, and under what name this system knows them."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tools import system_packages
from tools.console import SetupError
from tools.system_packages import Requirement

GLIB = Requirement(("libglib2.0-0t64", "libglib2.0-0"), "libglib-2.0.so.0")
CURSOR = Requirement(("libxcb-cursor0",), "libxcb-cursor.so.0")
XVFB = Requirement(("xvfb",), "Xvfb")


def needs_debian() -> None:
    if shutil.which("dpkg-query") is None or shutil.which("apt-cache") is None:
        if os.environ.get("CI") == "true":
            pytest.fail("dpkg-query and apt-cache are not installed")
        pytest.skip("not Debian or Ubuntu")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ID=debian\n", True),
        ('ID=ubuntu\nID_LIKE="debian"\n', True),
        ('ID=linuxmint\nID_LIKE="ubuntu debian"\n', True),
        ('# made here\nID="fedora"\n', False),
        ("ID=opensuse-tumbleweed\nID_LIKE='opensuse suse'\n", False),
        ("", False),
    ],
)
def test_debian_and_what_descends_from_it_is_recognised(text: str, expected: bool):
    assert system_packages.is_debian_like(system_packages.parse_os_release(text)) == expected


def test_only_fully_installed_packages_count():
    output = "libegl1 installed\nxterm config-files\nzsh not-installed\nlibc6 installed\nlibc6 installed\n"
    assert system_packages.parse_installed(output) == {"libegl1", "libc6"}


def test_either_name_of_a_renamed_package_satisfies():
    assert system_packages.missing([GLIB, CURSOR], frozenset({"libglib2.0-0"})) == (CURSOR,)


def test_a_package_without_candidate_is_not_available():
    output = (
        "libxcb-cursor0:\n  Installed: (none)\n  Candidate: 0.1.1-4\n  Version table:\n     0.1.1-4 500\n"
        "libglib2.0-0t64:\n  Installed: (none)\n  Candidate: (none)\n  Version table:\n"
    )
    assert system_packages.parse_available(output) == {"libxcb-cursor0"}


def test_the_name_that_this_release_knows_is_installed():
    names, unknown = system_packages.to_install([GLIB, CURSOR], frozenset({"libglib2.0-0", "libxcb-cursor0"}))
    assert (names, unknown) == (("libglib2.0-0", "libxcb-cursor0"), ())


def test_an_unknown_package_does_not_keep_the_others_from_being_installed():
    assert system_packages.to_install([GLIB, CURSOR], frozenset({"libxcb-cursor0"})) == (("libxcb-cursor0",), (GLIB,))


def test_a_package_is_named_once():
    twice = [Requirement(("dbus",), "dbus-daemon"), Requirement(("dbus",), "dbus-run-session")]
    assert system_packages.to_install(twice, frozenset({"dbus"}))[0] == ("dbus",)


def test_the_line_to_type_installs_exactly_these_packages():
    line = system_packages.install_line(["gcc", "g++"])
    assert line == "sudo apt-get update && sudo apt-get install --no-install-recommends gcc g++"


def test_elsewhere_the_libraries_and_programs_themselves_are_looked_for():
    found = system_packages.absent([CURSOR, GLIB, XVFB], library=lambda name: name == CURSOR.probe, program={}.get)
    assert found == ("shared library libglib-2.0.so.0", "program Xvfb")


def test_the_loader_is_asked_for_libraries():
    assert (system_packages.loads("libc.so.6"), system_packages.loads("libof-no-system.so.0")) == (True, False)


def test_testing_needs_all_that_running_needs():
    assert set(system_packages.for_mode("run")) < set(system_packages.for_mode("test"))


def test_desktops_are_asked_of_continuous_integration_alone():
    whole = system_packages.for_mode("test", with_desktops=True)
    assert set(whole) == {*system_packages.for_mode("test"), *system_packages.DESKTOPS}
    assert system_packages.for_mode("run", with_desktops=True) == system_packages.for_mode("run")


def test_the_packages_of_a_tested_debian_are_found_by_the_real_dpkg():
    needs_debian()
    requirements = system_packages.for_mode("test")
    assert system_packages.missing(requirements, system_packages.installed(requirements)) == ()


def test_the_real_apt_knows_the_shell_and_not_an_invented_name():
    needs_debian()
    requirements = [Requirement(("bash",), "bash"), Requirement(("of-no-debian-release",), "x")]
    assert system_packages.available(requirements) == {"bash"}


def test_what_is_installed_brings_what_is_looked_for_elsewhere():
    needs_debian()
    assert system_packages.absent(system_packages.for_mode("test")) == ()


def test_without_root_the_exact_line_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    needs_debian()
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    refusing = tmp_path / "sudo"
    refusing.write_text("#!/bin/sh\nexit 1\n")
    refusing.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with pytest.raises(SetupError) as reported:
        system_packages.ensure(system_packages.for_mode("run"), [Requirement(("of-no-debian-release",), "x")])
    assert reported.value.remedy.endswith("--no-install-recommends of-no-debian-release")


def test_another_distribution_is_reported_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    release = tmp_path / "os-release"
    release.write_text('ID=fedora\nPRETTY_NAME="Fedora Linux 44"\n')
    monkeypatch.setattr(system_packages, "OS_RELEASE", release)
    with pytest.raises(SetupError, match="Fedora Linux 44") as reported:
        system_packages.ensure(
            system_packages.for_mode("run"), [Requirement(("python3.12-venv",), "venv module of Python 3.12")]
        )
    assert reported.value.remedy.splitlines()[-1] == "  venv module of Python 3.12"


def test_apt_tells_when_it_was_refused():
    needs_debian()
    with pytest.raises(SetupError, match="apt-get install did not succeed"):
        system_packages.apt((), "install", "--simulate", "of-no-debian-release")
