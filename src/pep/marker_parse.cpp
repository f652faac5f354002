// Marker texts to nodes (PEP 508 grammar): one pass, open parentheses on a stack of our own.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/text.h"
#include "pep/marker.h"
#include "pep/parse_failure.h"

namespace pkg::pep {

namespace {

constexpr std::size_t kMaxDepth = 64;

struct VariableName {
  std::string_view text;
  MarkerVariable variable;
};

// In the order of frequency in real metadata. Names with dots and `python_implementation` are from PEP 345.
constexpr VariableName kVariables[] = {
    {"extra", MarkerVariable::extra},
    {"python_version", MarkerVariable::python_version},
    {"sys_platform", MarkerVariable::sys_platform},
    {"platform_system", MarkerVariable::platform_system},
    {"python_full_version", MarkerVariable::python_full_version},
    {"platform_python_implementation", MarkerVariable::platform_python_implementation},
    {"platform_machine", MarkerVariable::platform_machine},
    {"os_name", MarkerVariable::os_name},
    {"implementation_name", MarkerVariable::implementation_name},
    {"implementation_version", MarkerVariable::implementation_version},
    {"platform_release", MarkerVariable::platform_release},
    {"platform_version", MarkerVariable::platform_version},
    {"extras", MarkerVariable::extras},
    {"dependency_groups", MarkerVariable::dependency_groups},
    {"variant_namespaces", MarkerVariable::variant_namespaces},
    {"variant_features", MarkerVariable::variant_features},
    {"variant_properties", MarkerVariable::variant_properties},
    {"variant_label", MarkerVariable::variant_label},
    {"os.name", MarkerVariable::os_name},
    {"sys.platform", MarkerVariable::sys_platform},
    {"platform.version", MarkerVariable::platform_version},
    {"platform.machine", MarkerVariable::platform_machine},
    {"platform.python_implementation", MarkerVariable::platform_python_implementation},
    {"python_implementation", MarkerVariable::platform_python_implementation},
};

struct OperatorText {
  std::string_view text;
  MarkerOperator op;
};
constexpr OperatorText kOperators[] = {
    {"===", MarkerOperator::arbitrary}, {"==", MarkerOperator::equal},         {"!=", MarkerOperator::not_equal},
    {"<=", MarkerOperator::less_equal}, {">=", MarkerOperator::greater_equal}, {"~=", MarkerOperator::compatible},
    {"<", MarkerOperator::less},        {">", MarkerOperator::greater},
};

bool is_word(char c) { return is_ascii_alnum(c) || c == '_'; }

bool is_name_valued(MarkerVariable variable) {
  return variable == MarkerVariable::extra || variable == MarkerVariable::extras ||
         variable == MarkerVariable::dependency_groups;
}

struct Operand {
  bool is_variable = false;
  MarkerVariable variable = MarkerVariable::os_name;
  std::string_view literal;
};

class Parser {
 public:
  Parser(std::string_view text, ParseFailure& failure) : text_(text), failure_(failure) {}

  bool parse(std::vector<MarkerNode>& nodes) { return parse_single(nodes) || parse_all(nodes); }

 private:
  // The usual marker is one comparison: no need for a stack.
  bool parse_single(std::vector<MarkerNode>& nodes) {
    MarkerNode node;
    const bool single = take_atom(node.atom) && at_end();
    at_ = 0;
    if (single) nodes.push_back(std::move(node));
    return single;
  }

  bool parse_all(std::vector<MarkerNode>& nodes) {
    MarkerNode node;
    std::vector<Group> open(1);
    for (;;) {
      skip_spaces();
      if (at_ < text_.size() && text_[at_] == '(') {
        if (open.size() > kMaxDepth) return fail("parentheses are nested too deeply");
        ++at_;
        open.emplace_back();
        continue;
      }
      if (!take_atom(node.atom)) return false;
      nodes.push_back(std::move(node));
      node = MarkerNode();
      open.back().conjuncts.push_back(last(nodes));
      while (take_closing(open.size())) {
        const std::uint32_t closed = close(open.back(), nodes);
        nodes[closed].parenthesized = nodes[closed].kind != MarkerNode::Kind::atom;
        open.pop_back();
        open.back().conjuncts.push_back(closed);
      }
      if (take_word("and")) continue;
      if (take_word("or")) {
        finish_conjunction(open.back(), nodes);
        continue;
      }
      if (open.size() > 1) return fail("expected `and`, `or` or `)`");
      if (at_ != text_.size()) return fail("expected `and`, `or` or the end");
      close(open.back(), nodes);
      return true;
    }
  }

  // An open parenthesis, or the whole: finished conjunctions, and the members of the one being read.
  struct Group {
    std::vector<std::uint32_t> alternatives, conjuncts;
  };

  static std::uint32_t last(const std::vector<MarkerNode>& nodes) {
    return static_cast<std::uint32_t>(nodes.size() - 1);
  }

