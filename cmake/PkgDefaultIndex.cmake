# The index used when nothing is configured: what pip on the build machine has built in, so that no source file holds an
# address.
set(PKG_DEFAULT_INDEX_URL "" CACHE STRING "Simple API address used when no index is configured")
if(NOT PKG_DEFAULT_INDEX_URL)
  foreach(python python3 /usr/bin/python3)
    execute_process(
      COMMAND ${python} -c "from pip._internal.models.index import PyPI; print(PyPI.simple_url.rstrip('/') + '/')"
      OUTPUT_VARIABLE found OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE failed)
    if(NOT failed AND found)
      set(PKG_DEFAULT_INDEX_URL "${found}" CACHE STRING "" FORCE)
      set(PKG_DEFAULT_INDEX_ORIGIN "that of pip where pkg was built" CACHE INTERNAL "")
      break()
    endif()
  endforeach()
  if(NOT PKG_DEFAULT_INDEX_URL)
    message(WARNING "no pip found to take the default index from: this pkg needs --index-url or PIP_INDEX_URL "
      "(or configure with -DPKG_DEFAULT_INDEX_URL=...)")
  endif()
endif()
# What `pkg self version` says of it, without the address.
if(PKG_DEFAULT_INDEX_URL AND NOT PKG_DEFAULT_INDEX_ORIGIN)
  set(PKG_DEFAULT_INDEX_ORIGIN "chosen where pkg was built")
endif()

# Which Pythons `pkg python install` can install (docs/reference/python-catalog.md): the address of a catalogue, or a
# file, which is installed with pkg. Empty: users have to say it.
set(PKG_DEFAULT_PYTHON_CATALOG "" CACHE STRING "Address or file of the catalogue of Pythons")
set(PKG_BUILT_IN_PYTHON_CATALOG "${PKG_DEFAULT_PYTHON_CATALOG}")
if(PKG_DEFAULT_PYTHON_CATALOG AND EXISTS "${PKG_DEFAULT_PYTHON_CATALOG}")
  set(PKG_BUILT_IN_PYTHON_CATALOG "share/pkgpy/pythons.json")
  install(FILES "${PKG_DEFAULT_PYTHON_CATALOG}" DESTINATION share/pkgpy RENAME pythons.json)
endif()

# Where PyTorch's indexes are, for --torch-backend: the address above "cpu/". Empty: users have to say it.
set(PKG_TORCH_INDEX_URL "" CACHE STRING "Address above PyTorch's indexes")
