#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace godwit::portal {

inline constexpr char kMetricsType[] = "text/plain; version=0.0.4; charset=utf-8";

// Metrics in Prometheus's text form. https://prometheus.io/docs/instrumenting/exposition_formats/
class MetricsText {
 public:
  enum class Kind { kGauge, kCounter, kHistogram };
  using Labels = std::vector<std::pair<std::string_view, std::string>>;

  // What follows are its samples; each family is begun once.
  void Family(std::string_view name, Kind kind, std::string_view help);
  void Sample(double value, const Labels& labels = {});
  // Of a kHistogram: how many there were up to each bound, the greater ones counting the lesser in,
  // how many in all, and their sum.
  void Histogram(const std::vector<std::pair<double, uint64_t>>& buckets, uint64_t count,
                 double sum, const Labels& labels);

  std::string Take() { return std::move(text_); }

 private:
  void Line(std::string_view suffix, double value, const Labels& labels);

  std::string text_, name_;
};

}  // namespace godwit::portal
