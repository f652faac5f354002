#include "resolver/marker_atoms.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <set>
#include <string_view>

namespace pkg::resolver {

using pep::MarkerAtom;
using pep::MarkerOperator;
using pep::MarkerVariable;
using pep::Operator;
using pep::Specifier;
using pep::Version;

namespace {

// --- Python ----------------------------------------------------------------------------------------------------------

// Which numbers of a release a variable shows: python_version two, python_full_version three.
enum class Shown { minor, patch };

struct Numbers {
  std::uint64_t major = 0, minor = 0, patch = 0;
  bool beyond = false;  // a fourth number that is not zero
};

Numbers numbers_of(const Version& version) {
  const auto release = version.release();
  const auto at = [&](std::size_t i) { return i < release.size() ? release[i] : 0; };
  Numbers numbers{at(0), at(1), at(2)};
  for (std::size_t i = 3; i < release.size(); ++i) numbers.beyond = numbers.beyond || release[i] != 0;
  return numbers;
}

Label label_of(const Numbers& n) { return python_label(n.major, n.minor, n.patch); }

// The first released Python whose shown version lies right of the cut before (or after) `version`.
Label python_cut(const Version& version, bool after, Shown shown) {
  if (version.epoch() > 0) return MarkerDiagram::kEnd;
  Numbers n = numbers_of(version);
  const bool is_early = version.is_prerelease() && !version.is_postrelease();
  const bool is_late = n.beyond || version.is_postrelease() || version.has_local();
  if (shown == Shown::patch) {
    if (is_late || (after && !is_early)) ++n.patch;
    return label_of(n);
  }
  const bool inside = n.patch != 0 || is_late;  // between two minor versions
  if (inside || (after && !is_early)) ++n.minor;
  n.patch = 0;
  return label_of(n);
}

// The cut before the first version that starts with the same numbers, or after the last one.
Label prefix_cut(const Version& version, std::size_t segments, bool after, Shown shown) {
  auto release = version.release();
  release.resize(segments);
  if (after) ++release.back();
  return python_cut(Version::from_release(release), false, shown);
}

struct Cuts {
  Label from = 0, to = MarkerDiagram::kEnd;
};

DiagramNode python_range(MarkerDiagram& diagram, Cuts cuts) {
  const std::uint32_t variable =
      diagram.variable(Branching::python, {.variable = MarkerVariable::python_full_version, .literal = {}});
  return cuts.from == MarkerDiagram::kEnd || cuts.to == 0
             ? MarkerDiagram::kFalse
             : diagram.between(variable, cuts.from, cuts.from > 0, cuts.to);
}

DiagramNode python_node(MarkerDiagram& diagram, const Specifier& specifier, Shown shown) {
  const auto before = [&] { return python_cut(specifier.version, false, shown); };
  const auto after = [&] { return python_cut(specifier.version, true, shown); };
  const std::size_t size = specifier.version.release_size();
  switch (specifier.op) {
    case Operator::equal:
    case Operator::not_equal: {
      const Cuts cuts = specifier.wildcard ? Cuts{prefix_cut(specifier.version, size, false, shown),
                                                  prefix_cut(specifier.version, size, true, shown)}
                                           : Cuts{before(), after()};
      const DiagramNode node = python_range(diagram, cuts);
      return specifier.op == Operator::equal ? node : diagram.negation(node);
    }
    case Operator::greater_equal:
      return python_range(diagram, {before()});
    case Operator::greater:
      return python_range(diagram, {after()});
    case Operator::less_equal:
      return python_range(diagram, {0, after()});
    case Operator::less:
      return python_range(diagram, {0, before()});
    case Operator::compatible:
      return python_range(diagram,
                          {before(), prefix_cut(specifier.version, std::max<std::size_t>(size, 2) - 1, true, shown)});
    case Operator::arbitrary: {
      const auto version = Version::try_parse(specifier.text);
      const std::size_t expected = shown == Shown::minor ? 2 : 3;
      if (!version || version->release_size() != expected || version->to_string() != specifier.text)
        return MarkerDiagram::kFalse;
      return python_range(diagram, {python_cut(*version, false, shown), python_cut(*version, true, shown)});
    }
  }
  return MarkerDiagram::kFalse;
}

// `python_version in "3.9 3.10"` is a test for a substring, as the standard has it: every shown version that occurs
// somewhere in the text.
DiagramNode python_within(MarkerDiagram& diagram, std::string_view text, Shown shown) {
  const int wanted = shown == Shown::minor ? 2 : 3;
  std::set<Numbers, decltype([](const Numbers& a, const Numbers& b) { return label_of(a) < label_of(b); })> found;
  for (std::size_t start = 0; start < text.size(); ++start) {
    std::uint64_t parts[3] = {};
    const auto read = [&](const auto& self, std::size_t at, int part) -> void {
      for (std::size_t end = at + 1;
           end <= text.size() && text[end - 1] >= '0' && text[end - 1] <= '9' && end - at <= 6; ++end) {
        if (end - at > 1 && text[at] == '0') return;
        std::from_chars(text.data() + at, text.data() + end, parts[part]);
        if (part + 1 == wanted)
          found.insert({parts[0], parts[1], wanted == 3 ? parts[2] : 0});
        else if (end < text.size() && text[end] == '.')
          self(self, end + 1, part + 1);
      }
    };
    read(read, start, 0);
  }
  DiagramNode node = MarkerDiagram::kFalse;
  for (const Numbers& n : found) {
    const Label to =
        shown == Shown::minor ? python_label(n.major, n.minor + 1, 0) : python_label(n.major, n.minor, n.patch + 1);
    node = diagram.disjunction(node, python_range(diagram, {label_of(n), to}));
  }
  return node;
}

// --- other versions --------------------------------------------------------------------------------------------------

DiagramNode version_node(MarkerDiagram& diagram, const MarkerAtom& atom, const Specifier& specifier) {
  const std::uint32_t variable = diagram.variable(Branching::version, {.variable = atom.variable, .literal = {}});
  const auto cut = [&](const Version& version, bool after) { return diagram.cut_label(version, after); };
  const auto after_prefix = [&](std::size_t segments) {
    auto release = specifier.version.release();
    release.resize(segments);
    ++release.back();
    return cut(Version::from_release(release), false);
  };
  const Version& version = specifier.version;
  switch (specifier.op) {
    case Operator::equal:
    case Operator::not_equal: {
      const Label to = specifier.wildcard ? after_prefix(version.release_size()) : cut(version, true);
      const DiagramNode node = diagram.between(variable, cut(version, false), true, to);
      return specifier.op == Operator::equal ? node : diagram.negation(node);
    }
    case Operator::greater_equal:
      return diagram.between(variable, cut(version, false), true, MarkerDiagram::kEnd);
    case Operator::greater:
      return diagram.between(variable, cut(version, true), true, MarkerDiagram::kEnd);
    case Operator::less_equal:
      return diagram.between(variable, 0, false, cut(version, true));
    case Operator::less:
      return diagram.between(variable, 0, false, cut(version, false));
    case Operator::compatible:
      return diagram.between(variable, cut(version, false), true,
                             after_prefix(std::max<std::size_t>(version.release_size(), 2) - 1));
    case Operator::arbitrary:
      break;
  }
  return MarkerDiagram::kFalse;
}

// --- atoms -----------------------------------------------------------------------------------------------------------

DiagramNode boolean_node(MarkerDiagram& diagram, const MarkerAtom& atom) {
  return diagram.equals(diagram.variable(Branching::boolean, atom), 0);
}

// The variable on the left, where turning the comparison round keeps its meaning.
std::optional<MarkerAtom> variable_first(MarkerAtom atom) {
  if (!atom.reversed) return atom;
  atom.reversed = false;
  switch (atom.op) {
    case MarkerOperator::equal:
    case MarkerOperator::not_equal:
      return atom;
    case MarkerOperator::less:
      atom.op = MarkerOperator::greater;
      return atom;
    case MarkerOperator::greater:
      atom.op = MarkerOperator::less;
      return atom;
    case MarkerOperator::less_equal:
      atom.op = MarkerOperator::greater_equal;
      return atom;
    case MarkerOperator::greater_equal:
      atom.op = MarkerOperator::less_equal;
      return atom;
    default:
      return std::nullopt;
  }
}

DiagramNode text_node(MarkerDiagram& diagram, const MarkerAtom& atom) {
  const auto equal = [&] {
    return diagram.equals(diagram.variable(Branching::text, {.variable = atom.variable, .literal = {}}),
                          diagram.text_label(atom.literal));
  };
  switch (atom.op) {
    case MarkerOperator::equal:
    case MarkerOperator::less_equal:
    case MarkerOperator::greater_equal:
      return equal();
    case MarkerOperator::not_equal:
      return diagram.negation(equal());
    case MarkerOperator::in:
      return boolean_node(diagram, atom);
    default:
      return MarkerDiagram::kFalse;
  }
}

bool is_membership(MarkerVariable variable) {
  return variable == MarkerVariable::extras || variable == MarkerVariable::dependency_groups;
}

std::optional<Operator> version_operator(MarkerOperator op) {
  constexpr Operator kOperators[] = {Operator::equal,         Operator::not_equal, Operator::less_equal,
                                     Operator::greater_equal, Operator::less,      Operator::greater,
                                     Operator::compatible,    Operator::arbitrary};
  const auto index = static_cast<std::size_t>(op);
  return index < std::size(kOperators) ? std::optional(kOperators[index]) : std::nullopt;
}

}  // namespace

DiagramNode diagram_of(MarkerDiagram& diagram, const MarkerAtom& written) {
  if (written.sides == MarkerAtom::Sides::two_literals) return MarkerDiagram::kFalse;
  if (written.op == MarkerOperator::not_in) {
    MarkerAtom opposite = written;
    opposite.op = MarkerOperator::in;
    return diagram.negation(diagram_of(diagram, opposite));
  }
  if (is_membership(written.variable))
    return written.reversed && written.op == MarkerOperator::in ? diagram.membership(written) : MarkerDiagram::kFalse;
  const auto turned = variable_first(written);
  if (!turned) return boolean_node(diagram, written);
  MarkerAtom atom = *turned;
  if (atom.variable == MarkerVariable::extra) {
    if (atom.op == MarkerOperator::not_equal) {
      atom.op = MarkerOperator::equal;
      return diagram.negation(boolean_node(diagram, atom));
    }
    if (atom.op == MarkerOperator::less_equal || atom.op == MarkerOperator::greater_equal)
      atom.op = MarkerOperator::equal;
    return boolean_node(diagram, atom);
  }
  const bool is_python =
      atom.variable == MarkerVariable::python_version || atom.variable == MarkerVariable::python_full_version;
  const Shown shown = atom.variable == MarkerVariable::python_version ? Shown::minor : Shown::patch;
  if (is_python && atom.op == MarkerOperator::in) return python_within(diagram, atom.literal, shown);
  const auto op = version_operator(atom.op);
  const auto specifier = op ? Specifier::try_parse(*op, atom.literal) : std::nullopt;
  if (is_python) {
    if (specifier) return python_node(diagram, *specifier, shown);
    return atom.op == MarkerOperator::not_equal ? MarkerDiagram::kTrue
                                                : MarkerDiagram::kFalse;  // no Python's version is such a text
  }
  const bool is_version =
      atom.variable == MarkerVariable::implementation_version || atom.variable == MarkerVariable::platform_release;
  if (is_version && specifier && specifier->op != Operator::arbitrary) return version_node(diagram, atom, *specifier);
  if (is_version) return boolean_node(diagram, atom);
  return text_node(diagram, atom);
}

DiagramNode diagram_of_python(MarkerDiagram& diagram, const pep::SpecifierSet& set, bool lower_bounds_only) {
  DiagramNode node = MarkerDiagram::kTrue;
  for (const Specifier& part : set.parts()) {
    const bool has_lower_bound = part.op == Operator::greater_equal || part.op == Operator::greater ||
                                 part.op == Operator::compatible || part.op == Operator::equal;
    if (lower_bounds_only && !has_lower_bound) continue;
    Specifier used = part;
    if (lower_bounds_only && part.op != Operator::greater) used.op = Operator::greater_equal, used.wildcard = false;
    node = diagram.conjunction(node, python_node(diagram, used, Shown::patch));
  }
  return node;
}

}  // namespace pkg::resolver
