# Finds pagmo2 when CUGAMMA_PAGMO asks for it and the machine has it; sets CUGAMMA_HAVE_PAGMO.
set(CUGAMMA_HAVE_PAGMO OFF)

if(NOT CUGAMMA_PAGMO STREQUAL OFF)
  find_package(Pagmo QUIET)
  if(Pagmo_FOUND)
    set(CUGAMMA_HAVE_PAGMO ON)
  elseif(CUGAMMA_PAGMO STREQUAL ON)
    message(FATAL_ERROR "CUGAMMA_PAGMO=ON, but pagmo2 was not found (Debian package libpagmo-dev)")
  else()
    message(STATUS "No pagmo2: building without its search algorithms")
  endif()
endif()
