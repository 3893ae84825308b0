"""Makes the packages with CPack and looks into them: programs, models, man pages, completion.

distribution_test.py BUILD_FOLDER
"""

import pathlib
import shutil
import subprocess
import sys
import tarfile
import tempfile

EXPECTED = (
    "bin/cugamma",
    "bin/cugamma-maestro",
    "bin/cugamma-timeloop-model",
    "share/cugamma/models/vgg16.csv",
    "share/man/man1/cugamma.1",
    "share/man/man1/cugamma-search.1",
    "share/man/man1/cugamma-maestro.1",
    "share/man/man1/cugamma-timeloop-model.1",
    "share/bash-completion/completions/cugamma",
    "share/doc/cugamma/LICENSE",
    "include/cugamma/evaluate/evaluator.hpp",
)

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


def check_files(names):
    missing = [name for name in EXPECTED if not any(entry.endswith("/" + name) for entry in names)]
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
    assert completions(root, "search --backend = c", 4) == ["cpu", "cuda"]


def main():
    config = pathlib.Path(sys.argv[1]) / "CPackConfig.cmake"
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        output_of("cpack", "--config", config, "-G", "TGZ", "-B", folder)
        (archive,) = folder.glob("*.tar.gz")
        with tarfile.open(archive) as packed:
            check_files(packed.getnames())
            packed.extractall(folder)
        root = folder / archive.name.removesuffix(".tar.gz")
        check_unpacked(root)
        check_completion(root)
        if shutil.which("dpkg-deb") and shutil.which("dpkg-shlibdeps"):
            output_of("cpack", "--config", config, "-G", "DEB", "-B", folder)
            (package,) = folder.glob("*.deb")
            check_files(
                [line.split()[5] for line in output_of("dpkg-deb", "-c", package).splitlines()]
            )
            assert "libtbb" in output_of("dpkg-deb", "-f", package, "Depends")
    print("packages hold what they should")


if __name__ == "__main__":
    main()
