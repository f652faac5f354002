#pragma once
// Which Python an environment is to be made of: what the command line says, else a `.python-version`, and what the
// project requires.

#include <filesystem>
#include <string>

#include "base/result.h"
#include "ops/session/session.h"
#include "pep/specifier.h"
#include "venv/environment.h"
#include "venv/interpreter/interpreter.h"

namespace pkg::ops {

struct PythonWish {
  std::string request;  // as venv::find_interpreter() takes it; empty: any
  std::string said_by;  // for messages: "--python", "`/p/.python-version`"
  bool is_of_file = false;
  bool is_habit = false;  // the user's own file: does not count where it does not fit
};

// `python`: of the command line. A `.python-version` counts from `start` up to `root` (empty: every folder above).
// bad_data: the file names no Python.
Result<PythonWish> python_wish(const std::string& python, const std::filesystem::path& start,
                               const std::filesystem::path& root, Session& session);

// The interpreter for a new environment, installed where it is not here (ops/pythons/pythons.h) and `may_install`.
// not_found: there is none · conflict: the one that is wished for is outside `requires_python`.
Result<venv::Interpreter> interpreter_for_new(const PythonWish& wish, const pep::SpecifierSet& requires_python,
                                              Session& session, bool may_install = true);

// Why `environment` is not one of what is wished for and required, as the end of a sentence: "has Python 3.11.7, and
// --python asks for 3.12". Empty: it is one. An environment whose interpreter is gone is none.
Result<std::string> why_unfit(const venv::Environment& environment, const PythonWish& wish,
                              const pep::SpecifierSet& requires_python, Session& session);

}  // namespace pkg::ops
