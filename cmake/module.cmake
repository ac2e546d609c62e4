# godwit_module(NAME [DEPS module...] [LIBS target...])
#
# One folder of src/ is one static library, godwit_<name>, of all its .cc files. DEPS are the modules
# it may include from: the link dependencies here and the includes in the code are held to the same
# table (scripts/check-modules). A module has a precompiled header of its
# own where cmake/pch_<name>.h is there.
function(godwit_module name)
  cmake_parse_arguments(M "" "" "DEPS;LIBS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS *.cc */*.cc)
  list(FILTER sources EXCLUDE REGEX "/main\\.cc$")
  if(sources)
    add_library(godwit_${name} STATIC ${sources})
    set(scope PUBLIC)
    godwit_options(godwit_${name})
    godwit_batches(godwit_${name})
    if(EXISTS "${CMAKE_SOURCE_DIR}/cmake/pch_${name}.h")
      target_precompile_headers(godwit_${name} PRIVATE "${CMAKE_SOURCE_DIR}/cmake/pch_${name}.h")
    elseif(name STREQUAL "base")
      target_precompile_headers(godwit_base PRIVATE "${CMAKE_SOURCE_DIR}/cmake/pch.h")
    else()
      target_precompile_headers(godwit_${name} REUSE_FROM godwit_base)
    endif()
  else()
    add_library(godwit_${name} INTERFACE)
    set(scope INTERFACE)
  endif()
  target_include_directories(godwit_${name} ${scope} "${CMAKE_SOURCE_DIR}/src")
  list(TRANSFORM M_DEPS PREPEND godwit_)
  target_link_libraries(godwit_${name} ${scope} ${M_DEPS} ${M_LIBS})
endfunction()

# With GODWIT_UNITY, the target's sources are compiled several at a time, those that do not get into
# each other's way: a build from nothing takes half as long, the next one after a change longer.
function(godwit_batches target)
  if(NOT GODWIT_UNITY)
    return()
  endif()
  get_target_property(sources ${target} SOURCES)
  execute_process(
    COMMAND "${Python3_EXECUTABLE}" "${CMAKE_SOURCE_DIR}/cmake/unity_batches.py" ${GODWIT_UNITY_LINES} ${sources}
    WORKING_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}"
    OUTPUT_VARIABLE numbers OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
  foreach(source number IN ZIP_LISTS sources numbers)
    set_property(SOURCE ${source} PROPERTY UNITY_GROUP ${target}_${number})
  endforeach()
  set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # Says so of what is in an unnamed namespace of any file but the one that is compiled.
    target_compile_options(${target} PRIVATE -Wno-subobject-linkage)
  endif()
endfunction()

function(godwit_options target)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wnon-virtual-dtor
    -Wno-missing-field-initializers)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(${target} PRIVATE -Wshadow=local
      # GCC 12 sees ghosts in std::optional and std::string once it inlines.
      -Wno-array-bounds -Wno-maybe-uninitialized -Wno-restrict -Wno-stringop-overflow)
  endif()
  if(GODWIT_WERROR)
    target_compile_options(${target} PRIVATE -Werror)
  endif()
  if(GODWIT_SANITIZE)
    target_compile_options(${target} PUBLIC -fsanitize=${GODWIT_SANITIZE} -fno-omit-frame-pointer
      -fno-sanitize-recover=all)
    target_link_options(${target} PUBLIC -fsanitize=${GODWIT_SANITIZE})
  endif()
endfunction()
