# llama-cpp-python forces llama.cpp's helper library on; the bindings never open it, and it is a third of the build.
# A plain variable goes before the forced cache entry (CMake policies CMP0126 and CMP0077).
set(LLAMA_BUILD_COMMON OFF)
