#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include "guards.h"

int main(int argc, char** argv) {
  pkg::process::run_if_guard(argc, argv, pkg::test::confiner_maker());
  return doctest::Context(argc, argv).run();
}
