#pragma once
// Whether the interpreter that an environment leads to may be somebody else's program: a checkout can bring a `.venv`
// along, and a folder above the working folder can be another user's.

#include <filesystem>
#include <optional>
#include <string>

#include "venv/pyvenv_cfg.h"

namespace pkg::venv {

// Where an environment's bin/python leads.
struct InterpreterOrigin {
  PyvenvCfg cfg;
  std::filesystem::path program;  // bin/python with all links followed
  std::filesystem::path base;  // the interpreter that the environment was made from: `program`, unless that is a copy
};

// Why `base` may be a program that the user does not know of, as the end of "the environment leads to …, which";
// nullopt: nothing says so. `prefix`: the environment. Nothing is said of
//   * one that lies where pyvenv.cfg's `home` says, outside the checkout: what venv, virtualenv, uv and pkg make here;
//   * another user's interpreter in an environment of the user's own, unless everybody may write to a folder above it:
//   clusters, conda;
//   * environments in the home folder itself, in `/` or a folder of it, in /usr or pyenv's root, and the interpreters
//   below it: they are no
//     checkout.
std::optional<std::string> why_foreign(const std::filesystem::path& prefix, const InterpreterOrigin& origin);

// Whether a copy of an interpreter is (still) the program it was copied from.
bool is_same_program(const std::filesystem::path& one, const std::filesystem::path& other);

// The user of `path` itself (links are not followed), when it is neither this one nor root; nullopt: it is, or is
// not known. Under sudo the user who called it counts as this one.
std::optional<unsigned> foreign_owner(const std::filesystem::path& path);

}  // namespace pkg::venv
