"""The commands that the package installs."""

import pathlib
import subprocess
import sys
import sysconfig

import cugamma

SCRIPTS = pathlib.Path(sysconfig.get_path("scripts"))


def run(*command, **options):
    return subprocess.run([str(part) for part in command], capture_output=True, text=True, **options)


def test_the_command_is_installed_and_is_of_this_version():
    for command in ([SCRIPTS / "cugamma"], [sys.executable, "-m", "cugamma"]):
        done = run(*command, "--version")
        assert done.stdout.startswith(f"cugamma {cugamma.__version__}"), done.stderr


def test_it_knows_networks_and_constraints_anywhere(tmp_path):
    search = ["search", "--model=vgg16", "--layer=1", "--evaluations=50", "--constraint=dla", "--flex=TO"]
    done = run(SCRIPTS / "cugamma", *search, "--num-pes=64", cwd=tmp_path, env={})
    assert "conv1_1" in done.stdout, done.stderr
    assert "vgg16" in run(SCRIPTS / "cugamma", "networks", env={}).stdout


def test_exit_status_and_errors_are_the_program_s():
    done = run(SCRIPTS / "cugamma", "search", "--model=no_such")
    assert done.returncode == 1 and "no_such" in done.stderr and "Traceback" not in done.stderr


def test_maestro_s_command_line_is_installed():
    assert "cugamma-maestro" in run(SCRIPTS / "cugamma-maestro", "--help").stdout
    for name in ("cugamma-timeloop-model", "cugamma-timeloop-mapper"):
        done = run(SCRIPTS / name, "--help")
        assert "timeloop" in done.stdout.lower(), done.stderr
    assert run(SCRIPTS / "cugamma-check-certificate", "--help").returncode == 0
