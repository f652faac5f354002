#include "cli/output/render_error.h"

#include "base/text.h"
#include "cli/output/shortened.h"

namespace pkg::cli {

int exit_code(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::usage:
      return 2;
    case ErrorKind::interrupted:
      return 130;
    default:
      return 1;
  }
}

Text render_error(const Error& error) {
  Text text(styled("error:", Style::red, Stream::err), " ", shortened(error.message), "\n");
  for (const auto& line : error.context) {
    for (const auto piece : split_lines(line)) append(text, "  ", shortened(piece), "\n");
  }
  for (const auto line : split_lines(error.hint))
    append(text, styled("hint:", Style::cyan, Stream::err), " ", shortened(line), "\n");
  return text;
}

}  // namespace pkg::cli
