# Installs the library, its headers, the models and the CMake package that find_package(cugamma) reads.
include(CMakePackageConfigHelpers)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/cugamma)

install(TARGETS cugamma cugamma_core EXPORT cugammaTargets)
install(DIRECTORY include/cugamma DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(DIRECTORY models/ DESTINATION ${CMAKE_INSTALL_DATADIR}/cugamma/models)
install(DIRECTORY accelerators/ DESTINATION ${CMAKE_INSTALL_DATADIR}/cugamma/accelerators)
install(DIRECTORY constraints/ DESTINATION ${CMAKE_INSTALL_DATADIR}/cugamma/constraints)
install(EXPORT cugammaTargets NAMESPACE cugamma:: DESTINATION ${package_dir})

configure_package_config_file(cmake/cugammaConfig.cmake.in ${PROJECT_BINARY_DIR}/cugammaConfig.cmake
                              INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/cugammaConfigVersion.cmake
                                 COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/cugammaConfig.cmake ${PROJECT_BINARY_DIR}/cugammaConfigVersion.cmake
        DESTINATION ${package_dir})

install(FILES LICENSE README.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES completion/cugamma.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions
        RENAME cugamma)

# Man pages from what the programs print for --help.
if(NOT CMAKE_CROSSCOMPILING)
  set(man_dir ${PROJECT_BINARY_DIR}/man/man1)
  add_custom_command(
    OUTPUT ${man_dir}/cugamma.1
    COMMAND ${CMAKE_COMMAND} -D PROGRAM=$<TARGET_FILE:cugamma_cli>
            -D MAESTRO=$<TARGET_FILE:cugamma_maestro>
            -D TIMELOOP_MODEL=$<TARGET_FILE:cugamma_timeloop_model> -D FOLDER=${man_dir} -D VERSION=${PROJECT_VERSION}
            -P ${PROJECT_SOURCE_DIR}/cmake/man_pages.cmake
    DEPENDS cugamma_cli cugamma_maestro cugamma_timeloop_model ${PROJECT_SOURCE_DIR}/cmake/man_pages.cmake
    VERBATIM)
  add_custom_target(man_pages ALL DEPENDS ${man_dir}/cugamma.1)
  install(DIRECTORY ${man_dir} DESTINATION ${CMAKE_INSTALL_MANDIR})
endif()

set(CPACK_GENERATOR TGZ DEB)
set(CPACK_PACKAGE_NAME cugamma)
set(CPACK_PACKAGE_CONTACT "cuGAMMA maintainers <maintainers@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "${PROJECT_DESCRIPTION}")
set(CPACK_RESOURCE_FILE_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)
set(CPACK_INSTALL_CMAKE_PROJECTS "${PROJECT_BINARY_DIR};cugamma;Unspecified;/")
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
include(CPack)
