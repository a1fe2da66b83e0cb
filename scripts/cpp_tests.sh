#!/bin/sh
# Builds and runs the C++ unit tests in every variant, each in build-cpp/<variant>/.
#   scripts/cpp_tests.sh                 asm, ucontext, asan and valgrind
#   scripts/cpp_tests.sh asan valgrind   only these
#   scripts/cpp_tests.sh arm64           cross-compiled and run under an emulator (only when named)
set -u
cd "$(dirname "$0")/.." || exit 2

variants=${*:-asm ucontext asan valgrind}
jobs=$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)
missing=

require() { # what it provides, Debian package, command that tells whether it is there
  thing=$1 package=$2
  shift 2
  "$@" >/dev/null 2>&1 || { echo "missing: $thing (Debian package $package)" >&2; missing="$missing $package"; }
}

has_command() { command -v "$1"; }
has_header() { echo "#include <$1>" | "${CXX:-c++}" -x c++ -fsyntax-only -; }

check_tools() {
  require cmake cmake has_command cmake
  require make make has_command make
  require "a C++ compiler" g++ has_command "${CXX:-c++}"
  require doctest/doctest.h doctest-dev has_header doctest/doctest.h
  case " $variants " in *" valgrind "*)
    require valgrind valgrind has_command valgrind
    require valgrind/valgrind.h valgrind has_header valgrind/valgrind.h ;;
  esac
  case " $variants " in *" arm64 "*)
    require aarch64-linux-gnu-g++ g++-aarch64-linux-gnu has_command aarch64-linux-gnu-g++
    require qemu-aarch64-static qemu-user-static has_command qemu-aarch64-static ;;
  esac
  [ -z "$missing" ] || { echo "install with: apt-get install$missing" >&2; exit 2; }
}

build() { # variant, cmake options
  build_dir=build-cpp/$1
  shift
  cmake -S native -B "$build_dir" "$@" && cmake --build "$build_dir" --parallel "$jobs"
}


run_variant() {
  test=build-cpp/$1/test/verdant_context_test
  case $1 in
    asm) build asm && "$test" ;;
    ucontext) build ucontext -DVERDANT_UCONTEXT=ON && "$test" ;;
    asan)
      # Use-after-return detection moves locals off the stack, so the stack tests would measure something else.
      build asan -DVERDANT_SANITIZE=address &&
        ASAN_OPTIONS=detect_stack_use_after_return=0 VERDANT_TEST_HOST=asan "$test" ;;
    valgrind)
      build valgrind -DVERDANT_VALGRIND=ON &&
        VERDANT_TEST_HOST=valgrind valgrind --quiet --error-exitcode=99 --leak-check=full \
          --errors-for-leak-kinds=definite --child-silent-after-fork=yes "$test" ;;
    arm64)
      # The host's include folder holds doctest; -idirafter keeps the host's C library headers behind the target's.
      build arm64 -DCMAKE_SYSTEM_NAME=Linux -DCMAKE_SYSTEM_PROCESSOR=aarch64 \
        -DCMAKE_CXX_COMPILER=aarch64-linux-gnu-g++ -DCMAKE_ASM_COMPILER=aarch64-linux-gnu-gcc \
        -DCMAKE_EXE_LINKER_FLAGS=-static &&
        VERDANT_TEST_HOST=emulator qemu-aarch64-static -L /usr/aarch64-linux-gnu "$test" ;;
    *) echo "unknown variant: $1" >&2; return 1 ;;
  esac
}

check_tools
failed=
mkdir -p build-cpp
for variant in $variants; do
  echo "== C++ tests: $variant"
  run_variant "$variant" >"build-cpp/$variant.log" 2>&1 && tail -n 3 "build-cpp/$variant.log" || {
    cat "build-cpp/$variant.log"
    echo "== FAILED: $variant (build-cpp/$variant.log)" >&2
    failed="$failed $variant"
  }
done
[ -z "$failed" ] || { echo "C++ tests failed in:$failed" >&2; exit 1; }
echo "C++ tests passed in: $variants"
