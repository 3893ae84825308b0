# Installs the library, its headers, the models and the CMake package that find_package(cugamma) reads.
include(CMakePackageConfigHelpers)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/cugamma)

install(TARGETS cugamma cugamma_core EXPORT cugammaTargets)
install(DIRECTORY include/cugamma DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(DIRECTORY models/ DESTINATION ${CMAKE_INSTALL_DATADIR}/cugamma/models)
install(DIRECTORY constraints/ DESTINATION ${CMAKE_INSTALL_DATADIR}/cugamma/constraints)
install(EXPORT cugammaTargets NAMESPACE cugamma:: DESTINATION ${package_dir})

configure_package_config_file(cmake/cugammaConfig.cmake.in ${PROJECT_BINARY_DIR}/cugammaConfig.cmake
                              INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/cugammaConfigVersion.cmake
                                 COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/cugammaConfig.cmake ${PROJECT_BINARY_DIR}/cugammaConfigVersion.cmake
        DESTINATION ${package_dir})
