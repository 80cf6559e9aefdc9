# Warnings, hardening, sanitizers and linking, as one interface target that every target of ours links.
add_library(ocelot_options INTERFACE)

target_compile_options(ocelot_options INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wshadow
  $<$<COMPILE_LANGUAGE:CXX>:-Wnon-virtual-dtor>
  -Wno-missing-field-initializers  # designated initializers leave the rest at its default on purpose
  -fstack-protector-strong -fPIE)
target_compile_definitions(ocelot_options INTERFACE
  _GNU_SOURCE
  $<$<CONFIG:Release>:_FORTIFY_SOURCE=2>
  $<$<CONFIG:Debug>:_GLIBCXX_ASSERTIONS>)
target_include_directories(ocelot_options INTERFACE ${PROJECT_SOURCE_DIR})

if(OCELOT_WERROR)
  target_compile_options(ocelot_options INTERFACE -Werror)
endif()

if(OCELOT_SANITIZE)
  target_compile_options(ocelot_options INTERFACE
    -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer)
  target_link_options(ocelot_options INTERFACE -fsanitize=address,undefined)
endif()

target_compile_options(ocelot_options INTERFACE $<$<CONFIG:Release>:-ffunction-sections;-fdata-sections>)
target_link_options(ocelot_options INTERFACE
  $<$<CONFIG:Release>:-Wl,--gc-sections> -Wl,-z,relro,-z,now -Wl,-z,noexecstack)

# What most files of a target include, and MORE..., is compiled once. A file includes what it needs all the same: a build with
# CMAKE_DISABLE_PRECOMPILE_HEADERS shows one that does not. A compiler cache finds more without.
function(ocelot_precompile target)
  if(NOT CCACHE)
    target_precompile_headers(${target} PRIVATE
      <algorithm> <chrono> <functional> <map> <memory> <optional> <span> <string> <vector> <fmt/core.h> ${ARGN})
  endif()
endfunction()

# A program linked as static-pie: no dynamic linker at start-up (see contrib/design/linking.md).
function(ocelot_program target)
  target_link_libraries(${target} PRIVATE ocelot_options)
  if(OCELOT_STATIC AND NOT OCELOT_SANITIZE)
    target_link_options(${target} PRIVATE -static-pie)
  else()
    target_link_options(${target} PRIVATE -pie)
  endif()
endfunction()

# libseccomp and libcap as archives where the programs are static: pkg-config alone would name the shared ones.
foreach(library seccomp cap)
  add_library(ocelot_lib${library} INTERFACE)
  if(OCELOT_STATIC AND NOT OCELOT_SANITIZE)
    target_link_libraries(ocelot_lib${library} INTERFACE -l:lib${library}.a)
  else()
    target_link_libraries(ocelot_lib${library} INTERFACE ${library})
  endif()
endforeach()