  static std::uint32_t combine(MarkerNode::Kind kind, std::vector<std::uint32_t> children,
                               std::vector<MarkerNode>& nodes) {
    if (children.size() == 1) return children.front();
    MarkerNode node;
    node.kind = kind;
    node.children = std::move(children);
    nodes.push_back(std::move(node));
    return last(nodes);
  }

  static void finish_conjunction(Group& group, std::vector<MarkerNode>& nodes) {
    group.alternatives.push_back(combine(MarkerNode::Kind::all, std::exchange(group.conjuncts, {}), nodes));
  }

  static std::uint32_t close(Group& group, std::vector<MarkerNode>& nodes) {
    finish_conjunction(group, nodes);
    return combine(MarkerNode::Kind::any, std::move(group.alternatives), nodes);
  }

  bool fail(std::string_view message) {
    failure_ = {at_, std::string(message)};
    return false;
  }

  void skip_spaces() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t')) ++at_;
  }

  bool at_end() {
    skip_spaces();
    return at_ == text_.size();
  }

  bool take_closing(std::size_t open) {
    skip_spaces();
    if (open == 1 || at_ == text_.size() || text_[at_] != ')') return false;
    ++at_;
    return true;
  }

  bool take_word(std::string_view word) {
    skip_spaces();
    const std::string_view rest = text_.substr(at_);
    if (!rest.starts_with(word) || (rest.size() > word.size() && is_word(rest[word.size()]))) return false;
    at_ += word.size();
    return true;
  }

  bool fail_at_word(std::string_view word) {
    if (word.empty()) return fail("expected a variable such as `python_version`, or a quoted text");
    std::vector<std::string> names;
    for (const auto& variable : kVariables) names.emplace_back(variable.text);
    if (const auto near = nearest(word, names))
      return fail(cat("there is no variable ", quote(word), ", did you mean ", quote(*near), "?"));
    return fail(cat("there is no variable ", quote(word), ", and a text stands in quotes: \"", word, "\""));
  }

  bool take_operand(Operand& operand) {
    skip_spaces();
    if (at_ == text_.size()) return fail("expected a variable or a quoted text");
    if (text_[at_] == '"' || text_[at_] == '\'') {
      const std::size_t end = text_.find(text_[at_], at_ + 1);
      if (end == std::string_view::npos) return fail("this quote is not closed");
      if (text_.substr(at_, end - at_).find_first_of("\r\n") != std::string_view::npos)
        return fail("a quoted text may not span lines");
      operand = {.is_variable = false, .literal = text_.substr(at_ + 1, end - at_ - 1)};
      at_ = end + 1;
      return true;
    }
    std::size_t end = at_;
    while (end < text_.size() && (is_word(text_[end]) || text_[end] == '.')) ++end;
    const std::string_view word = text_.substr(at_, end - at_);
    for (const auto& [name, variable] : kVariables) {
      if (word == name) {
        operand = {.is_variable = true, .variable = variable, .literal = {}};
        at_ = end;
        return true;
      }
    }
    return fail_at_word(word);
  }

  bool take_operator(MarkerOperator& op) {
    skip_spaces();
    for (const auto& [text, value] : kOperators) {
      if (text_.substr(at_).starts_with(text)) {
        op = value;
        at_ += text.size();
        return true;
      }
    }
    if (take_word("in")) {
      op = MarkerOperator::in;
      return true;
    }
    if (take_word("not")) {
      if (!take_word("in")) return fail("expected `in` after `not`");
      op = MarkerOperator::not_in;
      return true;
    }
    return fail("expected a comparison: `==`, `!=`, `<=`, `>=`, `<`, `>`, `~=`, `===`, `in` or `not in`");
  }

  bool take_atom(MarkerAtom& atom) {
    Operand left, right;
    if (!take_operand(left) || !take_operator(atom.op) || !take_operand(right)) return false;
    if (!left.is_variable && !right.is_variable) {
      atom.sides = MarkerAtom::Sides::two_literals;
      atom.literal = cat(left.literal, right.literal);
      atom.split = static_cast<std::uint32_t>(left.literal.size());
      return true;
    }
    atom.reversed = !left.is_variable;
    atom.variable = atom.reversed ? right.variable : left.variable;
    if (left.is_variable && right.is_variable) {
      atom.sides = MarkerAtom::Sides::two_variables;
      atom.literal = to_string(right.variable);
      return true;
    }
    const std::string_view literal = atom.reversed ? left.literal : right.literal;
    atom.literal = is_name_valued(atom.variable) ? normalize_name(literal) : std::string(literal);
    return true;
  }

  std::string_view text_;
  ParseFailure& failure_;
  std::size_t at_ = 0;
};

}  // namespace

std::optional<Marker> Marker::try_parse(std::string_view text, ParseFailure& failure) {
  std::vector<MarkerNode> nodes;
  if (!Parser(text, failure).parse(nodes)) return std::nullopt;
  return from_nodes(std::move(nodes));
}

Result<Marker> Marker::parse(std::string_view text) {
  ParseFailure failure;
  if (auto marker = try_parse(text, failure)) return std::move(*marker);
  return to_error(failure, "an environment marker", text);
}

}  // namespace pkg::pep
