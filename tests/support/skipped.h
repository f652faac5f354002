#pragma once
// A test, or a part of one, that this machine cannot show: it says so, and scripts/test counts it apart from what
// passed.
//
//   if (!process::find_program("fish")) return SKIPPED("there is no fish");

#include <doctest/doctest.h>

#define SKIPPED(reason) static_cast<void>([&] { MESSAGE("SKIPPED: " << reason); }())
