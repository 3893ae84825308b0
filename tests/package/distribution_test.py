"""Makes the packages with CPack and looks into them: programs, models, man pages, completion.

distribution_test.py BUILD_FOLDER
"""

import pathlib
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile

#: What each Debian package holds; the archive holds all of it.
PROGRAM = (
    "bin/cugamma",
    "bin/cugamma-maestro",
    "bin/cugamma-timeloop-mapper",
    "bin/cugamma-timeloop-model",
    "share/man/man1/cugamma.1",
    "share/man/man1/cugamma-search.1",
    "share/man/man1/cugamma-maestro.1",
    "share/man/man1/cugamma-timeloop-mapper.1",
    "share/man/man1/cugamma-timeloop-model.1",
    "share/bash-completion/completions/cugamma",
    "share/doc/cugamma/LICENSE",
)
LIBRARY = ("share/cugamma/models/vgg16.csv", "share/cugamma/constraints/dla.yaml")
DEVELOPMENT = ("include/cugamma/evaluate/evaluator.hpp", "cmake/cugamma/cugammaConfig.cmake")

#: Packages that have what cugammaConfig.cmake looks for.
NEEDED = {
    "fmt": "libfmt-dev",
    "nlohmann_json": "nlohmann-json3-dev",
    "TBB": "libtbb-dev",
    "yaml-cpp": "libyaml-cpp-dev",
    "PkgConfig": "pkg-config",
    "Pagmo": "libpagmo-dev",
    "libhwy": "libhwy-dev",
    "libzstd": "libzstd-dev",
    "Threads": "",
}

COMPLETE = """
source "$1"
COMP_WORDS=("$2" {words})
COMP_CWORD={at}
_cugamma
printf '%s\\n' "${{COMPREPLY[@]}}"
"""


def output_of(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def completions(root, words, at):
    script = COMPLETE.format(words=words, at=at)
    completion = root / "share/bash-completion/completions/cugamma"
    return output_of("bash", "-c", script, "bash", completion, root / "bin/cugamma").split()


def check_files(names, expected):
    missing = [name for name in expected if not any(entry.endswith("/" + name) for entry in names)]
    assert not missing, f"not in the package: {missing}"


def check_unpacked(root):
    version = output_of(root / "bin/cugamma", "--version")
    assert version.startswith("cugamma ") and "CUDA:" in version, version
    found = output_of(
        root / "bin/cugamma", "search", "--model=vgg16", "--layer=1", "--evaluations=20"
    )
    assert "conv1_1" in found, found
    if shutil.which("groff"):
        for page in (root / "share/man/man1").iterdir():
            done = subprocess.run(
                ["groff", "-man", "-ww", "-z", page], capture_output=True, text=True
            )
            assert not done.stderr, done.stderr


def check_completion(root):
    assert {"search", "evaluate", "report"} <= set(completions(root, "''", 1))
    assert completions(root, "sea", 1) == ["search"]
    assert "--num-pes" in completions(root, "search --num", 2)
    assert completions(root, "search --model mobile", 3) == ["mobilenet_v2"]
    assert completions(root, "search --objective latency,ene", 3) == ["latency,energy"]
    assert completions(root, "search --constraint eye", 3) == ["eye"]
    assert completions(root, "evaluate --style KC", 3) == ["KC-P"]
    assert completions(root, "search --believe pl", 3) == ["plausible"]
    assert set(completions(root, "sweep --num-p", 2)) == {"--num-pes"}
    assert completions(root, "search --model vgg16 --layer conv5_", 5) == ["conv5_1", "conv5_2", "conv5_3"]
    assert completions(root, "search --model vgg16 --layer fc6,fc", 5) == ["fc6,fc6", "fc6,fc7", "fc6,fc8"]
    assert completions(root, "search --backend = c", 4) == ["cpu", "cuda"]


def check_man_pages(root):
    search = (root / "share/man/man1/cugamma-search.1").read_text()
    assert ".SH EXAMPLES" in search and ".I result.json" in search, search
    pages = {page.stem: page.read_text() for page in (root / "share/man/man1").glob("*.1")}
    without = {name for name, page in pages.items() if ".SH EXAMPLES" not in page}
    assert without == {"cugamma-models", "cugamma-networks", "cugamma-accelerators"}, without
    unnamed = [name for name, page in pages.items() if "share/cugamma/accelerators" not in page]
    assert not unnamed, unnamed


def field(package, name):
    return output_of("dpkg-deb", "-f", package, name).strip()


def check_packages(folder, config):
    found = {path.name.split("_")[0]: path for path in folder.glob("*.deb")}
    (library,) = [name for name in found if name not in ("cugamma", "cugamma-mpi", "libcugamma-dev")]
    for name, expected in (("cugamma", PROGRAM), (library, LIBRARY), ("libcugamma-dev", DEVELOPMENT)):
        listed = output_of("dpkg-deb", "-c", found[name]).splitlines()
        check_files([line.split()[5] for line in listed], expected)
        maintainer = field(found[name], "Maintainer")
        assert re.fullmatch(r"[^<>]+ <[^@\s]+@[^@\s]+>", maintainer), maintainer
        assert "@localhost>" not in maintainer, maintainer
        assert "openmpi" not in field(found[name], "Depends")
    assert "libtbb" in field(found["cugamma"], "Depends") + field(found[library], "Depends")
    assert library in field(found["cugamma"], "Depends")
    assert field(found["cugamma"], "Recommends") == "cugamma-mpi"
    if "cugamma-mpi" in found:
        assert "cugamma (=" in field(found["cugamma-mpi"], "Depends")
    check_needs(found["libcugamma-dev"], config.read_text())


def check_needs(package, config):
    """That a package of headers depends on all that its CMake package looks for."""
    if '"STATIC_LIBRARY" STREQUAL' not in config:
        return
    used = re.sub(r"if\((OFF|FALSE|0)\).*?endif\(\)", "", config, flags=re.DOTALL)
    looked_for = re.findall(r"find_dependency\((\S+)\)|IMPORTED_TARGET (\S+)\)", used)
    depends = field(package, "Depends")
    for name in [first or second for first, second in looked_for]:
        assert name in NEEDED or name == "CUDAToolkit", f"no package is known for {name}"
        assert NEEDED.get(name, "") in depends, f"{NEEDED[name]} is not in {depends}"


def main():
    config = pathlib.Path(sys.argv[1]) / "CPackConfig.cmake"
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        output_of("cpack", "--config", config, "-G", "TGZ", "-B", folder)
        (archive,) = folder.glob("*.tar.gz")
        with tarfile.open(archive) as packed:
            check_files(packed.getnames(), PROGRAM + LIBRARY + DEVELOPMENT)
            packed.extractall(folder)
        root = folder / archive.name.removesuffix(".tar.gz")
        check_unpacked(root)
        check_man_pages(root)
        check_completion(root)
        if shutil.which("dpkg-deb") and shutil.which("dpkg-shlibdeps"):
            output_of("cpack", "--config", config, "-G", "DEB", "-B", folder)
            check_packages(folder, pathlib.Path(sys.argv[1]) / "cugammaConfig.cmake")
    print("packages hold what they should")


if __name__ == "__main__":
    main()
