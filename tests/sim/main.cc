#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <chrono>

#include "tests/sim/options.h"
#include "tests/sim/scale.h"

// Runs random histories of a cluster; prints the seed of the first one that fails, and exits
// with 1.
// NOLINTNEXTLINE(bugprone-exception-escape): whatever is thrown ends a tool as it should.
int main(int argc, char** argv) {
  godwit::sim::Options options;
  int64_t histories = 1;
  int mutant = 0;
  bool is_scale = false;
  CLI::App app("Simulated histories of a Godwit cluster");
  app.add_option("--seed", options.seed, "of the first history; the next one has the next number");
  app.add_option("--histories", histories, "how many");
  app.add_option("--masters", options.masters, "0, as of those that follow: a few, by the seed");
  app.add_option("--workers", options.workers);
  app.add_option("--sources", options.sources);
  app.add_option("--tasks", options.tasks);
  app.add_option("--slots", options.slots, "of each worker; 0: one to three");
  app.add_option("--seconds", options.seconds, "of faults in each history");
  app.add_option("--mutant", mutant, "a rule to break, by number: tests/sim/options.h");
  app.add_flag("--trace", options.is_traced, "prints all that happens");
  app.add_flag("--scale", is_scale, "no histories: what a large cluster's failovers cost");
  CLI11_PARSE(app, argc, argv);
  if (is_scale) return godwit::sim::RunScale(options);

  options.mutant = static_cast<godwit::sim::Mutant>(mutant);
  const auto begin = std::chrono::steady_clock::now();
  int64_t events = 0, commits = 0;
  for (int64_t i = 0; i < histories; ++i, ++options.seed) {
    const godwit::sim::Outcome outcome = RunHistory(options);
    events += outcome.events;
    commits += outcome.commits;
    if (!outcome.violation.empty()) {
      fmt::print("--seed {}, history {}: {}\n", options.seed, i + 1, outcome.violation);
      return 1;
    }
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  fmt::print("{} histories held: {} events, {} writes, {:.1f} s, {:.0f} events a second\n",
             histories, events, commits, took.count(), static_cast<double>(events) / took.count());
}
