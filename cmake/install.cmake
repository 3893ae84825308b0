# Installs the programs, the library, its headers, what is known by name, and the CMake package that
# find_package(cugamma) reads; each in the component of its package (cmake/packages.cmake).
include(CMakePackageConfigHelpers)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/cugamma)

install(TARGETS cugamma cugamma_core EXPORT cugammaTargets
        LIBRARY COMPONENT library NAMELINK_COMPONENT development
        ARCHIVE COMPONENT development)
install(DIRECTORY include/cugamma DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT development)
foreach(folder models accelerators constraints)
  install(DIRECTORY ${folder}/ DESTINATION ${CMAKE_INSTALL_DATADIR}/cugamma/${folder}
          COMPONENT library)
endforeach()
install(EXPORT cugammaTargets NAMESPACE cugamma:: DESTINATION ${package_dir} COMPONENT development)

get_target_property(CUGAMMA_LIBRARY_TYPE cugamma TYPE)
configure_package_config_file(cmake/cugammaConfig.cmake.in ${PROJECT_BINARY_DIR}/cugammaConfig.cmake
                              INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/cugammaConfigVersion.cmake
                                 COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/cugammaConfig.cmake ${PROJECT_BINARY_DIR}/cugammaConfigVersion.cmake
        DESTINATION ${package_dir} COMPONENT development)

install(FILES LICENSE README.md CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT program)
install(FILES completion/cugamma.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions
        RENAME cugamma COMPONENT program)

# Man pages from what the programs print for --help.
if(NOT CMAKE_CROSSCOMPILING)
  file(GLOB man_texts CONFIGURE_DEPENDS man/*.examples man/*.files)
  set(man_dir ${PROJECT_BINARY_DIR}/man/man1)
  add_custom_command(
    OUTPUT ${man_dir}/cugamma.1
    COMMAND ${CMAKE_COMMAND} -D PROGRAM=$<TARGET_FILE:cugamma_cli>
            -D MAESTRO=$<TARGET_FILE:cugamma_maestro>
            -D TIMELOOP_MODEL=$<TARGET_FILE:cugamma_timeloop_model>
            -D TIMELOOP_MAPPER=$<TARGET_FILE:cugamma_timeloop_mapper> -D FOLDER=${man_dir} -D VERSION=${PROJECT_VERSION}
            -D TEXTS=${PROJECT_SOURCE_DIR}/man -P ${PROJECT_SOURCE_DIR}/cmake/man_pages.cmake
    DEPENDS cugamma_cli cugamma_maestro cugamma_timeloop_mapper cugamma_timeloop_model
            ${PROJECT_SOURCE_DIR}/cmake/man_pages.cmake
            ${man_texts}
    VERBATIM)
  add_custom_target(man_pages ALL DEPENDS ${man_dir}/cugamma.1)
  install(DIRECTORY ${man_dir} DESTINATION ${CMAKE_INSTALL_MANDIR} COMPONENT program)
endif()
