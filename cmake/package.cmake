# What is installed, and the Debian package of it: `cpack -G DEB` in the build folder, or
# scripts/package. Its dependencies are those of the libraries that the binary is linked with.
include(GNUInstallDirs)
set(doc ${CMAKE_INSTALL_DATAROOTDIR}/doc/godwit)
install(TARGETS godwit RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(FILES deploy/systemd/godwit-master.service deploy/systemd/godwit-worker@.service
  DESTINATION lib/systemd/system)
install(FILES deploy/debian/master.yaml deploy/debian/worker.yaml DESTINATION /etc/godwit)
install(FILES README.md CHANGELOG.md deploy/debian/copyright DESTINATION ${doc})
install(DIRECTORY docs DESTINATION ${doc})
install(DIRECTORY deploy/example DESTINATION ${doc}/deploy USE_SOURCE_PERMISSIONS)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME godwit)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
  OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_MAINTAINER "The Godwit authors <godwit@localhost>")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION "live migration of databases
Godwit re-creates the schema of a database on another server, copies the data and follows every
change until one cuts over, exactly once and with no lock on the source, between MariaDB, MySQL and
PostgreSQL; on its own or as a cluster of masters and workers.")
set(CPACK_DEBIAN_PACKAGE_SECTION database)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS "passwd")  # its useradd makes the units' user
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "etcd-server")
set(scripts ${CMAKE_CURRENT_SOURCE_DIR}/deploy/debian)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA
  ${scripts}/conffiles ${scripts}/postinst ${scripts}/prerm ${scripts}/postrm)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
include(CPack)
