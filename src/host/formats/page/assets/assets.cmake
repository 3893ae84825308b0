# The report's style sheet and script become strings of the library.
set(assets ${CMAKE_CURRENT_LIST_DIR})
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${assets}/report.css
                                       ${assets}/report.js)
file(READ ${assets}/report.css CUGAMMA_REPORT_CSS)
file(READ ${assets}/report.js CUGAMMA_REPORT_JS)
configure_file(${assets}/assets.cpp.in ${CMAKE_CURRENT_BINARY_DIR}/report_assets.cpp @ONLY)
target_sources(cugamma_formats PRIVATE ${CMAKE_CURRENT_BINARY_DIR}/report_assets.cpp)
