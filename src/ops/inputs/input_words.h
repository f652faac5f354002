#pragma once
// One word that names a distribution — a requirement, a path, a URL, an editable — read as pip reads it
// (docs/reference/requirements-files.md#words).

#include <filesystem>
#include <string>
#include <variant>

#include "base/origin.h"
#include "base/result.h"
#include "ops/inputs/inputs.h"

namespace pkg::ops {

// Where relative paths of a word begin.
struct WordPlace {
  std::filesystem::path folder;  // the working folder, as for pip
  std::filesystem::path
      beside;  // looked into when nothing is there: the folder of the requirements file. May be empty.
  Origin origin;
};

enum class WordForm { plain, editable };

using Input = std::variant<pep::Requirement, UnnamedInput>;

// A Requirement where the text, the file's name or a file of the folder says the project's name, else an UnnamedInput.
// URLs are absolute;
// "#egg=" is read and dropped. Errors name the origin: not_found for a path with nothing there; bad_data; unsupported;
// usage: what cannot be editable.
Result<Input> input_from_word(const std::string& word, const WordPlace& place, WordForm form = WordForm::plain);

// `error` with where its input was asked for: "asked for by requirements.txt:3". Of the command line it is `error` as
// it is: its words are in front of the user.
Error asked_for_by(const Origin& origin, Error error);

// Whether a word looks like the name of a file with requirements or a lock: "requirements.txt".
bool looks_like_requirements_file(std::string_view word);

// The URL of a `name @ url` as sources take it: relative paths and "file:" made absolute, without "#egg=".
// not_found: a path with nothing there · bad_data · unsupported.
Result<std::string> absolute_source(const std::string& url, const WordPlace& place);

// The one form of a source's URL, so that the same source always has the same text: "file://localhost/x" is
// "file:///x", "#egg=" is dropped. What is no source URL stays as it is.
std::string canonical_source(const std::string& url);

}  // namespace pkg::ops
