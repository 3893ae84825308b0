# Writes FOLDER/*.1 from what PROGRAM, each of its commands, MAESTRO and TIMELOOP_MODEL print for --help,
# and from the examples and files of each page in TEXTS.

function(help_of result)
  execute_process(COMMAND ${ARGN} --help OUTPUT_VARIABLE text COMMAND_ERROR_IS_FATAL ANY)
  set(${result} "${text}" PARENT_SCOPE)
endfunction()

# Text that troff prints as it is.
function(verbatim result text)
  string(REPLACE "\\" "\\e" text "${text}")
  string(REPLACE "-" "\\-" text "${text}")
  string(REGEX REPLACE "(^|\n)([.'])" "\\1\\\\&\\2" text "${text}")
  set(${result} "${text}" PARENT_SCOPE)
endfunction()

# The examples of a page: commands are indented, what they do stands before them.
function(examples_of result name)
  set(${result} "" PARENT_SCOPE)
  if(EXISTS ${TEXTS}/${name}.examples)
    file(READ ${TEXTS}/${name}.examples text)
    verbatim(text "${text}")
    string(REGEX REPLACE "\n([^ \n])" "\n.PP\n\\1" text "\n${text}")
    string(REGEX REPLACE "\n  ([^\n]+)" "\n.RS\n.nf\n\\1\n.fi\n.RE" text "${text}")
    set(${result} ".SH EXAMPLES${text}" PARENT_SCOPE)
  endif()
endfunction()

# The files of a page: what each is stands indented below it.
function(files_of result name)
  set(${result} "" PARENT_SCOPE)
  if(EXISTS ${TEXTS}/${name}.files)
    file(READ ${TEXTS}/${name}.files text)
    verbatim(text "${text}")
    string(REGEX REPLACE "\n([^ \n][^\n]*)\n  " "\n.TP\n.I \\1\n" text "\n${text}")
    set(${result} "${text}" PARENT_SCOPE)
  endif()
endfunction()

# man_page(name summary help see_also): one page; what the help says before its usage describes, the
# rest is printed line by line.
function(man_page name summary help see_also)
  string(TOUPPER ${name} title)
  string(REGEX MATCH "^(.*)\n[Uu]sage:(.*)$" matched "${help}")
  verbatim(about "${CMAKE_MATCH_1}")
  set(help "${CMAKE_MATCH_2}")
  verbatim(summary "${summary}")
  verbatim(help "${help}")
  verbatim(see_also "${see_also}")
  string(REPLACE "-" "\\-" shown ${name})
  examples_of(examples ${name})
  files_of(files ${name})
  file(
    WRITE ${FOLDER}/${name}.1
    ".TH ${title} 1 \"\" \"cugamma ${VERSION}\" \"User Commands\"\n.SH NAME\n${shown} \\- ${summary}\n"
    ".SH DESCRIPTION\n${about}\n.SH USAGE\n.nf\n${help}\n.fi\n${examples}"
    ".SH FILES${files}"
    "\n.TP\n.I share/cugamma/models\nthe networks that are known by name; the environment "
    "variable CUGAMMA_MODELS_DIR names another folder\n"
    ".TP\n.I share/cugamma/accelerators\nthe accelerators that are known by name; the environment "
    "variable CUGAMMA_ACCELERATORS_DIR names another folder\n"
    ".TP\n.I share/cugamma/constraints\nthe constraints that are known by name; the environment "
    "variable CUGAMMA_CONSTRAINTS_DIR names another folder\n"
    ".SH \"SEE ALSO\"\n${see_also}\n")
endfunction()

help_of(overview ${PROGRAM})
string(REGEX MATCHALL "\n  [a-z_-]+ +[^\n]+" lines "${overview}")
set(pages "cugamma(1), cugamma-maestro(1), cugamma-timeloop-mapper(1), cugamma-timeloop-model(1)")
foreach(line IN LISTS lines)
  string(REGEX MATCH "^\n  ([a-z_-]+) +(.+)$" matched "${line}")
  set(command ${CMAKE_MATCH_1})
  set(summary "${CMAKE_MATCH_2}")
  help_of(help ${PROGRAM} ${command})
  man_page(cugamma-${command} "${summary}" "${help}" "cugamma(1)")
  string(APPEND pages ", cugamma-${command}(1)")
endforeach()
help_of(help ${MAESTRO})
man_page(cugamma-maestro "MAESTRO's command line and CSV" "${help}" "cugamma(1)")
help_of(help ${TIMELOOP_MODEL})
man_page(cugamma-timeloop-model "Timeloop's figures of a mapping in its files" "${help}" "cugamma(1)")
help_of(help ${TIMELOOP_MAPPER})
man_page(cugamma-timeloop-mapper "the best mapping by Timeloop's model" "${help}" "cugamma(1)")
man_page(cugamma "mapping search for DNN accelerators" "${overview}" "${pages}")
