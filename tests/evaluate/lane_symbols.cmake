# Fails if an object made for one instruction set defines a symbol that the linker may share with another
# file: a processor without that instruction set could then be given it. Run with -DOBJECTS=a;b -DNM=nm.
foreach(object IN LISTS OBJECTS)
  execute_process(COMMAND ${NM} --demangle --defined-only ${object} OUTPUT_VARIABLE symbols
                  COMMAND_ERROR_IS_FATAL ANY)
  if(NOT symbols MATCHES "lanes_|breeding_")
    message(FATAL_ERROR "${object}: no lanes in it")
  endif()
  string(REGEX MATCHALL "[^\n]* [WVu] [^\n]*" shared "${symbols}")
  if(shared)
    message(FATAL_ERROR "${object} defines shared symbols:\n${shared}")
  endif()
endforeach()
