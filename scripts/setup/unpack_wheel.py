"""Takes TensorFlow's C library and the headers that tfjs-node needs out of a wheel: unpack_wheel.py WHEEL FOLDER."""

import os
import shutil
import sys
import zipfile

LIBRARIES = ("tensorflow/libtensorflow_cc.so.2", "tensorflow/libtensorflow_framework.so.2")
INCLUDE = "tensorflow/include/"
HEADERS = tuple(
    INCLUDE + path for path in ("tensorflow/c/", "tensorflow/tsl/", "tensorflow/core/platform/ctstring", "tsl/", "xla/tsl/")
)


def target(name):
    """Where a member of the wheel goes, or None."""
    if name in LIBRARIES:
        return "lib/" + name.rsplit("/", 1)[1]
    if name.startswith(HEADERS) and not name.endswith("/") and ".." not in name:
        return "include/" + name[len(INCLUDE) :]
    return None


def main(wheel, folder):
    with zipfile.ZipFile(wheel) as archive:
        members = [(info, target(info.filename)) for info in archive.infolist() if target(info.filename)]
        if sum(path.startswith("lib/") for _, path in members) != len(LIBRARIES):
            sys.exit("%s does not hold %s" % (wheel, " and ".join(LIBRARIES)))
        total = sum(info.file_size for info, _ in members)
        done = 0
        for info, path in members:
            path = os.path.join(folder, *path.split("/"))
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with archive.open(info) as source, open(path, "wb") as sink:
                while True:
                    block = source.read(1 << 24)
                    if not block:
                        break
                    sink.write(block)
                    done += len(block)
                    if len(block) > 1 << 20:
                        print("%d of %d MB" % (done // 1000000, total // 1000000), flush=True)
        for name in LIBRARIES:
            os.chmod(os.path.join(folder, "lib", name.rsplit("/", 1)[1]), 0o755)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    shutil.rmtree(sys.argv[2], ignore_errors=True)
    main(sys.argv[1], sys.argv[2])
