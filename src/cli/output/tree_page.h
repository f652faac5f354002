#pragma once
// A dependency graph as one HTML page that needs nothing else: no network, no other file.

#include <map>
#include <string>
#include <vector>

#include "cli/output/render_tree.h"
#include "ops/inspect/held_back.h"
#include "ops/inspect/package_facts.h"

namespace pkg::cli {

struct TreePage {
  std::string title;                         // of what the graph is: a project's or an environment's name
  bool is_lock = false;                      // sizes are those of downloads, not of what is installed
  std::vector<ops::PackageFacts> facts;      // by node
  std::vector<ops::HeldBackDist> held_back;  // empty: nobody asked
};

// What stands on the lines, each package once, with search, branches to open and what is known of each. The same input
// gives the same bytes. Everything in it is text to the page's script, which a Content-Security-Policy lets run alone.
std::string tree_page(const ops::DependencyGraph& graph, const std::vector<ops::TreeLine>& lines,
                      const TreeStyle& style, const TreePage& page);

}  // namespace pkg::cli
