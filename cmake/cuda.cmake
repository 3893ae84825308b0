# Enables CUDA when CUGAMMA_CUDA asks for it and the machine has it; sets CUGAMMA_HAVE_CUDA.
include(CheckLanguage)
set(CUGAMMA_HAVE_CUDA OFF)
set(usual_architectures release)

# NATIVE: for the GPU of this machine alone, and without CUDA where there is none.
if(CUGAMMA_CUDA STREQUAL NATIVE)
  set(usual_architectures native)
  execute_process(COMMAND nvidia-smi --list-gpus RESULT_VARIABLE no_gpu OUTPUT_QUIET ERROR_QUIET)
endif()

# The real architectures that the compiler lists, and PTX of the newest for what comes after it.
function(cugamma_release_architectures result)
  execute_process(COMMAND ${CMAKE_CUDA_COMPILER} --list-gpu-arch
                  OUTPUT_VARIABLE listed OUTPUT_STRIP_TRAILING_WHITESPACE)
  string(REGEX MATCHALL "[0-9]+" numbers "${listed}")
  list(SORT numbers COMPARE NATURAL)
  list(GET numbers -1 newest)
  list(TRANSFORM numbers APPEND "-real")
  set(${result} ${numbers} ${newest}-virtual PARENT_SCOPE)
endfunction()

if(no_gpu)
  message(STATUS "No GPU here: building without the CUDA back end")
elseif(NOT CUGAMMA_CUDA STREQUAL OFF)
  check_language(CUDA)
  if(CMAKE_CUDA_COMPILER)
    set(CUGAMMA_HAVE_CUDA ON)
  elseif(CUGAMMA_CUDA STREQUAL ON)
    message(FATAL_ERROR "CUGAMMA_CUDA=ON, but no CUDA compiler was found (set CMAKE_CUDA_COMPILER)")
  else()
    message(STATUS "No CUDA compiler: building without the CUDA back end")
  endif()
endif()

if(CUGAMMA_HAVE_CUDA)
  set(CUGAMMA_CUDA_ARCHITECTURES ${usual_architectures}
      CACHE STRING "release (all the compiler knows), native, or a list such as 90;120-virtual")
  cugamma_release_architectures(CUGAMMA_RELEASE_ARCHITECTURES)
  if(CUGAMMA_CUDA_ARCHITECTURES STREQUAL release)
    set(CMAKE_CUDA_ARCHITECTURES ${CUGAMMA_RELEASE_ARCHITECTURES})
  else()
    set(CMAKE_CUDA_ARCHITECTURES ${CUGAMMA_CUDA_ARCHITECTURES})
  endif()
  message(STATUS "CUDA architectures: ${CMAKE_CUDA_ARCHITECTURES}")
  # CMake 3.25 does not know this switch for nvcc.
  set(CMAKE_CUDA20_STANDARD_COMPILE_OPTION "-std=c++20")
  set(CMAKE_CUDA20_EXTENSION_COMPILE_OPTION "-std=c++20")
  enable_language(CUDA)
  set(CMAKE_CUDA_STANDARD 20)
  set(CMAKE_CUDA_STANDARD_REQUIRED ON)
  find_package(CUDAToolkit REQUIRED)
endif()
