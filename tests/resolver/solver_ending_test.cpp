#include <doctest/doctest.h>

#include <deque>
#include <vector>

#include "resolver/pubgrub/solver.h"
#include "support/printers.h"

namespace {

using namespace pkg;
using namespace pkg::resolver::pubgrub;

enum class When { never, choosing, telling };

// Packages without requirements of their own, asked for by the root one after the other; stops at the first of them.
class Chain final : public Provider {
 public:
  Chain(Solver& solver, When when) : when_(when) {
    for (int i = 0; i < 3; ++i) packages_.push_back(solver.add_package(1));
  }

  Result<std::optional<Value>> choose(Solver&, PackageId package, const VersionSet& allowed) override {
    asked.push_back(package);
    stopped_ = when_ == When::choosing && package == packages_.front();
    return stopped_ ? std::optional<Value>() : allowed.first();
  }
  Status add_dependencies(Solver& solver, PackageId package, Value value) override {
    stopped_ = stopped_ || (when_ == When::telling && package == packages_.front());
    if (stopped_) return ok_status();
    const auto* next = package == kRoot ? packages_.data() : nullptr;
    for (std::size_t i = 0; i + 1 < packages_.size(); ++i)
      if (package == packages_[i]) next = &packages_[i + 1];
    if (next == nullptr) return ok_status();
    sets_.push_back(solver.sets().empty(2));
    sets_.back().insert(0);
    solver.add_dependency(package, value, kNoPackage, *next, sets_.back(), 0);
    return ok_status();
  }
  std::uint32_t rank(PackageId) const override { return 0; }
  bool has_stopped() const override { return stopped_; }

  std::vector<PackageId> asked;

 private:
  When when_;
  bool stopped_ = false;
  std::vector<PackageId> packages_;
  std::deque<VersionSet> sets_;
};

}  // namespace

TEST_CASE("a provider that stops ends the solving at once, and that is no error") {
  for (const auto when : {When::choosing, When::telling}) {
    Solver solver;
    Chain chain(solver, when);
    const auto ending = solver.solve(chain);
    REQUIRE_OK(ending);
    CHECK(*ending == Ending::stopped);
    CHECK(chain.asked.size() == 2);  // the root and the first
  }
  Solver solver;
  Chain chain(solver, When::never);
  const auto ending = solver.solve(chain);
  REQUIRE_OK(ending);
  CHECK(*ending == Ending::solved);
  CHECK(chain.asked.size() == 4);
}
