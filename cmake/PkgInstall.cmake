# What `cmake --install` puts where: the program under its three names (pkgx is `pkg tool run`), manual pages and
# completions (written by the program, scripts/packaging/manual.py), documents, licences. And the .deb: `cpack -G DEB`.
include(GNUInstallDirs)
set(PKG_RUNNABLE "" CACHE FILEPATH "A pkg of this version that runs here, where the built one does not")
set(PKG_LICENCES "" CACHE PATH "Folder with the licences of the libraries that are linked in")

set(PKG_CONTACT "pkg developers <pkg@pkgpy.invalid>")
install(TARGETS pkg)
install(CODE "
  file(REMOVE_RECURSE \"${CMAKE_BINARY_DIR}/share\")  # pages of an earlier version
  file(CREATE_LINK pkg \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_BINDIR}/pkgpy\" SYMBOLIC)
  file(CREATE_LINK pkg \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_BINDIR}/pkgx\" SYMBOLIC)")

find_program(PKG_PYTHON3 python3 REQUIRED)
set(program "$<TARGET_FILE:pkg>")
if(PKG_RUNNABLE)
  set(program "${PKG_RUNNABLE}")
endif()
install(CODE "
  execute_process(COMMAND \"${PKG_PYTHON3}\" \"${CMAKE_SOURCE_DIR}/scripts/packaging/manual.py\" \"${program}\"
    \"${CMAKE_BINARY_DIR}/share\" COMMAND_ERROR_IS_FATAL ANY)")
install(DIRECTORY "${CMAKE_BINARY_DIR}/share/" DESTINATION "${CMAKE_INSTALL_DATADIR}")

set(documents "${CMAKE_INSTALL_DATADIR}/doc/pkgpy")
install(FILES README.md LICENSE LICENSE-APACHE LICENSE-MIT DESTINATION "${documents}")
install(FILES scripts/packaging/copyright DESTINATION "${documents}")
install(DIRECTORY docs/ DESTINATION "${documents}/docs" FILES_MATCHING PATTERN "*.md")
if(PKG_LICENCES)
  install(DIRECTORY "${PKG_LICENCES}/" DESTINATION "${documents}/licences")
endif()
install(CODE "
  set(documents \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${documents}\")
  # As Debian's tools read it; what changed is in CHANGELOG.md beside it. The time is SOURCE_DATE_EPOCH where it is set.
  string(TIMESTAMP day \"%a, %d %b %Y %H:%M:%S +0000\" UTC)
  string(CONCAT entry \"pkgpy (${PROJECT_VERSION}) unstable; urgency=medium\n\n\" \"  * What changed: CHANGELOG.md\n\n\"
    \" -- ${PKG_CONTACT}  \${day}\n\")
  file(WRITE \"\${documents}/changelog\" \"\${entry}\")
  execute_process(COMMAND gzip -9nf \"\${documents}/changelog\" COMMAND_ERROR_IS_FATAL ANY)")
install(FILES CHANGELOG.md DESTINATION "${documents}")

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME pkgpy)
set(CPACK_PACKAGE_CONTACT "${PKG_CONTACT}")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "Python package manager and dependency resolver")
set(CPACK_PACKAGE_DESCRIPTION "Does what pip, venv and a lock tool do together, in one program: installs
wheels and sources in transactions, resolves with PubGrub, locks projects for
every platform in the standard lock format, and runs what they need.")
set(CPACK_PACKAGE_DIRECTORY "${CMAKE_BINARY_DIR}")
set(CPACK_STRIP_FILES ON)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION python)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
# What it is linked with is found by dpkg-shlibdeps; what it opens on use (docs/internals/decisions/0001) is named here.
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS "libcurl4 (>= 7.85), libarchive13 (>= 3.6), libzstd1 (>= 1.5), ca-certificates")
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "python3")
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
include(CPack)
